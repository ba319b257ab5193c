"""Reshaping, cutting and joining, by hand-worked numbers; and the errors that teach."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import ops
from tensorlet.errors import DTypeError, InvalidArgumentError, OutOfRangeError, ShapeError, TracingError

# A cube whose elements tell where they stand: element [i, j, k] is 100 i + 10 j + k.
CUBE = np.array([[[100 * i + 10 * j + k for k in range(4)] for j in range(3)] for i in range(2)], np.float32)
X = tf.constant(CUBE)


def values(tensor: Any) -> Any:
    return tensor.numpy().tolist()


def test_reshape_fills_in_the_missing_length() -> None:
    assert values(ops.reshape([1, 2, 3, 4, 5, 6], [3, -1])) == [[1, 2], [3, 4], [5, 6]]
    assert tuple(ops.reshape(np.zeros((0, 3)), [-1, 3]).shape) == (0, 3)
    assert values(ops.reshape(7, [1, 1])) == [[7]]


@pytest.mark.parametrize(
    ("shape", "words"),
    [([4, 2], "6 elements"), ([-1, -1], "at most one -1"), ([-1, 4], "not a multiple of"), ([-2, 3], "-1")],
)
def test_reshape_refuses(shape: list[int], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        ops.reshape([1, 2, 3, 4, 5, 6], shape)


def test_transpose() -> None:
    assert values(ops.transpose([[1, 2, 3], [4, 5, 6]])) == [[1, 4], [2, 5], [3, 6]]
    turned = ops.transpose(CUBE, [2, 0, 1])
    assert tuple(turned.shape) == (4, 2, 3)
    assert turned.numpy()[3, 1, 2] == 123.0
    assert tuple(ops.transpose(CUBE, [-1, 0, 1]).shape) == (4, 2, 3)
    with pytest.raises(ShapeError, match="once"):
        ops.transpose(CUBE, [0, 0, 1])


def test_axes_of_length_one() -> None:
    assert tuple(ops.expand_dims(CUBE, 1).shape) == (2, 1, 3, 4)
    assert tuple(ops.expand_dims(CUBE, -1).shape) == (2, 3, 4, 1)
    assert tuple(ops.squeeze(np.zeros((1, 2, 1))).shape) == (2,)
    assert tuple(ops.squeeze(np.zeros((1, 2, 1)), -1).shape) == (1, 2)
    with pytest.raises(ShapeError, match=r"axis 1 .* has length 2"):
        ops.squeeze(np.zeros((1, 2, 1)), 1)
    with pytest.raises(ShapeError, match="axis=4 is out of range"):
        ops.expand_dims(CUBE, 4)


def test_repeating() -> None:
    assert values(ops.tile([[1, 2]], [2, 2])) == [[1, 2, 1, 2], [1, 2, 1, 2]]
    assert values(ops.repeat([1, 2], 3)) == [1, 1, 1, 2, 2, 2]
    assert values(ops.repeat([[1, 2], [3, 4]], 2, axis=1)) == [[1, 1, 2, 2], [3, 3, 4, 4]]
    assert values(ops.repeat([[1, 2], [3, 4]], [0, 2], axis=0)) == [[3, 4], [3, 4]]
    assert values(ops.broadcast_to([[1], [2]], [2, 3])) == [[1, 1, 1], [2, 2, 2]]
    with pytest.raises(ShapeError, match="does not broadcast"):
        ops.broadcast_to([1, 2, 3], [2, 2])
    with pytest.raises(ShapeError, match="one count for each"):
        ops.tile([1, 2], [2, 2])


def test_concat_and_stack() -> None:
    assert values(ops.concat([[[1, 2]], [[3, 4]]], axis=1)) == [[1, 2, 3, 4]]
    assert values(ops.stack([[1, 2], [3, 4]], axis=-1)) == [[1, 3], [2, 4]]
    assert values(ops.stack([1, 2.5])) == [1.0, 2.5]
    assert ops.concat([[1], tf.constant([2], tf.int64)], 0).dtype is tf.int64
    with pytest.raises(ShapeError, match=r"tf\.stack"):
        ops.concat([1, 2], 0)
    with pytest.raises(ShapeError, match=r"values\[1\] has \[3\]"):
        ops.stack([[1, 2], [1, 2, 3]])
    with pytest.raises(ShapeError, match="except on axis 1"):
        ops.concat([[[1, 2]], [[3], [4]]], axis=1)
    with pytest.raises(DTypeError, match=r"tf\.cast"):
        ops.concat([tf.constant([1]), tf.constant([2.0])], 0)
    with pytest.raises(InvalidArgumentError, match="the list of tensors is empty"):
        ops.concat([], 0)


def test_split_and_unstack() -> None:
    assert [values(part) for part in ops.split([1, 2, 3, 4, 5, 6], 3)] == [[1, 2], [3, 4], [5, 6]]
    assert [values(part) for part in ops.split([1, 2, 3, 4], [1, -1, 1])] == [[1], [2, 3], [4]]
    assert [values(row) for row in ops.unstack([[1, 2], [3, 4]], axis=1)] == [[1, 3], [2, 4]]
    with pytest.raises(ShapeError, match="4 equal pieces"):
        ops.split([1, 2, 3, 4, 5, 6], 4)
    with pytest.raises(ShapeError, match="do not add up"):
        ops.split([1, 2, 3], [1, 1])


def test_pad() -> None:
    assert values(ops.pad([[1, 2]], [[1, 0], [0, 2]], constant_values=9)) == [[9, 9, 9, 9], [1, 2, 9, 9]]
    assert values(ops.pad([1, 2, 3], [[2, 2]], "REFLECT")) == [3, 2, 1, 2, 3, 2, 1]
    assert values(ops.pad([1, 2, 3], [[2, 2]], "SYMMETRIC")) == [2, 1, 1, 2, 3, 3, 2]
    with pytest.raises(InvalidArgumentError, match="0 to 2 elements"):
        ops.pad([1, 2, 3], [[3, 0]], "REFLECT")
    with pytest.raises(ShapeError, match=r"\[1, 2\]"):
        ops.pad([1, 2, 3], [[1, 1], [1, 1]])
    with pytest.raises(InvalidArgumentError, match="mode 'EDGE'"):
        ops.pad([1, 2, 3], [[1, 1]], "EDGE")


def test_gradient_of_a_reflected_pad_counts_each_use() -> None:
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        # 3 2 | 1 2 3 | 2: the first element stands there once, the second three times, the third twice.
        total = ops.reduce_sum(ops.pad(x, [[2, 1]], "REFLECT"))
    assert values(tape.gradient(total, x)) == [1.0, 3.0, 2.0]


def test_slice_reverse_roll() -> None:
    assert values(ops.slice(CUBE, [1, 0, 2], [1, 2, -1])) == [[[102.0, 103.0], [112.0, 113.0]]]
    assert values(ops.reverse([[1, 2], [3, 4]], [0, 1])) == [[4, 3], [2, 1]]
    assert values(ops.roll([1, 2, 3, 4, 5], 2, 0)) == [4, 5, 1, 2, 3]
    assert values(ops.roll([[1, 2], [3, 4]], [1, -1], [0, 1])) == [[4, 3], [2, 1]]
    with pytest.raises(ShapeError, match="exceed axis 2"):
        ops.slice(CUBE, [0, 0, 1], [1, 1, 4])


@pytest.mark.parametrize(
    "key",
    [
        0,
        -1,
        (1, 2, 3),
        (slice(None), 1),
        (Ellipsis, -1),
        (0, Ellipsis, slice(None, None, -2)),
        (slice(None, None, -1), slice(2, 0, -1)),
        (None, 1, Ellipsis, None),
        slice(5, 9),
        slice(-9, 1),
        (slice(1, 1), 0),
        np.int64(1),
    ],
)
def test_getitem_is_numpy_s(key: Any) -> None:
    np.testing.assert_array_equal(X[key].numpy(), CUBE[key])


def test_getitem_by_tensors_and_masks() -> None:
    assert values(X[tf.constant(1), :, tf.constant(-1)]) == [103.0, 113.0, 123.0]
    assert values(X[X > 121]) == [122.0, 123.0]
    assert values(X[np.array([False, True])][0, 0]) == [100.0, 101.0, 102.0, 103.0]


@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        (2, OutOfRangeError, "index 2 is outside axis 0"),
        ((0, 3), OutOfRangeError, "axis 1"),
        ([0, 1], InvalidArgumentError, "tf.gather"),
        (np.array([0, 1]), InvalidArgumentError, "tf.gather"),
        (1.0, InvalidArgumentError, "not a valid index"),
        ((0, 0, 0, 0), InvalidArgumentError, "3 axes"),
        ((Ellipsis, Ellipsis), InvalidArgumentError, "only one"),
        (slice(0, 2, 0), InvalidArgumentError, "must not be 0"),
    ],
)
def test_getitem_refuses(key: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        X[key]


def test_gradient_of_a_strided_slice_lands_where_it_was_cut() -> None:
    x = tf.constant([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        # x[4], x[2], times 10 and 1
        number = ops.reduce_sum(x[4:0:-2] * [10.0, 1.0])
    assert values(tape.gradient(number, x)) == [0.0, 0.0, 1.0, 0.0, 10.0, 0.0]


def test_computed_indices_in_a_traced_function(backend: str) -> None:
    @tf.function
    def pick(x: Any, i: Any) -> Any:
        return x[i, :, -1], x[:, i], ops.slice(x, [i, 0, 1], [1, 3, 2])

    row, column, block = pick(X, tf.constant(1))
    assert values(row) == [103.0, 113.0, 123.0]
    assert values(column) == CUBE[:, 1].tolist()
    assert values(block) == CUBE[1:2, :, 1:3].tolist()

    @tf.function
    def last(x: Any, i: Any) -> Any:
        return x[i, 0, 0]

    assert values(last(X, tf.constant(-1))) == 100.0
    with pytest.raises(ValueError, match=r"(index|indices) .*2"):
        last(X, tf.constant(2))


def test_computed_bounds_say_how_to_mend() -> None:
    @tf.function
    def cut(x: Any) -> Any:
        i = tf.argmax(x)
        return x[i : i + 2]

    with pytest.raises(TracingError, match=r"tf\.gather\(tensor, a \+ tf\.range\(n\)\)"):
        cut(tf.constant([1.0, 2.0, 3.0]))


def test_computed_shapes_say_how_to_mend() -> None:
    @tf.function
    def widen(x: Any) -> Any:
        return ops.tile(x, [ops.argmax(x)])

    with pytest.raises(TracingError, match="'multiples' must be known"):
        widen(tf.constant([1.0]))


def test_shapes_of_traced_tensors_are_known(backend: str) -> None:
    @tf.function
    def flatten(x: Any) -> Any:
        return ops.reshape(x, [ops.shape(x)[0], -1])

    assert tuple(flatten(X).shape) == (2, 12)
