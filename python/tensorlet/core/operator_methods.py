"""The methods behind Python's operators: each applies the operation of the same name."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.ops import bitwise as bits
from tensorlet.ops.conversion import with_dtype

if TYPE_CHECKING:
    from tensorlet.core.tensor import Operators
    from tensorlet.type_aliases import TensorLike

_Methods = tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]


def binary(name: str, module: ModuleType = ops) -> _Methods:
    """An operator and the one for a tensor on the right; ``module`` has the operation."""

    def forward(self: Operators, other: TensorLike) -> Any:
        return getattr(module, name)(self, other)

    def reflected(self: Operators, other: TensorLike) -> Any:
        return getattr(module, name)(with_dtype(other, self.dtype), self)

    return forward, reflected


def of_bits(logical: str, bitwise: str) -> _Methods:
    """An operator on truth values, and on the bits of integers."""
    of_truth, of_integers = binary(logical), binary(bitwise, bits)

    def forward(self: Operators, other: TensorLike) -> Any:
        return (of_integers if self.dtype.is_integer else of_truth)[0](self, other)

    def reflected(self: Operators, other: TensorLike) -> Any:
        return (of_integers if self.dtype.is_integer else of_truth)[1](self, other)

    return forward, reflected


def comparison(name: str) -> Callable[[Any, Any], Any]:
    """A comparison, which Python mirrors by itself."""

    def compare(self: Operators, other: TensorLike) -> Any:
        return getattr(ops, name)(self, other)

    return compare
