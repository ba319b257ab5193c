"""Graphs as TensorFlow's ``GraphDef``, for the "Graphs" tab of TensorBoard.

The names of nodes in one part of the model (see `core.tracing.scope`) have a common prefix, so that TensorBoard
draws the part as one box, which a double click expands. Each node contains its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import DType
from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.protobuf import Message
from tensorlet.graph.ir import CONSTANT, INPUT, VARIABLE, Graph, Node
from tensorlet.summary.messages import DATA_TYPES, shape_message, tensor_message

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable

#: The version of ``GraphDef``.
PRODUCER = 1205
#: Larger constants, in elements, are not stored.
MOST_ELEMENTS = 16
#: Names of operations in TensorFlow's graphs that are not the CamelCase form of ours.
SPECIAL_NAMES = {"matmul": "MatMul", "reduce_mean": "Mean", "reduce_sum": "Sum", "reduce_max": "Max",
                 "reduce_min": "Min", "add": "AddV2", "subtract": "Sub", "multiply": "Mul", "divide": "RealDiv",
                 "where": "SelectV2"}  # fmt: skip


def graph_def(source: object) -> bytes:
    """Returns the bytes of a ``GraphDef``.

    Args:
        source: a graph, a traced function, a concrete function, or a serialized ``GraphDef``.

    Raises:
        InvalidArgumentError: for any other object, or a function that has not been traced.
    """
    if isinstance(source, bytes):
        return source
    if hasattr(source, "SerializeToString"):
        return bytes(source.SerializeToString())
    graph = _graph_of(source)
    names = _Names(graph)
    message = Message()
    for node in graph.nodes():
        message.message(1, _node_message(node, names))
    for variable, node in graph.updates:
        message.message(1, _update_message(variable, node, names))
    return bytes(message.message(4, Message().varint(1, PRODUCER)))


def _graph_of(source: object) -> Graph:
    if isinstance(source, Graph):
        return source
    inner = getattr(source, "graph", None)
    if isinstance(inner, Graph):
        return inner
    traced = getattr(source, "_concretes", None)
    if traced:
        return next(iter(traced.values())).graph
    if traced is not None:
        raise InvalidArgumentError(f"{source!r} has no graph yet: call it with tensors first.")
    raise InvalidArgumentError(f"Expected a graph or a tf.function, got {type(source).__name__}.")


class _Names:
    """Unique names for nodes, which differ from the names of the boxes around them."""

    def __init__(self, graph: Graph) -> None:
        self._taken: set[str] = set()
        self._variables: dict[int, str] = {}
        self._names: dict[int, str] = {}
        nodes = graph.nodes()
        self._readers: dict[int, Node] = {}
        for node in nodes:
            for other in node.inputs:
                self._readers.setdefault(id(other), node)
        # Boxes first: a node must not be named "Adam" if there is a node "Adam/add".
        for node in nodes:
            self._boxes(node.scope)
            self._boxes(_clean(node.name).rpartition("/")[0])
        for node in nodes:
            name = self._names[id(node)] = self.new(self._wish(node))
            if node.kind == VARIABLE:
                self._variables[id(node.value)] = name

    def _boxes(self, scope: str) -> None:
        scope = _clean(scope)
        while scope:
            self._taken.add(scope)
            scope = scope.rpartition("/")[0]

    def _wish(self, node: Node) -> str:
        if node.kind == CONSTANT or node.kind == VARIABLE:
            reader = self._readers.get(id(node))
            place = _clean(node.scope or (reader.scope if reader is not None else ""))
            own = _clean(node.name)
            if node.kind == CONSTANT:
                return f"{place}/{own}" if place else own
            box, _, last = own.rpartition("/")
            # "dense/kernel", read in "sequential/dense", is placed there.
            return f"{place}/{last}" if box and f"/{place}".endswith(f"/{box}") else own
        own = _clean(node.name)
        return f"{_clean(node.scope)}/{own}" if node.scope else own

    def new(self, wish: str) -> str:
        """Returns the name, with a number appended if necessary."""
        name, number = wish, 0
        while name in self._taken:
            number += 1
            name = f"{wish}_{number}"
        self._taken.add(name)
        return name

    def of(self, node: Node) -> str:
        """Returns the name of a node."""
        return self._names[id(node)]

    def of_variable(self, variable: Variable) -> str | None:
        """Returns the name of the node that reads a variable; None if it is only written."""
        return self._variables.get(id(variable))


def _node_message(node: Node, names: _Names) -> Message:
    message = Message().text(1, names.of(node)).text(2, _kind(node))
    for other in node.inputs:
        message.text(3, names.of(other))
    number = DATA_TYPES.get(node.dtype.name)
    if number is not None:
        _attribute(message, "dtype", Message().varint(6, number))
    shape = Message().message(7, shape_message(node.shape))
    _attribute(message, "_output_shapes", Message().message(1, shape))
    if node.kind == CONSTANT and node.spec.size <= MOST_ELEMENTS and number is not None:
        _attribute(message, "value", Message().message(8, tensor_message(node.value)))
    for name, value in sorted(node.attributes.items()):
        encoded = _attribute_value(value)
        if encoded is not None and name != "dtype":
            _attribute(message, name, encoded)
    return message


def _update_message(variable: Variable, node: Node, names: _Names) -> Message:
    """Returns the node that writes a variable at the end of the step."""
    place = _clean(node.scope)
    message = Message().text(1, names.new(f"{place}/assign" if place else "assign"))
    message.text(2, "AssignVariableOp")
    target = names.of_variable(variable)
    if target is not None:
        message.text(3, target)
    return message.text(3, names.of(node))


def _kind(node: Node) -> str:
    if node.kind == INPUT:
        return "Placeholder"
    if node.kind == CONSTANT:
        return "Const"
    if node.kind == VARIABLE:
        return "VariableV2"
    name = node.operation.name  # type: ignore[union-attr]
    return SPECIAL_NAMES.get(name) or "".join(word.capitalize() for word in name.split("_"))


def _attribute(message: Message, key: str, value: Message) -> None:
    message.message(5, Message().text(1, key).message(2, value))


def _attribute_value(value: object) -> Message | None:
    """Returns an ``AttrValue``; None for values that it cannot represent, such as a branch of `tf.cond`."""
    if isinstance(value, bool | np.bool_):
        return Message().varint(5, int(value))
    if isinstance(value, int | np.integer):
        return Message().varint(3, int(value))
    if isinstance(value, float | np.floating):
        return Message().float32(4, float(value))
    if isinstance(value, DType):
        number = DATA_TYPES.get(value.name)
        return None if number is None else Message().varint(6, number)
    if isinstance(value, str):
        return Message().text(2, value)
    if isinstance(value, list | tuple) and all(isinstance(item, int | np.integer) for item in value):
        return Message().message(1, Message().packed_varints(3, value))
    return None


def _clean(name: str) -> str:
    """Replaces characters that TensorFlow does not allow in names of nodes by "_"."""
    parts = ("".join(c if c.isalnum() or c in "_.-" else "_" for c in part) for part in name.split("/"))
    return "/".join(part for part in parts if part)
