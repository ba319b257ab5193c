"""Writes cheap choices between two sub-graphs as selections: both are computed, and one of the results is taken.

That is how `tf.cond`, and what Python's ``if`` on a tensor becomes, are fused with what surrounds them. The results are
the same, also those of gradients: they are selected, not multiplied by zero, so a NaN of the branch that is not taken
stays out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet.graph.ir import APPLY, INPUT, Graph, Node, apply
from tensorlet.ops.registry import operation


def with_selections(graph: Graph) -> Graph:
    """The graph without nodes that choose; the same one if it has none.

    A branch that prints, or has another effect, stays a choice: it may only run if it is chosen. So does one that
    computes much.
    """
    if not any(node.is_op("cond") for node in graph.nodes()):
        return graph
    new: dict[int, Any] = {}
    _copy(graph, new)
    updates = [(variable, new[id(node)]) for variable, node in graph.updates]
    return Graph(graph.inputs, [new[id(node)] for node in graph.outputs], updates, graph.variables())


def _copy(graph: Graph, new: dict[int, Any]) -> None:
    """Adds the nodes of a graph to ``new``, by the id of the old node; the results of a choice as a list."""
    for node in graph.nodes():
        if id(node) in new:
            continue
        inputs = [new[id(other)] for other in node.inputs]
        if node.is_op("cond") and _is_selected(node.operation):
            new[id(node)] = _selected(node.operation, inputs)
        elif node.is_op("item") and isinstance(inputs[0], list):
            new[id(node)] = inputs[0][node.attributes["index"]]
        elif node.kind != APPLY or all(a is b for a, b in zip(inputs, node.inputs, strict=True)):
            new[id(node)] = node
        else:
            new[id(node)] = Node(
                APPLY, node.spec, operation=node.operation, inputs=inputs, attributes=node.attributes,
                name=node.name, scope=node.scope,
            )  # fmt: skip


#: Branches of more work than this (in multiplications or elements) are not both computed.
MOST_SELECTED = 100_000


def _is_selected(choice: Any) -> bool:
    """Whether both branches are computed: they only compute, and that is cheap."""
    graphs: Sequence[Graph] = choice.graphs
    return not any(has_effects(one) for one in graphs) and sum(map(work_of, graphs)) <= MOST_SELECTED


def work_of(graph: Graph) -> int:
    """Roughly how much a graph computes: elements, and multiplications of products."""
    total = 0
    for node in graph.nodes():
        if node.kind != APPLY:
            continue
        terms = 1
        if node.is_op("matmul", "conv2d", "conv2d_input_gradient", "conv2d_filter_gradient"):
            terms = max(other.spec.size for other in node.inputs) // max(node.shape[-1], 1) + 1
        rounds = getattr(node.operation, "length", 100)
        total += node.spec.size * terms
        total += sum(rounds * work_of(one) for one in getattr(node.operation, "graphs", ()))
    return total


def _selected(choice: Any, inputs: list[Node]) -> list[Node]:
    condition, taken = inputs[0], inputs[1:]
    if condition.shape:
        condition = apply(operation("reshape"), condition, shape=())
    results = []
    for graph in choice.graphs:
        own = taken[: len(graph.inputs)]
        taken = taken[len(graph.inputs) :]
        new: dict[int, Any] = {id(node): value for node, value in zip(graph.inputs, own, strict=True)}
        _copy(graph, new)
        results.append([new[id(node)] for node in graph.outputs])
    return [
        one if one is other else apply(operation("where"), condition, one, other)
        for one, other in zip(*results, strict=True)
    ]


def has_effects(graph: Graph) -> bool:
    """Whether a graph, or one inside it, does more than to compute."""
    return any(
        node.kind == APPLY
        and (
            getattr(node.operation, "has_effect", False)
            or any(has_effects(one) for one in getattr(node.operation, "graphs", ()))
        )
        for node in graph.nodes()
        if node.kind != INPUT
    )
