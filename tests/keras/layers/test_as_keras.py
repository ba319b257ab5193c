"""Values of Keras 2.15 where layers once gave others, computed with TensorFlow 2.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf

layers = tf.keras.layers
X = [-3.0, 0.0, 4.0, 5.0, 6.0, 8.0, 9.0]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"max_value": 8, "threshold": 5}, [0, 0, 0, 0, 6, 8, 8]),
        ({"threshold": 5, "negative_slope": 0.5}, [-4, -2.5, -0.5, 0, 6, 8, 9]),
        ({"max_value": 6, "threshold": 2, "negative_slope": 0.5}, [-2.5, -1, 4, 5, 6, 6, 6]),
        ({"max_value": 3, "negative_slope": 0.5}, [-1.5, 0, 3, 3, 3, 3, 3]),
    ],
)
def test_relu_at_its_threshold(options: dict[str, Any], expected: list[float]) -> None:
    np.testing.assert_array_equal(layers.ReLU(**options)(tf.constant(X)), expected)


def test_batch_normalization_leaves_masked_steps_out() -> None:
    rows = np.array([[[1.0, 2.0], [0.0, 0.0]], [[3.0, 8.0], [0.0, 0.0]]], "float32")
    model = tf.keras.Sequential(
        [tf.keras.Input((2, 2)), layers.Masking(0.0), layers.BatchNormalization(momentum=0.5)]
    )
    result = model(rows, training=True).numpy().round(4)
    np.testing.assert_array_equal(
        result,
        np.array([[[-0.9995, -0.9999], [-1.999, -1.6666]], [[0.9995, 0.9999], [-1.999, -1.6666]]], "float32"),
    )
    mean, variance = model.layers[-1].non_trainable_weights
    np.testing.assert_allclose(mean, [1.0, 2.5])
    np.testing.assert_allclose(variance, [1.0, 5.0])


def test_training_goes_on_with_the_masked_averages() -> None:
    rows = np.array([[[1.0], [0.0]], [[3.0], [0.0]]], "float32")
    norm = layers.BatchNormalization(momentum=0.5)
    model = tf.keras.Sequential(
        [tf.keras.Input((2, 1)), layers.Masking(0.0), norm, layers.GlobalAveragePooling1D()]
    )
    model.compile("sgd", "mse")
    model.fit(rows, np.zeros((2, 1)), epochs=1, verbose=0)
    np.testing.assert_allclose(norm.moving_mean, [1.0])


@pytest.mark.parametrize("sequential", [True, False])
def test_a_batch_size_of_the_input_bounds_no_data(sequential: bool) -> None:
    dense = layers.Dense(1, kernel_initializer="ones")
    x = tf.keras.Input((3,), batch_size=5)
    model = tf.keras.Sequential([x, dense]) if sequential else tf.keras.Model(x, dense(x))
    model.compile("sgd", "mse")
    assert model.input_shape == (5, 3)
    history = model.fit(np.ones((10, 3)), np.ones((10, 1)), verbose=0).history
    assert history["loss"] == [4.0]
    assert model.predict(np.ones((7, 3)), verbose=0).shape == (7, 1)


def test_an_activation_that_is_set_to_none_is_left_out() -> None:
    layer = layers.Dense(1, activation="relu", kernel_initializer="ones")
    layer.activation = None
    np.testing.assert_array_equal(layer(tf.constant([[-2.0, -3.0]])), [[-5.0]])
    assert layer.get_config()["activation"] is None
    activation = layers.Activation("relu")
    activation.activation = None
    np.testing.assert_array_equal(activation(tf.constant([-1.0])), [-1.0])


def test_a_scope_of_no_custom_objects() -> None:
    with tf.keras.utils.custom_object_scope(None):
        assert tf.keras.activations.get("relu")(-1.0) == 0.0
