"""What a backend is: it turns a graph into something that runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from tensorlet.debug import backend_name
from tensorlet.errors import InvalidArgumentError
from tensorlet.graph.ir import Graph


class Executable(Protocol):
    """A graph, ready to run one step at a time."""

    def run(self, inputs: Sequence[np.ndarray], variables: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Runs one step.

        Args:
            inputs: C-contiguous arrays of the graph's input shapes and dtypes.
            variables: the buffers of `Graph.variables`; updated in place.

        Returns:
            Fresh arrays: the outputs.
        """


def compile_graph(graph: Graph, name: str) -> Executable:
    """Compiles with the backend in force (`TENSORLET_BACKEND`: ``native`` or ``reference``).

    A graph that the native engine has no instructions for runs on the reference backend;
    ``TENSORLET_DEBUG=backend`` says so and why.
    """
    from tensorlet.backends import native, reference

    wanted = backend_name()
    if wanted == "reference":
        return reference.Interpreted(graph)
    if wanted == "native":
        return native.compile_graph(graph, name)
    raise InvalidArgumentError(f"TENSORLET_BACKEND is '{wanted}'. Expected 'native' or 'reference'.")


class EpochProgram(Protocol):
    """A graph whose every input is one batch of rows, ready to run many steps in one call."""

    def run(
        self,
        columns: Sequence[np.ndarray],
        order: np.ndarray | None,
        steps: int,
        variables: Sequence[np.ndarray],
        progress: Callable[[int, list[float]], None] | None,
        interval: float,
    ) -> tuple[int, list[float], list[np.ndarray | None]]:
        """Runs steps over rows.

        Args:
            columns: one array for each graph input, of shape [rows, ...].
            order: which row comes when (int64); None: as they stand.
            steps: how many batches.
            variables: the buffers of `Graph.variables`; updated in place.
            progress: called every ``interval`` seconds with the steps done and the sums so far.
            interval: seconds.

        Returns:
            The steps done, the sums of the scalar outputs over them, and for each output that is no
            scalar its value in the last step (None for scalars).
        """


def compile_epoch(graph: Graph, name: str) -> EpochProgram:
    """Compiles a graph for whole epochs, with the backend in force; see `compile_graph`."""
    from tensorlet.backends import native, reference

    if backend_name() == "reference":
        return reference.InterpretedEpoch(graph)
    return native.compile_epoch(graph, name)


def permutation(count: int, seed: int, call: int) -> np.ndarray:
    """A random order of ``0 .. count - 1`` (int64); the same numbers on every backend."""
    if backend_name() == "reference":
        from tensorlet.ops import philox

        return philox.permutation(count, seed, call)
    from tensorlet.backends.native.engine import _native

    return _native.permutation(count, seed, call)
