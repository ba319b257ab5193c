"""The LU decomposition, what is solved with it, and eigenvalues of matrices that are not symmetric.

All work on batches of matrices: the last two axes are the matrix, all others are batch axes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tensorlet.dtypes import int32
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.matrix_functions import by_numpy, inv, require_matrices, same_shape, square_samples
from tensorlet.ops.matrix_solvers import triangular_solve
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Spec, Tensor, TensorLike, convert, functions


class Lu(NamedTuple):
    """The result of `lu`."""

    lu: Tensor
    p: Tensor


def _eliminated(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both triangles in one matrix, and the order of the rows; each column's largest number is the pivot."""
    size = x.shape[-1]
    matrices = x.reshape(-1, size, size).astype(np.float64)
    orders = np.tile(np.arange(size), (len(matrices), 1))
    for matrix, order in zip(matrices, orders, strict=True):
        for column in range(size):
            pivot = column + int(np.argmax(np.abs(matrix[column:, column])))
            if matrix[pivot, column] == 0.0:
                raise InvalidArgumentError(
                    "tf.linalg.lu: a matrix is singular: after elimination, column "
                    f"{column} has only zeros. Expected matrices with an inverse."
                )
            matrix[[column, pivot]] = matrix[[pivot, column]]
            order[[column, pivot]] = order[[pivot, column]]
            matrix[column + 1 :, column] /= matrix[column, column]
            matrix[column + 1 :, column + 1 :] -= np.outer(
                matrix[column + 1 :, column], matrix[column, column + 1 :]
            )
    return matrices.reshape(x.shape).astype(x.dtype), orders.reshape(x.shape[:-1]).astype(np.int32)


def _samples() -> list[Sample]:
    return [Sample(*one.inputs, differentiable=()) for one in square_samples()]


def _infer_order(spec: Spec) -> Spec:
    require_matrices("tf.linalg.lu", "input", spec)
    return Spec(spec.shape[:-1], int32)


_lu = Operation(
    "lu",
    doc="Both triangles of the LU decomposition in one matrix.",
    infer=same_shape("tf.linalg.lu"),
    reference=lambda x: _eliminated(x)[0],
    samples=_samples,
)
_order = Operation(
    "lu_permutation",
    doc="The order of the rows in the LU decomposition.",
    infer=_infer_order,
    reference=lambda x: _eliminated(x)[1],
    samples=_samples,
)


def lu(input: TensorLike, output_idx_type: object = int32, name: str | None = None) -> Lu:
    """The LU decomposition with pivots: ``input[p] = L @ U``. It has no gradient; `tf.linalg.solve` has one.

    Args:
        input: [..., n, n], float, each matrix with an inverse.
        output_idx_type: the dtype of ``p``.
        name: ignored.

    Returns:
        ``lu``, with U in its upper triangle and L, whose diagonal is 1, below it; and ``p``, [..., n]: the
        number of the row of ``input`` for each row.

    >>> import tensorlet as tf
    >>> both, p = tf.linalg.lu([[1.0, 2.0], [4.0, 4.0]])
    >>> print(both.numpy().tolist(), p.numpy())
    [[4.0, 4.0], [0.25, 1.0]] [1 0]
    """
    x = convert(input)
    return Lu(_lu(x), functions.cast(_order(x), output_idx_type))


def _inverse_order(perm: TensorLike) -> Tensor:
    return functions.argsort(convert(perm), axis=-1)


def _in_order(rows: Tensor, perm: Tensor) -> Tensor:
    """The rows of matrices in an order, by a product with a matrix of zeros and ones."""
    chosen = functions.one_hot(perm, int(rows.shape[-2]), dtype=rows.dtype)
    return functions.matmul(chosen, rows)


def _lower(lower_upper: Tensor) -> Tensor:
    size = int(lower_upper.shape[-1])
    below = functions.band_part(lower_upper, -1, 0) - functions.band_part(lower_upper, 0, 0)
    return below + functions.eye(size, dtype=lower_upper.dtype)


