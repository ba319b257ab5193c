"""Graphs with effects (printing, summaries, checks) on a backend that only computes.

Effects of the graph itself, and not of a branch or loop in it, take values and give none. So the backend computes
these values with the others, and the effects happen in their order after the step. If one of them may raise an error,
the step's updates of variables are values too, and are written last: a failed check leaves the variables as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tensorlet.backends.programs import Executable
from tensorlet.graph.choices import has_effects
from tensorlet.graph.ir import APPLY, Graph, Node


def effects_of(graph: Graph) -> list[Node]:
    """The nodes with effects, in their order."""
    return [
        node for node in graph.nodes() if node.kind == APPLY and getattr(node.operation, "has_effect", False)
    ]


class WithEffects:
    """A step, and its effects after it; see `Executable`.

    Args:
        graph: the step.
        effects: its nodes with effects.
        compiler: compiles the rest of it.
    """

    def __init__(
        self, graph: Graph, effects: Sequence[Node], compiler: Callable[[Graph], Executable]
    ) -> None:
        self._effects = effects
        ours = {id(node) for node in effects}
        updates = [(variable, node) for variable, node in graph.updates if id(node) not in ours]
        outputs = [*graph.outputs, *(node for effect in effects for node in effect.inputs[1:])]
        self._count = len(graph.outputs)
        self._late: list[int] = []
        everything = graph.variables()
        places = {id(variable): place for place, variable in enumerate(everything)}
        if any(effect.operation.may_fail for effect in effects):  # type: ignore[union-attr]
            self._late = [places[id(variable)] for variable, _ in updates]
            outputs += [node for _, node in updates]
            updates = []
        pure = Graph(graph.inputs, outputs, updates)
        self._variables = [places[id(variable)] for variable in pure.variables()]
        self._step = compiler(pure)

    def run(self, inputs: Sequence[np.ndarray], variables: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Runs one step; see `Executable.run`."""
        values = self._step.run(inputs, [variables[place] for place in self._variables])
        rest = iter(values[self._count :])
        token = np.zeros((), np.int64)
        for effect in self._effects:
            arrays = [next(rest) for _ in effect.inputs[1:]]
            token = effect.operation.reference(token, *arrays)  # type: ignore[union-attr]
        for place, value in zip(self._late, rest, strict=True):
            variables[place][...] = value
        return values[: self._count]


def can_follow(graph: Graph, effects: Sequence[Node]) -> bool:
    """Whether the effects can happen after the step: none gives a value, and none is in a branch or loop."""
    ours = {id(node) for node in effects}
    if not all(hasattr(effect.operation, "may_fail") for effect in effects):
        return False
    for node in graph.nodes():
        if id(node) in ours:
            if any(id(other) in ours for other in node.inputs[1:]):
                return False
        elif any(id(other) in ours for other in node.inputs) or (
            node.kind == APPLY and any(has_effects(one) for one in getattr(node.operation, "graphs", ()))
        ):
            return False
    return not any(id(node) in ours for node in graph.outputs)
