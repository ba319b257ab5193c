"""A row is predicted with the same bits alone, among a few rows and among many."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf


@pytest.mark.parametrize("features", [1, 7, 20, 784])
@pytest.mark.parametrize(("hidden", "outputs"), [((), 1), ((), 10), ((16,), 3), ((100, 20), 2)])
def test_predictions_do_not_depend_on_the_number_of_rows(features, hidden, outputs):
    tf.keras.utils.set_random_seed(0)
    layers = [tf.keras.layers.Dense(width, "tanh") for width in hidden]
    last = tf.keras.layers.Dense(outputs, "softmax" if outputs > 1 else "sigmoid")
    model = tf.keras.Sequential([tf.keras.Input((features,)), *layers, last])
    x = np.random.default_rng(0).normal(size=(1100, features)).astype("float32")
    whole = model.predict(x, verbose=0)
    for count in (1, 2, 33, 70, 300):
        assert np.array_equal(model.predict(x[5 : 5 + count], verbose=0), whole[5 : 5 + count])


def test_many_numbers_of_rows_give_no_warning():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    for count in range(1, 700, 32):
        assert model.predict(np.zeros((count, 2), "float32"), verbose=0).shape == (count, 1)
