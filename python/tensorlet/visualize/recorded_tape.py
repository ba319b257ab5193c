"""The recording of a `GradientTape` outside of traced functions, as a computation that can be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tensorlet.core.buffers import array_of
from tensorlet.core.tensor import EagerTensor
from tensorlet.core.variable import Variable
from tensorlet.graph import ir
from tensorlet.graph.gradient import Record
from tensorlet.ops.registry import Spec
from tensorlet.visualize.computation import Computation, add_gradients, names_of, names_of_arrays

if TYPE_CHECKING:
    from tensorlet.core.tape import GradientTape


def computation_of(
    tape: GradientTape, target: object, called: Mapping[str, Any], name: str
) -> Computation | None:
    """Returns the computation of a target, with its values and gradients.

    Args:
        tape: a tape that has not computed gradients yet.
        target: the tensor that is differentiated.
        called: the values of the names at the place where the gradients were computed.
        name: a description of that place, for the title.

    Returns:
        The computation; None if it cannot be drawn: several targets, or calls of traced functions.
    """
    if not isinstance(target, EagerTensor) or not target.dtype.is_floating:
        return None
    if not all(isinstance(record, Record) for record in tape._records):
        return None
    nodes, values, captured = _nodes(tape)
    output = nodes.get(id(target))
    if output is None or output.kind != ir.APPLY:
        return None
    graph = ir.Graph([], [output])
    by_tensor = {id(value): key for key, value in called.items() if isinstance(value, EagerTensor)}
    by_node = {id(node): by_tensor[tensor] for tensor, node in nodes.items() if tensor in by_tensor}
    by_node |= names_of_arrays(graph, called)
    variables = {
        id(value): key
        for key, value in called.items()
        if isinstance(value, Variable) and value._name == "Variable"
    }
    names = names_of("result", graph, by_node, variables, captured)
    found = Computation(f"{names[id(output)]}, {name}", graph, names, captured, values)
    add_gradients(found)
    return found


def _nodes(tape: GradientTape) -> tuple[dict[int, ir.Node], dict[int, Any], set[int]]:
    """Returns a node for each tensor (by id), the values by the id of the node, and the leaves of the user."""
    nodes: dict[int, ir.Node] = {}
    values: dict[int, Any] = {}
    captured: set[int] = set()

    def add(tensor: EagerTensor, node: ir.Node) -> ir.Node:
        nodes[id(tensor)] = node
        values[id(node)] = array_of(tensor)
        return node

    read: dict[int, ir.Node] = {}
    for variable, tensor in tape._reads:
        known = read.get(id(variable))
        if known is None:
            spec = Spec(tuple(variable.shape), variable.dtype)
            known = read[id(variable)] = ir.Node(ir.VARIABLE, spec, value=variable, name=variable._name)
        # Each read is a separate tensor, but the variable is drawn once.
        add(tensor, known)
    for record in (one for one in tape._records if isinstance(one, Record)):
        inputs = []
        for tensor in record.inputs:
            node = nodes.get(id(tensor))
            if node is None:
                node = add(tensor, ir.constant(array_of(tensor)))
                if tensor.spec.size != 1:
                    captured.add(id(node))
            inputs.append(node)
        output = record.outputs[0]
        add(output, ir.Node(
            ir.APPLY, output.spec, operation=record.operation, inputs=inputs, attributes=record.attributes
        ))  # fmt: skip
    return nodes, values, captured
