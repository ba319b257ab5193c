"""The diagonals of matrices: building and reading them, the trace, bands and transposes."""

from __future__ import annotations

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.ops import slicing
from tensorlet.ops.arguments import resolve_axis, static_integer
from tensorlet.ops.movement import expand_dims, reshape, transpose
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions


def matrix_transpose(a: TensorLike, name: str | None = None, conjugate: bool = False) -> Tensor:
    """Transposes matrices: exchanges the last two axes.

    >>> import tensorlet as tf
    >>> tf.linalg.matrix_transpose(tf.zeros([5, 2, 3])).shape
    TensorShape([5, 3, 2])
    """
    x = convert(a)
    rank = len(x.shape)
    _require_matrix("tf.linalg.matrix_transpose", x)
    return transpose(x, [*range(rank - 2), rank - 1, rank - 2])


def _require_matrix(function: str, x: Tensor) -> None:
    if len(x.shape) < 2:
        raise ShapeError(
            f"{function}: a matrix has two axes, but the tensor has shape {list(x.shape)}. Add one with "
            "tf.expand_dims."
        )


def diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """Square matrices with a given diagonal and zeros elsewhere.

    Args:
        diagonal: ``[..., n]``.
        name: ignored.

    Returns:
        ``[..., n, n]``.

    >>> import tensorlet as tf
    >>> tf.linalg.diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    x = convert(diagonal)
    length = x.shape[resolve_axis("tf.linalg.diag", -1, len(x.shape))]
    return functions.where(np.eye(length, dtype=np.bool_), expand_dims(x, -1), np.zeros((), x.dtype.numpy))


def diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """The diagonals of matrices.

    Args:
        input: ``[..., m, n]``.
        name: ignored.

    Returns:
        ``[..., min(m, n)]``.

    >>> import tensorlet as tf
    >>> tf.linalg.diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    x = convert(input)
    _require_matrix("tf.linalg.diag_part", x)
    *front, rows, columns = x.shape
    # In a flattened matrix, the elements of the diagonal are one row and one column apart.
    flat = reshape(x, (*front, rows * columns))
    return slicing.cut(flat, len(front), 0, min(rows, columns), columns + 1)


def trace(x: TensorLike, name: str | None = None) -> Tensor:
    """The sums of the diagonals of matrices ``[..., m, n]``.

    >>> import tensorlet as tf
    >>> print(tf.linalg.trace([[1, 2], [3, 4]]).numpy())
    5
    """
    return functions.reduce_sum(diag_part(x), axis=-1)


def band_part(
    input: TensorLike,
    num_lower: TensorLike,
    num_upper: TensorLike,
    name: str | None = None,
) -> Tensor:
    """Matrices with zeros outside a band around the diagonal.

    Args:
        input: ``[..., m, n]``.
        num_lower: the number of diagonals kept below the main one; a negative number keeps all.
        num_upper: the number of diagonals kept above the main one; a negative number keeps all.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.linalg.band_part([[1, 2], [3, 4]], -1, 0).numpy()
    array([[1, 0],
           [3, 4]], dtype=int32)
    """
    x = convert(input)
    _require_matrix("tf.linalg.band_part", x)
    lower = static_integer("tf.linalg.band_part", "num_lower", num_lower)
    upper = static_integer("tf.linalg.band_part", "num_upper", num_upper)
    below = np.arange(x.shape[-2])[:, None] - np.arange(x.shape[-1])[None, :]
    lower = x.shape[-2] if lower < 0 else lower
    upper = x.shape[-1] if upper < 0 else upper
    kept = (below <= lower) & (-below <= upper)
    return functions.where(kept, x, np.zeros((), x.dtype.numpy))
