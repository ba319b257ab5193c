"""Subclassed models that turn text into numbers themselves: their steps run operation by operation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import PerformanceWarning

layers = tf.keras.layers

TEXTS = np.array(["a good film", "bad bad film", "good good", "really bad"] * 4)
LABELS = np.array([1, 0, 1, 0] * 4, np.float32)


class Sentiment(tf.keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.words = layers.TextVectorization(max_tokens=20, output_sequence_length=4)
        self.table = layers.Embedding(20, 4)
        self.mean = layers.GlobalAveragePooling1D()
        self.out = layers.Dense(1, activation="sigmoid")

    def call(self, x: Any) -> Any:
        return self.out(self.mean(self.table(self.words(x))))


def models() -> tuple[Any, Any]:
    """A model on text, and one on the numbers of the words, with the same weights."""
    tf.keras.utils.set_random_seed(1)
    model = Sentiment()
    model.words.adapt(TEXTS)
    model(TEXTS[:1])
    numbers = tf.keras.Sequential(
        [
            layers.Input((4,)),
            layers.Embedding(20, 4),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, "sigmoid"),
        ]
    )
    numbers.set_weights(model.get_weights())
    for one in (model, numbers):
        one.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model, numbers


@pytest.mark.parametrize("form", ["array", "list", "tensor", "dataset", "generator"])
def test_training_on_texts_is_training_on_their_numbers(form: str) -> None:
    model, numbers = models()
    x: Any = {"list": TEXTS.tolist(), "tensor": tf.constant(TEXTS)}.get(form, TEXTS)
    arguments: tuple[Any, ...] = (x, LABELS)
    options: dict[str, Any] = {"batch_size": 8, "shuffle": False}
    if form in ("dataset", "generator"):
        dataset = tf.data.Dataset.from_tensor_slices((TEXTS, LABELS)).batch(8)
        source = dataset if form == "dataset" else dataset.map(lambda x, y: (x, y)).prefetch(1)
        arguments, options = (source,), {}
    with pytest.warns(PerformanceWarning, match="is given text"):
        found = model.fit(*arguments, epochs=3, verbose=0, **options)
    expected = numbers.fit(model.words(TEXTS), LABELS, batch_size=8, shuffle=False, epochs=3, verbose=0)
    np.testing.assert_allclose(found.history["loss"], expected.history["loss"], rtol=1e-5)
    rows = () if form in ("dataset", "generator") else (LABELS,)
    np.testing.assert_allclose(
        model.evaluate(arguments[0], *rows, verbose=0), numbers.evaluate(model.words(TEXTS), LABELS, verbose=0),
        rtol=1e-5,
    )  # fmt: skip
    np.testing.assert_allclose(
        model.predict(arguments[0], verbose=0), numbers.predict(model.words(TEXTS), verbose=0), rtol=1e-5
    )


@pytest.mark.filterwarnings("ignore:.*is given text")
def test_texts_and_numbers_by_name() -> None:
    class Price(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.kinds = layers.StringLookup(vocabulary=["new", "old"])
            self.table = layers.Embedding(3, 1, embeddings_initializer="zeros")

        def call(self, x: Any) -> Any:
            return self.table(self.kinds(x["kind"])) + x["size"][:, None]

    x = {"kind": np.array(["new", "old", "new", "?"]), "size": np.zeros(4, np.float32)}
    y = np.array([1.0, 2.0, 1.0, 0.0], np.float32)
    model = Price()
    model.compile(tf.keras.optimizers.SGD(0.5), "mse")
    history = model.fit(x, y, epochs=40, batch_size=4, verbose=0, validation_data=(x, y))
    # In each step, 2 (1 - w) / 4 for each of two rows: w = 1 - 0.5 ** 40; and 2 - 2 * 0.75 ** 40.
    np.testing.assert_allclose(model.predict(x, verbose=0)[:, 0], [1.0, 2.0, 1.0, 0.0], atol=1e-4)
    assert history.history["val_loss"][-1] < 1e-6
    model.train_on_batch(x, y)
    assert model.test_on_batch(x, y) < 1e-6


def test_a_model_without_layers_for_text_says_so() -> None:
    class Plain(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.out = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.out(x)

    model = Plain()
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match=r"string cannot be|to_number|is text"):
        model.fit(TEXTS[:, None], LABELS, verbose=0)
