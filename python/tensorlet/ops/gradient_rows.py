"""Gradients of `gather` that are known by rows: TensorFlow gives them as `tf.IndexedSlices`.

A gradient is a whole tensor here, which also carries the rows that were added up in it. Optimizers need them where the
result depends on the rows: clipping takes the norm of the rows as they are, before equal indices are added, and some
optimizers of early Keras leave all other rows as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.ops import indexing, joining, movement
from tensorlet.ops.registry import Tensor, convert, functions

if TYPE_CHECKING:
    from collections.abc import Sequence


class GradientRows(NamedTuple):
    """Rows, and the places that they belong to.

    Attributes:
        indices: integers of any shape.
        values: the rows: the shape of the indices, then that of a row.
    """

    indices: Tensor
    values: Tensor


def rows_of(gradient: Any) -> GradientRows | None:
    """The rows of a gradient; None if it is known only as a whole.

    >>> import tensorlet as tf
    >>> from tensorlet.ops.gradient_rows import rows_of
    >>> table = tf.Variable([[1.0], [2.0], [4.0]])
    >>> with tf.GradientTape() as tape:
    ...     loss = tf.reduce_sum(tf.gather(table, [2, 2]))
    >>> rows_of(tape.gradient(loss, table)).values.numpy().tolist()
    [[1.0], [1.0]]
    """
    found: tuple[Tensor, Tensor] | None = getattr(gradient, "_rows", None)
    return None if found is None else GradientRows(*found)


def part_of_rows(gradient: Any, name: str) -> Tensor | None:
    """The attribute of `tf.IndexedSlices` that a gradient known by rows has; None for another gradient.

    Args:
        gradient: a tensor.
        name: ``"values"``, ``"indices"`` or ``"dense_shape"``.
    """
    rows = rows_of(gradient)
    if rows is None:
        return None
    if name == "indices":
        return movement.reshape(rows.indices, [-1])
    shape = tuple(gradient.spec.shape)
    if name == "values":
        return movement.reshape(rows.values, [-1, *shape[1:]])
    return convert(np.array(shape, np.int32))


def whole(rows: GradientRows, shape: Sequence[int]) -> Tensor:
    """The gradient of this shape with these rows.

    Args:
        rows: the rows.
        shape: the shape of the whole.
    """
    tensor = indexing.scatter_add(rows.indices, rows.values, shape=tuple(shape))
    tensor._rows = rows
    return tensor


def sum_of(first: Tensor, second: Tensor) -> Tensor:
    """The sum of two gradients; its rows are those of both."""
    total: Tensor = first + second
    mine, other = rows_of(first), rows_of(second)
    if mine is not None and other is not None and mine.indices.dtype is other.indices.dtype:
        row = tuple(first.shape)[1:]
        pairs = [(_flat(one.indices, ()), _flat(one.values, row)) for one in (mine, other)]
        total._rows = GradientRows(*(joining.concat(parts, 0) for parts in zip(*pairs, strict=True)))
    return total


def touched(rows: GradientRows, shape: Sequence[int]) -> Tensor:
    """Which rows of a whole of this shape are among the rows; it broadcasts to the shape."""
    ones = functions.ones(rows.indices.shape)
    hits = indexing.scatter_add(rows.indices, ones, shape=(shape[0],))
    return functions.reshape(hits > 0.0, (shape[0], *[1] * (len(shape) - 1)))


def _flat(tensor: Tensor, row: Sequence[int]) -> Tensor:
    return movement.reshape(tensor, (-1, *row))
