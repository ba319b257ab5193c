"""`tf.scan`, `tf.foldl` and `tf.foldr`: functions that carry a value from row to row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.core.nest import flatten, map_structure, pack_like
from tensorlet.core.recurrent_loop import ChangingStatesError, scan_rounds
from tensorlet.core.tracing import current_trace
from tensorlet.core.user_code import user_function
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.registry import convert

#: In a traced function, more rows than this become a loop; fewer are written out.
MOST_WRITTEN_OUT = 8


def _leaves(name: str, elems: Any) -> tuple[list[Any], Any]:
    """The tensors in a structure of rows, and the structure; None for a single tensor."""
    like = elems if isinstance(elems, tuple | dict) else None
    leaves = [convert(leaf) for leaf in (flatten(elems) if like is not None else [elems])]
    shapes = [tuple(leaf.shape) for leaf in leaves]
    if not all(shapes) or len({shape[0] for shape in shapes}) != 1:
        raise ShapeError(
            f"{name}: the tensors have the shapes {shapes}, but all need one axis of rows, of one length."
        )
    return leaves, like


def _row(like: Any, row: list[Any]) -> Any:
    return row[0] if like is None else pack_like(like, row)


class _Fold:
    """A function that is carried over rows.

    Args:
        name: of the public function, for messages.
        fn: from the value so far and a row to the next value.
        elems: the rows.
        initializer: the first value; None takes the first row.
        reverse: whether the last row is the first.
    """

    def __init__(
        self, name: str, fn: Callable[[Any, Any], Any], elems: Any, initializer: Any, reverse: bool
    ) -> None:
        self._leaves, self._like = _leaves(name, elems)
        self._call = user_function(fn)
        self._reverse = reverse
        count = self._leaves[0].shape[0]
        if initializer is not None:
            self.first = map_structure(convert, initializer)
            return
        if not count:
            raise InvalidArgumentError(
                f"{name}: there are no rows. Expected at least one, or an initializer."
            )
        place = count - 1 if reverse else 0
        self.first = _row(self._like, [leaf[place] for leaf in self._leaves])
        self._leaves = [leaf[:-1] if reverse else leaf[1:] for leaf in self._leaves]

    def run(self, all_values: bool) -> tuple[Any, Any]:
        """The last value, and, if they are wanted, all values after the first, stacked in the order of the rows."""
        count = self._leaves[0].shape[0]
        if current_trace() is not None and count > MOST_WRITTEN_OUT:
            try:
                return self._as_loop(count, all_values)
            except ChangingStatesError:
                pass  # each round is a part of the graph of its own
        value, values = self.first, []
        for place in range(count)[:: -1 if self._reverse else 1]:
            value = self._call(value, _row(self._like, [leaf[place] for leaf in self._leaves]))
            values.append(value)
        if not all_values or not values:
            return value, None
        columns = zip(*(flatten(one) for one in (values[::-1] if self._reverse else values)), strict=True)
        return value, pack_like(value, [ops.stack(list(column)) for column in columns])

    def _as_loop(self, count: int, all_values: bool) -> tuple[Any, Any]:
        def step(states: list[Any], rows: list[Any]) -> tuple[list[Any], list[Any]]:
            value = self._call(pack_like(self.first, states), _row(self._like, rows))
            leaves = [convert(leaf) for leaf in flatten(value)]
            return leaves, leaves if all_values else []

        last, stacked = scan_rounds(step, flatten(self.first), self._leaves, count, self._reverse)
        return pack_like(self.first, last), pack_like(self.first, stacked) if all_values else None


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
    fold = _Fold("tf.scan", fn, elems, initializer, reverse)
    _, values = fold.run(all_values=True)
    if initializer is not None and values is None:
        raise InvalidArgumentError("tf.scan: there are no rows. Expected at least one.")
    first = (
        None if initializer is not None else map_structure(lambda leaf: ops.expand_dims(leaf, 0), fold.first)
    )
    if values is None or first is None:
        return first if values is None else values
    pairs = zip(flatten(first), flatten(values), strict=True)
    return pack_like(values, [ops.concat([rest, one] if reverse else [one, rest], 0) for one, rest in pairs])


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
    return _Fold("tf.foldl", fn, elems, initializer, reverse=False).run(all_values=False)[0]


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
    return _Fold("tf.foldr", fn, elems, initializer, reverse=True).run(all_values=False)[0]
