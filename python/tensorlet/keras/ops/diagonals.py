"""Diagonals and triangles of matrices."""

from __future__ import annotations

import numpy as np

from tensorlet import ops
from tensorlet.keras.ops.promotion import numbers, numpy_rules_hold, tensor
from tensorlet.keras.ops.reductions import sum
from tensorlet.keras.ops.shapes import moveaxis, ravel
from tensorlet.ops.registry import Tensor, TensorLike


def diag(x: TensorLike, k: int = 0) -> Tensor:
    """A matrix with the elements of a vector on a diagonal, or the diagonal of a matrix."""
    found = tensor(x)
    return _matrix_of(found, k) if len(found.shape) == 1 else diagonal(found, k)


def diagflat(x: TensorLike, k: int = 0) -> Tensor:
    """A square matrix with the elements of ``x`` on a diagonal."""
    return _matrix_of(ravel(x), k)


def _matrix_of(numbers: Tensor, k: int) -> Tensor:
    """The square matrix with these numbers on its diagonal ``k``."""
    if numbers.dtype.is_bool:
        return ops.cast(_matrix_of(ops.cast(numbers, "int32"), k), "bool")
    above, below = max(k, 0), max(-k, 0)
    return ops.pad(ops.diag(numbers), [[below, above], [above, below]])


def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The numbers on a diagonal of two axes."""
    found = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = (int(length) for length in found.shape[-2:])
    count = min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns)
    places = np.arange(max(count, 0))
    flat = ops.reshape(found, [*found.shape[:-2], rows * columns])
    start = offset if offset >= 0 else -offset * columns
    return ops.gather(flat, start + places * (columns + 1), axis=-1)


def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of a diagonal; small integers become int32 or uint32, as in `sum`."""
    found = diagonal(x, offset, axis1, axis2)
    return ops.reduce_sum(numbers(found), -1) if numpy_rules_hold() else sum(found, -1)


def tril(x: TensorLike, k: int | Tensor = 0) -> Tensor:
    """What is on and below a diagonal; zeros elsewhere."""
    found = tensor(x)
    mask = _up_to(found, k)
    return ops.where(mask, found, ops.zeros_like(found))


def triu(x: TensorLike, k: int | Tensor = 0) -> Tensor:
    """What is on and above a diagonal; zeros elsewhere."""
    found = tensor(x)
    mask = ops.logical_not(_up_to(found, k - 1))
    return ops.where(mask, found, ops.zeros_like(found))


def _up_to(found: Tensor, k: TensorLike) -> Tensor:
    """Which elements of matrices are on or below a diagonal, whose number may be a tensor."""
    rows, columns = np.arange(int(found.shape[-2])), np.arange(int(found.shape[-1]))
    return ops.less_equal(tensor((columns - rows[:, None]).astype(np.int32)), ops.cast(k, "int32"))


def vander(x: TensorLike, N: int | None = None, increasing: bool = False) -> Tensor:
    """Powers of numbers, a row each."""
    found = numbers(x)
    powers = np.arange(len(found) if N is None else N)
    powers = powers if increasing else powers[::-1]
    columns = [
        ops.reduce_prod(ops.stack([found] * int(one)), 0) if one else ops.ones_like(found) for one in powers
    ]
    return ops.stack(columns, -1)
