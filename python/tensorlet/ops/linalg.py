"""The matrix product and what is built from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import shape_rules
from tensorlet.ops.arguments import (
    require_dtype,
    resolve_axis,
    static_integer,
    static_integers,
)
from tensorlet.ops.conversion import convert_together, with_dtype
from tensorlet.ops.diagonals import matrix_transpose
from tensorlet.ops.movement import broadcast_to, expand_dims, reshape, squeeze, transpose
from tensorlet.ops.registry import Operation, Postponed, Sample, Spec, Tensor, TensorLike, convert, functions
from tensorlet.ops.samples import real

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike

# --- matmul ----------------------------------------------------------------------------


def _inner_sizes_differ(
    a: Spec | Tensor, b: Spec | Tensor, transpose_a: bool, transpose_b: bool
) -> ShapeError:
    left = a.shape[-2 if transpose_a else -1]
    right = b.shape[-1 if transpose_b else -2]
    used = [f"transpose_{side}=True" for side, turned in (("a", transpose_a), ("b", transpose_b)) if turned]
    with_ = f" (with {' and '.join(used)})" if used else ""
    fix = "Omit it" if used else "Transpose one of them (transpose_b=True)"
    return ShapeError(
        f"tf.matmul: the inner dimensions differ: a is {a.dtype.name}{list(a.shape)}, b is {b.dtype.name}"
        f"{list(b.shape)}{with_}; {left} must equal {right}. {fix} or reshape it."
    )


def _infer_matmul(a: Spec, b: Spec, *, transpose_a: bool, transpose_b: bool) -> Spec:
    shape_rules.same_dtype("tf.matmul", ("a", "b"), (a, b))
    require_dtype("tf.matmul", "a", a, "float")
    if a.rank != b.rank or a.rank not in (2, 3) or a.shape[:-2] != b.shape[:-2]:
        raise ShapeError(
            f"tf.matmul: a is {a} and b is {b}; both should have two axes, or three axes with equal first lengths."
        )
    rows, inner = a.shape[-2:][::-1] if transpose_a else a.shape[-2:]
    other, columns = b.shape[-2:][::-1] if transpose_b else b.shape[-2:]
    if inner != other:
        raise _inner_sizes_differ(a, b, transpose_a, transpose_b)
    return Spec((*a.shape[:-2], rows, columns), a.dtype)


def _matmul_reference(a: np.ndarray, b: np.ndarray, transpose_a: bool, transpose_b: bool) -> np.ndarray:
    dtype = a.dtype
    if dtype == np.float16:
        a, b = a.astype(np.float32), b.astype(np.float32)
    a = a.swapaxes(-1, -2) if transpose_a else a
    b = b.swapaxes(-1, -2) if transpose_b else b
    with np.errstate(all="ignore"):
        return np.matmul(a, b).astype(dtype, copy=False)


def _matmul_gradient(
    g: Tensor, output: Tensor, a: Tensor, b: Tensor, transpose_a: bool, transpose_b: bool
) -> tuple[Postponed, Postponed]:
    """For C = A B: dA = g B^T and dB = A^T g; for a transposed factor, the transpose of that."""

    def to_a() -> Tensor:
        if transpose_a:
            return _matmul(b, g, transpose_a=transpose_b, transpose_b=True)
        return _matmul(g, b, transpose_a=False, transpose_b=not transpose_b)

    def to_b() -> Tensor:
        if transpose_b:
            return _matmul(g, a, transpose_a=True, transpose_b=transpose_a)
        return _matmul(a, g, transpose_a=not transpose_a, transpose_b=False)

    return to_a, to_b


def _matmul_samples() -> list[Sample]:
    plain: dict[str, Any] = {"transpose_a": False, "transpose_b": False}
    return [
        Sample(real(2, 3), real(3, 4), **plain),
        Sample(real(3, 2), real(3, 4), transpose_a=True, transpose_b=False),
        Sample(real(2, 3), real(4, 3), transpose_a=False, transpose_b=True),
        Sample(real(3, 2), real(4, 3), transpose_a=True, transpose_b=True),
        Sample(real(2, 2, 3), real(2, 3, 2), **plain),
        Sample(real(2, 3, 2), real(2, 4, 3), transpose_a=True, transpose_b=True),
        Sample(real(3, 5, dtype="float64"), real(5, 2, dtype="float64"), **plain),
        Sample(real(2, 3, dtype="float16"), real(3, 2, dtype="float16"), **plain),
        Sample(real(1, 1), real(1, 1), **plain),
        Sample(real(0, 3), real(3, 2), **plain),
        Sample(real(2, 0), real(0, 3), **plain),
        Sample(real(0, 2, 2), real(0, 2, 1), **plain),
        Sample(real(33, 70), real(70, 17), differentiable=(), **plain),
        Sample(np.array([[np.inf, 0.0]], np.float32), real(2, 2), differentiable=(), **plain),
    ]


_matmul = Operation(
    "matmul",
    infer=_infer_matmul,
    reference=_matmul_reference,
    gradient=_matmul_gradient,
    together=(0, 1),
    samples=_matmul_samples,
)


def matmul(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """The matrix product, of two matrices or of batches of matrices.

    Args:
        a: ``[..., m, k]``; the leading axes are batch axes.
        b: ``[..., k, n]``, of the dtype of ``a``. The batch axes broadcast.
        transpose_a: use the transpose of the last two axes of ``a``.
        transpose_b: use the transpose of the last two axes of ``b``.
        adjoint_a: the same as ``transpose_a``, since complex numbers are not supported.
        adjoint_b: the same as ``transpose_b``.
        a_is_sparse: ignored.
        b_is_sparse: ignored.
        output_type: must be None or the dtype of ``a``.
        name: ignored.

    Returns:
        ``[..., m, n]``.

    Raises:
        ShapeError: if the inner dimensions differ, the batch axes do not broadcast, or an input
            has fewer than two axes.
        DTypeError: if the dtypes differ.

    >>> import tensorlet as tf
    >>> tf.matmul([[1.0, 2.0]], [[3.0], [4.0]]).numpy()
    array([[11.]], dtype=float32)
    """
    left, right = convert_together((with_dtype(a), b))
    transpose_a, transpose_b = bool(transpose_a or adjoint_a), bool(transpose_b or adjoint_b)
    if output_type is not None and as_dtype(output_type) is not left.dtype:
        raise InvalidArgumentError(
            f"tf.matmul: output_type={as_dtype(output_type).name} is not the inputs' dtype, "
            f"{left.dtype.name}. "
            "Use tf.cast on the result."
        )
    if len(left.shape) == len(right.shape) == 2 and left.dtype.is_floating:
        return _matmul(left, right, transpose_a=transpose_a, transpose_b=transpose_b)
    return _matmul_general(left, right, transpose_a, transpose_b)


def _matmul_general(a: Tensor, b: Tensor, transpose_a: bool, transpose_b: bool) -> Tensor:
    """Integers and batches, reduced to what the primitive accepts."""
    shape_rules.same_dtype("tf.matmul", ("a", "b"), (a, b))
    require_dtype("tf.matmul", "a", a, "number")
    for argument, tensor in (("a", a), ("b", b)):
        if len(tensor.shape) < 2:
            raise ShapeError(
                f"tf.matmul: '{argument}' has shape {list(tensor.shape)}, but a matrix has two axes. "
                f"Use tf.linalg.matvec or tf.tensordot for vectors, or tf.expand_dims({argument}, -1) for a "
                "column."
            )
    if not a.dtype.is_floating:
        return _integer_matmul(a, b, transpose_a, transpose_b)
    if len(b.shape) == 2 and not transpose_a:
        # With one matrix for all batches, the rows of all batches form one tall matrix.
        if a.shape[-1] != b.shape[-1 if transpose_b else -2]:
            raise _inner_sizes_differ(a, b, transpose_a, transpose_b)
        tall = reshape(a, (math.prod(a.shape[:-1]), a.shape[-1]))
        product = _matmul(tall, b, transpose_a=False, transpose_b=transpose_b)
        return reshape(product, (*a.shape[:-1], product.shape[-1]))
    batch = _batch_shape(a, b)
    count = math.prod(batch)
    left, right = (reshape(broadcast_to(x, (*batch, *x.shape[-2:])), (count, *x.shape[-2:])) for x in (a, b))
    product = _matmul(left, right, transpose_a=transpose_a, transpose_b=transpose_b)
    return reshape(product, (*batch, *product.shape[-2:]))


def _batch_shape(a: Tensor, b: Tensor) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(tuple(a.shape[:-2]), tuple(b.shape[:-2]))
    except ValueError:
        raise ShapeError(
            f"tf.matmul: the batch axes do not broadcast: a has shape {list(a.shape)} and b has shape "
            f"{list(b.shape)}. The lengths of all axes but the last two must be equal, or one of them 1. "
            "Insert axes with tf.expand_dims."
        ) from None


def _integer_matmul(a: Tensor, b: Tensor, transpose_a: bool, transpose_b: bool) -> Tensor:
    """By multiplying and summing, since the matrix kernels support only floats."""
    a = matrix_transpose(a) if transpose_a else a
    b = matrix_transpose(b) if transpose_b else b
    if a.shape[-1] != b.shape[-2]:
        raise _inner_sizes_differ(a, b, False, False)
    _batch_shape(a, b)
    return functions.reduce_sum(expand_dims(a, -1) * expand_dims(b, -3), axis=-2)


# --- composites ------------------------------------------------------------------------


def matvec(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of matrices and vectors.

    Args:
        a: ``[..., m, k]``.
        b: ``[..., k]``.
        transpose_a: use the transpose of the last two axes of ``a``.
        adjoint_a: the same as ``transpose_a``, since complex numbers are not supported.
        a_is_sparse: ignored.
        b_is_sparse: ignored.
        name: ignored.

    Returns:
        ``[..., m]``.

    >>> import tensorlet as tf
    >>> tf.linalg.matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).numpy()
    array([3., 7.], dtype=float32)
    """
    matrix, vector = convert_together([a, b])
    return squeeze(matmul(matrix, expand_dims(vector, -1), transpose_a or adjoint_a), axis=-1)


