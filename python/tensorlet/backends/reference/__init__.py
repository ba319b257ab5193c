"""The reference backend: interprets a graph with the NumPy references. Slow, obvious; the oracle."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from tensorlet.graph import ir


class Interpreted:
    """A graph that is interpreted node by node."""

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


class InterpretedEpoch:
    """Steps over rows, each interpreted."""

    def __init__(self, graph: ir.Graph) -> None:
        self._step = Interpreted(graph)
        self._inputs = graph.inputs
        self._batch = graph.inputs[0].shape[0]

    def run(
        self,
        columns: Sequence[np.ndarray],
        order: np.ndarray | None,
        steps: int,
        variables: Sequence[np.ndarray],
        progress: Callable[[int, list[float]], None] | None,
        interval: float,
    ) -> tuple[int, list[float], list[np.ndarray | None]]:
        """Runs steps over rows; see `EpochProgram.run`."""
        rows = np.arange(len(columns[0])) if order is None else order
        sums: list[float] = []
        last: list[np.ndarray | None] = []
        reported = time.monotonic()
        for step in range(steps):
            own = rows[step * self._batch : (step + 1) * self._batch]
            batch = [
                column[own].astype(node.dtype.numpy, copy=False)
                for column, node in zip(columns, self._inputs, strict=True)
            ]
            outputs = self._step.run(batch, variables)
            numbers = [float(output) for output in outputs if output.ndim == 0]
            last = [output if output.ndim else None for output in outputs]
            sums = [
                total + number for total, number in zip(sums or [0.0] * len(numbers), numbers, strict=True)
            ]
            if progress is not None and time.monotonic() - reported >= interval:
                progress(step + 1, sums)
                reported = time.monotonic()
        return steps, sums, last
