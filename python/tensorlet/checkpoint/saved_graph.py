"""Graphs of traced functions as data: JSON for the nodes, arrays for the constants. Reading one runs no code."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.core.variable import Variable
from tensorlet.dtypes import DType, as_dtype
from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.graph import ir
from tensorlet.ops.registry import OPERATIONS, Spec

Arrays = dict[str, np.ndarray]


def described(graph: ir.Graph, variables: list[Variable], name: str, arrays: Arrays) -> dict[str, Any]:
    """A graph as values for JSON; its constants go to ``arrays``.

    Args:
        graph: of a traced function.
        variables: all variables of the object; nodes refer to their positions.
        name: of the function.
        arrays: takes the constants, by name.

    Raises:
        InvalidArgumentError: for a graph with loops or choices, and for variables of other objects.
    """
    positions = {id(variable): place for place, variable in enumerate(variables)}
    order = ir.in_order([*graph.inputs, *graph.roots()])
    numbers = {id(node): number for number, node in enumerate(order)}
    nodes = []
    for number, node in enumerate(order):
        entry: dict[str, Any] = {"kind": node.kind, "dtype": node.dtype.name, "shape": list(node.shape)}
        if node.kind == ir.CONSTANT:
            entry["array"] = f"{name}/{number}"
            arrays[entry["array"]] = np.asarray(node.value)
        elif node.kind == ir.VARIABLE:
            entry["variable"] = _position(positions, node.value, name)
        elif node.kind == ir.APPLY:
            operation = node.operation.name  # type: ignore[union-attr]
            if operation not in OPERATIONS:
                raise InvalidArgumentError(
                    f"saved_model: the function '{name}' contains {operation}, which cannot be saved. Leave the "
                    "function out of the object (its variables are saved), or write it without loops and choices."
                )
            entry |= {"operation": operation, "inputs": [numbers[id(one)] for one in node.inputs]}
            entry["attributes"] = {key: _plain(value, name) for key, value in node.attributes.items()}
        nodes.append(entry)
    return {
        "nodes": nodes,
        "inputs": [numbers[id(node)] for node in graph.inputs],
        "outputs": [numbers[id(node)] for node in graph.outputs],
        "updates": [
            [_position(positions, variable, name), numbers[id(node)]] for variable, node in graph.updates
        ],
    }


def _position(positions: dict[int, int], variable: Any, name: str) -> int:
    if id(variable) not in positions:
        raise InvalidArgumentError(
            f"saved_model: the function '{name}' uses the variable {variable.name!r}, which is not an attribute of the "
            "object. Make it one: module.v = variable."
        )
    return positions[id(variable)]


def _plain(value: Any, name: str) -> Any:
    """An attribute as a value for JSON."""
    if isinstance(value, DType):
        return {"dtype": value.name}
    if isinstance(value, tuple | list):
        return {"tuple" if isinstance(value, tuple) else "list": [_plain(one, name) for one in value]}
    if isinstance(value, slice):
        return {"slice": [_plain(one, name) for one in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, np.integer | np.floating | np.bool_):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InvalidArgumentError(
        f"saved_model: the function '{name}' has an attribute {value!r}, which cannot be saved."
    )


def _value(plain: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    ((kind, content),) = plain.items()
    if kind == "dtype":
        return as_dtype(content)
    if kind == "ellipsis":
        return ...
    items = [_value(one) for one in content]
    if kind == "slice":
        return slice(*items)
    return tuple(items) if kind == "tuple" else items


def rebuilt(saved: dict[str, Any], variables: list[Variable], arrays: Any) -> ir.Graph:
    """The graph of `described`, on other variables.

    Raises:
        FileFormatError: if it contains an operation that does not exist.
    """
    nodes: list[ir.Node] = []
    for entry in saved["nodes"]:
        spec = Spec(tuple(entry["shape"]), as_dtype(entry["dtype"]))
        if entry["kind"] == ir.INPUT:
            nodes.append(ir.Node(ir.INPUT, spec, value=sum(one.kind == ir.INPUT for one in nodes)))
        elif entry["kind"] == ir.CONSTANT:
            nodes.append(ir.constant(arrays[entry["array"]]))
        elif entry["kind"] == ir.VARIABLE:
            nodes.append(ir.Node(ir.VARIABLE, spec, value=variables[entry["variable"]]))
        else:
            operation = OPERATIONS.get(entry["operation"])
            if operation is None:
                raise FileFormatError(f"saved_model: there is no operation {entry['operation']!r} here.")
            attributes = {key: _value(value) for key, value in entry["attributes"].items()}
            inputs = [nodes[number] for number in entry["inputs"]]
            made = operation.infer(
                *[one.spec for one in inputs], **attributes
            )  # what does not fit is refused here
            nodes.append(ir.Node(ir.APPLY, made, operation=operation, inputs=inputs, attributes=attributes))
    updates = [(variables[place], nodes[number]) for place, number in saved["updates"]]
    return ir.Graph(
        [nodes[one] for one in saved["inputs"]], [nodes[one] for one in saved["outputs"]], updates
    )
