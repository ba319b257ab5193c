"""Functions of square and other matrices: inverse, determinant, decompositions, systems of equations.

All work on stacks of matrices: the last two axes are the matrix, those before them number the stack.

Source of the gradients: M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.arguments import convert_together, require_dtype
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert, functions
from tensorlet.ops.samples import real


def _require_matrices(function: str, name: str, spec: Spec, square: bool = True) -> None:
    require_dtype(function, name, spec, "float")
    if spec.rank < 2 or (square and spec.shape[-1] != spec.shape[-2]):
        wanted = "square matrices, [..., n, n]" if square else "matrices, [..., rows, columns]"
        raise ShapeError(f"{function}: {name} is {spec}. Expected {wanted}.")


def _transposed(matrix: Tensor) -> Tensor:
    return functions.matrix_transpose(matrix)


def _well_conditioned(*shape: int, dtype: str = "float32") -> np.ndarray:
    """Matrices near the identity, so that the inverse is not large."""
    return np.asarray(np.eye(shape[-1]) * 3 + real(*shape, low=-0.5, high=0.5), dtype)


def _square_samples() -> list[Sample]:
    return [
        Sample(_well_conditioned(2, 2)),
        Sample(_well_conditioned(2, 3, 3, dtype="float64")),
        Sample(_well_conditioned(1, 1)),
        Sample(np.zeros((0, 2, 2), np.float32)),
        Sample(_well_conditioned(5, 5)),
    ]


def _symmetric_samples() -> list[Sample]:
    # The reference reads one triangle, so finite differences of single elements are not the gradient.
    return [
        Sample(_symmetric(one.inputs[0]), differentiable=())
        for one in _square_samples()
        if one.inputs[0].size
    ] + [Sample(np.zeros((0, 2, 2), np.float32))]


def _symmetric(array: np.ndarray) -> np.ndarray:
    steps = np.diag(np.arange(array.shape[-1])).astype(array.dtype)  # eigenvalues that differ
    return (array + np.swapaxes(array, -1, -2)) / 2 + steps


def _same_shape(function: str) -> Callable[..., Spec]:
    def infer(spec: Spec) -> Spec:
        _require_matrices(function, "input", spec)
        return spec

    return infer


def _by_numpy(function: str, compute: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """A reference that computes with NumPy in at least float32 and explains matrices that it refuses."""

    def reference(*arrays: np.ndarray) -> np.ndarray:
        wide = [array.astype(np.float32) if array.dtype == np.float16 else array for array in arrays]
        try:
            return np.asarray(compute(*wide)).astype(arrays[0].dtype, copy=False)
        except np.linalg.LinAlgError as error:
            raise InvalidArgumentError(f"{function}: {error}.") from error

    return reference


# --- inverse, determinant, systems ------------------------------------------------------

_inverse = Operation(
    "matrix_inverse",
    infer=_same_shape("tf.linalg.inv"),
    reference=_by_numpy("tf.linalg.inv", np.linalg.inv),
    gradient=lambda g, output, x: (
        -functions.matmul(functions.matmul(_transposed(output), g), _transposed(output)),
    ),
    samples=_square_samples,
)


def inv(input: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of square matrices.

    Args:
        input: [..., n, n], float.
        adjoint: the inverse of the transposed matrix.
        name: ignored.

    Raises:
        ShapeError: if the matrices are not square.
        InvalidArgumentError: if one of them has no inverse.

    >>> import tensorlet as tf
    >>> print(tf.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy())
    [[0.5  0.  ]
     [0.   0.25]]
    """
    inverse = _inverse(input)
    return _transposed(inverse) if adjoint else inverse


def _infer_determinant(spec: Spec) -> Spec:
    _require_matrices("tf.linalg.det", "input", spec)
    return Spec(spec.shape[:-2], spec.dtype)


_determinant = Operation(
    "determinant",
    infer=_infer_determinant,
    reference=_by_numpy("tf.linalg.det", np.linalg.det),
    gradient=lambda g, output, x: (
        functions.expand_dims(functions.expand_dims(g * output, -1), -1) * _transposed(inv(x)),
    ),
    samples=_square_samples,
)


