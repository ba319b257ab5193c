"""Models on text: their layers of text run in front of the compiled part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, PerformanceWarning

layers = tf.keras.layers

TEXTS = np.array(["a good film", "bad bad film", "good good", "really bad"] * 10)
LABELS = np.array([1, 0, 1, 0] * 10)


def words(**options: Any) -> Any:
    layer = layers.TextVectorization(max_tokens=20, **options)
    layer.adapt(TEXTS)
    return layer


def text_model() -> Any:
    inputs = tf.keras.Input((1,), dtype=tf.string)
    x = layers.Embedding(20, 4)(words(output_sequence_length=5)(inputs))
    outputs = layers.Dense(1, activation="sigmoid")(layers.GlobalAveragePooling1D()(x))
    return tf.keras.Model(inputs, outputs)


def test_fit_on_texts_is_fit_on_their_numbers(capfd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    tf.keras.utils.set_random_seed(1)
    model = text_model()
    numbers = tf.keras.Model(model.layers[2].input, model.output)
    start = model.get_weights()
    losses = []
    for kind, x in ((model, TEXTS), (numbers, model.layers[1](TEXTS).numpy())):
        kind.set_weights(start)
        kind.compile(tf.keras.optimizers.SGD(0.5), "binary_crossentropy", metrics=["accuracy"])
        history = kind.fit(x, LABELS, epochs=3, batch_size=8, shuffle=False, validation_split=0.2, verbose=0)
        losses.append(history.history)
    assert losses[0] == losses[1]
    assert "reference" not in capfd.readouterr().err


def test_texts_in_every_form() -> None:
    model = text_model()
    model.compile("adam", "binary_crossentropy")
    expected = model.predict(TEXTS, verbose=0)
    assert expected.shape == (40, 1)
    for given in (TEXTS[:, None], TEXTS.tolist(), tf.constant(TEXTS), pandas.Series(TEXTS), [TEXTS]):
        np.testing.assert_array_equal(model.predict(given, verbose=0), expected)
    np.testing.assert_allclose(model(tf.constant(TEXTS[:, None])), expected, rtol=1e-6)
    np.testing.assert_array_equal(model.predict(["a good film"], verbose=0), expected[:1])
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, LABELS)).batch(16)
    np.testing.assert_allclose(model.predict(dataset, verbose=0), expected, rtol=1e-6)
    loss = model.evaluate(TEXTS, LABELS, verbose=0)
    np.testing.assert_allclose(model.evaluate(dataset, verbose=0), loss, rtol=1e-6)
    np.testing.assert_allclose(model.test_on_batch(TEXTS, LABELS), loss, rtol=1e-6)
    model.train_on_batch(TEXTS, LABELS)
    model.fit(dataset.shuffle(3), validation_data=dataset, verbose=0)


def test_batches_of_texts_are_converted_in_python_and_say_so() -> None:
    model = text_model()
    model.compile("adam", "binary_crossentropy")
    batches = tf.data.Dataset.from_generator(
        lambda: iter([(TEXTS, LABELS)] * 2),
        output_signature=(tf.TensorSpec((None,), tf.string), tf.TensorSpec((None,), tf.int64)),
    )
    with pytest.warns(PerformanceWarning, match=r"once, call them on the texts before training"):
        model.fit(batches, verbose=0)
    assert model.predict(batches, verbose=0).shape == (80, 1)


@pytest.mark.parametrize("with_input", [True, False])
def test_sequential_models(with_input: bool) -> None:
    first = [tf.keras.Input((1,), dtype="string")] if with_input else []
    model = tf.keras.Sequential([*first, words(output_mode="multi_hot"), layers.Dense(2, "softmax")])
    model.compile(tf.keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(TEXTS, LABELS, epochs=5, verbose=0)
    assert model.evaluate(TEXTS, LABELS, verbose=0)[1] == 1.0
    assert model.input_shape == (None, 1) and model.predict(TEXTS[:3], verbose=0).shape == (3, 2)
    # A trained model behind a layer of text, as at the end of a course.
    inner = tf.keras.Sequential(model.layers[1:])
    whole = tf.keras.Sequential([words(output_mode="multi_hot"), inner])
    whole.compile(loss="sparse_categorical_crossentropy")
    np.testing.assert_allclose(whole.predict(TEXTS, verbose=0), model.predict(TEXTS, verbose=0), rtol=1e-6)


def table_model() -> Any:
    age, city = tf.keras.Input((1,), name="age"), tf.keras.Input((1,), name="city", dtype="string")
    number = tf.keras.Input((1,), name="number", dtype="int64")
    lookup = layers.StringLookup(output_mode="one_hot", vocabulary=["rome", "oslo"])
    several = layers.IntegerLookup(vocabulary=[3, 4], num_oov_indices=2, output_mode="one_hot")
    crossed = layers.HashedCrossing(8, output_mode="one_hot")(
        (city, layers.Discretization([20.0, 40.0])(age))
    )
    parts = [
        age / 100.0,
        lookup(city),
        crossed,
        several(number),
        layers.Hashing(4, output_mode="one_hot")(number),
    ]
    return tf.keras.Model([age, city, number], layers.Dense(1)(layers.Concatenate()(parts)))


def test_tables_of_text_and_numbers(tmp_path: Path) -> None:
    frame = pandas.DataFrame(
        {"age": [10.0, 30.0, 50.0, 20.0], "city": ["rome", "oslo", "bonn", "rome"], "number": [3, 4, 5, 6]}
    )
    model = table_model()
    expected = model.predict(dict(frame), verbose=0)
    kernel, bias = model.get_weights()
    # The columns: age, 3 of cities, 8 crossed, 4 of numbers, 4 hashed ones.
    city, number = [1, 2, 0, 1], [2, 3, 1, 0]  # bonn is unknown; 5 and 6 share two numbers by their remainder
    crossed = layers.HashedCrossing(8)(
        (tf.constant(frame["city"].to_numpy()), tf.constant([0, 1, 2, 1]))
    ).numpy()
    hashed = layers.Hashing(4)(frame["number"].to_numpy()).numpy()
    by_hand = [
        kernel[0] * age / 100 + kernel[1 + c] + kernel[4 + x] + kernel[12 + n] + kernel[16 + h] + bias
        for age, c, x, n, h in zip(frame["age"], city, crossed, number, hashed, strict=True)
    ]
    np.testing.assert_allclose(expected, by_hand, rtol=1e-5)
    model.compile("sgd", "mse")
    data = tf.data.Dataset.from_tensor_slices((dict(frame), [1.0, 0.0, 1.0, 0.0])).batch(2)
    model.fit(data, verbose=0)
    model.fit([frame["age"], frame["city"], frame["number"]], np.ones(4), verbose=0)
    expected = model.predict(dict(frame), verbose=0)
    for name in ("model.keras", "model.h5"):
        model.save(str(tmp_path / name))
        again = tf.keras.models.load_model(str(tmp_path / name))
        np.testing.assert_array_equal(again.predict(dict(frame), verbose=0), expected)


def test_the_part_behind_the_text_is_exported(tmp_path: Path) -> None:
    model = text_model()
    with pytest.raises(
        InvalidArgumentError, match=r"Export the part behind them, tf.keras.Model\(model.get_layer"
    ):
        model.export(str(tmp_path / "model.onnx"))
    words_of = model.layers[1]
    part = tf.keras.Model(model.get_layer(words_of.name).output, model.output)
    part.export(str(tmp_path / "model.py"))
    found: dict[str, Any] = {"__name__": "model", "__file__": str(tmp_path / "model.py")}
    exec((tmp_path / "model.py").read_text(encoding="utf-8"), found)
    expected = model.predict(TEXTS[:3], verbose=0)
    np.testing.assert_allclose(found["predict"](words_of(TEXTS[:3]).numpy()), expected, rtol=1e-5)


def test_mistakes_are_explained() -> None:
    inputs = tf.keras.Input((3,))
    late = layers.Hashing(4)(tf.cast(layers.Dense(1, name="learned")(inputs), "int64"))
    with pytest.raises(InvalidArgumentError, match=r"reads what the layer .learned. computes"):
        tf.keras.Model(inputs, late)
    text = tf.keras.Input((1,), dtype="string")
    back = layers.StringLookup(vocabulary=["a"], invert=True)(layers.StringLookup(vocabulary=["a"])(text))
    model = tf.keras.Model(text, back)
    assert model(tf.constant([["a"], ["b"]])).numpy().tolist() == [[b"a"], [b"[UNK]"]]
    with pytest.raises(InvalidArgumentError, match=r"Call\s+the model on the data"):
        model.predict(["a"], verbose=0)
    with pytest.raises(InvalidArgumentError, match='without "city"'):
        table_model().predict({"age": [1.0], "number": [1]}, verbose=0)
    with pytest.raises(InvalidArgumentError, match=r"Pass a list: \['good'\]"):
        text_model().predict("good", verbose=0)
    outer = tf.keras.Input((1,), dtype="string")
    with pytest.raises(InvalidArgumentError, match="reads text and has weights to train"):
        tf.keras.Model(outer, text_model()(outer))
    with pytest.raises(InvalidArgumentError, match="has no vocabulary yet"):
        layers.TextVectorization(output_mode="count")(outer)
