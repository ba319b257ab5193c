"""`tf.sets`. The values are those of TensorFlow 2.15."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, PerformanceWarning, ShapeError

A = [[2, 3, 5, 7], [7, 9, 0, 0]]
B = [[4, 5, 6], [9, 10, 0]]


def parts(found: Any) -> list[Any]:
    """The indices, the values and the shape of a sparse tensor."""
    return [one.numpy().tolist() for one in (found.indices, found.values, found.dense_shape)]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            tf.sets.union,
            [[[0, 0], [0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [1, 0], [1, 1], [1, 2], [1, 3]],
             [2, 3, 4, 5, 6, 7, 0, 7, 9, 10], [2, 6]],
        ),
        (tf.sets.intersection, [[[0, 0], [1, 0], [1, 1]], [5, 0, 9], [2, 2]]),
        (tf.sets.difference, [[[0, 0], [0, 1], [0, 2], [1, 0]], [2, 3, 7, 7], [2, 3]]),
    ],
    ids=["union", "intersection", "difference"],
)  # fmt: skip
def test_rows_are_sets(function: Callable[..., Any], expected: list[Any]) -> None:
    found = function(tf.constant(A), tf.constant(B))
    assert parts(found) == expected
    assert found.values.dtype is tf.int32


def test_other_forms() -> None:
    assert parts(tf.sets.difference(A, B, aminusb=False)) == [[[0, 0], [0, 1], [1, 0]], [4, 6, 10], [2, 2]]
    sparse = tf.sparse.from_dense([[1, 0, 2], [0, 0, 0]])
    assert parts(tf.sets.union(sparse, tf.constant([[5], [6]]))) == [
        [[0, 0], [0, 1], [0, 2], [1, 0]], [1, 2, 5, 6], [2, 3],
    ]  # fmt: skip
    assert tf.sets.size(sparse).numpy().tolist() == [2, 0]
    words = tf.constant(["b", "a", "b"])
    assert parts(tf.sets.intersection(words, words)) == [[[0], [1]], [b"a", b"b"], [2]]
    with pytest.warns(PerformanceWarning, match="cannot be compiled"):
        assert tf.function(lambda x: tf.sets.size(tf.sets.union(x, x)))(tf.constant(A)).numpy().tolist() == [
            4,
            3,
        ]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"those of a are \[2\] and those of b are \[1\]"):
        tf.sets.union(A, [[1]])
    with pytest.raises(DTypeError, match="a is int32 and b is float32"):
        tf.sets.union(A, [[1.0], [2.0]])
    with pytest.raises(ShapeError, match="at least one axis"):
        tf.sets.union(1, 2)
    with pytest.raises(TypeError, match="SparseTensor is expected"):
        tf.sets.size(tf.constant(A))
