"""Products of tensors, and functions of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.ops.factorizations import check_norm
from tensorlet.keras.ops.promotion import floating, together
from tensorlet.keras.ops.shapes import moveaxis
from tensorlet.ops.registry import Tensor, TensorLike


def matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The product of matrices, or of a matrix and a vector.

    >>> import tensorlet as tf
    >>> tf.keras.ops.matmul([[1, 2], [3, 4]], [1, 1]).numpy()
    array([3, 7], dtype=int32)
    """
    a, b = together(x1, x2)
    first, second = len(a.shape) == 1, len(b.shape) == 1
    product = ops.matmul(ops.expand_dims(a, 0) if first else a, ops.expand_dims(b, -1) if second else b)
    product = ops.squeeze(product, [-1]) if second else product
    return ops.squeeze(product, [-1 if second else -2]) if first else product


def dot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The product over the last axis of the first and the last but one of the second."""
    a, b = together(x1, x2)
    if not a.shape or not b.shape:
        return a * b
    return ops.tensordot(a, b, [[-1 % len(a.shape)], [max(len(b.shape) - 2, 0)]])


def vdot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of the products of all elements."""
    a, b = together(x1, x2)
    return ops.reduce_sum(ops.reshape(a, [-1]) * ops.reshape(b, [-1]))


def inner(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The product over the last axes of both."""
    a, b = together(x1, x2)
    if not a.shape or not b.shape:
        return a * b
    if a.shape[-1] != b.shape[-1]:
        raise ShapeError(
            f"inner: the last dimension of x1 {tuple(a.shape)} and x2 {tuple(b.shape)} must have the same length."
        )
    return ops.tensordot(a, b, [[len(a.shape) - 1], [len(b.shape) - 1]])


def outer(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The products of each element of the first with each of the second."""
    a, b = together(x1, x2)
    return ops.reshape(a, [-1, 1]) * ops.reshape(b, [1, -1])


def kron(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The Kronecker product of two matrices."""
    a, b = together(x1, x2)
    (m, n), (p, q) = a.shape, b.shape
    product = ops.reshape(a, [m, 1, n, 1]) * ops.reshape(b, [1, p, 1, q])
    return ops.reshape(product, [m * p, n * q])


def tensordot(
    x1: TensorLike, x2: TensorLike, axes: int | Sequence[int] | Sequence[Sequence[int]] = 2
) -> Tensor:
    """The product over some axes."""
    a, b = together(x1, x2)
    return ops.tensordot(a, b, axes)


def einsum(subscripts: str, *operands: TensorLike, **kwargs: Any) -> Tensor:
    """The product that subscripts describe, such as ``"ij,jk->ik"``."""
    return ops.einsum(subscripts, *together(*operands))


def cross(
    x1: TensorLike, x2: TensorLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """The cross product of vectors of three numbers. A missing third one is 0; of two pairs, only it is returned."""
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = together(x1, x2)
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise InvalidArgumentError(
            f"cross: vectors of two or three numbers are expected, not {a.shape[-1]} and {b.shape[-1]}. Both `x1` and "
            "`x2` must have a dimension of 2 or 3 on the axis."
        )
    (a0, a1, *a2), (b0, b1, *b2) = ops.unstack(a, axis=-1), ops.unstack(b, axis=-1)
    last = a0 * b1 - a1 * b0
    if not a2 and not b2:
        return last
    third, other = (a2 or [ops.zeros_like(a0)])[0], (b2 or [ops.zeros_like(b0)])[0]
    return moveaxis(ops.stack([a1 * other - third * b1, third * b0 - a0 * other, last], -1), -1, axisc)


def correlate(x1: TensorLike, x2: TensorLike, mode: str = "valid") -> Tensor:
    """The correlation of two sequences: sums of products with the second one, moved along the first.

    Args:
        x1, x2: [elements] each.
        mode: ``"valid"``: where the shorter one lies inside the longer one; ``"same"``: as long as the longer one;
            ``"full"``: wherever they overlap.

    Raises:
        InvalidArgumentError: for another mode.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5], "full").numpy())
    [0.5 2.  3.5 3.  0. ]
    """
    a, b = together(x1, x2, floats=True)
    long, short = int(a.shape[0]), int(b.shape[0])
    if long < short:
        return ops.reverse(correlate(b, a, mode), [0])
    if mode not in ("valid", "same", "full"):
        raise InvalidArgumentError(f"correlate: mode is {mode!r}, expected 'valid', 'same' or 'full'.")
    padded = ops.pad(a, [[short - 1, short - 1]])
    windows = np.arange(long + short - 1)[:, None] + np.arange(short)
    sums = ops.reduce_sum(ops.gather(padded, windows) * b, -1)
    if mode == "valid":
        return sums[short - 1 : long]
    return sums if mode == "full" else sums[(short - 1) // 2 : (short - 1) // 2 + long]


def cholesky(x: TensorLike, upper: bool = False) -> Tensor:
    """The lower triangular matrix whose product with its transpose is ``x``; or the upper one."""
    found = ops.cholesky(floating(x))
    return ops.matrix_transpose(found) if upper else found


def det(x: TensorLike) -> Tensor:
    """The determinant."""
    return ops.det(floating(x))


def logdet(x: TensorLike) -> Tensor:
    """The logarithm of the determinant of a positive definite matrix."""
    return 2.0 * ops.reduce_sum(ops.log(ops.diag_part(ops.cholesky(floating(x)))), -1)


def eigh(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The eigenvalues of a symmetric matrix in ascending order, and its eigenvectors."""
    return ops.eigh(floating(x))