def det(input: TensorLike, name: str | None = None) -> Tensor:
    """The determinant of square matrices, [..., n, n] -> [...].

    >>> import tensorlet as tf
    >>> print(float(tf.linalg.det([[1.0, 2.0], [3.0, 5.0]])).__round__(4))
    -1.0
    """
    return _determinant(input)


def _infer_solve(matrix: Spec, rhs: Spec) -> Spec:
    _require_matrices("tf.linalg.solve", "matrix", matrix)
    if rhs.rank != matrix.rank or rhs.shape[:-1] != matrix.shape[:-1]:
        raise ShapeError(
            f"tf.linalg.solve: matrix is {matrix} and rhs is {rhs}. Expected [..., n, n] and [..., n, k], with the "
            "same axes before them; turn a vector into a column with rhs[..., None]."
        )
    return rhs


def _solve_gradient(g: Tensor, output: Tensor, matrix: Tensor, rhs: Tensor) -> tuple[Tensor, Tensor]:
    to_rhs = solve(matrix, g, adjoint=True)
    return -functions.matmul(to_rhs, _transposed(output)), to_rhs


_solve = Operation(
    "solve",
    infer=_infer_solve,
    reference=_by_numpy("tf.linalg.solve", np.linalg.solve),
    gradient=_solve_gradient,
    together=(0, 1),
    samples=lambda: [
        Sample(_well_conditioned(2, 2), real(2, 1)),
        Sample(_well_conditioned(2, 3, 3, dtype="float64"), real(2, 3, 2, dtype="float64")),
        Sample(_well_conditioned(1, 1), real(1, 1)),
        Sample(_well_conditioned(3, 3), real(3, 0)),
    ],
)


