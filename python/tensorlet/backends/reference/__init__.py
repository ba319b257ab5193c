"""The reference backend: interprets a graph with each operation's NumPy reference. Slow and simple.

The other backends are tested against it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tensorlet.backends.base import Backend
from tensorlet.graph import ir
from tensorlet.registry import register


@register("backend", "reference")
class ReferenceBackend(Backend):
    """Interprets graphs."""

    def compile(self, graph: ir.Graph, name: str) -> Interpreted:
        """The graph, ready to be interpreted; see `Backend.compile`."""
        return Interpreted(graph)


class Interpreted:
    """A graph that is interpreted node by node; see `Executable`."""

    def __init__(self, graph: ir.Graph) -> None:
        self._graph = graph
        self._nodes = graph.nodes()
        self._variables = graph.variables()

    def run(self, inputs: Sequence[np.ndarray], variables: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Runs one step; see `Executable.run`."""
        buffers = {id(variable): array for variable, array in zip(self._variables, variables, strict=True)}
        values: dict[int, np.ndarray] = {}
        for node in self._nodes:
            if node.kind == ir.INPUT:
                values[id(node)] = np.asarray(inputs[node.value])
            elif node.kind == ir.CONSTANT:
                values[id(node)] = node.value
            elif node.kind == ir.VARIABLE:
                values[id(node)] = buffers[id(node.value)].copy()
            else:
                arrays = [values[id(other)] for other in node.inputs]
                values[id(node)] = node.operation.reference(*arrays, **node.attributes)  # type: ignore[union-attr]
        outputs = [np.array(values[id(node)]) for node in self._graph.outputs]
        for variable, node in self._graph.updates:
            buffers[id(variable)][...] = values[id(node)]
        return outputs
