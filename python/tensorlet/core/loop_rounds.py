"""How many rounds a loop has, where that follows from constants.

``while i < 10`` with ``i = i + 1`` from a constant on has a known length: it becomes a loop of known length, which has
gradients of any order and needs no condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet.graph import ir

#: Loops of more rounds are not counted by running their condition.
MOST_COUNTED = 1_000
#: Nor are those whose condition depends on more numbers than this.
MOST_NUMBERS = 64


def known_rounds(
    test: ir.Graph, step: ir.Graph, first: Sequence[ir.Node], takes: Sequence[Sequence[ir.Node]], limit: float
) -> int | None:
    """The number of rounds; None if it depends on values that are known only later.

    Args:
        test: from the states, and what it takes from outside, to whether there is another round.
        step: from the states, and what it takes, to the next states.
        first: the first states.
        takes: what each of the two graphs takes.
        limit: the most rounds.
    """
    needed = _states_of_condition(test, step, len(first))
    outside = [*(first[place] for place in needed)]
    for graph, taken in zip((test, step), takes, strict=True):
        roots = graph.outputs if graph is test else [graph.outputs[place] for place in needed]
        read = {id(node) for node in ir.in_order(roots)}
        own = graph.inputs[len(first) :]
        outside += [node for node, mine in zip(taken, own, strict=True) if id(mine) in read]
    small = sum(node.spec.size for node in outside) <= MOST_NUMBERS
    if not small or any(node.kind != ir.CONSTANT for node in outside):
        return None
    return _counted(test, step, needed, first, takes, limit)


def _states_of_condition(test: ir.Graph, step: ir.Graph, count: int) -> list[int]:
    """The states that decide when the loop ends, and those that these are computed from."""
    needed: set[int] = set()
    roots, graph = list(test.outputs), test
    while True:
        read = {id(node) for node in ir.in_order(roots)}
        more = {place for place in range(count) if id(graph.inputs[place]) in read} - needed
        if not more:
            return sorted(needed)
        needed |= more
        roots, graph = [step.outputs[place] for place in needed], step


def _counted(
    test: ir.Graph,
    step: ir.Graph,
    needed: Sequence[int],
    first: Sequence[ir.Node],
    takes: Sequence[Sequence[ir.Node]],
    limit: float,
) -> int | None:
    condition = [node for node in ir.in_order(test.outputs) if node.kind != ir.INPUT]
    following = [step.outputs[place] for place in needed]
    update = [node for node in ir.in_order(following) if node.kind != ir.INPUT]
    if not all(_is_repeatable(node) for node in [*condition, *update]):
        return None
    values = {place: np.asarray(first[place].value) for place in needed}
    for rounds in range(MOST_COUNTED + 1):
        if rounds >= limit:
            return rounds
        if not bool(_evaluated(test, condition, values, takes[0], len(first))[id(test.outputs[0])]):
            return rounds
        found = _evaluated(step, update, values, takes[1], len(first))
        values = {place: np.asarray(found[id(node)]) for place, node in zip(needed, following, strict=True)}
    return None


def _is_repeatable(node: ir.Node) -> bool:
    return node.kind == ir.CONSTANT or (node.kind == ir.APPLY and bool(node.operation.deterministic))  # type: ignore[union-attr]


def _evaluated(
    graph: ir.Graph,
    order: Sequence[ir.Node],
    states: dict[int, np.ndarray],
    taken: Sequence[ir.Node],
    count: int,
) -> dict[int, Any]:
    """The values of nodes, by id."""
    values: dict[int, Any] = {id(graph.inputs[place]): array for place, array in states.items()}
    values |= {id(mine): node.value for mine, node in zip(graph.inputs[count:], taken, strict=True)}
    for node in order:
        if node.kind == ir.CONSTANT:
            values[id(node)] = node.value
        else:
            inputs = [values[id(other)] for other in node.inputs]
            values[id(node)] = node.operation.reference(*inputs, **node.attributes)  # type: ignore[union-attr]
    return values
