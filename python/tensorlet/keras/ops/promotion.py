"""Which dtype the values of one call share, in `keras.ops` and in `tf.experimental.numpy`.

Keras's rule: floats win over integers, and integers over truth values, without becoming wider than they are; numbers of
Python take the dtype of the tensors beside them. NumPy's rule, which `numpy_rules` puts in force, makes
float64 of Python's floats, and of integers beside floats where NumPy does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tensor import Operators
from tensorlet.dtypes import DType, as_dtype
from tensorlet.keras import config
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


class _Rules(threading.local):
    numpy = False


_rules = _Rules()


@contextmanager
def numpy_rules() -> Iterator[None]:
    """A ``with`` block in which NumPy's rule holds."""
    before, _rules.numpy = _rules.numpy, True
    try:
        yield
    finally:
        _rules.numpy = before


def numpy_rules_hold() -> bool:
    """Whether NumPy's rule is in force."""
    return _rules.numpy


def float_dtype() -> DType:
    """The dtype of floats that nothing else decides."""
    return as_dtype("float64" if _rules.numpy else config.floatx())


def tensor(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """The value as a tensor; with a dtype cast to it."""
    if not isinstance(x, Operators) and _rules.numpy:
        x = np.asarray(x) if not _holds_tensors(x) else x
    found = convert(x)
    return found if dtype is None or found.dtype is as_dtype(dtype) else ops.cast(found, as_dtype(dtype))


def _holds_tensors(x: object) -> bool:
    return isinstance(x, list | tuple) and any(isinstance(one, Operators) or _holds_tensors(one) for one in x)


def floating(x: TensorLike) -> Tensor:
    """The value as a float tensor."""
    found = tensor(x)
    return found if found.dtype.is_floating else ops.cast(found, float_dtype())


def numbers(x: TensorLike) -> Tensor:
    """The value as a tensor of numbers: truth values become integers."""
    found = tensor(x)
    return ops.cast(found, "int64" if _rules.numpy else "int32") if found.dtype.is_bool else found


def keeping_truth(function: Callable[..., Tensor], x: TensorLike) -> Tensor:
    """A function of numbers on any values: truth values go in as integers, and come out as truth values."""
    result = function(numbers(x))
    return ops.cast(result, "bool") if tensor(x).dtype.is_bool else result


def _is_python_number(x: object) -> bool:
    return isinstance(x, bool | int | float) and not isinstance(x, np.generic)


def result_dtype(*values: TensorLike) -> DType:
    """The dtype that some values share."""
    typed = [tensor(value).dtype for value in values if not _is_python_number(value)]
    plain = [value for value in values if _is_python_number(value)]
    if not typed:
        kinds = {type(value) for value in plain}
        if float in kinds:
            return float_dtype()
        integer = as_dtype("int64" if _rules.numpy else "int32")
        return integer if int in kinds else as_dtype("bool")
    if _rules.numpy:
        found = as_dtype(np.result_type(*[dtype.numpy for dtype in typed]))
    else:
        floats = [dtype for dtype in typed if dtype.is_floating]
        found = as_dtype(np.result_type(*[dtype.numpy for dtype in floats or typed]))
    if any(isinstance(value, float) for value in plain) and not found.is_floating:
        return float_dtype()
    if found.is_bool and any(isinstance(value, int) and not isinstance(value, bool) for value in plain):
        return as_dtype("int64" if _rules.numpy else "int32")
    return found


def result_type(*dtypes: DTypeLike) -> str:
    """The name of the dtype of the sum of tensors of some dtypes, by the rules of Keras 3.

    >>> from tensorlet.keras.ops.promotion import result_type
    >>> result_type("int32", "float32"), result_type("bool", "uint8")
    ('float32', 'uint8')
    """
    return str(result_dtype(*[np.zeros((1,), as_dtype(one).numpy) for one in dtypes]).name)


def together(*values: TensorLike, floats: bool = False) -> list[Tensor]:
    """The values as tensors of one dtype.

    Args:
        values: tensors, arrays, lists or numbers.
        floats: whether it must be a float dtype.
    """
    dtype = result_dtype(*values)
    if floats and not dtype.is_floating:
        dtype = float_dtype()
    return [tensor(value, dtype) for value in values]


def unary(
    name: str, function: Callable[[Tensor], Tensor], doc: str, of: Callable[[Any], Tensor] = floating
) -> Any:
    """A function of one tensor.

    Args:
        name: its name.
        function: of the converted tensor.
        doc: its first line.
        of: how the argument is converted.
    """

    def apply(x: TensorLike) -> Tensor:
        return function(of(x))

    apply.__name__ = apply.__qualname__ = name
    apply.__doc__ = doc
    return apply


def binary(name: str, function: Callable[[Tensor, Tensor], Tensor], doc: str, floats: bool = False) -> Any:
    """A function of two tensors, which share a dtype and broadcast; see `unary`."""

    def apply(x1: TensorLike, x2: TensorLike) -> Tensor:
        return function(*together(x1, x2, floats=floats))

    apply.__name__ = apply.__qualname__ = name
    apply.__doc__ = doc
    return apply
