"""The interface of a backend: it turns graphs into programs, and runs them.

A backend is one class, registered under its name; `TENSORLET_BACKEND` chooses it. Only `Backend.compile` has to be
written. The other methods have simple definitions here, which call the compiled step repeatedly; a backend
overrides them where it can do better, such as running a whole epoch without Python between two steps.

>>> from tensorlet.backends.base import BACKENDS
>>> "native" in BACKENDS, "reference" in BACKENDS
(True, True)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from tensorlet.backends.programs import EpochProgram, Executable, Shuffle, Stage
from tensorlet.backends.stepwise import SteppedEpoch, run_stages
from tensorlet.graph.ir import Graph
from tensorlet.ops import philox
from tensorlet.registry import Registry, registry_of


class Backend(ABC):
    """Compiles graphs and runs what it has compiled."""

    @abstractmethod
    def compile(self, graph: Graph, name: str) -> Executable:
        """Compiles one step.

        Args:
            graph: the step.
            name: the name of the function or model, for messages.

        Raises:
            UnsupportedError: if the backend lacks an operation or dtype of the graph.
        """

    def compile_epoch(self, graph: Graph, name: str) -> EpochProgram:
        """Compiles a step for whole epochs; every graph input is one batch of rows.

        Raises:
            UnsupportedError: as `compile` does.
        """
        return SteppedEpoch(self.compile(graph, name), graph)

    def permutation(self, count: int, seed: int, call: int) -> np.ndarray:
        """A random order of ``0 .. count - 1`` (int64). Every backend gives the same one for the same arguments."""
        return philox.permutation(count, seed, call)

    def run_schedule(
        self,
        stages: Sequence[Stage],
        copies: Sequence[tuple[np.ndarray, np.ndarray]],
        shuffle: Shuffle | None,
        history: np.ndarray,
        seconds: float,
    ) -> tuple[int, BaseException | None]:
        """Runs several epochs, each of them all stages in turn.

        Args:
            stages: what an epoch does.
            copies: pairs of arrays; before each epoch, the first of each pair is copied into the second.
            shuffle: the orders of the rows; None for no shuffling.
            history: float64 of shape [epochs, reported outputs]; takes the reported outputs of each epoch.
            seconds: no epoch begins after this time.

        Returns:
            The number of whole epochs done, and the error that stopped the run, or None. There are fewer epochs
            than rows in ``history`` if time is up or a reported output is not finite.
        """
        return run_stages(self.permutation, stages, copies, shuffle, history, seconds)

    def run_population(
        self, members: Sequence[tuple[Sequence[Stage], Shuffle | None, np.ndarray]]
    ) -> tuple[list[int], BaseException | None]:
        """Runs the schedules of several models; by default one after the other.

        Args:
            members: for each model its stages, the orders of its rows, and the array for its results; see
                `run_schedule`. No variable belongs to two models.

        Returns:
            For each model the number of whole epochs done, and the error that stopped the run, or None.
        """
        done = [0] * len(members)
        for number, (stages, shuffle, history) in enumerate(members):
            done[number], error = self.run_schedule(stages, (), shuffle, history, NO_LIMIT)
            if error is not None:
                return done, error
        return done, None


#: A time in seconds that no run takes.
NO_LIMIT = 1e9

#: The classes of all backends, by the possible values of `TENSORLET_BACKEND`.
BACKENDS: Registry[type[Backend]] = registry_of("backend")
