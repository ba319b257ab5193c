"""The one conversion: from what users pass to tensors of one dtype.

It is in `ops`, the lowest room that needs it: public functions such as `tf.concat` convert their values, and
the interpreters in `core` convert the inputs of every other operation. Each call converts once. What is accepted
is what TensorFlow 2.15 accepts (``tests/golden/conversions.json``):

1. Among values that share a dtype, the first tensor or variable determines it; if there is none, the first value.
2. Tensors and variables keep their dtype. Different dtypes are refused.
3. Python numbers, and lists of them, keep their kind (bool, integer, float) or become a wider one: True becomes
   1 or 1.0, and 1 becomes 1.0. They never become a narrower kind.
4. NumPy arrays and scalars are converted to any dtype, with a warning where their values change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeGuard

import numpy as np

from tensorlet.dtypes import DType, as_dtype, float32, int32, int64, string
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError, warn_user
from tensorlet.ops import registry
from tensorlet.ops.object_columns import object_error
from tensorlet.ops.registry import Interpreter, Operation, Tensor

if TYPE_CHECKING:
    from tensorlet.type_aliases import TensorLike

#: Kinds of NumPy dtypes (bool, unsigned, integer, float), from narrow to wide.
_KINDS = "buif"
#: Python's own numbers, the most frequent case.
NUMBERS = frozenset({int, float})


class HasDType:
    """A tensor or a variable: a value with a dtype of its own, which is never converted silently."""

    __slots__ = ()

    @property
    def dtype(self) -> DType:
        """The element type."""
        raise NotImplementedError


def convert_together(values: Sequence[object], interpreter: Interpreter | None = None) -> list[Tensor]:
    """Converts values that share one dtype to tensors.

    Tensors of different dtypes are left to the shape rule of the operation, which refuses them.

    Args:
        values: numbers, nested lists, arrays, variables or tensors.
        interpreter: creates the tensors; by default the interpreter in force.

    Raises:
        DTypeError: if a value cannot have the shared dtype.
    """
    convert = (interpreter or registry.interpreter()).convert
    for value in values:
        if isinstance(value, HasDType):
            shared = value.dtype
            return [convert(one) if isinstance(one, HasDType) else convert(one, shared) for one in values]
    if not values:
        return []
    first = convert(values[0])
    return [first, *[convert(one, first.dtype) for one in values[1:]]]


def with_dtype(value: TensorLike, dtype: DType | None = None) -> Tensor:
    """Converts a value without a dtype of its own to a tensor.

    Args:
        value: tensors and variables stay as they are; others are converted.
        dtype: the dtype for a value that has none of its own.
    """
    return value if isinstance(value, HasDType) else registry.convert(value, dtype)


def convert_inputs(
    interpreter: Interpreter, operation: Operation, inputs: Sequence[TensorLike]
) -> list[Tensor]:
    """Converts the inputs of one call of an operation to tensors; those listed in `together` share a dtype."""
    convert = interpreter.convert
    together = range(len(inputs)) if operation.variadic else operation.together
    if len(together) < 2:
        return [convert(value) for value in inputs]
    if len(together) == len(inputs):
        return convert_together(inputs, interpreter=interpreter)
    shared = iter(convert_together([inputs[position] for position in together], interpreter=interpreter))
    return [next(shared) if position in together else convert(value) for position, value in enumerate(inputs)]


def dtypes_differ(function: str, names: tuple[str, str], dtypes: tuple[DType, DType]) -> DTypeError:
    """The error for two tensors whose dtypes differ.

    Args:
        function: the public name of the function.
        names: the names of the two arguments.
        dtypes: their dtypes.
    """
    (first, second), (one, other) = names, dtypes
    # Casting the integer to the float dtype loses the least.
    if other.is_floating and not one.is_floating:
        cast = f"tf.cast({first}, tf.{other.name})"
    else:
        cast = f"tf.cast({second}, tf.{one.name})"
    hint = ""
    if "float64" in (one.name, other.name):
        hint = " NumPy floats are float64; x.astype('float32') converts an array."
    return DTypeError(
        f"{function}: the dtypes differ: {first} is {one.name} and {second} is {other.name}. "
        f"Tensors are not converted silently: write {cast}.{hint}"
    )


def require_dtype_of(tensor: Tensor, dtype: DType | None) -> Tensor:
    """Returns the tensor if it has the expected dtype, or if none is expected.

    Raises:
        DTypeError: if it has a different dtype.
    """
    if dtype is not None and tensor.dtype is not dtype:
        raise DTypeError(
            f"A tensor of dtype {tensor.dtype.name} was given where {dtype.name} was expected. "
            f"Write tf.cast(x, tf.{dtype.name})."
        )
    return tensor


def holds_tensors(value: object) -> TypeGuard[Sequence[object]]:
    """Whether a value is a nested list that contains tensors or variables, so that an operation must stack it."""
    if not isinstance(value, list | tuple):
        return False
    return any(isinstance(item, HasDType) or holds_tensors(item) for item in value)


def to_array(value: object, dtype: DType | None = None) -> np.ndarray:
    """Converts a number, nested list, array or anything with ``__array__`` to an array.

    Python numbers have no dtype of their own: ints become int32 (int64 where they do not fit) and floats
    become float32, as in TensorFlow. NumPy arrays keep their dtype. Text becomes an array of bytes, of dtype string.

    Raises:
        DTypeError: for objects, numbers that would become a narrower kind, and text where numbers are expected.
        ShapeError: for lists whose rows differ in length.
    """
    if dtype is not None and type(value) in NUMBERS and (dtype.is_floating or type(value) is int):
        number = np.asarray(value, dtype.numpy) if dtype.is_floating else _integer(value, dtype)  # type: ignore[arg-type]
        if number is not None:
            return number
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ShapeError(
            f"The rows of a nested list have different lengths ({error}), so it cannot be converted to an array. "
            "Make all rows the same length: tf.keras.utils.pad_sequences(rows, padding='post') appends zeros."
        ) from None
    if array.dtype.kind not in _KINDS:
        return _text(array, dtype, value)
    if dtype is not None and not array.size and _is_of_python(value):  # an empty list has no kind of its own
        return np.zeros(array.shape, object if dtype is string else dtype.numpy)
    if dtype is string:
        raise DTypeError(
            f"{_short(value)} was given where text (tf.string) was expected. Use tf.strings.as_string."
        )
    if dtype is None:
        return np.ascontiguousarray(array, _natural(array, value)).reshape(array.shape)
    if array.dtype == dtype.numpy:
        return array
    if _is_of_python(value):
        _require_wider_kind(array, dtype, value)
    return _cast(array, dtype, value)


def _text(array: np.ndarray, dtype: DType | None, value: object) -> np.ndarray:
    """Text as an array of bytes, in which tensors of strings hold it."""
    shown = f"A value of type {type(value).__name__} ({_short(value)})"
    items = array.reshape(-1).tolist() if isinstance(value, np.ndarray | np.generic) else _leaves(value)
    is_text = array.dtype.kind in "USO" and all(isinstance(item, str | bytes) for item in items)
    if array.dtype.kind == "O" and hasattr(value, "columns") and not (is_text and dtype in (None, string)):
        raise DTypeError(object_error(value, array))
    if not is_text:
        raise DTypeError(
            f"{shown} does not hold numbers, truth values or text: NumPy reads it as {array.dtype}. Expected "
            "values of one kind; convert objects and categories to numbers first."
        )
    if dtype is not None and dtype is not string:
        raise DTypeError(
            f"{shown} is text, but {dtype.name} is expected. Convert it to numbers first: tf.strings.to_number(x), or "
            "tf.keras.layers.StringLookup for categories."
        )
    text = np.empty(array.size, object)
    text[:] = [item.encode() if isinstance(item, str) else item for item in items]
    return text.reshape(array.shape)


def _leaves(value: object) -> list[object]:
    """What a nested list holds; what NumPy makes of it would already be text."""
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return np.asarray(value).reshape(-1).tolist() if hasattr(value, "__array__") else [value]


def _integer(value: int, dtype: DType) -> np.ndarray | None:
    """A Python int in an integer dtype; None if it does not fit, which `_cast` explains."""
    fits = dtype.is_integer and dtype.min <= value <= dtype.max
    return np.asarray(value, dtype.numpy) if fits else None


def _is_of_python(value: object) -> bool:
    """Whether a value is a Python number or a list: what has no dtype of its own."""
    return isinstance(value, bool | int | float | list | tuple) and not isinstance(value, np.generic)


def _natural(array: np.ndarray, value: object) -> np.dtype:
    """The dtype of a value where nothing else determines it."""
    kind: str = array.dtype.kind
    if kind == "b" or not _is_of_python(value) or _first_leaf_is_typed(value):
        return as_dtype(array.dtype).numpy
    if kind == "f":
        return float32.numpy
    fits = array.size == 0 or (array.min() >= int32.min and array.max() <= int32.max)
    return int32.numpy if fits else int64.numpy


def _first_leaf_is_typed(value: object) -> bool:
    """Whether a nested list contains arrays (with dtypes of their own) rather than Python numbers."""
    while isinstance(value, list | tuple):
        if not value:
            return False
        value = value[0]
    return type(value) not in (bool, int, float)


def _require_wider_kind(array: np.ndarray, dtype: DType, value: object) -> None:
    if _KINDS.index(array.dtype.kind) <= _KINDS.index(dtype.numpy.kind) or (
        array.dtype.kind == "i" and dtype.is_unsigned
    ):
        return
    kind = {"f": "floating-point", "i": "integer", "u": "integer"}[array.dtype.kind]
    raise DTypeError(
        f"The {kind} value {_short(value)} was given where {dtype.name} was expected. Tensorlet does not convert "
        f"it silently: write tf.cast(value, tf.{dtype.name}), or tf.cast(x, tf.float32) on the other operand."
    )


def _cast(array: np.ndarray, dtype: DType, value: object) -> np.ndarray:
    """Casts the array; values that do not fit are refused, and a loss of digits gives a warning."""
    if dtype.is_floating:
        return array.astype(dtype.numpy)
    if dtype.is_integer and array.size and not (dtype.min <= array.min() and array.max() <= dtype.max):
        raise InvalidArgumentError(
            f"{_short(value)} does not fit into {dtype.name}, whose range is {dtype.min} to {dtype.max}. "
            "Use a wider dtype."
        )
    converted = array.astype(dtype.numpy)
    if (converted != array).any():
        lost = "fractions are truncated" if dtype.is_integer else "everything but 0 becomes True"
        warn_user(
            f"An array of {array.dtype.name} ({_short(value)}) is converted to {dtype.name}, which is expected here: "
            f"{lost}. To keep the values, write tf.cast(x, tf.{as_dtype(array.dtype).name}) on the other "
            "operand; to silence this warning, convert the array yourself."
        )
    return converted


def _short(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
