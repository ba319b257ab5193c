"""Systems of equations from decompositions, pseudo-inverses, and other functions of matrices made of simpler ones."""

from __future__ import annotations

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.decompositions import cholesky, svd
from tensorlet.ops.matrix_functions import (
    by_numpy,
    inv,
    require_matrices,
    solve,
    square_samples,
    transposed,
)
from tensorlet.ops.registry import Elsewhere, Operation, Spec, Tensor, TensorLike, convert, functions


def adjoint(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The transposed matrices; for real numbers the same as `tf.linalg.matrix_transpose`.

    >>> import tensorlet as tf
    >>> print(tf.linalg.adjoint([[1, 2]]).numpy().tolist())
    [[1], [2]]
    """
    return transposed(convert(matrix))


def triangular_solve(
    matrix: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """The ``x`` with ``matrix @ x = rhs``, for triangular matrices; the other triangle is not read.

    Args:
        matrix: [..., n, n], float.
        rhs: [..., n, k].
        lower: whether the lower triangle is meant.
        adjoint: whether to use the transposed triangle.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.linalg.triangular_solve([[2.0, 9.0], [1.0, 4.0]], [[2.0], [9.0]]).numpy().tolist())
    [[1.0], [2.0]]
    """
    triangle = functions.band_part(matrix, -1, 0) if lower else functions.band_part(matrix, 0, -1)
    return solve(triangle, rhs, adjoint)


def cholesky_solve(chol: TensorLike, rhs: TensorLike, name: str | None = None) -> Tensor:
    """The ``x`` with ``A @ x = rhs``, from ``chol = tf.linalg.cholesky(A)``.

    >>> import tensorlet as tf
    >>> print(tf.linalg.cholesky_solve([[2.0, 0.0], [0.0, 1.0]], [[8.0], [3.0]]).numpy().tolist())
    [[2.0], [3.0]]
    """
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


def logdet(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of symmetric, positive definite matrices, [..., n, n] -> [...].

    >>> import tensorlet as tf
    >>> print(tf.linalg.logdet([[4.0, 0.0], [0.0, 1.0]]).numpy().round(4))
    1.3863
    """
    return 2.0 * functions.reduce_sum(functions.log(functions.diag_part(cholesky(matrix))), -1)


def _infer_log_determinant(spec: Spec) -> Spec:
    require_matrices("tf.linalg.slogdet", "input", spec)
    return Spec(spec.shape[:-2], spec.dtype)


_log_determinant = Operation(
    "log_abs_determinant",
    doc="The logarithm of the absolute value of the determinant of square matrices.",
    infer=_infer_log_determinant,
    reference=by_numpy("tf.linalg.slogdet", lambda x: np.linalg.slogdet(x)[1]),
    gradient=lambda g, output, x: (
        functions.expand_dims(functions.expand_dims(g, -1), -1) * transposed(inv(x)),
    ),
    samples=square_samples,
    elsewhere=Elsewhere(onnx=("Det", "Abs", "Log"), numpy="np.linalg.slogdet({0})[1]"),
)


