"""`tf.constant` and `tf.convert_to_tensor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.dtypes import as_dtype
from tensorlet.errors import DTypeError, ShapeError
from tensorlet.ops.conversion import holds_tensors, to_array
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike, TensorLike


def constant(
    value: TensorLike, dtype: DTypeLike | None = None, shape: ShapeLike | None = None, name: str = "Const"
) -> Tensor:
    """A tensor of the given values.

    Args:
        value: a number, a nested list, or an array (which is copied).
        dtype: by default the dtype of the array; int32 or float32 for Python numbers.
        shape: by default the shape of the value; a single value is repeated to fill it.
        name: ignored.

    Raises:
        DTypeError: if the values cannot be converted to the dtype without loss of their kind.
        ShapeError: if the values do not fill the shape.

    >>> import tensorlet as tf
    >>> tf.constant([[1, 2], [3, 4]])
    <tf.Tensor: shape=(2, 2), dtype=int32, numpy=
    array([[1, 2],
           [3, 4]], dtype=int32)>
    >>> tf.constant(0.5, shape=[3]).numpy()
    array([0.5, 0.5, 0.5], dtype=float32)
    """
    wanted = as_dtype(dtype) if dtype is not None else None
    if isinstance(value, Operators) or holds_tensors(value):
        tensor = convert(value, wanted)
        return tensor if shape is None else ops.reshape(tensor, shape)
    array = to_array(value, wanted)
    if shape is not None:
        lengths = TensorShape(shape)
        if array.size == 1:
            array = np.full(lengths, array.reshape(()))
        elif array.size != lengths.num_elements():
            raise ShapeError(
                f"tf.constant got {array.size} values, but shape={lengths} holds {lengths.num_elements()}. "
                "Pass as many values as the shape holds, or a single value to repeat."
            )
        array = array.reshape(lengths)
    return convert(np.array(array))


def convert_to_tensor(
    value: TensorLike,
    dtype: DTypeLike | None = None,
    dtype_hint: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Converts a value to a tensor; tensors are returned unchanged.

    Args:
        value: a number, nested list, array, variable or tensor.
        dtype: the required dtype.
        dtype_hint: the preferred dtype, used where the value allows it.
        name: ignored.

    Raises:
        DTypeError: if the value cannot have that dtype.

    >>> import tensorlet as tf
    >>> tf.convert_to_tensor([1.0, 2.0]).dtype
    tf.float32
    """
    if dtype is None and dtype_hint is not None and not isinstance(value, Operators):
        try:
            return constant(value, dtype_hint)
        except DTypeError:
            return constant(value)
    if isinstance(value, np.ndarray):
        return constant(value, dtype)
    return convert(value, as_dtype(dtype) if dtype is not None else None)
