"""Shapes: reshaping, joining, gathering rows, and matrix products."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tensorlet import ops
from tensorlet.core.tensor import Operators
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike

shape = ops.shape
squeeze = ops.squeeze
tile = ops.tile


def is_tensor(x: object) -> bool:
    """Whether a value is a tensor, a variable, or a symbolic tensor of a functional model."""
    return isinstance(x, Operators | KerasTensor)


def int_shape(x: TensorLike) -> tuple[int | None, ...]:
    """Returns the lengths of the axes as a tuple, with None for unknown ones.

    >>> import tensorlet as tf
    >>> tf.keras.backend.int_shape(tf.keras.Input(shape=(784,)))
    (None, 784)
    """
    return tuple(x.shape if hasattr(x, "shape") else convert(x).shape)


def ndim(x: TensorLike) -> int:
    """The number of axes."""
    return len(int_shape(x))


def dtype(x: TensorLike) -> str:
    """Returns the name of the dtype."""
    return str(x.dtype.name if hasattr(x, "dtype") else convert(x).dtype.name)


def reshape(x: TensorLike, shape: ShapeLike) -> Tensor:
    """Changes the shape, keeping the order of the elements; -1 means the remaining length."""
    return ops.reshape(x, shape)


def flatten(x: TensorLike) -> Tensor:
    """Flattens all axes into one.

    >>> import tensorlet as tf
    >>> tf.keras.backend.flatten([[1, 2], [3, 4]]).numpy()
    array([1, 2, 3, 4], dtype=int32)
    """
    return ops.reshape(x, [-1])


def batch_flatten(x: TensorLike) -> Tensor:
    """Flattens all axes but the first."""
    tensor = convert(x)
    return ops.reshape(tensor, [tensor.shape[0], math.prod(tensor.shape[1:])])


def expand_dims(x: TensorLike, axis: int = -1) -> Tensor:
    """Inserts an axis of length 1, by default at the end."""
    return ops.expand_dims(x, axis)


def transpose(x: TensorLike) -> Tensor:
    """Reverses the order of the axes."""
    return ops.transpose(x)


def permute_dimensions(x: TensorLike, pattern: Sequence[int]) -> Tensor:
    """Permutes the axes."""
    return ops.transpose(x, list(pattern))


def concatenate(tensors: Sequence[TensorLike], axis: int = -1) -> Tensor:
    """Concatenates tensors along an axis, by default the last.

    >>> import tensorlet as tf
    >>> tf.keras.backend.concatenate([[[1, 2]], [[3]]]).numpy()
    array([[1, 2, 3]], dtype=int32)
    """
    return ops.concat([convert(tensor) for tensor in tensors], axis)


def stack(x: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Stacks tensors of the same shape along a new axis."""
    return ops.stack(x, axis)


def repeat(x: TensorLike, n: int) -> Tensor:
    """Repeats each row ``n`` times: ``(rows, width)`` becomes ``(rows, n, width)``."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def repeat_elements(x: TensorLike, rep: int, axis: int) -> Tensor:
    """Repeats each element of an axis ``rep`` times."""
    return ops.repeat(x, rep, axis=axis)


def reverse(x: TensorLike, axes: int | Sequence[int]) -> Tensor:
    """Reverses the order of the elements along axes."""
    return ops.reverse(x, [axes] if isinstance(axes, int) else list(axes))


def slice(x: TensorLike, start: ShapeLike, size: ShapeLike) -> Tensor:
    """Returns a part of a tensor, defined by its start and its length along each axis."""
    return ops.slice(x, start, size)


def gather(reference: TensorLike, indices: TensorLike) -> Tensor:
    """Returns the rows with the given indices."""
    return ops.gather(reference, indices)


def one_hot(indices: TensorLike, num_classes: int) -> Tensor:
    """Returns rows with a 1 at the index and 0 elsewhere."""
    return ops.one_hot(indices, num_classes)


def dot(x: TensorLike, y: TensorLike) -> Tensor:
    """The matrix product of the last axis of ``x`` and the second-to-last of ``y``.

    >>> import tensorlet as tf
    >>> tf.keras.backend.dot([[1.0, 2.0]], [[3.0], [4.0]]).numpy()
    array([[11.]], dtype=float32)
    """
    left, right = convert(x), convert(y)
    if len(left.shape) == len(right.shape) == 2:
        return ops.matmul(left, right)
    return ops.tensordot(left, right, [[-1], [max(len(right.shape) - 2, 0)]])


def batch_dot(x: TensorLike, y: TensorLike, axes: int | Sequence[int] | None = None) -> Tensor:
    """The product along one axis of ``x`` and one of ``y``, for each example.

    Args:
        x, y: tensors with the same number of examples, and two or three axes.
        axes: one axis for both, or a pair; by default the last of ``x`` and the second-to-last of ``y``.

    >>> import tensorlet as tf
    >>> tf.keras.backend.batch_dot([[1.0, 2.0]], [[3.0, 4.0]], axes=1).numpy()
    array([[11.]], dtype=float32)
    """
    left, right = convert(x), convert(y)
    if axes is None:
        axes = [len(left.shape) - 1, max(len(right.shape) - 2, 1)]
    first, second = (axes, axes) if isinstance(axes, int) else axes
    flat_left, flat_right = len(left.shape) == 2, len(right.shape) == 2
    # Vectors are treated as matrices with one row or column.
    left = ops.expand_dims(left, 1) if flat_left else left
    right = ops.expand_dims(right, 2) if flat_right else right
    if not flat_left and first % 3 == 1:
        left = ops.transpose(left, [0, 2, 1])
    if not flat_right and second % 3 == 2:
        right = ops.transpose(right, [0, 2, 1])
    result = ops.matmul(left, right)
    if flat_left and flat_right:
        return ops.squeeze(result, 2)
    if flat_left:
        return ops.squeeze(result, 1)
    return ops.squeeze(result, 2) if flat_right else result
