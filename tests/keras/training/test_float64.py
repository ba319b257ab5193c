"""After `set_floatx("float64")` nothing on the way is rounded to float32: data, weights, rates, metrics."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import tensorlet as tf


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    tf.keras.backend.set_floatx("float64")
    yield
    tf.keras.backend.set_floatx("float32")


def model_of_one_weight(rate: float) -> tf.keras.Model:
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", input_shape=(1,))]
    )
    model.compile(tf.keras.optimizers.SGD(rate), "mse")
    return model


X, Y = np.array([[1 / 3]]), np.array([[0.7]])


def test_every_route_keeps_64_bits() -> None:
    model = model_of_one_weight(0.1)
    history = model.fit(X, Y, epochs=3, verbose=0)
    w, losses = 1.0, []
    for _ in range(3):
        error = w / 3 - 0.7
        losses.append(error**2)
        w -= 0.1 * 2 * error / 3
    # TensorFlow 2.15: 0.12288631231688932 and 1.0717157750342936.
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-14)
    np.testing.assert_allclose(model.get_weights()[0], [[w]], rtol=1e-14)
    np.testing.assert_allclose(model.predict(X, verbose=0), [[w / 3]], rtol=1e-14)
    loss = (w / 3 - 0.7) ** 2
    batches = tf.data.Dataset.from_tensor_slices((X, Y)).batch(1)
    found = [model.evaluate(X, Y, verbose=0), model.evaluate(batches, verbose=0), model.test_on_batch(X, Y)]
    np.testing.assert_allclose(found, [loss] * 3, rtol=1e-14)


def test_weights_of_rows_and_classes_keep_64_bits() -> None:
    model = model_of_one_weight(0.1)
    expected = (1 / 3 - 0.7) ** 2 * 0.1
    assert model.evaluate(X, Y, sample_weight=np.array([0.1]), verbose=0) == pytest.approx(
        expected, rel=1e-14
    )
    x, y = np.array([[1 / 3]]), np.array([[1]])
    found = model.fit(x, y, class_weight={1: 0.3}, verbose=0).history["loss"][0]
    assert found == pytest.approx((1 / 3 - 1) ** 2 * 0.3, rel=1e-14)


def test_metrics_and_rates_are_float64() -> None:
    metric = tf.keras.metrics.MeanAbsoluteError()
    metric.update_state(X, Y)
    assert metric.result().dtype == tf.float64
    assert float(metric.result()) == pytest.approx(0.7 - 1 / 3, rel=1e-15)
    assert float(tf.keras.optimizers.Adam(0.1).learning_rate) == 0.1


def test_pixels_stay_floats_of_64_bits() -> None:
    x = np.arange(256 * 4096).reshape(4096, 256) % 256 / 255.0
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(256,))])
    model.compile("sgd", "mse")
    assert model.evaluate(x, np.zeros(4096), verbose=0) == pytest.approx(128.0**2, rel=1e-14)
