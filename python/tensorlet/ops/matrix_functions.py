"""Functions of matrices: inverse, determinant, exponential, and systems of equations.

All work on batches of matrices: the last two axes are the matrix, all others are batch axes.

Source of the gradients: M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.reference_tools import on_one_thread
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Spec, Tensor, TensorLike, functions
from tensorlet.ops.samples import real


def require_matrices(function: str, name: str, spec: Spec, square: bool = True) -> None:
    require_dtype(function, name, spec, "float")
    if spec.rank < 2 or (square and spec.shape[-1] != spec.shape[-2]):
        wanted = "square matrices, [..., n, n]" if square else "matrices, [..., rows, columns]"
        raise ShapeError(f"{function}: {name} is {spec}. Expected {wanted}.")


def transposed(matrix: Tensor) -> Tensor:
    return functions.matrix_transpose(matrix)


def _well_conditioned(*shape: int, dtype: str = "float32") -> np.ndarray:
    """Matrices near the identity, so that the inverse is not large."""
    return np.asarray(np.eye(shape[-1]) * 3 + real(*shape, low=-0.5, high=0.5), dtype)


def square_samples() -> list[Sample]:
    return [
        Sample(_well_conditioned(2, 2)),
        Sample(_well_conditioned(2, 3, 3, dtype="float64")),
        Sample(_well_conditioned(1, 1)),
        Sample(np.zeros((0, 2, 2), np.float32)),
        Sample(_well_conditioned(5, 5)),
    ]


def same_shape(function: str) -> Callable[..., Spec]:
    def infer(spec: Spec) -> Spec:
        require_matrices(function, "input", spec)
        return spec

    return infer


def square_of(function: str, axis: int) -> Callable[..., Spec]:
    """The shape rule of a square matrix with the length of an axis of a matrix."""

    def infer(spec: Spec) -> Spec:
        require_matrices(function, "input", spec, square=False)
        return Spec((*spec.shape[:-2], spec.shape[axis], spec.shape[axis]), spec.dtype)

    return infer


def by_numpy(function: str, compute: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """A reference that computes with NumPy in at least float32, and raises Tensorlet's errors."""

    @on_one_thread
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
    doc="The inverse of square matrices.",
    infer=same_shape("tf.linalg.inv"),
    reference=by_numpy("tf.linalg.inv", np.linalg.inv),
    gradient=lambda g, output, x: (
        -functions.matmul(functions.matmul(transposed(output), g), transposed(output)),
    ),
    samples=square_samples,
    elsewhere=Elsewhere(numpy="np.linalg.inv({0})"),
)


def inv(input: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of square matrices.

    Args:
        input: [..., n, n], float.
        adjoint: invert the transposed matrices.
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
    return transposed(inverse) if adjoint else inverse


def _infer_determinant(spec: Spec) -> Spec:
    require_matrices("tf.linalg.det", "input", spec)
    return Spec(spec.shape[:-2], spec.dtype)


_determinant = Operation(
    "determinant",
    doc="The determinant of square matrices.",
    infer=_infer_determinant,
    reference=by_numpy("tf.linalg.det", np.linalg.det),
    gradient=lambda g, output, x: (
        functions.expand_dims(functions.expand_dims(g * output, -1), -1) * transposed(inv(x)),
    ),
    samples=square_samples,
    elsewhere=Elsewhere(onnx=("Det",), numpy="np.linalg.det({0})"),
)


def det(input: TensorLike, name: str | None = None) -> Tensor:
    """The determinant of square matrices, [..., n, n] -> [...].

    >>> import tensorlet as tf
    >>> print(float(tf.linalg.det([[1.0, 2.0], [3.0, 5.0]])).__round__(4))
    -1.0
    """
    return _determinant(input)


def _infer_solve(matrix: Spec, rhs: Spec) -> Spec:
    require_matrices("tf.linalg.solve", "matrix", matrix)
    if rhs.rank != matrix.rank or rhs.shape[:-1] != matrix.shape[:-1]:
        raise ShapeError(
            f"tf.linalg.solve: matrix is {matrix} and rhs is {rhs}. Expected [..., n, n] and [..., n, k], with the "
            "same axes before them; turn a vector into a column with rhs[..., None]."
        )
    return rhs


def _solve_gradient(g: Tensor, output: Tensor, matrix: Tensor, rhs: Tensor) -> tuple[Tensor, Tensor]:
    to_rhs = solve(matrix, g, adjoint=True)
    return -functions.matmul(to_rhs, transposed(output)), to_rhs


_solve = Operation(
    "solve",
    infer=_infer_solve,
    reference=by_numpy("tf.linalg.solve", np.linalg.solve),
    gradient=_solve_gradient,
    together=(0, 1),
    samples=lambda: [
        Sample(_well_conditioned(2, 2), real(2, 1)),
        Sample(_well_conditioned(2, 3, 3, dtype="float64"), real(2, 3, 2, dtype="float64")),
        Sample(_well_conditioned(1, 1), real(1, 1)),
        Sample(_well_conditioned(3, 3), real(3, 0)),
    ],
    elsewhere=Elsewhere(numpy="np.linalg.solve({0}, {1})"),
)


def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """Solves systems of linear equations: the ``x`` for which ``matrix @ x = rhs``.

    Args:
        matrix: [..., n, n], float.
        rhs: [..., n, k]: each column is a right-hand side.
        adjoint: use the transposed matrices.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy())
    [[1. ]
     [0.5]]
    """
    matrix, rhs = convert_together((matrix, rhs))
    return _solve(transposed(matrix) if adjoint else matrix, rhs)


def lstsq(
    matrix: TensorLike,
    rhs: TensorLike,
    l2_regularizer: float = 0.0,
    fast: bool = True,
    name: str | None = None,
) -> Tensor:
    """Least squares: the ``x`` that minimizes ``|matrix @ x - rhs|² + l2_regularizer |x|²``.

    Solved by the normal equations; with more columns than rows and no regularizer, the ``x`` of least norm.

    Args:
        matrix: [..., rows, columns], float.
        rhs: [..., rows, k].
        l2_regularizer: the factor of ``|x|²``.
        fast: ignored.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.linalg.lstsq([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [[1.0], [3.0], [5.0]]).numpy().round(3))
    [[1.]
     [2.]]
    """
    matrix, rhs = convert_together((matrix, rhs))
    rows, columns = (int(length) for length in matrix.shape[-2:])
    turned = transposed(matrix)
    if rows >= columns or l2_regularizer:
        normal = functions.matmul(turned, matrix) + l2_regularizer * functions.eye(
            columns, dtype=matrix.dtype
        )
        return solve(normal, functions.matmul(turned, rhs))
    return functions.matmul(turned, solve(functions.matmul(matrix, turned), rhs))


#: Coefficients of the numerator of the Padé approximation of order 7.
_PADE = (17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0)


@on_one_thread
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
    turned = transposed(x)
    below = functions.concat([functions.zeros_like(x), turned], axis=-1)
    blocks = functions.concat([functions.concat([turned, g], axis=-1), below], axis=-2)
    return (_expm(blocks)[..., :size, size:],)


_expm = Operation(
    "matrix_exponential",
    doc="The exponential of square matrices.",
    infer=same_shape("tf.linalg.expm"),
    reference=by_numpy("tf.linalg.expm", _exponential),
    gradient=_exponential_gradient,
    samples=lambda: [Sample(real(2, 2)), Sample(real(2, 3, 3, dtype="float64")), *square_samples()],
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
