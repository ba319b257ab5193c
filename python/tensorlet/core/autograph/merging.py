"""Makes one value of the two that a name has after two branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet.core.nest import Composite, flatten, map_structure, pack_like
from tensorlet.core.tensor import Operators
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError, TensorletError
from tensorlet.ops.registry import Spec, convert


class Missing:
    """Represents a value that does not exist."""

    def __init__(self, meaning: str) -> None:
        self._meaning = meaning

    def __repr__(self) -> str:
        return f"<{self._meaning}>"


#: A name without a value.
UNDEFINED = Missing("undefined")
#: What a function returns before it has come to a ``return``. A flag says so too, so any value may take its place.
UNRETURNED = Missing("not returned yet")

NUMBERS = (bool, int, float, complex)
#: From the chosen tensors to the value of a name.
Plan = Callable[[Sequence[Any]], Any]


def is_tensor(value: object) -> bool:
    """Whether it is a tensor, or becomes one."""
    return isinstance(value, (Operators, np.ndarray, np.generic, *NUMBERS))


def describe(value: object) -> str:
    """A value in messages."""
    if isinstance(value, Operators):
        return f"a {value.dtype.name} tensor of shape {tuple(value.shape)}"
    if value is None or isinstance(value, (*NUMBERS, str)):
        return repr(value)
    return f"of type {type(value).__name__}"


def is_same(one: object, other: object) -> bool:
    """Whether two values are one object, or equal and no tensors."""
    if one is other:
        return True
    if type(one) is not type(other) or isinstance(one, Operators | np.ndarray):
        return False
    try:
        return bool(one == other)
    except Exception:  # a comparison of the user's, or one of tensors inside
        return False


def zeros_for(value: Any) -> Any:
    """Zeros in the form of a value; what cannot be a tensor stays."""
    return map_structure(_zeros, value)


def _zeros(leaf: Any) -> Any:
    if isinstance(leaf, Operators):
        return np.zeros(tuple(leaf.shape), leaf.dtype.numpy)
    return type(leaf)(0) if isinstance(leaf, NUMBERS) else leaf


class Expanded:
    """A composite value and its parts, taken apart in the branch that they belong to."""

    def __init__(self, value: Composite) -> None:
        self.value = value
        self.parts = value.leaves()


def expanded(value: Any) -> Any:
    """A value with its composite parts taken apart, in the interpreter in force."""
    leaves = flatten(value)
    if not any(isinstance(leaf, Composite) for leaf in leaves):
        return value
    return pack_like(value, [Expanded(leaf) if isinstance(leaf, Composite) else leaf for leaf in leaves])


def is_structure(value: object) -> bool:
    """Whether it holds other values, as `nest` sees it."""
    return isinstance(value, list | tuple | dict)


class Merge:
    """The values of some names after two branches.

    Args:
        names: what they are called.
        then, otherwise: their values after each branch.

    Raises:
        InvalidArgumentError: if a name has no value after one of them, or values of different kinds.
    """

    def __init__(self, names: Sequence[str], then: Sequence[Any], otherwise: Sequence[Any]) -> None:
        self._pairs: list[tuple[str, Any, Any]] = []
        self._plans = [self._plan(*each) for each in zip(names, then, otherwise, strict=True)]

    def _plan(self, name: str, one: Any, other: Any) -> Plan:
        if is_same(one, other):
            return lambda chosen: one
        if one is UNDEFINED or other is UNDEFINED:
            raise _undefined(name, "if" if one is UNDEFINED else "else")
        if one is UNRETURNED:
            one = zeros_for(other)
        elif other is UNRETURNED:
            other = zeros_for(one)
        if isinstance(one, Expanded) and isinstance(other, Expanded):
            composite = one.value
            if composite is other.value:
                return lambda chosen: composite
            if len(flatten(one.parts)) != len(flatten(other.parts)):
                raise _lengths(name, one, other)
            inner = self._plan(name, one.parts, other.parts)
            return lambda chosen: composite.with_leaves(inner(chosen))
        if is_tensor(one) and is_tensor(other):
            index = len(self._pairs)
            self._pairs.append((name, one, other))
            return lambda chosen: chosen[index]
        if not (is_structure(one) and type(one) is type(other)):
            raise _different(name, one, other)
        mine, theirs = flatten(one), flatten(other)
        if len(mine) != len(theirs):
            raise _different(name, one, other)
        plans = [self._plan(name, *pair) for pair in zip(mine, theirs, strict=True)]
        return lambda chosen: pack_like(one, [plan(chosen) for plan in plans])

    def converted(self, index: int) -> list[Any]:
        """The tensors of one branch, in the interpreter in force; numbers take the dtype of the other's tensor."""
        found = []
        for name, *pair in self._pairs:
            value, other = pair[index], pair[1 - index]
            dtype = other.dtype if isinstance(other, Operators) and isinstance(value, NUMBERS) else None
            try:
                found.append(convert(value, dtype))
            except TensorletError:
                raise _dtypes(name, *pair) from None
        return found

    def check(self, specs: Sequence[list[Spec]]) -> None:
        """Raises an error if the tensors of the branches differ in shape or dtype."""
        for (name, *pair), one, other in zip(self._pairs, *specs, strict=True):
            if one.dtype is not other.dtype:
                raise _dtypes(name, *pair)
            if one.shape != other.shape:
                raise ShapeError(
                    f"{_text(name)} has the shape {one.shape} after the `if` branch, but {other.shape} after the "
                    "`else` branch. The condition is a tensor, so both must give the same shape: it is fixed while "
                    "the function is traced. Reshape or pad one of them."
                )

    def packed(self, chosen: Sequence[Any]) -> list[Any]:
        """The values after the choice."""
        return [plan(chosen) for plan in self._plans]


def _text(name: str) -> str:
    return "The returned value" if name.startswith("result_") else f"'{name}'"


def _undefined(name: str, branch: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"'{name}' must also be initialized in the {branch} branch, or before the `if`: the condition is a tensor, so "
        f"'{name}' has to have a value whichever branch runs."
    )


def _different(name: str, one: object, other: object) -> InvalidArgumentError:
    if name.startswith("result_") and None in (one, other):
        missing = "if" if one is None else "else"
        return InvalidArgumentError(
            f"The {missing} branch must also have a return statement with a value: the condition is a tensor, and the "
            f"other branch returns {describe(other if one is None else one)}."
        )
    return InvalidArgumentError(
        f"{_text(name)} is {describe(one)} after the `if` branch, but {describe(other)} after the `else` branch. The "
        "condition is a tensor, so both must be tensors, or the same object."
    )


def _lengths(name: str, one: Expanded, other: Expanded) -> InvalidArgumentError:
    mine, theirs = len(flatten(one.parts)), len(flatten(other.parts))
    return InvalidArgumentError(
        f"{_text(name)} is a {type(one.value).__name__} of {mine} tensors after the `if` branch, but of {theirs} after "
        "the `else` branch. Lengths are fixed while a function is traced: write something in both branches, or give "
        "the TensorArray its size at the start."
    )


def _dtypes(name: str, one: Any, other: Any) -> DTypeError:
    first, second = (
        value.dtype if isinstance(value, Operators) else convert(value).dtype for value in (one, other)
    )
    return DTypeError(
        f"{_text(name)} has dtype {first.name} after the `if` branch, but dtype {second.name} after the `else` branch. "
        f"Write tf.cast({'value' if name.startswith('result_') else name}, tf.{first.name}) in the other branch."
    )
