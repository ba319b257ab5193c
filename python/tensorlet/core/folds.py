"""`tf.scan`, `tf.foldl` and `tf.foldr`: functions that carry a value from row to row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.core.nest import flatten, map_structure, pack_like
from tensorlet.core.user_code import user_function
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.registry import convert


def _rows(name: str, elems: Any) -> list[Any]:
    """The rows of tensors in a structure, each in that structure."""
    leaves = [convert(leaf) for leaf in (flatten(elems) if isinstance(elems, tuple | dict) else [elems])]
    shapes = [tuple(leaf.shape) for leaf in leaves]
    if not all(shapes) or len({shape[0] for shape in shapes}) != 1:
        raise ShapeError(
            f"{name}: the tensors have the shapes {shapes}, but all need one axis of rows, of one length."
        )
    like = elems if isinstance(elems, tuple | dict) else None
    found = [[leaf[row] for leaf in leaves] for row in range(shapes[0][0])]
    return [row[0] if like is None else pack_like(like, row) for row in found]


def _start(name: str, rows: list[Any], initializer: Any) -> tuple[Any, list[Any]]:
    """The first value, and the rows that follow."""
    if initializer is not None:
        return map_structure(convert, initializer), rows
    if not rows:
        raise InvalidArgumentError(f"{name}: there are no rows. Expected at least one, or an initializer.")
    return rows[0], rows[1:]


def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """All values of ``value = fn(value, row)``, stacked.

    Args:
        fn: from the value so far and a row to the next value, of the same structure.
        elems: a tensor, or a tuple or dictionary of them, with as many rows each.
        initializer: the first value; by default the first row, which is then the first result.
        parallel_iterations, back_prop, swap_memory, infer_shape, name: accepted without effect.
        reverse: whether to begin with the last row.

    >>> import tensorlet as tf
    >>> tf.scan(lambda total, x: total + x, tf.constant([1, 2, 3, 4])).numpy()
    array([ 1,  3,  6, 10], dtype=int32)
    """
    rows = _rows("tf.scan", elems)
    value, rest = _start("tf.scan", rows[::-1] if reverse else rows, initializer)
    call = user_function(fn)
    values = [value] if initializer is None else []
    for row in rest:
        value = call(value, row)
        values.append(value)
    if not values:
        raise InvalidArgumentError("tf.scan: there are no rows. Expected at least one.")
    columns = zip(*(flatten(one) for one in (values[::-1] if reverse else values)), strict=True)
    return pack_like(values[0], [ops.stack(list(column)) for column in columns])


def foldl(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """The last value of ``value = fn(value, row)``, from the first row to the last; see `scan`.

    >>> import tensorlet as tf
    >>> tf.foldl(lambda total, x: 10 * total + x, tf.constant([1, 2, 3])).numpy().item()
    123
    """
    value, rest = _start("tf.foldl", _rows("tf.foldl", elems), initializer)
    call = user_function(fn)
    for row in rest:
        value = call(value, row)
    return value


def foldr(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """The last value of ``value = fn(value, row)``, from the last row to the first; see `scan`.

    >>> import tensorlet as tf
    >>> tf.foldr(lambda total, x: 10 * total + x, tf.constant([1, 2, 3])).numpy().item()
    321
    """
    value, rest = _start("tf.foldr", _rows("tf.foldr", elems)[::-1], initializer)
    call = user_function(fn)
    for row in rest:
        value = call(value, row)
    return value
