"""Python's control flow on tensors in layers, models, losses, metrics, steps and datasets."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

X = np.array([[1.0], [2.0], [3.0], [-9.0]], np.float32)
Y = np.zeros((4, 1), np.float32)


@pytest.fixture(autouse=True)
def on_the_engine() -> Any:
    """All of these run without Python between two batches: no warning may say otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


class Larger(tf.keras.layers.Layer):
    def call(self, inputs):  # type: ignore[no-untyped-def]
        if tf.reduce_mean(inputs) > 0:
            return inputs * 2.0
        return inputs


def linear(**options: Any) -> tf.keras.Sequential:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(1,))])
    model.compile(tf.keras.optimizers.SGD(0.1), **options)
    return model


def test_in_a_layer() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Input((1,)), Larger()])
    model.compile("sgd", "mse")
    np.testing.assert_array_equal(model.predict(X[:2], verbose=0), [[2.0], [4.0]])
    np.testing.assert_array_equal(model.predict(-X[:2], verbose=0), [[-1.0], [-2.0]])
    assert model.evaluate(X[:2], Y[:2], verbose=0) == 10.0


def test_in_a_loss_and_in_a_metric() -> None:
    def one_sided(y_true, y_pred):  # type: ignore[no-untyped-def]
        error = y_true - y_pred
        if tf.reduce_mean(error) > 0:
            return tf.reduce_mean(error * error)
        return tf.reduce_mean(2.0 * error * error)

    def sign(y_true, y_pred):  # type: ignore[no-untyped-def]
        return 1.0 if tf.reduce_sum(y_pred) > 0 else -1.0

    class Count(tf.keras.metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="count")
            self.total = self.add_weight(name="total", initializer="zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):  # type: ignore[no-untyped-def]
            for row in y_pred:
                if row[0] > 1.5:
                    self.total.assign_add(1.0)

        def result(self):  # type: ignore[no-untyped-def]
            return self.total

    model = linear(loss=one_sided, metrics=[sign, Count()])
    found = model.evaluate(X, Y, batch_size=2, verbose=0)
    # Batches [1, 2] (2 * 2.5) and [3, -9] (45), their signs 1 and -1, and the predictions 2 and 3.
    assert found == [25.0, 0.0, 2.0]
    assert model.fit(X[:1], Y[:1], verbose=0).history["loss"] == [2.0]


def test_in_train_step() -> None:
    class EverySecond(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = tf.keras.layers.Dense(1, kernel_initializer="ones")
            self.count = tf.Variable(0, trainable=False)

        def call(self, inputs):  # type: ignore[no-untyped-def]
            return self.dense(inputs)

        def train_step(self, data):  # type: ignore[no-untyped-def]
            x, y = data
            self.count.assign_add(1)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(x) - y) ** 2)
            gradients = tape.gradient(loss, self.trainable_variables)
            if self.count % 2 == 0:
                self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return {"loss": loss}

    model = EverySecond()
    model.compile(tf.keras.optimizers.SGD(0.1))
    history = model.fit(np.ones((12, 1)), np.zeros((12, 1)), 4, epochs=2, shuffle=False, verbose=0).history
    # The prediction w + b is 1, and 0.6 times as large after each update, at steps 2, 4 and 6.
    np.testing.assert_allclose(history["loss"], [0.6**2, 0.36**2], rtol=1e-6)
    assert model.count.numpy() == 6


def test_in_a_map_of_a_dataset_alone_and_before_training() -> None:
    def clipped(x, y):  # type: ignore[no-untyped-def]
        if x[0] < 0.0:
            x = tf.zeros_like(x)
        return x, y

    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).map(clipped)
    assert [float(x[0]) for x, _ in dataset] == [1.0, 2.0, 3.0, 0.0]
    model = linear(loss="mse")
    assert model.evaluate(dataset.batch(4), verbose=0) == 3.5


def test_in_a_lambda_layer_and_a_functional_model() -> None:
    inputs = tf.keras.Input((1,))
    outputs = tf.keras.layers.Lambda(lambda x: x if tf.reduce_max(x) > 2.0 else -x)(inputs)
    model = tf.keras.Model(inputs, Larger()(outputs))
    np.testing.assert_array_equal(model(X[:2]), [[-1.0], [-2.0]])
    np.testing.assert_array_equal(model.predict(X[:3], verbose=0), [[2.0], [4.0], [6.0]])


def test_in_a_step_of_run_epochs() -> None:
    weight = tf.Variable(0.0)

    def step(x, y):  # type: ignore[no-untyped-def]
        with tf.GradientTape() as tape:
            error = tf.reduce_mean(weight * x - y)
            loss = error**2 if error > 0 else 3.0 * error**2
        weight.assign_sub(0.1 * tape.gradient(loss, weight))
        return loss

    history = tf.run_epochs(step, (np.ones(4, "float32"), np.full(4, 2.0, "float32")), batch_size=4, epochs=2)
    # Errors -2 and -0.8: the weight goes to 1.2, and by 0.48 further.
    np.testing.assert_allclose(history.history["loss"], [12.0, 1.92], rtol=1e-6)
    np.testing.assert_allclose(weight.numpy(), 1.68, rtol=1e-6)
