"""`tf.shape` in functional models: what is computed from it has known values while the model is built."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf

X = np.arange(60, dtype=np.float32).reshape(3, 4, 5)


def test_a_shape_is_unpacked() -> None:
    inputs = tf.keras.Input((4, 5))
    batch, rows, columns = tf.shape(inputs)
    model = tf.keras.Model(inputs, tf.reshape(inputs, [batch, rows * columns]))
    assert model.output_shape == (None, 20)
    np.testing.assert_array_equal(model.predict(X, verbose=0), X.reshape(3, 20))
    np.testing.assert_array_equal(tf.keras.Model.from_config(model.get_config())(X).numpy(), X.reshape(3, 20))
    with pytest.raises(TypeError, match="the length of its first axis is unknown"):
        iter(inputs)


def test_an_open_length_is_split_and_numbered() -> None:
    inputs = tf.keras.Input((None, 6))
    length = tf.shape(inputs)[1]
    heads = tf.transpose(tf.reshape(inputs, (-1, length, 2, 3)), [0, 2, 1, 3])
    places = tf.cast(tf.range(length), tf.float32)[:, None]
    model = tf.keras.Model(inputs, heads + places)
    assert model.output_shape == (None, 2, None, 3)
    for steps in (2, 5):
        x = np.arange(12.0 * steps, dtype=np.float32).reshape(2, steps, 6)
        expected = x.reshape(2, steps, 2, 3).transpose(0, 2, 1, 3) + np.arange(steps)[:, None]
        np.testing.assert_array_equal(model(x).numpy(), expected)


def test_states_have_the_batch_of_the_input() -> None:
    inputs = tf.keras.Input((5,))
    batch = tf.shape(inputs)[0]
    outputs = [tf.zeros((batch, 2)), tf.fill([batch, 3], 0.5), tf.tile([[1.0, 2.0]], [batch, 1])]
    model = tf.keras.Model(inputs, [tf.keras.layers.Dense(2)(tf.concat([inputs, *outputs], -1)), *outputs])
    assert model.output_shape == [(None, 2), (None, 2), (None, 3), (None, 2)]
    found = model.predict(X[:, 0], batch_size=2, verbose=0)
    np.testing.assert_array_equal(found[1], np.zeros((3, 2)))
    np.testing.assert_array_equal(found[2], np.full((3, 3), 0.5))
    np.testing.assert_array_equal(found[3], [[1, 2]] * 3)
    train = tf.keras.Model(inputs, model(inputs)[0])
    train.compile("sgd", "mse")
    history = train.fit(X[:, 0], np.ones((3, 2)), batch_size=2, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
