"""Steps that cannot be compiled run operation by operation, and say why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import PerformanceWarning

layers = tf.keras.layers


def pictures() -> np.ndarray:
    return np.random.default_rng(1).random((8, 12, 12, 1)).astype("float32")


def stretched(factor: Any) -> Any:
    tf.keras.utils.set_random_seed(2)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((12, 12, 1)), layers.RandomHeight(factor), layers.RandomWidth(factor),
            layers.Resizing(12, 12), layers.Conv2D(1, 3), layers.GlobalAveragePooling2D(),
        ]
    )  # fmt: skip
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    return model


@pytest.mark.parametrize("form", ["arrays", "dataset", "generator"])
def test_pictures_of_random_size_in_a_model(form: str) -> None:
    x = pictures()
    y = x[:, 0, 0]
    batches = [(x[:4], y[:4]), (x[4:], y[4:])]
    data = {"arrays": (x, y), "dataset": (tf.data.Dataset.from_tensor_slices((x, y)).batch(4),)}
    given: Any = data.get(form, (iter(batches * 3),))
    steps = 2 if form == "generator" else None
    model = stretched((-0.3, 0.3))
    assert model.layers[1].output_shape == (None, None, None, 1)
    with pytest.warns(PerformanceWarning, match="random size"):
        history = model.fit(
            *given, epochs=3, steps_per_epoch=steps, batch_size=None, shuffle=False, verbose=0
        )
    losses = history.history["loss"]
    assert losses[-1] < losses[0]
    assert model.predict(x, verbose=0).shape == (8, 1)


def test_a_size_that_does_not_change_trains_as_without_the_layer() -> None:
    x = pictures()
    y = x[:, 0, 0]
    model = stretched((0.0, 0.0))
    plain = tf.keras.Sequential(
        [tf.keras.Input((12, 12, 1)), layers.Conv2D(1, 3), layers.GlobalAveragePooling2D()]
    )
    plain.set_weights(model.get_weights())
    plain.compile(tf.keras.optimizers.SGD(0.1), "mse")
    with pytest.warns(PerformanceWarning):
        model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0)
    plain.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0)
    for ours, expected in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


def test_python_inside_of_a_model() -> None:
    class Doubled(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.out = layers.Dense(1, kernel_initializer="ones")

        def call(self, x: Any) -> Any:
            return self.out(tf.numpy_function(lambda a: 2 * a, [x], tf.float32))

    model = Doubled()
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    x = np.arange(6, dtype="float32").reshape(3, 2)
    with pytest.warns(PerformanceWarning, match="numpy_function"):
        history = model.fit(x, np.zeros(3, "float32"), verbose=0)
    # The outputs are 2, 10 and 18.
    assert history.history["loss"] == pytest.approx([(4 + 100 + 324) / 3])
    assert model.predict(x, verbose=0)[:, 0].tolist() == [2.0, 10.0, 18.0]
    assert model.evaluate(x, np.zeros(3, "float32"), verbose=0) == pytest.approx(428 / 3)


def test_layers_inside() -> None:
    inner = tf.keras.Sequential([layers.Dense(2), layers.Dense(3)])
    model = tf.keras.Sequential([inner, layers.Dense(1)])
    assert model.submodules == (inner, *inner.layers, model.layers[1])
