"""`tf.map_fn`: applies a function to each row of a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.recurrent_loop import scan_rounds
from tensorlet.core.tracing import current_trace
from tensorlet.core.user_code import user_function
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.registry import convert

#: In a traced function, more rows than this become a loop; fewer are written out.
MOST_WRITTEN_OUT = 8


def map_fn(fn: Callable[[Any], Any], elems: Any, *_: Any, **ignored: Any) -> Any:
    """Applies a function to each row, and stacks the results. Functions of whole tensors are much faster.

    Args:
        fn: takes a row (or a structure of rows, if ``elems`` is a structure), returns a tensor or a
            structure of tensors.
        elems: a tensor with at least one row, or lists, tuples and dictionaries of tensors.
        ignored: TensorFlow's options for dtypes and parallel loops.

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
            f"tf.map_fn: the tensors have shapes {shapes}, but all need a first axis of the same length."
        )
    if not shapes[0][0]:
        raise InvalidArgumentError("tf.map_fn: there are no rows. At least one is expected.")
    fn = user_function(fn)
    if current_trace() is not None and shapes[0][0] > MOST_WRITTEN_OUT:
        return _as_loop(fn, leaves, elems if is_structure else None)
    results = []
    for row in range(shapes[0][0]):
        rows = [leaf[row] for leaf in leaves]
        results.append(fn(pack_like(elems, rows) if is_structure else rows[0]))
    columns = zip(*(flatten(result) for result in results), strict=True)
    return pack_like(results[0], [ops.stack(list(column)) for column in columns])


def _as_loop(fn: Callable[[Any], Any], leaves: list[Any], like: Any) -> Any:
    """The results of all rows, by a loop that is one node of the graph."""
    structures: list[Any] = []

    def step(_: list[Any], rows: list[Any]) -> tuple[list[Any], list[Any]]:
        found = fn(rows[0] if like is None else pack_like(like, rows))
        structures.append(found)
        return [], flatten(found)

    _, stacked = scan_rounds(step, [], leaves, leaves[0].shape[0])
    return pack_like(structures[0], stacked)