def slogdet(input: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The sign of the determinant of square matrices, and the logarithm of its absolute value.

    >>> import tensorlet as tf
    >>> sign, logarithm = tf.linalg.slogdet([[0.0, 2.0], [2.0, 0.0]])
    >>> print(sign.numpy(), logarithm.numpy().round(4))
    -1.0 1.3863
    """
    x = convert(input)
    return functions.sign(functions.det(x)), _log_determinant(x)


def pinv(
    a: TensorLike, rcond: float | None = None, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The pseudo-inverse of matrices (Moore and Penrose), [..., m, n] -> [..., n, m].

    Args:
        a: float matrices.
        rcond: singular values below this part of the largest count as zero; by default 10 * max(m, n) * epsilon.
        validate_args: ignored; the shape is always checked.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.linalg.pinv([[2.0, 0.0], [0.0, 0.0]]).numpy().tolist())
    [[0.5, 0.0], [0.0, 0.0]]
    """
    a = convert(a)
    require_matrices("tf.linalg.pinv", "a", a.spec, square=False)
    epsilon = float(np.finfo(a.dtype.numpy).eps)
    part = 10.0 * max(a.shape[-2:]) * epsilon if rcond is None else rcond
    s, u, v = svd(a)
    large = s > part * functions.reduce_max(s, -1, True)
    inverse = functions.where(large, 1.0 / functions.where(large, s, 1.0), 0.0)
    return functions.matmul(v * functions.expand_dims(inverse, -2), u, transpose_b=True)


def matrix_rank(
    a: TensorLike, tol: float | None = None, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The number of singular values above a limit, [..., m, n] -> [...], int32.

    Args:
        a: float matrices.
        tol: the limit; by default max(m, n) * epsilon times the largest singular value.
        validate_args: ignored; the shape is always checked.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]]).numpy())
    1
    """
    a = convert(a)
    require_matrices("tf.linalg.matrix_rank", "a", a.spec, square=False)
    s: Tensor = svd(a, compute_uv=False)
    part = max(a.shape[-2:]) * float(np.finfo(a.dtype.numpy).eps)
    limit = part * functions.reduce_max(s, -1, True) if tol is None else tol
    return functions.reduce_sum(functions.cast(s > limit, "int32"), -1)


def cross(a: TensorLike, b: TensorLike, name: str | None = None) -> Tensor:
    """The cross product of vectors of length 3 along the last axis.

    >>> import tensorlet as tf
    >>> print(tf.linalg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).numpy())
    [0. 0. 1.]
    """
    a, b = convert_together((a, b))
    if tuple(a.shape) != tuple(b.shape) or not a.shape or a.shape[-1] != 3:
        raise ShapeError(
            f"tf.linalg.cross: the shapes are {tuple(a.shape)} and {tuple(b.shape)}. Expected the same shape, "
            "with a last axis of length 3."
        )
    (x1, y1, z1), (x2, y2, z2) = functions.unstack(a, axis=-1), functions.unstack(b, axis=-1)
    return functions.stack([y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2], -1)


def set_diag(input: TensorLike, diagonal: TensorLike, name: str | None = None) -> Tensor:
    """Matrices with another main diagonal.

    Args:
        input: [..., m, n].
        diagonal: [..., min(m, n)].
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.linalg.set_diag([[1, 2], [3, 4]], [0, 0]).numpy().tolist())
    [[0, 2], [3, 0]]
    """
    x, diagonal = convert_together((input, diagonal))
    if len(x.shape) < 2 or tuple(diagonal.shape) != (*x.shape[:-2], min(x.shape[-2:])):
        raise ShapeError(
            f"tf.linalg.set_diag: input has shape {tuple(x.shape)} and diagonal {tuple(diagonal.shape)}. Expected "
            "[..., m, n] and [..., min(m, n)]."
        )
    rows, columns = x.shape[-2:]
    # By columns where each column has an element of the diagonal, else by rows.
    wide = functions.expand_dims(diagonal, -2 if columns <= rows else -1)
    return functions.where(functions.cast(functions.eye(rows, columns), "bool"), wide, x)


def tensor_diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """A tensor of twice the rank, with the elements of another on its diagonal and zeros elsewhere.

    >>> import tensorlet as tf
    >>> print(tf.linalg.tensor_diag([1, 2]).numpy().tolist())
    [[1, 0], [0, 2]]
    """
    x = convert(diagonal)
    return functions.reshape(functions.diag(functions.reshape(x, [-1])), [*x.shape, *x.shape])


def tensor_diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """The diagonal of a tensor whose shape is the same twice, such as [n, n] or [m, n, m, n].

    >>> import tensorlet as tf
    >>> print(tf.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy())
    [1 4]
    """
    x = convert(input)
    half = len(x.shape) // 2
    shape = list(x.shape[:half])
    if len(x.shape) % 2 or shape != list(x.shape[half:]):
        raise ShapeError(
            f"tf.linalg.tensor_diag_part: input has shape {tuple(x.shape)}. Expected a shape that is the same twice, "
            "such as [2, 2] or [2, 3, 2, 3]."
        )
    size = int(np.prod(shape, dtype=int))
    return functions.reshape(functions.diag_part(functions.reshape(x, [size, size])), shape)
