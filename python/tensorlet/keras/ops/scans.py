"""Loops over the rows of tensors that carry values along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.nest import flatten, map_structure, pack_like
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.ops.promotion import tensor
from tensorlet.ops.registry import Tensor


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]], init: Any, xs: Any = None, length: int | None = None,
    reverse: bool = False, unroll: int | bool = 1,
) -> tuple[Any, Any]:  # fmt: skip
    """Calls ``carry, y = f(carry, x)`` for each row of ``xs``.

    Args:
        f: from the value that is carried along and a row to the next value and a result.
        init: the first value, a tensor or a structure of them.
        xs: a tensor or a structure of them, with as many rows each; None for ``length`` rounds without rows.
        length: the number of rounds; that of the rows by default.
        reverse: whether to begin with the last row.
        unroll: accepted without effect.

    Returns:
        The last value, and the results of all rounds, stacked in the order of the rows.

    >>> import tensorlet as tf
    >>> last, sums = tf.keras.ops.scan(lambda total, x: (total + x, total + x), 0, [1, 2, 3])
    >>> print(last.numpy(), sums.numpy())
    6 [1 3 6]
    """
    if not callable(f):
        raise InvalidArgumentError(f"scan: `f` should be a callable. Received: f={f!r}.")
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise InvalidArgumentError(
            f"scan: `unroll` must be an positive integer or boolean. Received: unroll={unroll!r}."
        )
    rows = _tensors(xs) if xs is not None else None
    count = _rounds(rows, length)
    carry, results = _tensors(init), []
    for place in reversed(range(count)) if reverse else range(count):
        carry, result = f(
            carry, None if rows is None else map_structure(lambda leaf, at=place: leaf[at], rows)
        )
        results.append(result)
    return carry, _stacked(results[::-1] if reverse else results)


def _rounds(rows: Any, length: int | None) -> int:
    if rows is None:
        if length is None:
            raise InvalidArgumentError(
                "scan: Got no `xs` to scan over and `length` not provided. Pass one of them."
            )
        return int(length)
    lengths = {int(leaf.shape[0]) for leaf in flatten(rows)}
    if length is not None:
        lengths.add(int(length))
    if len(lengths) != 1:
        raise ShapeError(
            f"scan: xs and length must agree, but there are {sorted(lengths)} rows. Pass as many of each."
        )
    return lengths.pop()


def _stacked(results: list[Any]) -> Any:
    if not results or results[0] is None:
        return None
    groups = zip(*[flatten(result) for result in results], strict=True)
    return pack_like(results[0], [ops.stack([tensor(one) for one in group]) for group in groups])


def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """All of ``a, f(a, b), f(f(a, b), c), ...`` in about ``2 log2(n)`` rounds, each of which combines many rows.

    Args:
        f: from two values to one of the same structure, row by row. ``f(a, f(b, c))`` must be ``f(f(a, b), c)``.
        elems: a tensor or a structure of them, with the same length along the axis.
        reverse: whether to begin with the last row.
        axis: of the rows.

    Source: G. Blelloch, "Prefix sums and their applications", 1990.

    >>> import tensorlet as tf
    >>> tf.keras.ops.associative_scan(lambda x, y: x + y, [1, 2, 3, 4]).numpy()
    array([ 1,  3,  6, 10], dtype=int32)
    """
    if not callable(f):
        raise InvalidArgumentError(f"associative_scan: `f` should be a callable. Received: f={f!r}.")
    form = elems if _nested(elems) else None
    leaves = [tensor(leaf) for leaf in (flatten(elems) if form is not None else [elems])]
    places = [axis % len(leaf.shape) if -len(leaf.shape) <= axis < len(leaf.shape) else -1 for leaf in leaves]
    lengths = {int(leaf.shape[at]) if at >= 0 else None for leaf, at in zip(leaves, places, strict=True)}
    if None in lengths:
        raise ShapeError(
            f"associative_scan: `axis` {axis} is out of bounds for the shapes {[tuple(x.shape) for x in leaves]}."
        )
    if len(lengths) != 1:
        raise ShapeError(
            "associative_scan: Array inputs to associative_scan must have the same first dimension, but have the "
            f"lengths {sorted(lengths)} along axis {axis}."  # type: ignore[type-var]
        )

    def combine(first: list[Tensor], second: list[Tensor]) -> list[Tensor]:
        found = f(_packed(form, first), _packed(form, second))
        return [tensor(leaf) for leaf in (flatten(found) if form is not None else [found])]

    leaves = [ops.reverse(leaf, [at]) for leaf, at in zip(leaves, places, strict=True)] if reverse else leaves
    found = _prefixes(combine, leaves, places)
    found = [ops.reverse(leaf, [at]) for leaf, at in zip(found, places, strict=True)] if reverse else found
    return _packed(form, found)


def _nested(value: Any) -> bool:
    """Whether a value is a structure of tensors rather than a tensor or a list of numbers."""
    if isinstance(value, dict):
        return True
    if not isinstance(value, list | tuple):
        return False
    return any(hasattr(one, "shape") or isinstance(one, dict | tuple) or _nested(one) for one in value)


def _tensors(value: Any) -> Any:
    return map_structure(tensor, value) if _nested(value) else tensor(value)


def _packed(form: Any, leaves: list[Tensor]) -> Any:
    return leaves[0] if form is None else pack_like(form, leaves)


def _part(x: Tensor, axis: int, start: int, stop: int, step: int) -> Tensor:
    return ops.gather(x, np.arange(start, stop, step), axis=axis)


def _prefixes(
    combine: Callable[[list[Tensor], list[Tensor]], list[Tensor]], leaves: list[Tensor], axes: list[int]
) -> list[Tensor]:
    """Combines neighbors, scans the pairs, and fills in the rows between."""
    count = int(leaves[0].shape[axes[0]])
    if count < 2:
        return leaves

    def parts(of: list[Tensor], start: int, stop: int, step: int = 1) -> list[Tensor]:
        return [_part(leaf, axis, start, stop, step) for leaf, axis in zip(of, axes, strict=True)]

    pairs = combine(parts(leaves, 0, count - 1, 2), parts(leaves, 1, count, 2))
    odd = _prefixes(combine, pairs, axes)  # the results at places 1, 3, 5, ...
    before = parts(odd, 0, (count - 1) // 2)
    rest = parts(leaves, 2, count, 2)
    even = combine(before, rest) if count > 2 else []
    first = parts(leaves, 0, 1)
    even = [ops.concat([a, b], axis) for a, b, axis in zip(first, even, axes, strict=True)] if even else first
    return [_interleaved(a, b, axis) for a, b, axis in zip(even, odd, axes, strict=True)]


def _interleaved(even: Tensor, odd: Tensor, axis: int) -> Tensor:
    total = int(even.shape[axis]) + int(odd.shape[axis])
    places = np.array([at // 2 if at % 2 == 0 else int(even.shape[axis]) + at // 2 for at in range(total)])
    return ops.gather(ops.concat([even, odd], axis), places, axis=axis)