def tensordot(
    a: TensorLike,
    b: TensorLike,
    axes: int | Sequence[int | Sequence[int]] | np.ndarray,
    name: str | None = None,
) -> Tensor:
    """The tensor contraction: sums products over pairs of axes.

    Args:
        a: any shape.
        b: any shape, of the dtype of ``a``.
        axes: an integer n: the last n axes of ``a`` and the first n of ``b``; or two
            lists of axes, paired in order.
        name: ignored.

    Returns:
        A tensor with the other axes of ``a``, followed by the other axes of ``b``.

    Raises:
        ShapeError: if paired axes differ in length.

    >>> import tensorlet as tf
    >>> print(tf.tensordot([1.0, 2.0, 3.0], [4.0, 5.0, 6.0], axes=1).numpy())
    32.0
    """
    left, right = convert(a), convert(b)
    shape_rules.same_dtype("tf.tensordot", ("a", "b"), (left, right))
    axes_a, axes_b = _paired_axes(axes, len(left.shape), len(right.shape))
    lengths_a = [left.shape[axis] for axis in axes_a]
    lengths_b = [right.shape[axis] for axis in axes_b]
    if lengths_a != lengths_b:
        raise ShapeError(
            f"tf.tensordot: axes {axes_a} of a {list(left.shape)} have lengths {lengths_a}, but axes "
            f"{axes_b} of b {list(right.shape)} have {lengths_b}; they should be equal. Pass other axes, or "
            "transpose one of the tensors."
        )
    free_a = [axis for axis in range(len(left.shape)) if axis not in axes_a]
    free_b = [axis for axis in range(len(right.shape)) if axis not in axes_b]
    inner = math.prod(lengths_a)
    shape_a = [left.shape[axis] for axis in free_a]
    shape_b = [right.shape[axis] for axis in free_b]
    rows = reshape(transpose(left, [*free_a, *axes_a]), (math.prod(shape_a), inner))
    columns = reshape(transpose(right, [*axes_b, *free_b]), (inner, math.prod(shape_b)))
    return reshape(matmul(rows, columns), (*shape_a, *shape_b))