def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The ``x`` for which ``matrix @ x = rhs``.

    Args:
        matrix: [..., n, n], float.
        rhs: [..., n, k]: each column is a right-hand side.
        adjoint: solve for the transposed matrix.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy())
    [[1. ]
     [0.5]]
    """
    matrix, rhs = convert_together((matrix, rhs))
    return _solve(_transposed(matrix) if adjoint else matrix, rhs)


def lstsq(
    matrix: TensorLike,
    rhs: TensorLike,
    l2_regularizer: float = 0.0,
    fast: bool = True,
    name: str | None = None,
) -> Tensor:
    """The ``x`` with the smallest ``|matrix @ x - rhs|² + l2_regularizer |x|²``.

    Solved by the normal equations; with more columns than rows and no regularizer, the smallest such ``x``.

    Args:
        matrix: [..., rows, columns], float.
        rhs: [..., rows, k].
        l2_regularizer: the factor of ``|x|²``.
        fast: accepted without effect.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.linalg.lstsq([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [[1.0], [3.0], [5.0]]).numpy().round(3))
    [[1.]
     [2.]]
    """
    matrix, rhs = convert_together((matrix, rhs))
    rows, columns = (int(length) for length in matrix.shape[-2:])
    turned = _transposed(matrix)
    if rows >= columns or l2_regularizer:
        normal = functions.matmul(turned, matrix) + l2_regularizer * functions.eye(
            columns, dtype=matrix.dtype
        )
        return solve(normal, functions.matmul(turned, rhs))
    return functions.matmul(turned, solve(functions.matmul(matrix, turned), rhs))


# --- decompositions -------------------------------------------------------------------


def _cholesky_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    lower = _transposed(output)
    inner = functions.band_part(functions.matmul(lower, g), -1, 0)
    inner = inner - 0.5 * functions.band_part(inner, 0, 0)
    half = functions.matmul(solve(lower, inner), inv(output))
    return (0.5 * (half + _transposed(half)),)


_cholesky = Operation(
    "cholesky",
    infer=_same_shape("tf.linalg.cholesky"),
    reference=_by_numpy("tf.linalg.cholesky", np.linalg.cholesky),
    gradient=_cholesky_gradient,
    samples=_symmetric_samples,
)


def cholesky(input: TensorLike, name: str | None = None) -> Tensor:
    """The lower triangular ``L`` for which ``L @ Lᵀ = input``, of symmetric positive definite matrices.

    >>> import tensorlet as tf
    >>> print(tf.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy())
    [[2. 0.]
     [1. 2.]]
    """
    return _cholesky(input)


def _infer_eigenvalues(spec: Spec) -> Spec:
    _require_matrices("tf.linalg.eigvalsh", "tensor", spec)
    return Spec(spec.shape[:-1], spec.dtype)


def _eigenvector_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    values = eigvalsh(x)
    gaps = functions.expand_dims(values, -2) - functions.expand_dims(values, -1)
    same = functions.eye(int(x.shape[-1]), dtype=x.dtype)
    factors = (1.0 - same) / (gaps + same)
    inner = factors * functions.matmul(_transposed(output), g)
    whole = functions.matmul(functions.matmul(output, inner), _transposed(output))
    return (0.5 * (whole + _transposed(whole)),)


_eigenvectors = Operation(
    "eigenvectors",
    infer=_same_shape("tf.linalg.eigh"),
    reference=_by_numpy("tf.linalg.eigh", lambda x: np.linalg.eigh(x)[1]),
    gradient=_eigenvector_gradient,
    samples=_symmetric_samples,
)


def _eigenvalue_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    vectors = _eigenvectors(x)
    return (functions.matmul(vectors * functions.expand_dims(g, -2), _transposed(vectors)),)


_eigenvalues = Operation(
    "eigenvalues",
    infer=_infer_eigenvalues,
    reference=_by_numpy("tf.linalg.eigvalsh", lambda x: np.linalg.eigh(x)[0]),
    gradient=_eigenvalue_gradient,
    samples=_symmetric_samples,
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
    """What `qr` returns."""

    q: Tensor
    r: Tensor


def _infer_q(spec: Spec) -> Spec:
    _require_matrices("tf.linalg.qr", "input", spec, square=False)
    rows, columns = spec.shape[-2:]
    return Spec((*spec.shape[:-1], min(rows, columns)), spec.dtype)


def _no_gradient(function: str) -> Callable[..., tuple[Tensor]]:
    def gradient(*_: object, **__: object) -> tuple[Tensor]:
        raise InvalidArgumentError(
            f"{function} has no gradient here. Compute it outside of the tape, or use tf.linalg.cholesky, "
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


_q = Operation(
    "qr",
    infer=_infer_q,
    reference=_by_numpy("tf.linalg.qr", lambda x: np.linalg.qr(x)[0]),
    gradient=_no_gradient("tf.linalg.qr"),
    samples=_rectangular_samples,
)


def qr(input: TensorLike, full_matrices: bool = False, name: str | None = None) -> QR:
    """The QR decomposition: ``q`` has orthonormal columns, ``r`` is upper triangular, and ``q @ r = input``.

    Args:
        input: [..., rows, columns], float.
        full_matrices: only False is supported: ``q`` has as many columns as the smaller of the two lengths.
        name: ignored.

    >>> import tensorlet as tf
    >>> q, r = tf.linalg.qr([[2.0, 0.0], [0.0, 3.0]])
    >>> print(tf.matmul(q, r).numpy())
    [[2. 0.]
     [0. 3.]]
    """
    _require_reduced("tf.linalg.qr", full_matrices)
    x = convert(input)
    q = _q(x)
    return QR(q, functions.band_part(functions.matmul(q, x, transpose_a=True), 0, -1))


def _require_reduced(function: str, full_matrices: bool) -> None:
    if full_matrices:
        raise InvalidArgumentError(
            f"{function}: full_matrices=True is not supported. Use full_matrices=False."
        )


class SVD(NamedTuple):
    """What `svd` returns."""

    s: Tensor
    u: Tensor
    v: Tensor


def _infer_singular_values(spec: Spec) -> Spec:
    _require_matrices("tf.linalg.svd", "tensor", spec, square=False)
    return Spec((*spec.shape[:-2], min(spec.shape[-2:])), spec.dtype)


def _infer_left(spec: Spec) -> Spec:
    _require_matrices("tf.linalg.svd", "tensor", spec, square=False)
    return Spec((*spec.shape[:-1], min(spec.shape[-2:])), spec.dtype)


def _infer_right(spec: Spec) -> Spec:
    _require_matrices("tf.linalg.svd", "tensor", spec, square=False)
    return Spec((*spec.shape[:-2], spec.shape[-1], min(spec.shape[-2:])), spec.dtype)


def _vectors(which: int) -> Callable[..., np.ndarray]:
    def compute(x: np.ndarray) -> np.ndarray:
        found = np.linalg.svd(x, full_matrices=False)[which]
        return np.swapaxes(found, -1, -2) if which == 2 else found

    return compute


_left = Operation(
    "svd_left",
    infer=_infer_left,
    reference=_by_numpy("tf.linalg.svd", _vectors(0)),
    gradient=_no_gradient("The matrix u of tf.linalg.svd"),
    samples=_rectangular_samples,
)
_right = Operation(
    "svd_right",
    infer=_infer_right,
    reference=_by_numpy("tf.linalg.svd", _vectors(2)),
    gradient=_no_gradient("The matrix v of tf.linalg.svd"),
    samples=_rectangular_samples,
)


def _singular_value_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    scaled = _left(x) * functions.expand_dims(g, -2)
    return (functions.matmul(scaled, _transposed(_right(x))),)


_singular_values = Operation(
    "svd_values",
    infer=_infer_singular_values,
    reference=_by_numpy("tf.linalg.svd", lambda x: np.linalg.svd(x, compute_uv=False)),
    gradient=_singular_value_gradient,
    samples=lambda: [*_rectangular_samples(), Sample(real(3, 2)), Sample(real(2, 4, dtype="float64"))],
)


def svd(
    tensor: TensorLike, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> SVD | Tensor:
    """The singular value decomposition: ``u @ diag(s) @ vᵀ = tensor``.

    Only ``s`` has a gradient. The signs of the columns of ``u`` and ``v`` are arbitrary.

    Args:
        tensor: [..., rows, columns], float.
        full_matrices: only False is supported.
        compute_uv: False: return ``s`` only.
        name: ignored.

    >>> import tensorlet as tf
    >>> s, u, v = tf.linalg.svd([[3.0, 0.0], [0.0, 4.0]])
    >>> print(s.numpy())
    [4. 3.]
    """
    _require_reduced("tf.linalg.svd", full_matrices)
    x = convert(tensor)
    values = _singular_values(x)
    return SVD(values, _left(x), _right(x)) if compute_uv else values


#: Coefficients of the numerator of the Padé approximation of order 7.
_PADE = (17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0)


def _exponential(matrix: np.ndarray) -> np.ndarray:
    """Scaling and squaring, in float64."""
    x = matrix.astype(np.float64)
    largest = float(np.abs(x).sum(axis=-1).max()) if x.size else 0.0
    squarings = max(0, int(np.ceil(np.log2(largest)))) if np.isfinite(largest) and largest > 0.5 else 0
    x = x / 2.0**squarings
    one = np.eye(x.shape[-1])
    x2 = x @ x
    x4, x6 = x2 @ x2, x2 @ x2 @ x2
    odd = x @ (_PADE[7] * x6 + _PADE[5] * x4 + _PADE[3] * x2 + _PADE[1] * one)
    even = _PADE[6] * x6 + _PADE[4] * x4 + _PADE[2] * x2 + _PADE[0] * one
    result = np.linalg.solve(even - odd, even + odd)
    for _ in range(squarings):
        result = result @ result
    return result


def _exponential_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    # exp([[A, E], [0, A]]) has the derivative of exp at A in the direction E in its upper right block.
    size = int(x.shape[-1])
    turned = _transposed(x)
    below = functions.concat([functions.zeros_like(x), turned], axis=-1)
    blocks = functions.concat([functions.concat([turned, g], axis=-1), below], axis=-2)
    return (_expm(blocks)[..., :size, size:],)


_expm = Operation(
    "matrix_exponential",
    infer=_same_shape("tf.linalg.expm"),
    reference=_by_numpy("tf.linalg.expm", _exponential),
    gradient=_exponential_gradient,
    samples=lambda: [Sample(real(2, 2)), Sample(real(2, 3, 3, dtype="float64")), *_square_samples()],
)


def expm(input: TensorLike, name: str | None = None) -> Tensor:
    """The matrix exponential of square matrices, [..., n, n], computed in float64.

    Source: N. Higham, "The scaling and squaring method for the matrix exponential revisited" (2005), with the Padé
    approximation of order 7.

    >>> import tensorlet as tf
    >>> print(tf.linalg.expm([[0.0, 1.0], [0.0, 0.0]]).numpy())
    [[1. 1.]
     [0. 1.]]
    """
    return _expm(input)
