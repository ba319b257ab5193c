"""The shapes that shapes broadcast to; dtypes given as TensorFlow's numbers."""

from __future__ import annotations

import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, ShapeError


def test_shapes_broadcast() -> None:
    found = tf.broadcast_static_shape(tf.TensorShape([2, None, 1]), tf.TensorShape([4, 3]))
    assert found.as_list() == [2, 4, 3]
    assert tf.broadcast_static_shape(tf.TensorShape([]), tf.TensorShape([3])).as_list() == [3]
    with pytest.raises(ShapeError, match="2 and 3 are neither equal nor 1"):
        tf.broadcast_static_shape(tf.TensorShape([2]), tf.TensorShape([3]))
    assert tf.broadcast_dynamic_shape(tf.constant([2, 1]), tf.constant([3])).numpy().tolist() == [2, 3]


def test_numbers_of_dtypes_are_taken_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="put all lengths in one argument"):
        zeros = tf.zeros(2, 3)
    assert zeros.dtype is tf.int32
    assert zeros.shape == (2,)
    with pytest.warns(UserWarning, match="number of float32"):
        assert tf.as_dtype(1) is tf.float32
    with pytest.raises(DTypeError, match="784 is not a supported dtype"):
        tf.zeros(2, 784)
