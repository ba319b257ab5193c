"""The values that a loop hands from round to round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from tensorlet.core import effects
from tensorlet.core.autograph.merging import (
    NUMBERS,
    UNDEFINED,
    UNRETURNED,
    describe,
    is_same,
    is_structure,
    is_tensor,
    zeros_for,
)
from tensorlet.core.nest import Composite, flatten, pack_like
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.dtypes import DType
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError, TensorletError
from tensorlet.ops.registry import Spec, convert

Result = TypeVar("Result")


class _Again(Exception):  # noqa: N818
    """The first values have been changed: trace the loop again."""


class Carried:
    """The values of some names before, in and after a loop.

    Args:
        names: what they are called.
        values: before the loop.
        may_begin_inside: whether names may get their first value in the loop. They are zeros until then.

    Attributes:
        begun_inside: those that do.
    """

    def __init__(self, names: Sequence[str], values: list[Any], may_begin_inside: bool = False) -> None:
        self._names = names[: len(values)]
        self._values = values
        self._may_begin_inside = may_begin_inside
        self.begun_inside: list[str] = []
        self._dtypes: dict[int, DType] = {}  # of numbers that became tensors of another dtype, by their place

    def _places(self) -> list[tuple[str, Any]]:
        """The name and first value of each tensor."""
        return [
            (name, leaf)
            for name, value in zip(self._names, self._values, strict=True)
            for leaf in _leaves(value)
            if is_tensor(leaf)
        ]

    def first(self) -> list[Tensor]:
        """The first tensors."""
        return [convert(leaf, self._dtypes.get(index)) for index, (_, leaf) in enumerate(self._places())]

    def values(self, tensors: Sequence[Tensor]) -> list[Any]:
        """The values, made of other tensors."""
        rest = iter(tensors)
        return [_packed(value, rest) for value in self._values]

    def following(self, values: list[Any]) -> list[Tensor]:
        """The tensors of the values after a round.

        Raises:
            InvalidArgumentError: if a value is of another kind than before.
        """
        found: list[Tensor] = []
        for index, (name, before, after) in enumerate(zip(self._names, self._values, values, strict=True)):
            if before is UNRETURNED and after is not UNRETURNED:
                self._values[index] = zeros_for(after)
                raise _Again
            if isinstance(before, Composite) and len(_leaves(before)) < len(_leaves(after)):
                self._values[index] = after.with_leaves([zeros_for(leaf) for leaf in after.leaves()])
                raise _Again
            if before is UNDEFINED and after is not UNDEFINED:
                if self._may_begin_inside and all(is_tensor(leaf) for leaf in _leaves(after)):
                    self.begun_inside.append(name)
                    self._values[index] = zeros_for(after)
                    raise _Again
                raise InvalidArgumentError(
                    f"'{name}' must be defined before the loop: it is used after the loop, which may have no rounds at "
                    f"all. Write {name} = ... with the shape and dtype that it gets in the loop."
                )
            found.extend(self._tensors_of(name, before, after, len(found)))
        return found

    def _tensors_of(self, name: str, before: object, after: object, place: int) -> list[Tensor]:
        mine, theirs = _leaves(before), _leaves(after)
        if (type(before) is not type(after) and (is_structure(before) or is_structure(after))) or len(
            mine
        ) != len(theirs):
            raise _changed(name, before, after)
        found: list[Tensor] = []
        for one, other in zip(mine, theirs, strict=True):
            if not is_tensor(one):
                if not is_same(one, other):
                    raise _changed(name, before, after)
                continue
            if not is_tensor(other):
                raise _changed(name, before, after)
            found.append(self._fitted(name, one, other, place + len(found)))
        return found

    def _fitted(self, name: str, before: object, after: object, place: int) -> Tensor:
        """The tensor after a round. A number before the loop takes its dtype."""
        wanted = self._dtypes.get(place) or (
            before.dtype if isinstance(before, Operators) else convert(before).dtype
        )
        if isinstance(after, NUMBERS):
            try:
                return convert(after, wanted)
            except TensorletError:
                pass
        tensor = convert(after)
        if tensor.dtype is not wanted:
            if isinstance(before, NUMBERS) and place not in self._dtypes and not isinstance(before, bool):
                try:
                    convert(before, tensor.dtype)
                except TensorletError:
                    pass
                else:
                    self._dtypes[place] = tensor.dtype
                    raise _Again
            raise DTypeError(
                f"'{name}' has dtype {wanted.name} before the loop, but dtype {tensor.dtype.name} after one round. "
                f"Start with tf.cast({name}, tf.{tensor.dtype.name}), or cast in the loop."
            )
        return tensor

    def require_a_round(self, had_one: Tensor) -> None:
        """Makes the function fail if the loop has no rounds although names get their first value in it.

        Args:
            had_one: whether the loop had a round.
        """
        if not self.begun_inside:
            return
        names = ", ".join(f"'{name}'" for name in self.begun_inside)

        def check(values: list[Any]) -> None:
            if not bool(values[0]):
                raise InvalidArgumentError(
                    f"A loop had no rounds, so {names} has no value: it gets its first value in the loop and is used "
                    "after it. Give it a value before the loop."
                )

        effects.run("a loop that must have a round", check, [had_one], may_fail=True)

    def check(self, specs: list[Spec]) -> None:
        """Raises an error if shapes change.

        Args:
            specs: of the tensors after a round.
        """
        for (name, leaf), spec in zip(self._places(), specs, strict=True):
            shape = tuple(np.shape(leaf)) if not isinstance(leaf, Operators) else tuple(leaf.shape)
            if shape != spec.shape:
                raise ShapeError(
                    f"'{name}' has shape {shape} before the loop, but shape {spec.shape} after one round. Shapes are "
                    "fixed while a function is traced. Start with the full shape, collect rows in a tf.TensorArray, "
                    "or, where the number of rounds is known while tracing, allow it with "
                    f"tf.autograph.experimental.set_loop_options(shape_invariants=[({name}, tf.TensorShape(None))])."
                )

    def run(self, loop: Callable[[], Result]) -> Result:
        """Traces the loop until the first values fit the following ones."""
        while True:
            try:
                return loop()
            except _Again:
                continue


def _leaves(value: Any) -> list[Any]:
    found = []
    for leaf in flatten(value):
        found.extend(_leaves(leaf.leaves()) if isinstance(leaf, Composite) else [leaf])
    return found


def _packed(value: Any, rest: Any) -> Any:
    """The value with the next tensors in the places of its own."""
    leaves = []
    for leaf in flatten(value):
        if isinstance(leaf, Composite):
            leaves.append(leaf.with_leaves(_packed(leaf.leaves(), rest)))
        else:
            leaves.append(next(rest) if is_tensor(leaf) else leaf)
    return pack_like(value, leaves)


def _changed(name: str, before: object, after: object) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"'{name}' is {describe(before)} before the loop, but {describe(after)} after one round. The number of rounds "
        "is known only when the function runs, so every value that the loop changes must be a tensor of one shape and "
        "dtype (or lists, tuples and dictionaries of them). Give it its first value before the loop as a tensor."
    )
