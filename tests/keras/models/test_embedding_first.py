"""A Sequential model that begins with an Embedding: built at once in Keras 2, on its first data in Keras 3."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf

L = tf.keras.layers
X = np.array([[1, 2, 3, 0], [4, 5, 6, 7]])
Y = np.array([[0.0], [1.0]])


def test_the_model_is_built_for_rows_of_any_length() -> None:
    model = tf.keras.Sequential([L.Embedding(10, 4), L.LSTM(3), L.Dense(1)])
    assert model.built
    assert (model.input_shape, model.output_shape) == ((None, None), (None, 1))
    assert [w.shape for w in model.get_weights()] == [(10, 4), (4, 12), (3, 12), (12,), (3, 1), (1,)]
    model.summary(print_fn=lambda line: None)
    again = tf.keras.Sequential.from_config(model.get_config())
    assert again.output_shape == (None, 1)
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"]).all()
    assert model.predict(X[:, :2], verbose=0).shape == (2, 1)
    model.build((None, 4))
    assert model.input_shape == (None, None)


def test_a_layer_that_needs_the_length_waits_for_the_data() -> None:
    model = tf.keras.Sequential([L.Embedding(10, 4), L.Flatten(), L.Dense(1)])
    assert not model.built
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert [w.shape for w in model.get_weights()] == [(10, 4), (16, 1), (1,)]
    inner = tf.keras.Sequential([L.Embedding(10, 4)])
    outer = tf.keras.Sequential([inner, L.Flatten(), L.Dense(2)])
    assert (inner.built, outer.built) == (True, False)
    assert outer(X).shape == (2, 2)


def test_in_keras_3_the_model_waits_for_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    assert not tf.keras.Sequential([L.Embedding(10, 4), L.Dense(1)]).built
    assert tf.keras.Sequential([L.Embedding(10, 4, input_length=3), L.Dense(1)]).built
