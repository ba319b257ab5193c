"""Factors of matrices that `keras.ops.matrices` leaves out, and derivatives along a direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.derivatives import ForwardAccumulator
from tensorlet.core.nest import flatten, map_structure
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.ops.promotion import floating
from tensorlet.ops import lu as lower_upper
from tensorlet.ops import matrix_solvers
from tensorlet.ops.registry import Tensor, TensorLike


def cholesky_inverse(x: TensorLike, upper: bool = False) -> Tensor:
    """The inverse of a matrix, from its Cholesky factor.

    Args:
        x: [..., n, n], what `cholesky` returned.
        upper: whether ``x`` is the upper triangle.

    >>> import tensorlet as tf
    >>> tf.keras.ops.cholesky_inverse([[2.0, 0.0], [0.0, 1.0]]).numpy().tolist()
    [[0.25, 0.0], [0.0, 1.0]]
    """
    found = floating(x)
    lower = ops.matrix_transpose(found) if upper else found
    unit = ops.zeros_like(lower) + ops.eye(int(lower.shape[-1]), dtype=lower.dtype)
    half = matrix_solvers.triangular_solve(lower, unit)
    return ops.matmul(half, half, transpose_a=True)


def eig(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The eigenvalues and the eigenvectors of square matrices, as real numbers.

    Raises:
        InvalidArgumentError: if some of the eigenvalues are complex.

    >>> import tensorlet as tf
    >>> values, _ = tf.keras.ops.eig([[2.0, 0.0], [0.0, 3.0]])
    >>> print(values.numpy())
    [2. 3.]
    """
    return lower_upper.eig(floating(x))


def lu_factor(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The LU decomposition with pivots.

    Args:
        x: [..., n, n].

    Returns:
        U in the upper triangle and L below it; and the row of the product for each row of ``x``.

    >>> import tensorlet as tf
    >>> both, pivots = tf.keras.ops.lu_factor([[1.0, 2.0], [4.0, 4.0]])
    >>> print(both.numpy().tolist(), pivots.numpy())
    [[4.0, 4.0], [0.25, 1.0]] [1 0]
    """
    both, order = lower_upper.lu(floating(x))
    return both, ops.cast(ops.argsort(order, axis=-1), "int32")


def jvp(
    fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """The values of a function, and its derivative along a direction (a product of the Jacobian and a vector).

    Args:
        fun: a function of tensors.
        primals: where it is computed, a tuple with one value an argument.
        tangents: the direction, of the same form.
        has_aux: whether ``fun`` returns a pair whose second part is passed on without a derivative.

    >>> import tensorlet as tf
    >>> value, slope = tf.keras.ops.jvp(lambda x: x * x, (tf.constant(3.0),), (tf.constant(1.0),))
    >>> print(value.numpy(), slope.numpy())
    9.0 6.0
    """
    if not isinstance(primals, list | tuple) or not isinstance(tangents, list | tuple):
        raise InvalidArgumentError(
            f"jvp: primals and tangents are {type(primals).__name__} and {type(tangents).__name__}, expected tuples "
            "with one value for each argument of the function: jvp(f, (x,), (direction,))."
        )
    points, ways = ([map_structure(floating, one) for one in group] for group in (primals, tangents))
    with ForwardAccumulator(flatten(points), flatten(ways)) as recording:
        found = fun(*points)
    found, *aux = found if has_aux else (found,)
    slopes = map_structure(lambda one: recording.jvp(one, unconnected_gradients="zero"), found)
    return (found, slopes, *aux)


def matrix_rank(x: TensorLike, tol: float | None = None) -> Tensor:
    """The number of singular values that are not 0, int32."""
    return matrix_solvers.matrix_rank(floating(x), tol)


def slogdet(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The sign of the determinant, and the logarithm of its size.

    >>> import tensorlet as tf
    >>> sign, size = tf.keras.ops.slogdet([[0.0, 1.0], [1.0, 0.0]])
    >>> print(sign.numpy(), size.numpy())
    -1.0 0.0
    """
    return matrix_solvers.slogdet(floating(x))


def check_norm(ord: Any, axes: Sequence[int]) -> None:
    """Checks the order of a norm.

    Raises:
        InvalidArgumentError: for an order that vectors or matrices do not have.
    """
    if len(axes) not in (1, 2):
        raise InvalidArgumentError(
            f"norm: Invalid axis values. Received: axis={tuple(axes)}, expected one axis (vectors) or two (matrices)."
        )
    if len(axes) == 1 and (isinstance(ord, str)):
        raise InvalidArgumentError(
            f"norm: ord={ord!r} is not a norm of a vector (one axis). Expected a number or infinity."
        )
    if len(axes) == 2 and ord not in ("fro", "nuc", 1, 2, -1, -2, np.inf, -np.inf):
        raise InvalidArgumentError(
            f"norm: ord={ord!r} is not a norm of a matrix (two axes). Expected 'fro', 'nuc', 1, 2, -1, -2 or infinity "
            "with either sign."
        )
