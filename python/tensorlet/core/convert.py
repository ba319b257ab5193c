"""From what users pass to what operations take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.dtypes import DType, as_dtype, float32, int32, int64
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.ops.registry import Operation, convert


def to_array(value: Any, dtype: DType | None = None) -> np.ndarray:
    """The array of a number, nested list, array or anything with ``__array__``.

    Python numbers have no dtype of their own: ints become int32 (int64 where they do
    not fit), floats float32, as in TensorFlow. NumPy arrays keep theirs.

    Raises:
        DTypeError: for text, objects, and conversions that would lose the kind of number.
        ShapeError: for lists whose rows differ in length.
    """
    if dtype is not None and type(value) in NUMBERS and (dtype.is_floating or type(value) is int):
        number = np.asarray(value, dtype.numpy) if dtype.is_floating else _whole(value, dtype)
        if number is not None:
            return number
    own = isinstance(value, np.ndarray | np.generic)
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ShapeError(
            f"A nested list became no array: its rows have different lengths ({error}). "
            "Make them equally long, or pad them."
        ) from None
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            f"A value of type {type(value).__name__} ({_short(value)}) holds no numbers or truth values: NumPy "
            f"reads it as {array.dtype}. Expected numbers; turn text and categories into numbers first."
        )
    if dtype is None:
        return np.ascontiguousarray(array, _natural(array, value, own)).reshape(array.shape)
    if array.dtype == dtype.numpy:
        return array
    return _as(array, dtype, value, own)


#: Python's own numbers, which take any dtype of their kind.
NUMBERS = frozenset({int, float})


def _whole(value: int, dtype: DType) -> np.ndarray | None:
    """A Python int in an integer dtype; None if it does not fit, which is explained elsewhere."""
    fits = dtype.is_integer and dtype.min <= value <= dtype.max
    return np.asarray(value, dtype.numpy) if fits else None


def _natural(array: np.ndarray, value: Any, own: bool) -> np.dtype[Any]:
    """The dtype of a value that nothing else decides."""
    kind: str = array.dtype.kind
    if own or kind == "b" or _first_leaf_is_typed(value):
        return as_dtype(array.dtype).numpy
    if kind == "f":
        return float32.numpy
    fits = array.size == 0 or (array.min() >= int32.min and array.max() <= int32.max)
    return int32.numpy if fits else int64.numpy


def _first_leaf_is_typed(value: Any) -> bool:
    """Whether a nested list holds arrays (with dtypes of their own) and not Python numbers."""
    while isinstance(value, list | tuple):
        if not value:
            return False
        value = value[0]
    return type(value) not in (bool, int, float)


def _as(array: np.ndarray, dtype: DType, value: Any, own: bool) -> np.ndarray:
    """The array in the wanted dtype, unless that would change the kind of number."""
    kinds = "biuf"
    if kinds.index(array.dtype.kind) > kinds.index(dtype.numpy.kind) and array.dtype.kind != "u":
        raise DTypeError(
            f"{_short(value)} is {array.dtype.name if own else 'a ' + _kind(array)}, but {dtype.name} was "
            f"expected here, and Tensorlet does not round silently. Convert it yourself, for example with "
            f"tf.cast(x, tf.{array.dtype.name if array.dtype.kind == 'f' and own else 'float32'}) on the tensor "
            f"beside it, or with tf.cast(value, tf.{dtype.name})."
        )
    if array.dtype.kind == "b" and dtype.numpy.kind != "b":
        raise DTypeError(
            f"A truth value ({_short(value)}) was given where {dtype.name} was expected. "
            f"Write tf.cast(x, tf.{dtype.name})."
        )
    if dtype.is_integer and array.size and (array.min() < dtype.min or array.max() > dtype.max):
        raise InvalidArgumentError(
            f"{_short(value)} does not fit {dtype.name}, which holds {dtype.min} to {dtype.max}. "
            "Use a wider dtype."
        )
    return array.astype(dtype.numpy)


def _kind(array: np.ndarray) -> str:
    return {"f": "floating-point number", "i": "whole number", "u": "whole number"}[array.dtype.kind]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def holds_symbols(value: Any) -> bool:
    """Whether a nested list contains tensors or variables, so that it must be stacked by an operation."""
    if isinstance(value, list | tuple):
        return any(holds_symbols(item) for item in value)
    return isinstance(value, Operators)


def shared_dtype(values: Sequence[Any]) -> DType | None:
    """The dtype that decides for a group of values: the first tensor's or variable's, else the first array's."""
    for value in values:
        if isinstance(value, Operators):
            return value.dtype  # type: ignore[attr-defined]
    for value in values:
        if isinstance(value, np.ndarray | np.generic):
            return as_dtype(value.dtype)
    if any(holds_symbols(value) for value in values):
        return None
    found = [as_dtype(to_array(value).dtype) for value in values]
    if len(set(found)) == 1:
        return None
    return float32 if any(dtype.is_floating for dtype in found) else max(found, key=lambda dtype: dtype.size)


def convert_inputs(interpreter: Any, operation: Operation, inputs: Sequence[Any]) -> list[Any]:
    """The inputs of a call as tensors; those that belong `together` share a dtype."""
    kind = interpreter.tensor_type
    for value in inputs:
        if type(value) is not kind:
            break
    else:
        return [interpreter.convert(value) for value in inputs]
    positions = range(len(inputs)) if operation.variadic else operation.together
    if len(positions) < 2:
        return [interpreter.convert(value) for value in inputs]
    shared = shared_dtype([inputs[position] for position in positions])
    # Tensors and variables keep their dtype: the operation's own rule judges whether it fits.
    return [
        interpreter.convert(value)
        if shared is None or position not in positions or isinstance(value, Operators)
        else interpreter.convert(value, shared)
        for position, value in enumerate(inputs)
    ]


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Tensor:
    """A tensor of the given values.

    Args:
        value: a number, a nested list, or an array (which is copied).
        dtype: by default the array's; int32 or float32 for Python's numbers.
        shape: by default the value's; a single value is repeated to fill it.
        name: ignored.

    Raises:
        DTypeError: if the values would not keep their kind in that dtype.
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
    if isinstance(value, Operators) or holds_symbols(value):
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
                "Give as many values as the shape holds, or a single one to repeat."
            )
        array = array.reshape(lengths)
    return convert(np.array(array))


def convert_to_tensor(
    value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None
) -> Tensor:
    """A tensor of the value; tensors are handed back as they are.

    Args:
        value: a number, nested list, array, variable or tensor.
        dtype: the dtype it must have.
        dtype_hint: the dtype that it should have where the value allows it.
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