def lu_reconstruct(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The matrices of which `lu` made ``lower_upper`` and ``perm``.

    >>> import tensorlet as tf
    >>> print(tf.linalg.lu_reconstruct(*tf.linalg.lu([[1.0, 2.0], [4.0, 4.0]])).numpy().tolist())
    [[1.0, 2.0], [4.0, 4.0]]
    """
    both = convert(lower_upper)
    product = functions.matmul(_lower(both), functions.band_part(both, 0, -1))
    return _in_order(product, _inverse_order(perm))


def lu_solve(
    lower_upper: TensorLike,
    perm: TensorLike,
    rhs: TensorLike,
    validate_args: bool = False,
    name: str | None = None,
) -> Tensor:
    """The ``x`` with ``A @ x = rhs``, from ``lower_upper, perm = tf.linalg.lu(A)``.

    Args:
        lower_upper, perm: the results of `lu`.
        rhs: [..., n, k].
        validate_args, name: ignored.

    >>> import tensorlet as tf
    >>> both, p = tf.linalg.lu([[1.0, 2.0], [4.0, 4.0]])
    >>> print(tf.linalg.lu_solve(both, p, [[5.0], [12.0]]).numpy().tolist())
    [[1.0], [2.0]]
    """
    both = convert(lower_upper)
    inner = triangular_solve(_lower(both), _in_order(convert(rhs), convert(perm)))
    return triangular_solve(both, inner, lower=False)


def lu_matrix_inverse(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The inverse of ``A``, from ``lower_upper, perm = tf.linalg.lu(A)``.

    >>> import tensorlet as tf
    >>> print(tf.linalg.lu_matrix_inverse(*tf.linalg.lu([[0.0, 2.0], [4.0, 0.0]])).numpy().tolist())
    [[0.0, 0.25], [0.5, 0.0]]
    """
    both = convert(lower_upper)
    unit = functions.eye(
        int(both.shape[-1]), batch_shape=[int(one) for one in both.shape[:-2]], dtype=both.dtype
    )
    return lu_solve(both, perm, unit)


def _real_eigen(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, vectors = np.linalg.eig(x.astype(np.float64))
    scale = np.abs(values).max(initial=0.0) + 1e-30
    if np.iscomplexobj(values) and np.abs(values.imag).max(initial=0.0) > 1e-6 * scale:
        raise InvalidArgumentError(
            "tf.linalg.eig: a matrix has complex eigenvalues, and complex numbers are not supported. Use "
            "numpy.linalg.eig(x.numpy()); for symmetric matrices use tf.linalg.eigh."
        )
    return values.real, vectors.real


def _infer_values(spec: Spec) -> Spec:
    require_matrices("tf.linalg.eig", "tensor", spec)
    return Spec(spec.shape[:-1], spec.dtype)


def _symmetric_samples() -> list[Sample]:
    found = [one.inputs[0] for one in square_samples()]
    return [Sample((x + np.swapaxes(x, -1, -2)) / 2, differentiable=()) for x in found]


_values = Operation(
    "eig_values",
    doc="The eigenvalues of matrices of which all are real.",
    infer=_infer_values,
    reference=by_numpy("tf.linalg.eig", lambda x: _real_eigen(x)[0]),
    samples=_symmetric_samples,
    elsewhere=Elsewhere(numpy="np.linalg.eig({0})[0].real"),
)
_vectors = Operation(
    "eig_vectors",
    doc="The eigenvectors of matrices whose eigenvalues are real, as columns.",
    infer=same_shape("tf.linalg.eig"),
    reference=by_numpy("tf.linalg.eig", lambda x: _real_eigen(x)[1]),
    samples=_symmetric_samples,
    elsewhere=Elsewhere(numpy="np.linalg.eig({0})[1].real"),
)


def eigvals(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of square matrices, [..., n, n] -> [..., n], as real numbers.

    Raises:
        InvalidArgumentError: if some of them are complex.

    >>> import tensorlet as tf
    >>> print(tf.linalg.eigvals([[2.0, 1.0], [0.0, 3.0]]).numpy())
    [2. 3.]
    """
    return _values(tensor)


def eig(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues of square matrices, and the eigenvectors as columns, as real numbers.

    TensorFlow returns complex tensors; their real parts are the same. It has no gradient; `tf.linalg.eigh` has one.

    Raises:
        InvalidArgumentError: if some of the eigenvalues are complex.

    >>> import tensorlet as tf
    >>> values, vectors = tf.linalg.eig([[2.0, 0.0], [0.0, 3.0]])
    >>> print(values.numpy(), abs(vectors.numpy()).tolist())
    [2. 3.] [[1.0, 0.0], [0.0, 1.0]]
    """
    x = convert(tensor)
    return _values(x), _vectors(x)


#: Rounds of the iteration of `sqrtm`; each doubles the number of right digits.
_ROUNDS = 20


def sqrtm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal square root of matrices: ``x @ x = input``.

    Args:
        input: [..., n, n], float, without eigenvalues on the negative real axis or 0.
        name: ignored.

    Source: E. Denman and A. Beavers, "The matrix sign function and computations in systems", 1976.

    >>> import tensorlet as tf
    >>> print(tf.linalg.sqrtm([[4.0, 0.0], [0.0, 9.0]]).numpy().round(4))
    [[2. 0.]
     [0. 3.]]
    """
    x = convert(input)
    require_matrices("tf.linalg.sqrtm", "input", x.spec)
    # Scaled to a norm of about 1, where the iteration needs the fewest rounds.
    size = functions.sqrt(functions.reduce_sum(functions.square(x), [-2, -1], True))
    root, other = x / size, functions.zeros_like(x) + functions.eye(int(x.shape[-1]), dtype=x.dtype)
    for _ in range(_ROUNDS):
        root, other = 0.5 * (root + inv(other)), 0.5 * (other + inv(root))
    return root * functions.sqrt(size)
