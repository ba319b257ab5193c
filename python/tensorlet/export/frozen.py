"""A computation for any number of rows, inferred by tracing it for two numbers of rows.

Graphs have fixed shapes. The differences between the graphs for 12 and for 24 rows depend on the number of
rows, and two points determine a line: a length that is 36 in one graph and 72 in the other is three times the number
of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.core import active_tapes
from tensorlet.core.buffers import array_of
from tensorlet.core.concrete_function import unpack_outputs
from tensorlet.core.nest import pack_like
from tensorlet.core.tracing import Trace
from tensorlet.core.user_code import traced, user_function
from tensorlet.errors import InvalidArgumentError
from tensorlet.graph import ir
from tensorlet.ops.registry import Spec, interpreting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.dtypes import DType

#: The two numbers of rows; both are divisible by 2, 3 and 4.
ROWS = (12, 24)


class ExportError(InvalidArgumentError):
    """A model cannot be exported to the format."""


class Length(NamedTuple):
    """The length of an axis: ``rows * factor + offset``."""

    factor: Fraction
    offset: int

    @property
    def fixed(self) -> bool:
        """Whether it does not depend on the number of rows."""
        return self.factor == 0


def length_of(first: int, second: int) -> Length:
    """Returns the length that is ``first`` for 12 rows and ``second`` for 24.

    >>> length_of(10, 10), length_of(36, 72)
    (Length(factor=Fraction(0, 1), offset=10), Length(factor=Fraction(3, 1), offset=0))
    """
    factor = Fraction(second - first, ROWS[1] - ROWS[0])
    offset = first - factor * ROWS[0]
    if offset.denominator != 1:
        raise ExportError(
            f"A length that is {first} for {ROWS[0]} rows and {second} for {ROWS[1]} cannot be exported."
        )
    return Length(factor, int(offset))


class InputSpec(NamedTuple):
    """An input: its name, the shape of one row, and its dtype. ``rows`` is False for an input without rows."""

    name: str
    shape: tuple[int, ...]
    dtype: DType
    rows: bool = True

    def spec(self, rows: int) -> Spec:
        """Returns the spec for a number of rows."""
        return Spec((rows, *self.shape) if self.rows else self.shape, self.dtype)


@dataclass
class Frozen:
    """A computation: two graphs with the same structure.

    Attributes:
        name: the name of the model or function.
        inputs: the inputs.
        nodes: pairs of nodes, for 12 and for 24 rows, in topological order.
        outputs: the positions of the outputs in ``nodes``.
        folded: the values that do not depend on an input, by position.
    """

    name: str
    inputs: list[InputSpec]
    nodes: list[tuple[ir.Node, ir.Node]]
    outputs: list[int]
    folded: dict[int, np.ndarray]

    def position(self, node: ir.Node) -> int:
        """Returns the position of a node of the first graph."""
        return self._positions[id(node)]

    def __post_init__(self) -> None:
        self._positions = {id(first): index for index, (first, _) in enumerate(self.nodes)}

    def shape(self, index: int) -> list[Length]:
        """Returns the shape of a value."""
        first, second = self.nodes[index]
        return [length_of(one, other) for one, other in zip(first.shape, second.shape, strict=True)]


def freeze(
    function: Callable[..., Any], inputs: Sequence[InputSpec], name: str, structure: object = None
) -> Frozen:
    """Traces a function for two numbers of rows.

    Args:
        function: takes one tensor per input, or one structure of them.
        inputs: the inputs.
        name: the name of the model or function, for messages.
        structure: the structure in which the function takes its inputs; by default each is one argument.

    Raises:
        ExportError: if the computation differs between numbers of rows.
    """
    graphs = [_graph(function, inputs, name, structure, rows) for rows in ROWS]
    return frozen_pair(name, inputs, *graphs)


def frozen_pair(name: str, inputs: Sequence[InputSpec], first: ir.Graph, second: ir.Graph) -> Frozen:
    """Returns the computation of two graphs of the same structure, such as the bodies of a loop.

    Args:
        name: the name of the model or function, for messages.
        inputs: the inputs of the model.
        first, second: the graphs for the two numbers of rows.

    Raises:
        ExportError: if their structures differ.
    """
    columns = [graph.nodes() for graph in (first, second)]
    for graph, column in zip((first, second), columns, strict=True):
        known = {id(node) for node in column}
        column.extend(node for node in graph.inputs if id(node) not in known)
    same = len(columns[0]) == len(columns[1]) and all(
        _alike(one, other) for one, other in zip(*columns, strict=False)
    )
    if not same:
        raise ExportError(
            f"'{name}' computes differently for {ROWS[0]} rows and for {ROWS[1]} rows, so it cannot be "
            "exported. Make it independent of the number of rows."
        )
    pairs = list(zip(*columns, strict=True))
    places = {id(one): index for index, (one, _) in enumerate(pairs)}
    outputs = [places[id(node)] for node in first.outputs]
    return Frozen(name, list(inputs), pairs, outputs, _folded(pairs, places))


def _graph(
    function: Callable[..., Any], inputs: Sequence[InputSpec], name: str, structure: object, rows: int
) -> ir.Graph:
    def run(trace: Trace) -> ir.Graph:
        call = user_function(function)
        with interpreting(trace), active_tapes.paused():
            tensors = [trace.add_input(one.spec(rows), one.name) for one in inputs]
            result = call(*tensors) if structure is None else call(pack_like(structure, tensors))
            outputs, _ = unpack_outputs(result)
        return trace.graph(outputs)

    graph = traced(lambda: Trace(name), run)
    # Updates of variables, such as the state of random number generators, are not part of inference.
    return ir.Graph(graph.inputs, graph.outputs)


def _alike(first: ir.Node, second: ir.Node) -> bool:
    if first.kind != second.kind or len(first.shape) != len(second.shape) or first.dtype is not second.dtype:
        return False
    if first.kind == ir.VARIABLE:
        return first.value is second.value
    # By name, since each trace of a branch or loop creates a new operation.
    return first.kind != ir.APPLY or first.operation.name == second.operation.name  # type: ignore[union-attr]


def _folded(pairs: Sequence[tuple[ir.Node, ir.Node]], places: dict[int, int]) -> dict[int, np.ndarray]:
    """Computes the values that depend only on weights and constants."""
    values: dict[int, np.ndarray] = {}
    for index, (first, second) in enumerate(pairs):
        if first.kind == ir.VARIABLE:
            values[index] = array_of(first.value).copy()
        elif first.kind == ir.CONSTANT:
            if first.shape == second.shape and np.array_equal(
                first.value, second.value, equal_nan=first.dtype.is_floating
            ):
                values[index] = first.value
        elif first.kind == ir.APPLY and first.shape == second.shape:
            sources = [places[id(one)] for one in first.inputs]
            operation = first.operation
            if (
                sources
                and operation.deterministic  # type: ignore[union-attr]
                and operation.name not in ("random", "random_counts")  # type: ignore[union-attr]
                and all(source in values for source in sources)
                and all(_same(first.attributes[key], second.attributes[key]) for key in first.attributes)
            ):
                arrays = [values[source] for source in sources]
                values[index] = np.asarray(operation.reference(*arrays, **first.attributes))  # type: ignore[union-attr]
    return values


def _same(one: object, other: object) -> bool:
    try:
        return bool(one == other)
    except (TypeError, ValueError):
        return False
