"""Examples with too many axes: the message says what `Flatten` would make of them."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf


def test_pictures_for_a_dense_layer() -> None:
    model = tf.keras.Sequential([tf.keras.Input((784,)), tf.keras.layers.Dense(10)])
    advice = r"Put tf.keras.layers.Flatten\(\) in front of it: an example of shape \(28, 28\) becomes 784 numbers\."
    with pytest.raises(ValueError, match=advice):
        model.predict(np.ones((2, 28, 28)), verbose=0)
    with pytest.raises(ValueError, match=r"becomes 1024 numbers, but 784 are expected\."):
        model.predict(np.ones((2, 32, 32)), verbose=0)


def test_lengths_in_several_arguments() -> None:
    with pytest.warns(UserWarning, match=r"argument: tf.reshape\(tensor, \(-1, 3\)\)"):
        assert tf.reshape(tf.range(6), -1, 3).shape == (6,)
    with pytest.warns(UserWarning, match=r"as in tf.zeros\(\(2, 3\)\)"):
        tf.ones(2, 3)
