"""Choosing, scattering, sorting and creating elements, by hand-worked numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import ops
from tensorlet.errors import DTypeError, InvalidArgumentError, OutOfRangeError, ShapeError, TracingError

TABLE = [[1, 2, 3], [4, 5, 6]]


def values(tensor: Any) -> Any:
    return tensor.numpy().tolist()


def test_gather_along_axes() -> None:
    assert values(ops.gather(TABLE, [1, 1, 0])) == [[4, 5, 6], [4, 5, 6], [1, 2, 3]]
    assert values(ops.gather(TABLE, [2, 0], axis=1)) == [[3, 1], [6, 4]]
    assert values(ops.gather(TABLE, 1, axis=-1)) == [2, 5]
    assert values(ops.gather([10, 20], [[0, 1], [1, 0]])) == [[10, 20], [20, 10]]


def test_gather_in_batches() -> None:
    assert values(ops.gather(TABLE, [[2, 2], [0, 1]], batch_dims=1)) == [[3, 3], [4, 5]]
    cube = np.arange(24).reshape(2, 3, 4)
    found = ops.gather(cube, [[0, 3], [1, 1]], batch_dims=1, axis=2)
    np.testing.assert_array_equal(found.numpy(), np.stack([cube[0][:, [0, 3]], cube[1][:, [1, 1]]]))
    with pytest.raises(ShapeError, match="batch_dims=1"):
        ops.gather(TABLE, [[0], [0], [0]], batch_dims=1)


@pytest.mark.parametrize(
    ("indices", "batch_dims", "where"),
    [
        ([0, 3], 0, r"indices\[1\] is 3"),
        ([-1], 0, r"indices\[0\] is -1"),
        ([[0], [3]], 1, r"indices\[1, 0\] is 3"),
    ],
)
def test_gather_names_the_wrong_index(indices: Any, batch_dims: int, where: str) -> None:
    with pytest.raises(OutOfRangeError, match=where + ".*0 to 2"):
        ops.gather([[1, 2, 3]] * 2 if batch_dims else [1, 2, 3], indices, batch_dims=batch_dims)


def test_gather_refuses_floats() -> None:
    with pytest.raises(DTypeError, match="'indices' is float32"):
        ops.gather([1, 2], [0.0])


def test_gradient_of_gather_adds_up() -> None:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        number = ops.reduce_sum(ops.gather(x, [2, 0, 2]) * [[1.0, 1.0], [10.0, 10.0], [100.0, 100.0]])
    assert values(tape.gradient(number, x)) == [[10.0, 10.0], [0.0, 0.0], [101.0, 101.0]]


def test_points() -> None:
    assert values(ops.gather_nd(TABLE, [[0, 2], [1, 0]])) == [3, 4]
    assert values(ops.gather_nd(TABLE, [[1]])) == [[4, 5, 6]]
    assert values(ops.scatter_nd([[1], [3], [1]], [10, 20, 5], [4])) == [0, 15, 0, 20]
    assert values(ops.scatter_nd([[0, 1]], [7], [2, 2])) == [[0, 7], [0, 0]]
    assert values(ops.tensor_scatter_nd_add([1, 1], [[0], [0]], [2, 3])) == [6, 1]
    assert values(ops.tensor_scatter_nd_sub([1, 1], [[1]], [5])) == [1, -4]
    with pytest.raises(OutOfRangeError, match=r"indices\[0, 1\] is 5, but axis 1 has length 3"):
        ops.gather_nd(TABLE, [[0, 5]])
    with pytest.raises(ShapeError, match="its length must be at most 2"):
        ops.gather_nd(TABLE, [[0, 0, 0]])


def test_scatter_update_keeps_the_last_of_equal_points() -> None:
    assert values(ops.tensor_scatter_nd_update([1, 2, 3], [[2], [0], [2]], [7, 8, 9])) == [8, 2, 9]
    assert values(ops.tensor_scatter_nd_update(TABLE, [[1]], [[0, 0, 0]])) == [[1, 2, 3], [0, 0, 0]]
    assert values(ops.tensor_scatter_nd_update([True, False], [[1]], [True])) == [True, True]
    assert values(ops.tensor_scatter_nd_update([1.0, np.nan], [[1]], [5.0])) == [1.0, 5.0]
    with pytest.raises(ShapeError, match=r"should have shape \[1, 3\]"):
        ops.tensor_scatter_nd_update(TABLE, [[1]], [[0, 0]])


def test_gradient_of_scatter_update() -> None:
    x, new = tf.constant([1.0, 2.0, 3.0]), tf.constant([10.0, 20.0])
    with tf.GradientTape() as tape:
        tape.watch([x, new])
        number = ops.reduce_sum(ops.tensor_scatter_nd_update(x, [[0], [2]], new) * [1.0, 2.0, 3.0])
    to_x, to_new = tape.gradient(number, [x, new])
    assert values(to_x) == [0.0, 2.0, 0.0]
    assert values(to_new) == [1.0, 3.0]


def test_boolean_mask() -> None:
    assert values(ops.boolean_mask(TABLE, [False, True])) == [[4, 5, 6]]
    assert values(ops.boolean_mask(TABLE, [True, False, True], axis=1)) == [[1, 3], [4, 6]]
    assert values(ops.boolean_mask(TABLE, np.array(TABLE) % 2 == 0)) == [2, 4, 6]
    with pytest.raises(ShapeError, match="lengths must be equal"):
        ops.boolean_mask(TABLE, [True, False, True])
    with pytest.raises(DTypeError, match="bool is expected"):
        ops.boolean_mask(TABLE, np.array([None, None]))
    with pytest.warns(UserWarning, match="not bool; elements where it is not 0 are kept"):
        assert values(ops.boolean_mask([1.0, 2.0, 3.0], [0.0, 1.0, -0.5])) == [2.0, 3.0]

    @tf.function
    def positive(x: Any) -> Any:
        return ops.boolean_mask(x, x > 0)

    with pytest.raises(TracingError, match=r"tf\.where\(mask, x, 0\)"):
        positive(tf.constant([1.0, -1.0]))


def test_one_hot() -> None:
    assert values(ops.one_hot([0, 2, -1, 7], 3)) == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    assert values(ops.one_hot([0, 1], 3, axis=0)) == [[1, 0], [0, 1], [0, 0]]
    assert values(ops.one_hot(1, 2, on_value=5, off_value=-1)) == [-1, 5]
    assert ops.one_hot([1], 300, dtype="uint8").dtype is tf.uint8
    assert values(ops.one_hot(tf.constant([255], tf.uint8), 256))[0][255] == 1.0
    with pytest.raises(DTypeError, match="integer dtype"):
        ops.one_hot([0.0], 2)


def test_sorting() -> None:
    assert values(ops.sort([3, 1, 2])) == [1, 2, 3]
    assert values(ops.sort([[3, 1], [1, 2]], axis=0, direction="DESCENDING")) == [[3, 2], [1, 1]]
    assert values(ops.argsort([1, 0, 1, 0])) == [1, 3, 0, 2]
    assert values(ops.argsort([1, 0, 1, 0], direction="DESCENDING")) == [0, 2, 1, 3]
    np.testing.assert_array_equal(
        ops.sort([np.nan, 1.0, -np.inf]).numpy(), np.float32([-np.inf, 1.0, np.nan])
    )
    np.testing.assert_array_equal(
        ops.sort([np.nan, 1.0, -np.inf], direction="DESCENDING").numpy(), np.float32([1.0, -np.inf, np.nan])
    )
    with pytest.raises(InvalidArgumentError, match="ASCENDING"):
        ops.sort([1], direction="up")


def test_top_k() -> None:
    found = ops.top_k([[1.0, 3.0, 2.0], [5.0, 5.0, 1.0]], k=2)
    assert values(found.values) == [[3.0, 2.0], [5.0, 5.0]]
    assert values(found.indices) == [[1, 2], [0, 1]]
    assert found.indices.dtype is tf.int32
    with pytest.raises(InvalidArgumentError, match="k from 0 to 3"):
        ops.top_k([1, 2, 3], 4)


def test_gradient_of_sort_follows_the_elements() -> None:
    x = tf.constant([3.0, 1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        number = ops.reduce_sum(ops.sort(x) * [1.0, 10.0, 100.0])
    assert values(tape.gradient(number, x)) == [100.0, 1.0, 10.0]


def test_searchsorted_and_unique() -> None:
    assert values(ops.searchsorted([1, 3, 3, 5], [3, 0, 9])) == [1, 0, 4]
    assert values(ops.searchsorted([1, 3, 3, 5], [3, 0, 9], side="right")) == [3, 0, 4]
    assert values(ops.searchsorted([[1, 3], [2, 4]], [[2], [1]])) == [[1], [0]]
    y, idx, count = ops.unique_with_counts([5, 3, 5, 1])
    assert (values(y), values(idx), values(count)) == ([5, 3, 1], [0, 1, 0, 2], [2, 1, 1])
    assert values(ops.unique(np.zeros(0, np.int32)).idx) == []


def test_creation() -> None:
    assert values(ops.zeros([2, 1])) == [[0.0], [0.0]]
    assert values(ops.ones(2, tf.bool)) == [True, True]
    assert values(ops.fill([2], 7)) == [7, 7]
    assert values(ops.zeros_like([True])) == [False]
    assert values(ops.eye(2, 3, batch_shape=[1], dtype=tf.int32)) == [[[1, 0, 0], [0, 1, 0]]]
    assert values(ops.shape(np.zeros((2, 3)))) == [2, 3]
    assert (values(ops.rank(TABLE)), values(ops.size(TABLE))) == (2, 6)
    x, y = ops.meshgrid([1, 2], [3, 4, 5])
    assert values(x) == [[1, 2], [1, 2], [1, 2]]
    assert values(y) == [[3, 3], [4, 4], [5, 5]]
    assert values(ops.sequence_mask([2, 0], 3)) == [[True, True, False], [False, False, False]]
    with pytest.raises(ShapeError, match="negative length"):
        ops.zeros([-1])


def test_ranges() -> None:
    assert values(ops.range(3)) == [0, 1, 2]
    assert values(ops.range(10, 0, -4)) == [10, 6, 2]
    assert values(ops.range(0.0, 1.0, 0.25)) == [0.0, 0.25, 0.5, 0.75]
    assert ops.range(tf.constant(2, tf.int64)).dtype is tf.int64
    assert ops.range(0, 2, 0.5).dtype is tf.float32
    with pytest.raises(InvalidArgumentError, match="must not be 0"):
        ops.range(1, 2, 0)
    assert values(ops.linspace(0.0, 1.0, 5)) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert values(ops.linspace([0.0, 1.0], [1.0, 3.0], 3, axis=1)) == [[0.0, 0.5, 1.0], [1.0, 2.0, 3.0]]
    # The last number is the end itself, although 0.1 + 2 * ((0.7 - 0.1) / 2) need not be.
    assert ops.linspace(np.float32(0.1), np.float32(0.7), 7).numpy()[-1] == np.float32(0.7)
    with pytest.raises(InvalidArgumentError, match="at least 1"):
        ops.linspace(0.0, 1.0, 0)