def inv(x: TensorLike) -> Tensor:
    """The inverse."""
    return ops.inv(floating(x))


def pinv(x: TensorLike, rcond: float | None = None) -> Tensor:
    """The pseudo-inverse, by the singular values."""
    found = floating(x)
    values, left, right = ops.svd(found)
    limit = float(np.finfo(found.dtype.numpy).eps) * max(found.shape[-2:]) * 10.0 if rcond is None else rcond
    smallest = limit * ops.reduce_max(values, -1, True)
    inverse = ops.where(values > smallest, 1.0 / ops.where(values > smallest, values, 1.0), 0.0)
    return ops.matmul(right * ops.expand_dims(inverse, -2), left, transpose_b=True)


def lstsq(a: TensorLike, b: TensorLike, rcond: float | None = None) -> Tensor:
    """The ``x`` that minimizes the distance between ``a @ x`` and ``b``."""
    matrix, right = together(a, b, floats=True)
    if len(right.shape) == 1:
        return ops.squeeze(ops.lstsq(matrix, ops.expand_dims(right, -1)), [-1])
    return ops.lstsq(matrix, right)


def solve(a: TensorLike, b: TensorLike) -> Tensor:
    """The ``x`` for which ``a @ x`` is ``b``."""
    matrix, right = together(a, b, floats=True)
    if len(right.shape) == len(matrix.shape) - 1:
        return ops.squeeze(ops.solve(matrix, ops.expand_dims(right, -1)), [-1])
    return ops.solve(matrix, right)


def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = False) -> Tensor:
    """`solve` for a triangular matrix; the other triangle is not read."""
    matrix, right = together(a, b, floats=True)
    return solve(ops.band_part(matrix, -1, 0) if lower else ops.band_part(matrix, 0, -1), right)


def qr(x: TensorLike, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """An orthogonal and an upper triangular matrix whose product is ``x``; with ``"complete"`` the former is square."""
    if mode not in ("reduced", "complete"):
        raise InvalidArgumentError(
            "qr: `mode` argument value not supported. Expected one of {'reduced', 'complete'}. "
            f"Received: mode={mode!r}."
        )
    return ops.qr(floating(x), full_matrices=mode == "complete")


def svd(x: TensorLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """``u``, the singular values, and the transpose of ``v``; or the singular values alone."""
    found = floating(x)
    if not compute_uv:
        return ops.svd(found, compute_uv=False)
    values, left, right = ops.svd(found, full_matrices=full_matrices)
    return left, values, ops.matrix_transpose(right)


def norm(
    x: TensorLike,
    ord: Any = None,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
) -> Tensor:
    """The size of a vector or matrix.

    Args:
        x: numbers.
        ord: of a vector 0, 1, 2 or any number, or infinity; of a matrix ``"fro"``, ``"nuc"``, 1, 2 or infinity.
        axis: one for vectors, two for matrices; by default all, as one vector.
        keepdims: whether the axes stay, with the length 1.
    """
    found = floating(x)
    axes = list(range(len(found.shape))) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    if ord is not None:
        check_norm(ord, axes)
    if ord is None or ord == "fro":
        return ops.sqrt(ops.reduce_sum(found * found, axes, keepdims))
    return (
        _vector_norm(found, ord, axes[0], keepdims)
        if len(axes) == 1
        else _matrix_norm(found, ord, axes, keepdims)
    )


def _vector_norm(x: Tensor, ord: Any, axis: int, keepdims: bool) -> Tensor:
    if ord == np.inf:
        return ops.reduce_max(ops.abs(x), axis, keepdims)
    if ord == -np.inf:
        return ops.reduce_min(ops.abs(x), axis, keepdims)
    if ord == 0:
        return ops.reduce_sum(ops.cast(ops.not_equal(x, 0), x.dtype), axis, keepdims)
    if ord == 2:
        return ops.sqrt(ops.reduce_sum(x * x, axis, keepdims))
    return ops.pow(ops.reduce_sum(ops.pow(ops.abs(x), float(ord)), axis, keepdims), 1.0 / ord)


def _matrix_norm(x: Tensor, ord: Any, axes: list[int], keepdims: bool) -> Tensor:
    rows, columns = (axis % len(x.shape) for axis in axes)
    if ord in (1, -1, np.inf, -np.inf):
        inner, outer_axis = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = ops.reduce_sum(ops.abs(x), inner, True)
        reduce = ops.reduce_max if ord > 0 else ops.reduce_min
        found = reduce(sums, outer_axis, True)
    elif ord in (2, -2, "nuc"):
        values = ops.svd(moveaxis(x, (rows, columns), (-2, -1)), compute_uv=False)
        reduce = {2: ops.reduce_max, -2: ops.reduce_min, "nuc": ops.reduce_sum}[ord]
        found = moveaxis(reduce(values, -1, True)[..., None], (-2, -1), (rows, columns))
    else:
        raise InvalidArgumentError(
            f"norm: ord is {ord!r}, expected None, 'fro', 'nuc', 1, 2 or infinity for matrices."
        )
    return found if keepdims else ops.squeeze(found, sorted([rows, columns]))
