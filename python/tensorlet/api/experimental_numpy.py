"""``tf.experimental.numpy``: NumPy's names for functions of tensors, with NumPy's dtypes.

The functions are those of `keras.ops`, under NumPy's rules: Python's floats are float64, and integers beside floats
become what NumPy makes of them. Results are tensors.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.api.numpy_behavior import enable_numpy_behavior
from tensorlet.core.random_state import set_seed
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.dtypes import as_dtype
from tensorlet.errors import UnknownNameError, did_you_mean
from tensorlet.keras.ops.names import LINALG, NUMPY
from tensorlet.keras.ops.promotion import numpy_rules, tensor
from tensorlet.ops import random as tensor_random

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike, TensorLike

ndarray = Tensor
newaxis, pi, e, inf, nan = None, np.pi, np.e, np.inf, np.nan
#: Names of NumPy's dtypes that are dtypes here.
_DTYPES = "bool_ float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64"
_FUNCTIONS = {
    name: module for table in (NUMPY, LINALG) for module, names in table.items() for name in names.split()
}
#: Functions whose result is int64 in NumPy.
_PLACES = frozenset({"argmax", "argmin", "argsort", "count_nonzero", "nonzero", "searchsorted"})
#: NumPy's names of arguments -> those of `keras.ops`.
_ARGUMENTS = {"a": "x", "object": "x", "arrays": "xs", "reps": "repeats"}


def asarray(a: TensorLike, dtype: DTypeLike | None = None) -> Any:
    """The value as a tensor.

    >>> from tensorlet.experimental import numpy as tnp
    >>> tnp.asarray([1.5, 2]).dtype
    tf.float64
    """
    with numpy_rules():
        return tensor(a, dtype)


def atleast_1d(*arys: Any) -> Any:
    """Adds an axis to a scalar."""
    found = [ops.reshape(one, [1]) if not one.shape else one for one in map(asarray, arys)]
    return found if len(found) > 1 else found[0]


def full(shape: ShapeLike, fill_value: TensorLike, dtype: DTypeLike | None = None) -> Any:
    """One number in a shape, of the number's dtype."""
    return ops.broadcast_to(asarray(fill_value, dtype), _shape(shape))


def ndim(a: TensorLike) -> int:
    """The number of axes."""
    return len(asarray(a).shape)


experimental_enable_numpy_behavior = enable_numpy_behavior


class _Random:
    """``tf.experimental.numpy.random``."""

    @staticmethod
    def seed(s: int) -> None:
        """Sets the seed of all random numbers."""
        set_seed(s)

    @staticmethod
    def randn(*args: int) -> Any:
        """Normally distributed numbers, float64."""
        return tensor_random.normal(list(args), dtype="float64")

    @staticmethod
    def standard_normal(size: ShapeLike | None = None) -> Any:
        """Normally distributed numbers, float64."""
        return tensor_random.normal(_shape(size), dtype="float64")

    @staticmethod
    def rand(*size: int) -> Any:
        """Numbers between 0 and 1, float64."""
        return tensor_random.uniform(list(size), dtype="float64")

    @staticmethod
    def uniform(low: float = 0.0, high: float = 1.0, size: ShapeLike | None = None) -> Any:
        """Numbers between ``low`` and ``high``, float64."""
        return tensor_random.uniform(_shape(size), float(low), float(high), "float64")

    @staticmethod
    def randint(
        low: int, high: int | None = None, size: ShapeLike | None = None, dtype: DTypeLike = "int64"
    ) -> Any:
        """Draws integers from ``low`` (or 0) up to but not including ``high``."""
        first, last = (0, low) if high is None else (low, high)
        return tensor_random.uniform(_shape(size), first, last, dtype)


def _shape(size: Any) -> list[int]:
    return [] if size is None else [size] if isinstance(size, int) else list(size)


random = _Random()
_OWN = (
    "asarray", "atleast_1d", "e", "experimental_enable_numpy_behavior", "full", "inf", "nan", "ndarray", "ndim",
    "newaxis", "pi", "random",
)  # fmt: skip


def _under_numpy_rules(name: str) -> Callable[..., Any]:
    function = getattr(importlib.import_module(_FUNCTIONS[name]), name)

    @functools.wraps(function)
    def apply(*args: Any, **kwargs: Any) -> Any:
        named = {_ARGUMENTS.get(key, key): value for key, value in kwargs.items()}
        with numpy_rules():
            found = function(*args, **named)
        if name not in _PLACES:
            return found
        return tuple(_wide(one) for one in found) if isinstance(found, tuple) else _wide(found)

    return apply


def _wide(found: Any) -> Any:
    return ops.cast(found, "int64") if isinstance(found, Operators) else found


def __getattr__(name: str) -> Any:
    if name in _DTYPES.split():
        return as_dtype(name.rstrip("_"))
    if name not in _FUNCTIONS:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnknownNameError(
            f"tf.experimental.numpy.{name} is not part of Tensorlet.{did_you_mean(name, __dir__())}",
            name=name,
        )
    globals()[name] = found = _under_numpy_rules(name)
    return found


def __dir__() -> list[str]:
    return sorted({*_FUNCTIONS, *_OWN, *_DTYPES.split()})
