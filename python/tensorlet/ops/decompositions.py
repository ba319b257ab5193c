"""Decompositions of matrices: Cholesky, eigenvalues and eigenvectors, QR and singular values.

All work on batches of matrices: the last two axes are the matrix, all others are batch axes.

Source of the gradients: M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008); J. Townsend, "Differentiating the singular value decomposition" (2016).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.matrix_functions import (
    by_numpy,
    inv,
    require_matrices,
    same_shape,
    solve,
    square_of,
    square_samples,
    transposed,
)
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Spec, Tensor, TensorLike, convert, functions
from tensorlet.ops.samples import real


def _symmetric_samples() -> list[Sample]:
    # The reference reads one triangle, so finite differences of single elements are not the gradient.
    return [
        Sample(_symmetric(one.inputs[0]), differentiable=()) for one in square_samples() if one.inputs[0].size
    ] + [Sample(np.zeros((0, 2, 2), np.float32))]


def _symmetric(array: np.ndarray) -> np.ndarray:
    steps = np.diag(np.arange(array.shape[-1])).astype(array.dtype)  # eigenvalues that differ
    return (array + np.swapaxes(array, -1, -2)) / 2 + steps


def _cholesky_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    lower = transposed(output)
    inner = functions.band_part(functions.matmul(lower, g), -1, 0)
    inner = inner - 0.5 * functions.band_part(inner, 0, 0)
    half = functions.matmul(solve(lower, inner), inv(output))
    return (0.5 * (half + transposed(half)),)


_cholesky = Operation(
    "cholesky",
    infer=same_shape("tf.linalg.cholesky"),
    reference=by_numpy("tf.linalg.cholesky", np.linalg.cholesky),
    gradient=_cholesky_gradient,
    samples=_symmetric_samples,
    elsewhere=Elsewhere(numpy="np.linalg.cholesky({0})"),
)


def cholesky(input: TensorLike, name: str | None = None) -> Tensor:
    """The Cholesky decomposition: the lower triangular ``L`` with ``L @ Lᵀ = input``.

    Args:
        input: [..., n, n], float, symmetric positive definite.
        name: ignored.

    Raises:
        InvalidArgumentError: if a matrix is not positive definite.

    >>> import tensorlet as tf
    >>> print(tf.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy())
    [[2. 0.]
     [1. 2.]]
    """
    return _cholesky(input)


def _infer_eigenvalues(spec: Spec) -> Spec:
    require_matrices("tf.linalg.eigvalsh", "tensor", spec)
    return Spec(spec.shape[:-1], spec.dtype)


def _eigenvector_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    values = eigvalsh(x)
    gaps = functions.expand_dims(values, -2) - functions.expand_dims(values, -1)
    same = functions.eye(int(x.shape[-1]), dtype=x.dtype)
    factors = (1.0 - same) / (gaps + same)
    inner = factors * functions.matmul(transposed(output), g)
    whole = functions.matmul(functions.matmul(output, inner), transposed(output))
    return (0.5 * (whole + transposed(whole)),)


_eigenvectors = Operation(
    "eigenvectors",
    doc="The eigenvectors of symmetric matrices, as columns in the order of the eigenvalues.",
    infer=same_shape("tf.linalg.eigh"),
    reference=by_numpy("tf.linalg.eigh", lambda x: np.linalg.eigh(x)[1]),
    gradient=_eigenvector_gradient,
    samples=_symmetric_samples,
    elsewhere=Elsewhere(numpy="np.linalg.eigh({0})[1]"),
)


def _eigenvalue_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    vectors = _eigenvectors(x)
    return (functions.matmul(vectors * functions.expand_dims(g, -2), transposed(vectors)),)


_eigenvalues = Operation(
    "eigenvalues",
    doc="The eigenvalues of symmetric matrices, in ascending order.",
    infer=_infer_eigenvalues,
    reference=by_numpy("tf.linalg.eigvalsh", lambda x: np.linalg.eigh(x)[0]),
    gradient=_eigenvalue_gradient,
    samples=_symmetric_samples,
    elsewhere=Elsewhere(numpy="np.linalg.eigh({0})[0]"),
)


def eigvalsh(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of symmetric matrices, in ascending order, [..., n, n] -> [..., n].

    >>> import tensorlet as tf
    >>> print(tf.linalg.eigvalsh([[2.0, 1.0], [1.0, 2.0]]).numpy().round(4))
    [1. 3.]
    """
    return _eigenvalues(tensor)


