"""Models are pickled and deep-copied with weights, settings and the optimizer's state; training goes on."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.float32)
Layers = tf.keras.layers


class Own(tf.keras.Model):
    """A subclassed model, found by its name when it is unpickled."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = Layers.Dense(1, activation="sigmoid")

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


def sequential() -> Any:
    model = tf.keras.Sequential(
        [
            Layers.Dense(4, activation="relu", input_shape=(4,), kernel_regularizer="l2"),
            Layers.Dropout(0.2),
            Layers.BatchNormalization(),
            Layers.Dense(1, activation="sigmoid"),
        ]
    )
    schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model.compile(tf.keras.optimizers.Adam(schedule), "binary_crossentropy", metrics=["accuracy", "AUC"])
    return model


def functional() -> Any:
    x = tf.keras.Input((4,))
    joined = tf.concat([Layers.Dense(3, activation="tanh")(x), 2.0 * x], 1)
    model = tf.keras.Model(x, Layers.Dense(1, activation="sigmoid")(joined))
    model.compile(tf.keras.optimizers.SGD(momentum=0.9), tf.keras.losses.BinaryCrossentropy())
    return model


def subclassed() -> Any:
    model = Own()
    model.compile("rmsprop", "mse")
    return model


@pytest.mark.parametrize("make", [sequential, functional, subclassed])
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"]
)
def test_a_copied_model_goes_on_as_the_first(make: Callable[[], Any], copied: Callable[[Any], Any]) -> None:
    model = make()
    model.fit(X, Y, epochs=2, verbose=0, validation_data=(X, Y))
    model.predict(X[:1], verbose=0)
    again = copied(model)
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    before = model.get_weights()
    histories = []
    for one in (again, model):
        tf.keras.utils.set_random_seed(1)
        histories.append(one.fit(X, Y, epochs=2, verbose=0).history)
        if one is again:  # the first one has weights of its own
            for old, now in zip(before, model.get_weights(), strict=True):
                np.testing.assert_array_equal(old, now)
    assert histories[0] == histories[1]
