"""Element types.

>>> import tensorlet as tf
>>> tf.float32
tf.float32
>>> print(tf.float32)
<dtype: 'float32'>
>>> tf.as_dtype("int64").size
8
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.errors import DTypeError, did_you_mean, warn_user


class DType:
    """The type of a tensor's elements; there is one object per type.

    Attributes:
        name: the NumPy name, such as ``"float32"``.
        as_numpy_dtype: the NumPy scalar type.
        numpy: the ``numpy.dtype``.
        size: bytes of one element.
    """

    __slots__ = ("as_numpy_dtype", "is_bool", "is_floating", "is_integer", "name", "numpy", "size")

    def __init__(self, name: str) -> None:
        self.name = name
        self.numpy = np.dtype(object if name == "string" else name)
        self.as_numpy_dtype = self.numpy.type
        self.size = self.numpy.itemsize
        self.is_floating = self.numpy.kind == "f"
        self.is_integer = self.numpy.kind in "iu"
        self.is_bool = self.numpy.kind == "b"

    @property
    def is_unsigned(self) -> bool:
        """Whether the type has no negative numbers."""
        return self.numpy.kind == "u"

    @property
    def base_dtype(self) -> DType:
        """The type itself. TensorFlow also has reference types."""
        return self

    @property
    def min(self) -> Any:
        """The smallest finite number of the type."""
        return self._limits().min

    @property
    def max(self) -> Any:
        """The largest finite number of the type."""
        return self._limits().max

    def _limits(self) -> Any:
        if self.is_bool or self.name == "string":
            raise DTypeError(f"{self.name} has no minimum or maximum. Use an integer or float dtype.")
        return np.finfo(self.numpy) if self.is_floating else np.iinfo(self.numpy)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"

    def __hash__(self) -> int:
        return hash(self.numpy)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other is None or isinstance(other, DType):
            return False
        try:
            return self.numpy == np.dtype(other)  # type: ignore[call-overload]
        except TypeError:
            return False

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)


float16 = half = DType("float16")
float32 = DType("float32")
float64 = double = DType("float64")
int8 = DType("int8")
int16 = DType("int16")
int32 = DType("int32")
int64 = DType("int64")
uint8 = DType("uint8")
uint16 = DType("uint16")
uint32 = DType("uint32")
uint64 = DType("uint64")
bool_ = DType("bool")
#: Text: arrays of Python's ``bytes``. There is no arithmetic for it, and it stays outside of compiled functions.
string = DType("string")

#: The types that hold numbers or truth values.
ALL = (float16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, bool_)
BY_NUMPY = {dtype.numpy: dtype for dtype in (*ALL, string)}
_BY_NAME = {dtype.name: dtype for dtype in (*ALL, string)}
_BY_NAME |= {"half": float16, "float": float32, "double": float64}
_BY_TYPE: dict[Any, DType] = {dtype.as_numpy_dtype: dtype for dtype in (*ALL, string)}
_BY_TYPE |= {
    float: float32,
    int: int32,
    bool: bool_,
    str: string,
    bytes: string,
    np.str_: string,
    np.bytes_: string,
}

#: TensorFlow's numbers of its dtypes, as in its files.
_BY_NUMBER = {
    1: float32, 2: float64, 3: int32, 4: uint8, 5: int16, 6: int8, 7: string, 9: int64, 10: bool_, 17: uint16,
    19: float16, 22: uint32, 23: uint64,
}  # fmt: skip


def _numbered(number: int) -> DType | None:
    """The dtype that a number stands for in TensorFlow; a warning says so, since it is most often a mistake."""
    found = _BY_NUMBER.get(number)
    if found is not None:
        warn_user(
            f"The dtype is given as {number}, which is TensorFlow's number of {found.name}. Write tf.{found.name}. "
            "If it is the length of an axis, put all lengths in one argument, as in tf.zeros((2, 3))."
        )
    return found


def as_dtype(value: Any) -> DType:
    """The `DType` of a name, a NumPy dtype or a Python type.

    Args:
        value: a `DType`, a name such as ``"float32"``, a NumPy dtype or scalar type,
            or ``float``, ``int``, ``bool``, ``str`` (which mean float32, int32, bool, string). TensorFlow's numbers
            of dtypes are accepted with a warning: ``tf.zeros(2, 3)`` has shape (2,) and dtype 3, int32.

    Raises:
        DTypeError: if the type is not supported.

    >>> import tensorlet as tf
    >>> tf.as_dtype("float64"), tf.as_dtype(int)
    (tf.float64, tf.int32)
    """
    if isinstance(value, DType):
        return value
    found: DType | None
    if isinstance(value, np.dtype) and (found := BY_NUMPY.get(value)) is not None:
        return found
    if isinstance(value, str):
        found = _BY_NAME.get(value)
    elif isinstance(value, np.dtype):
        found = string if value.kind in "US" else BY_NUMPY.get(value.newbyteorder("="))
    elif type(value) is int:
        found = _numbered(value)
    else:
        found = _BY_TYPE.get(value)
    if found is not None:
        return found
    hint = did_you_mean(value, _BY_NAME) if isinstance(value, str) else ""
    if isinstance(value, int):
        hint = " If it is the length of an axis, put all lengths in one argument, as in tf.zeros((2, 3))."
    raise DTypeError(
        f"{value!r} is not a supported dtype.{hint} Expected one of: {', '.join(dtype.name for dtype in ALL)}."
    )
