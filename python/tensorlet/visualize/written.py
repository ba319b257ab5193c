"""The graph of a function as its program has it: rewrites and constants that were computed while tracing are undone."""

from __future__ import annotations

from tensorlet.graph import ir


def as_written(graph: ir.Graph) -> tuple[ir.Graph, dict[int, ir.Node]]:
    """Returns a graph with the operations of the program, and the node for each node of the given one, by its id.

    What runs is the given graph, in which ``log(softmax(z))`` has become one operation, and arithmetic on constants a
    constant. Both say the same. Whole numbers stay constants: they are lengths and axes.
    """
    made: dict[int, ir.Node] = {}
    waiting = [*graph.roots(), *graph.inputs]
    while waiting:
        node = waiting[-1]
        source = node
        if node.written is not None and (node.kind != ir.CONSTANT or node.dtype.is_floating):
            source = node.written
        missing = [one for one in source.inputs if id(one) not in made]
        if missing and id(node) not in made:
            waiting += missing
            continue
        waiting.pop()
        if id(node) not in made:
            made[id(node)] = _with_inputs(node, source, [made[id(one)] for one in source.inputs])
    outputs = [made[id(one)] for one in graph.outputs]
    updates = [(variable, made[id(one)]) for variable, one in graph.updates]
    return ir.Graph(graph.inputs, outputs, updates, graph.given), made


def _with_inputs(node: ir.Node, source: ir.Node, inputs: list[ir.Node]) -> ir.Node:
    same = all(one is other for one, other in zip(inputs, source.inputs, strict=True))
    if source is node and same:
        return node
    return ir.Node(
        source.kind, source.spec, operation=source.operation, inputs=inputs, attributes=source.attributes,
        value=source.value, name=source.name, scope=source.scope,
    )  # fmt: skip
