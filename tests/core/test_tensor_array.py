"""What `tf.TensorArray` refuses, and what it says of itself; its values are in `autograph/test_control_flow_values`."""

from __future__ import annotations

from typing import Any

import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, InvalidArgumentError, OutOfRangeError, ShapeError

pytestmark = pytest.mark.filterwarnings("ignore::tensorlet.errors.PerformanceWarning")


def test_writes_that_do_not_fit() -> None:
    array = tf.TensorArray(tf.float32, size=2, element_shape=[2])
    with pytest.raises(OutOfRangeError, match="tried to write to index 3, but the array has the size 2"):
        array.write(3, [1.0, 2.0])
    with pytest.raises(ShapeError, match=r"element_shape is \(2,\)"):
        array.write(0, 1.0)
    with pytest.raises(DTypeError, match=r"tf.cast\(value, tf.float32\)"):
        array.write(0, tf.constant([1, 2]))
    with pytest.raises(OutOfRangeError, match="tried to read from index 5"):
        array.read(5)
    with pytest.raises(InvalidArgumentError, match="give element_shape"):
        tf.TensorArray(tf.float32, size=2).stack()


def test_eager_arrays_change_in_place_and_traced_ones_do_not() -> None:
    array = tf.TensorArray(tf.float32, size=2)
    array.write(0, 1.0)
    array.write(1, 2.0)
    assert array.stack().numpy().tolist() == [1.0, 2.0] and array.size().numpy() == 2

    @tf.function
    def forgotten(x: Any) -> Any:
        array = tf.TensorArray(tf.float32, size=2, element_shape=[])
        array.write(0, x)
        return array.stack()

    assert forgotten(tf.constant(3.0)).numpy().tolist() == [0.0, 0.0]


def test_other_shapes_in_a_loop_on_tensors() -> None:
    @tf.function
    def uneven(x: Any) -> Any:
        array = tf.TensorArray(tf.float32, size=9)
        i = 0
        array = array.write(0, tf.stack([x, x]))
        while x < 3.0:
            array = array.write(i, x)
            x += 1.0
            i += 1
        return array.stack()

    with pytest.raises(ShapeError, match=r"has the shape \(\), but element_shape is \(2,\)"):
        uneven(tf.constant(0.0))


def test_folds_without_rows() -> None:
    with pytest.raises(InvalidArgumentError, match=r"tf\.foldl: there are no rows"):
        tf.foldl(lambda a, b: a + b, tf.zeros([0]))
    assert tf.foldr(lambda a, b: a + b, tf.zeros([0]), initializer=5.0).numpy() == 5.0
    with pytest.raises(ShapeError, match=r"tf\.scan: the tensors have the shapes"):
        tf.scan(lambda a, b: a, (tf.zeros([2]), tf.zeros([3])))
