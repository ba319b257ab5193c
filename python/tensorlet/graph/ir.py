"""Graphs: nodes in single-assignment form, with static shapes.

A node is one value. Leaves are inputs, constants and variables (their value
before the step); every other node is an operation applied to nodes. Assigning
to a variable adds no node to the graph: `Graph.updates` holds the value of each
variable at the end of the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tensorlet.dtypes import DType, as_dtype
from tensorlet.ops.registry import Operation, Spec

INPUT, CONSTANT, VARIABLE, APPLY = "input", "constant", "variable", "apply"


class Node:
    """One value of a graph.

    Attributes:
        kind: ``input``, ``constant``, ``variable`` or ``apply``.
        operation, inputs, attributes: for ``apply``.
        value: the array of a constant; the variable of a variable; the position of an input.
        spec: shape and dtype.
        name: the name in messages and drawings.
        scope: the part of the model that it belongs to, such as ``sequential/dense``; for drawings.
        written: the node as the program has it, if a rewrite or a constant has replaced it; for drawings.
    """

    __slots__ = ("attributes", "inputs", "kind", "name", "operation", "scope", "spec", "value", "written")

    def __init__(
        self,
        kind: str,
        spec: Spec,
        *,
        operation: Operation | None = None,
        inputs: Sequence[Node] = (),
        attributes: dict[str, Any] | None = None,
        value: Any = None,
        name: str = "",
        scope: str = "",
    ) -> None:
        self.kind = kind
        self.spec = spec
        self.operation = operation
        self.inputs = tuple(inputs)
        self.attributes = attributes or {}
        self.value = value
        self.name = name or (operation.name if operation else kind)
        self.scope = scope
        self.written: Node | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self.spec.shape

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.spec.dtype

    def is_op(self, *names: str) -> bool:
        """Whether the node applies one of these operations."""
        return self.kind == APPLY and self.operation.name in names  # type: ignore[union-attr]

    def __repr__(self) -> str:
        return f"<node {self.name} {self.spec}>"


def constant(array: Any, name: str = "constant") -> Node:
    """A constant node; the array is not copied and must not change."""
    array = np.asarray(array)
    return Node(CONSTANT, Spec(array.shape, as_dtype(array.dtype)), value=array, name=name)


def apply(operation: Operation, *inputs: Node, **attributes: Any) -> Node:
    """A node that applies an operation; its spec is inferred."""
    spec = operation.infer(*(node.spec for node in inputs), **attributes)
    return Node(APPLY, spec, operation=operation, inputs=inputs, attributes=attributes)


class Graph:
    """A step: from inputs and variables to outputs and updated variables. Once made, it does not change.

    Attributes:
        inputs: the input nodes, in order.
        outputs: the nodes whose values are returned.
        updates: pairs of a changed variable and its new value.
        given: the order of the variables, if it is not that of their first use: programs take their arrays in it.
        steady_rows: a row of each output must have the same bits however many rows there are.
    """

    def __init__(
        self,
        inputs: Sequence[Node],
        outputs: Sequence[Node],
        updates: Sequence[tuple[Any, Node]] = (),
        given: Sequence[Any] | None = None,
    ) -> None:
        self.given = given
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        self.updates = list(updates)
        self.steady_rows = False
        self._order: list[Node] | None = None

    def roots(self) -> list[Node]:
        """The nodes whose values are needed: outputs and updates."""
        return [*self.outputs, *(node for _, node in self.updates)]

    def nodes(self) -> list[Node]:
        """Every node that is needed, each after its inputs."""
        if self._order is None:
            self._order = in_order(self.roots())
        return self._order

    def variables(self) -> list[Any]:
        """The variables that are read or updated, in the order of first use."""
        if self.given is not None:
            return list(self.given)
        read = [node.value for node in self.nodes() if node.kind == VARIABLE]
        updated = [variable for variable, _ in self.updates]
        return list({id(variable): variable for variable in [*read, *updated]}.values())


def in_order(roots: Iterable[Node]) -> list[Node]:
    """The nodes that the roots need, each after its inputs; without recursion, since graphs can be deep."""
    done: set[int] = set()
    order: list[Node] = []
    stack: list[tuple[Node, bool]] = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, inputs_done = stack.pop()
        if id(node) in done:
            continue
        if inputs_done:
            done.add(id(node))
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((other, False) for other in reversed(node.inputs) if id(other) not in done)
    return order


def rebuild(graph: Graph, change: Any) -> Graph:
    """A graph with every node passed through ``change``.

    Args:
        graph: the graph, which is not modified.
        change: ``(node, inputs) -> node``: given a node and its changed inputs,
            returns the node that replaces it (the same one if nothing changes).
    """
    new: dict[int, Node] = {}
    for node in graph.nodes():
        inputs = tuple(new[id(other)] for other in node.inputs)
        new[id(node)] = change(node, inputs)
    return Graph(
        graph.inputs,
        [new[id(node)] for node in graph.outputs],
        [(variable, new[id(node)]) for variable, node in graph.updates],
    )


def with_inputs(node: Node, inputs: tuple[Node, ...]) -> Node:
    """The node itself if the inputs are its own, else a copy with these inputs."""
    if all(mine is other for mine, other in zip(node.inputs, inputs, strict=True)):
        return node
    return Node(
        node.kind, node.spec, operation=node.operation, inputs=inputs,
        attributes=node.attributes, value=node.value, name=node.name, scope=node.scope,
    )  # fmt: skip