def eigh(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues of symmetric matrices, in ascending order, and their eigenvectors as columns.

    The sign of each eigenvector is arbitrary.

    >>> import tensorlet as tf
    >>> values, vectors = tf.linalg.eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> print(values.numpy(), abs(vectors.numpy()))
    [1. 2.] [[0. 1.]
     [1. 0.]]
    """
    tensor = convert(tensor)
    return _eigenvalues(tensor), _eigenvectors(tensor)


class QR(NamedTuple):
    """The result of `qr`."""

    q: Tensor
    r: Tensor


def _infer_q(spec: Spec) -> Spec:
    require_matrices("tf.linalg.qr", "input", spec, square=False)
    rows, columns = spec.shape[-2:]
    return Spec((*spec.shape[:-1], min(rows, columns)), spec.dtype)


def _no_gradient(function: str) -> Callable[..., tuple[Tensor]]:
    def gradient(*_: object, **__: object) -> tuple[Tensor]:
        raise InvalidArgumentError(
            f"{function} has no gradient. Compute it outside the tape, or use tf.linalg.cholesky, "
            "tf.linalg.eigh or tf.linalg.solve, which have one."
        )

    return gradient


def _rectangular_samples() -> list[Sample]:
    return [
        Sample(real(3, 2), differentiable=()),
        Sample(real(2, 2, 3, dtype="float64"), differentiable=()),
        Sample(real(1, 1), differentiable=()),
        Sample(np.zeros((0, 2, 2), np.float32), differentiable=()),
    ]


def _singular_samples() -> list[Sample]:
    return [*_rectangular_samples(), Sample(real(3, 2)), Sample(real(2, 4, dtype="float64"))]


_q = Operation(
    "qr",
    infer=_infer_q,
    reference=by_numpy("tf.linalg.qr", lambda x: np.linalg.qr(x)[0]),
    gradient=_no_gradient("tf.linalg.qr"),
    samples=_rectangular_samples,
    elsewhere=Elsewhere(numpy="np.linalg.qr({0})[0]"),
)


_full_q = Operation(
    "qr_full",
    doc="The square orthogonal matrix of the QR decomposition.",
    infer=square_of("tf.linalg.qr", -2),
    reference=by_numpy("tf.linalg.qr", lambda x: np.linalg.qr(x, "complete")[0]),
    gradient=_no_gradient("tf.linalg.qr"),
    samples=_rectangular_samples,
    elsewhere=Elsewhere(numpy="np.linalg.qr({0}, 'complete')[0]"),
)


def qr(input: TensorLike, full_matrices: bool = False, name: str | None = None) -> QR:
    """The QR decomposition: ``q`` has orthonormal columns, ``r`` is upper triangular, and ``q @ r = input``.

    Args:
        input: [..., rows, columns], float.
        full_matrices: whether ``q`` is square; otherwise it has as many columns as the smaller of the two lengths.
        name: ignored.

    >>> import tensorlet as tf
    >>> q, r = tf.linalg.qr([[2.0, 0.0], [0.0, 3.0]])
    >>> print(tf.matmul(q, r).numpy())
    [[2. 0.]
     [0. 3.]]
    """
    x = convert(input)
    q = _full_q(x) if full_matrices else _q(x)
    return QR(q, functions.band_part(functions.matmul(q, x, transpose_a=True), 0, -1))


class SVD(NamedTuple):
    """The result of `svd`."""

    s: Tensor
    u: Tensor
    v: Tensor


def _infer_singular_values(spec: Spec) -> Spec:
    require_matrices("tf.linalg.svd", "tensor", spec, square=False)
    return Spec((*spec.shape[:-2], min(spec.shape[-2:])), spec.dtype)


def _infer_left(spec: Spec) -> Spec:
    require_matrices("tf.linalg.svd", "tensor", spec, square=False)
    return Spec((*spec.shape[:-1], min(spec.shape[-2:])), spec.dtype)


def _infer_right(spec: Spec) -> Spec:
    require_matrices("tf.linalg.svd", "tensor", spec, square=False)
    return Spec((*spec.shape[:-2], spec.shape[-1], min(spec.shape[-2:])), spec.dtype)


def _vectors(which: int) -> Callable[..., np.ndarray]:
    def compute(x: np.ndarray) -> np.ndarray:
        found = np.linalg.svd(x, full_matrices=False)[which]
        return np.swapaxes(found, -1, -2) if which == 2 else found

    return compute


def _gaps(values: Tensor) -> Tensor:
    """``1 / (s_j² - s_i²)``, and 0 on the diagonal."""
    squares = values * values
    gaps = functions.expand_dims(squares, -2) - functions.expand_dims(squares, -1)
    same = functions.eye(int(values.shape[-1]), dtype=values.dtype)
    return (1.0 - same) / (gaps + same)


def _left_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    values, right = _singular_values(x), _right(x)
    product = functions.matmul(output, g, transpose_a=True)
    inner = _gaps(values) * (product - transposed(product))
    along = functions.matmul(output, inner) * functions.expand_dims(values, -2)
    across = (g - functions.matmul(output, product)) / functions.expand_dims(values, -2)
    return (functions.matmul(along + across, transposed(right)),)


def _right_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    values, left = _singular_values(x), _left(x)
    product = functions.matmul(output, g, transpose_a=True)
    inner = _gaps(values) * (product - transposed(product))
    along = functions.expand_dims(values, -1) * functions.matmul(inner, transposed(output))
    across = transposed(g - functions.matmul(output, product)) / functions.expand_dims(values, -1)
    return (functions.matmul(left, along + across),)


_left = Operation(
    "svd_left",
    doc="The left singular vectors, as columns.",
    infer=_infer_left,
    reference=by_numpy("tf.linalg.svd", _vectors(0)),
    gradient=_left_gradient,
    samples=_singular_samples,
    elsewhere=Elsewhere(numpy="np.linalg.svd({0}, full_matrices=False)[0]"),
)
_right = Operation(
    "svd_right",
    doc="The right singular vectors, as columns.",
    infer=_infer_right,
    reference=by_numpy("tf.linalg.svd", _vectors(2)),
    gradient=_right_gradient,
    samples=_singular_samples,
    elsewhere=Elsewhere(numpy="np.linalg.svd({0}, full_matrices=False)[2].swapaxes(-1, -2)"),
)


_full_left = Operation(
    "svd_full_left",
    doc="All left singular vectors, as columns.",
    infer=square_of("tf.linalg.svd", -2),
    reference=by_numpy("tf.linalg.svd", lambda x: np.linalg.svd(x)[0]),
    gradient=_no_gradient("tf.linalg.svd with full_matrices=True"),
    samples=_rectangular_samples,
    elsewhere=Elsewhere(numpy="np.linalg.svd({0})[0]"),
)
_full_right = Operation(
    "svd_full_right",
    doc="All right singular vectors, as columns.",
    infer=square_of("tf.linalg.svd", -1),
    reference=by_numpy("tf.linalg.svd", lambda x: np.swapaxes(np.linalg.svd(x)[2], -1, -2)),
    gradient=_no_gradient("tf.linalg.svd with full_matrices=True"),
    samples=_rectangular_samples,
    elsewhere=Elsewhere(numpy="np.linalg.svd({0})[2].swapaxes(-1, -2)"),
)


def _singular_value_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    scaled = _left(x) * functions.expand_dims(g, -2)
    return (functions.matmul(scaled, transposed(_right(x))),)


_singular_values = Operation(
    "svd_values",
    doc="The singular values, in descending order.",
    infer=_infer_singular_values,
    reference=by_numpy("tf.linalg.svd", lambda x: np.linalg.svd(x, compute_uv=False)),
    gradient=_singular_value_gradient,
    samples=_singular_samples,
    elsewhere=Elsewhere(numpy="np.linalg.svd({0}, compute_uv=False)"),
)


def svd(
    tensor: TensorLike, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> SVD | Tensor:
    """The singular value decomposition: ``u @ diag(s) @ vᵀ = tensor``.

    The signs of the columns of ``u`` and ``v`` are arbitrary. Their gradients need singular values that differ.

    Args:
        tensor: [..., rows, columns], float.
        full_matrices: whether ``u`` and ``v`` are square; these have no gradient.
        compute_uv: if False, return only ``s``.
        name: ignored.

    >>> import tensorlet as tf
    >>> s, u, v = tf.linalg.svd([[3.0, 0.0], [0.0, 4.0]])
    >>> print(s.numpy())
    [4. 3.]
    """
    x = convert(tensor)
    values = _singular_values(x)
    left, right = (_full_left, _full_right) if full_matrices else (_left, _right)
    return SVD(values, left(x), right(x)) if compute_uv else values
