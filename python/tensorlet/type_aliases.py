"""Names for the types of arguments, for annotations throughout the package.

| name | accepts |
|---|---|
| `AnyTensor` | a tensor, eager or traced, a variable, or a tensor of a functional model |
| `Scalar` | a Python or NumPy number or bool |
| `ArrayLike` | what NumPy converts to an array: a scalar, a nested list, an array, anything with ``__array__`` |
| `TensorLike` | what an operation converts to a tensor: an `ArrayLike`, a tensor, or a list of tensors |
| `DTypeLike` | a `DType`, its name, a NumPy dtype, or a Python or NumPy scalar type |
| `ShapeLike` | a shape: lengths, None for an unknown one; a single length; or an integer tensor |
| `AxisLike` | an axis, several, or None where that has a meaning of its own |
| `FloatLike` | one number: a Python or NumPy one, or a scalar tensor |
| `PathLike` | the name of a file or folder |
| `Nested[T]` | one ``T``, or lists, tuples and dictionaries of them, nested |
| `Logs` | values by metric name, as callbacks receive them |
| `Config` | what ``get_config`` returns |
| `Identifier` | an activation, initializer, loss or the like: itself, its class, name or configuration |
| `CustomObjects` | classes and functions by name, as loaders take them |

``object`` is the annotation for a value that is only inspected. A parameter whose class is known
names the class. Import these names under ``if TYPE_CHECKING:``, so that they cost nothing at start-up.
This module is at the bottom of the package and imports nothing of it at run time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, Union

import numpy as np

if TYPE_CHECKING:
    from tensorlet.dtypes import DType

T = TypeVar("T")


class AnyTensor(Protocol):
    """What tensors, variables and the tensors of functional models have in common."""

    @property
    def shape(self) -> tuple[Any, ...]:
        """The lengths of the axes."""

    @property
    def dtype(self) -> DType:
        """The element type."""

    def __add__(self, other: Any, /) -> Any: ...
    def __radd__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __rsub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __rmul__(self, other: Any, /) -> Any: ...
    def __truediv__(self, other: Any, /) -> Any: ...
    def __rtruediv__(self, other: Any, /) -> Any: ...
    def __pow__(self, other: Any, /) -> Any: ...
    def __matmul__(self, other: Any, /) -> Any: ...
    def __lt__(self, other: Any, /) -> Any: ...
    def __gt__(self, other: Any, /) -> Any: ...
    def __neg__(self) -> Any: ...
    def __getitem__(self, key: Any, /) -> Any: ...


class SupportsArray(Protocol):
    """An object that NumPy can read, such as a pandas frame."""

    def __array__(self) -> np.ndarray: ...


Scalar: TypeAlias = bool | int | float | np.generic
ArrayLike: TypeAlias = Scalar | np.ndarray | SupportsArray | Sequence["ArrayLike"]
TensorLike: TypeAlias = AnyTensor | ArrayLike | Sequence["TensorLike"]
FloatLike: TypeAlias = float | np.number | AnyTensor

DTypeLike: TypeAlias = Union["DType", str, type, "np.dtype[Any]"]
ShapeLike: TypeAlias = int | Sequence[int | AnyTensor | None] | np.ndarray | AnyTensor
AxisLike: TypeAlias = int | Sequence[int] | np.integer | np.ndarray | AnyTensor | None

PathLike: TypeAlias = str | os.PathLike[str]
Nested: TypeAlias = T | Sequence["Nested[T]"] | Mapping[str, "Nested[T]"]
Logs: TypeAlias = Mapping[str, float]
Config: TypeAlias = dict[str, Any]
Identifier: TypeAlias = str | Config | Callable[..., Any]
CustomObjects: TypeAlias = Mapping[str, Callable[..., Any]]
