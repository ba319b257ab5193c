"""Scattering that keeps the larger or the smaller of what is there and what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.ops.arguments import static_array
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.gather_nd import gather_nd, tensor_scatter_nd_update
from tensorlet.ops.registry import Tensor, TensorLike, functions

if TYPE_CHECKING:
    from collections.abc import Callable


def _extreme(
    function: str,
    choose: Callable[[Tensor, Tensor], Tensor],
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
) -> Tensor:
    """The tensor where each update replaces its element if ``choose`` prefers it; one update after the other."""
    x, values = convert_together([tensor, updates])
    points = static_array(function, "indices", indices)
    depth = points.shape[-1]
    rows = functions.reshape(values, [-1, *x.shape[depth:]])
    rounds: list[list[int]] = []  # of numbers of updates whose indices differ
    seen: dict[tuple[int, ...], int] = {}
    flat = [tuple(int(one) for one in point) for point in points.reshape(-1, depth)]
    for number, point in enumerate(flat):
        turn = seen[point] = seen.get(point, -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(number)
    for numbers in rounds:
        places = np.array([flat[number] for number in numbers], np.int64)
        better = choose(gather_nd(x, places), functions.gather(rows, np.array(numbers)))
        x = tensor_scatter_nd_update(x, places, better)
    return x


def tensor_scatter_nd_max(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """A tensor whose elements (or slices) at the given indices are at least the updates.

    Args:
        tensor: numbers.
        indices: integers ``[..., k]``, known while tracing.
        updates: shape ``indices.shape[:-1] + tensor.shape[k:]``.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.tensor_scatter_nd_max([1, 4, 1], [[0], [1], [0]], [5, 3, 2]).numpy()
    array([5, 4, 1], dtype=int32)
    """
    return _extreme("tf.tensor_scatter_nd_max", functions.maximum, tensor, indices, updates)


def tensor_scatter_nd_min(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """A tensor whose elements (or slices) at the given indices are at most the updates; see `tensor_scatter_nd_max`.

    >>> import tensorlet as tf
    >>> tf.tensor_scatter_nd_min([5, 4, 1], [[0], [1], [0]], [5, 3, 2]).numpy()
    array([2, 3, 1], dtype=int32)
    """
    return _extreme("tf.tensor_scatter_nd_min", functions.minimum, tensor, indices, updates)