def _paired_axes(
    axes: int | Sequence[int | Sequence[int]] | np.ndarray, rank_a: int, rank_b: int
) -> tuple[list[int], list[int]]:
    if isinstance(axes, int | np.integer) or (not isinstance(axes, list | tuple) and np.ndim(axes) == 0):
        count = static_integer("tf.tensordot", "axes", axes)
        if not 0 <= count <= min(rank_a, rank_b):
            raise ShapeError(
                f"tf.tensordot: axes={count}, but a has {rank_a} axes and b has {rank_b}. Use a smaller "
                "number."
            )
        return list(range(rank_a - count, rank_a)), list(range(count))
    if len(axes) != 2:
        raise InvalidArgumentError(
            f"tf.tensordot: axes should be an integer or two lists of axes, but is {axes!r}."
        )
    first = static_integers("tf.tensordot", "axes", axes[0])
    second = static_integers("tf.tensordot", "axes", axes[1])
    if len(first) != len(second):
        raise ShapeError(
            f"tf.tensordot: axes={axes!r} pairs {len(first)} axes with {len(second)}. Pass equally many "
            "axes of a and of b."
        )
    return (
        [resolve_axis("tf.tensordot", axis, rank_a) for axis in first],
        [resolve_axis("tf.tensordot", axis, rank_b) for axis in second],
    )
