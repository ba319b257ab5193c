"""Layers that assign to variables in `call`: they are called as often as in Keras, and not once more to be built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

L = tf.keras.layers
X = np.random.default_rng(0).normal(1, 2, (16, 3)).astype("float32")
Y = X[:, :1]


class Counting(L.Layer):
    """Counts its calls."""

    def build(self, shape: Any) -> None:
        self.calls = self.add_weight(name="calls", shape=(), initializer="ones", trainable=False)

    def call(self, inputs: Any) -> Any:
        self.calls.assign_add(1.0)
        return inputs


class CountingFunction(Counting):
    """Counts in a function of its own."""

    @tf.function
    def call(self, inputs: Any) -> Any:
        self.calls.assign_add(1.0)
        return inputs


class Codebook(L.Layer):
    """A moving average of the largest values, as in a vector-quantized auto-encoder."""

    def build(self, shape: Any) -> None:
        self.entries = self.add_weight(
            name="entries", shape=(shape[-1],), initializer="ones", trainable=False
        )

    def call(self, inputs: Any) -> Any:
        self.entries.assign(0.9 * self.entries + 0.1 * tf.reduce_max(inputs, axis=0))
        return inputs * self.entries


def _model(layer: L.Layer, eagerly: bool, shape: bool) -> Any:
    first = [tf.keras.Input((3,))] if shape else []
    kernel = tf.keras.initializers.Constant(0.3)
    layers = [L.Dense(3, kernel_initializer=kernel), layer, L.Dense(1, kernel_initializer="ones")]
    model = tf.keras.Sequential([*first, *layers])
    model.compile(tf.keras.optimizers.SGD(0.02), "mse", metrics=["mae"], run_eagerly=eagerly)
    return model


def _dataset() -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)


# Calls of the layer by Keras 2.15 on TensorFlow 2.15.
@pytest.mark.parametrize(
    ("calls", "work"),
    [
        (2, lambda m: m.fit(X, Y, batch_size=8, verbose=0)),
        (2, lambda m: m.fit(_dataset(), verbose=0)),
        (4, lambda m: m.fit(X, Y, batch_size=8, validation_data=(X, Y), verbose=0)),
        (6, lambda m: [m.fit(X, Y, batch_size=size, verbose=0) for size in (8, 5)]),
        (2, lambda m: m.evaluate(X, Y, batch_size=8, verbose=0)),
        (2, lambda m: m.predict(X, batch_size=8, verbose=0)),
        (1, lambda m: m.predict(X[:1], verbose=0)),
        (1, lambda m: m.train_on_batch(X, Y)),
        (1, lambda m: m.predict_on_batch(X)),
        (0, lambda m: m.build((None, 3))),
    ],
)
@pytest.mark.parametrize("layer", [Counting, CountingFunction])
@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("shape", [False, True])
def test_a_layer_is_called_once_for_each_batch(
    calls: int, work: Callable[[Any], object], layer: type[Counting], eagerly: bool, shape: bool
) -> None:
    counting = layer()
    work(_model(counting, eagerly, shape))
    assert float(counting.calls) == 1 + calls


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_codebook_is_trained_as_in_keras(eagerly: bool) -> None:
    # Losses of Keras 2.15 on TensorFlow 2.15.
    model = _model(Codebook(), eagerly, shape=True)
    history = model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0).history
    np.testing.assert_allclose(history["loss"], [4.40305, 1.01944, 0.14904], atol=2e-5)
