"""Collects the nodes and constants of an ONNX graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.export import onnx_format
from tensorlet.export.frozen import Frozen, Length
from tensorlet.export.onnx_format import Attribute
from tensorlet.formats.protobuf import Message

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


class Builder:
    """An ONNX graph that is being written.

    Attributes:
        frozen: the computation.
        names: the names of its values, by position.
        nodes, weights: the messages written so far.
        scope: the prefix of the names of new nodes: the current layer.
    """

    def __init__(self, frozen: Frozen) -> None:
        self.frozen = frozen
        self.names: dict[int, str] = {}
        self.nodes: list[Message] = []
        self.weights: list[Message] = []
        self.scope = ""
        self._taken: dict[str, int] = {}
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._rows = ""

    def inside(self, frozen: Frozen) -> Builder:
        """Returns a builder for the body of a loop, which may use the weights and values of this graph."""
        body = Builder(frozen)
        if any(one.rows for one in frozen.inputs):
            body._rows = self.rows()
        body.weights, body._taken, body._constants = self.weights, self._taken, self._constants
        body.scope = self.scope
        return body

    def unique(self, name: str) -> str:
        """Returns the name, with a number appended if it is taken."""
        count = self._taken.get(name, 0)
        self._taken[name] = count + 1
        return self.unique(f"{name}_{count}") if count else name

    def add(self, operator: str, inputs: Sequence[str], **attributes: Attribute) -> str:
        """Adds a node; returns the name of its result."""
        name = self.unique(f"{self.scope}/{operator}" if self.scope else operator)
        self.nodes.append(onnx_format.node(operator, inputs, name, name, attributes))
        return name

    def weight(self, name: str, array: np.ndarray) -> str:
        """Adds a named constant."""
        unique = self.unique(name)
        self.weights.append(onnx_format.tensor(unique, array))
        return unique

    def constant(self, array: ArrayLike, dtype: DTypeLike | None = None) -> str:
        """Adds an unnamed small constant; equal ones are added once."""
        value = np.asarray(array, dtype)
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self._constants:
            self._constants[key] = self.weight("constant", value)
        return self._constants[key]

    def integers(self, values: Sequence[int]) -> str:
        """Adds a constant list of integers, such as a shape or axes."""
        return self.constant(np.asarray(list(values), np.int64))

    def rows(self) -> str:
        """Returns the number of rows, as a list of length 1."""
        if not self._rows:
            index = next((i for i, one in enumerate(self.frozen.inputs) if one.rows), None)
            if index is None:
                raise InvalidArgumentError(f"'{self.frozen.name}' has no input with rows.")
            before, self.scope = self.scope, ""
            self._rows = self.add("Shape", [self.input_names[index]], start=0, end=1)
            self.scope = before
        return self._rows

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [one.name for one in self.frozen.inputs]

    def length(self, length: Length) -> str:
        """Returns a length, as a list of length 1."""
        if length.fixed:
            return self.integers([length.offset])
        name = self.rows()
        if length.factor.numerator != 1:
            name = self.add("Mul", [name, self.integers([length.factor.numerator])])
        if length.factor.denominator != 1:
            name = self.add("Div", [name, self.integers([length.factor.denominator])])
        if length.offset:
            name = self.add("Add", [name, self.integers([length.offset])])
        return name

    def shape(self, lengths: Sequence[Length]) -> str:
        """Returns a shape: a constant, or computed from the number of rows."""
        if all(length.fixed for length in lengths):
            return self.integers([length.offset for length in lengths])
        return self.add("Concat", [self.length(length) for length in lengths], axis=0)
