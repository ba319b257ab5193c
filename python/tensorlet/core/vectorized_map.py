"""A function of each row of a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.core.nest import flatten, pack_like
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.registry import convert


def map_fn(fn: Callable[[Any], Any], elems: Any, *_: Any, **ignored: Any) -> Any:
    """Calls a function with each row, and stacks the results. Functions of whole tensors are much faster.

    Args:
        fn: from a row (a structure of rows, if ``elems`` is one) to a tensor or a structure of them.
        elems: a tensor with at least one row, or lists, tuples and dictionaries of tensors.
        ignored: TensorFlow's options about dtypes and parallel loops.

    Raises:
        ShapeError: for a scalar, or for tensors with different numbers of rows.
        InvalidArgumentError: if there are no rows.

    >>> import tensorlet as tf
    >>> tf.map_fn(lambda row: tf.reduce_max(row), [[1, 5], [7, 3]]).numpy()
    array([5, 7], dtype=int32)
    """
    is_structure = isinstance(elems, tuple | dict)
    leaves = [convert(leaf) for leaf in (flatten(elems) if is_structure else [elems])]
    shapes = [tuple(leaf.shape) for leaf in leaves]
    if not all(shapes) or len({shape[0] for shape in shapes}) != 1:
        raise ShapeError(
            f"tf.map_fn: the tensors have the shapes {shapes}, but all need one axis of rows, of one length."
        )
    if not shapes[0][0]:
        raise InvalidArgumentError("tf.map_fn: there are no rows. Expected at least one.")
    results = []
    for row in range(shapes[0][0]):
        rows = [leaf[row] for leaf in leaves]
        results.append(fn(pack_like(elems, rows) if is_structure else rows[0]))
    columns = zip(*(flatten(result) for result in results), strict=True)
    return pack_like(results[0], [ops.stack(list(column)) for column in columns])
