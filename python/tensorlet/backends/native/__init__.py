"""The native backend: graphs become programs of the Rust engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from tensorlet.backends.base import Backend
from tensorlet.backends.native.executable import Compiled, Epoch
from tensorlet.backends.programs import BatchStage, Shuffle, SingleStage, Stage
from tensorlet.engine import native
from tensorlet.graph.ir import Graph
from tensorlet.registry import register

#: Program, columns, variables, steps, first row, whether the outputs are reported; see `native.run_schedule`.
EngineStage: TypeAlias = tuple[
    native.Program, Sequence[np.ndarray], Sequence[np.ndarray], int, int | None, bool
]


@register("backend", "native")
class NativeBackend(Backend):
    """Compiles for the engine, which runs steps and whole epochs without Python."""

    def compile(self, graph: Graph, name: str) -> Compiled:
        """A program of one step; see `Backend.compile`."""
        return Compiled(graph, name)

    def compile_epoch(self, graph: Graph, name: str) -> Epoch:
        """A program of many steps; see `Backend.compile_epoch`."""
        return Epoch(graph, name)

    def permutation(self, count: int, seed: int, call: int) -> np.ndarray:
        """A random order; see `Backend.permutation`."""
        return native.permutation(count, seed, call)

    def run_schedule(
        self,
        stages: Sequence[Stage],
        copies: Sequence[tuple[np.ndarray, np.ndarray]],
        shuffle: Shuffle | None,
        history: np.ndarray,
        seconds: float,
    ) -> tuple[int, BaseException | None]:
        """Runs all epochs in one call of the engine, if it compiled every stage; see `Backend.run_schedule`."""
        given = [prepared for stage in stages if (prepared := _for_engine(stage)) is not None]
        if len(given) < len(stages):  # one of them runs on the reference backend
            return super().run_schedule(stages, copies, shuffle, history, seconds)
        return native.run_schedule(given, copies, shuffle, history, seconds)

    def run_population(
        self, members: Sequence[tuple[Sequence[Stage], Shuffle | None, np.ndarray]]
    ) -> tuple[list[int], BaseException | None]:
        """Trains one model on each thread, in one call of the engine; see `Backend.run_population`."""
        given = []
        for stages, shuffle, history in members:
            own = [prepared for stage in stages if (prepared := _for_engine(stage)) is not None]
            if len(own) < len(stages):  # one of them runs on the reference backend
                return super().run_population(members)
            given.append((own, shuffle, history))
        return native.run_population(given)


def _for_engine(stage: Stage) -> EngineStage | None:
    """A stage as the engine takes it; None for a program that the engine did not compile."""
    if isinstance(stage, BatchStage) and isinstance(stage.program, Epoch):
        return stage.program.program, stage.columns, stage.variables, stage.steps, stage.first_row, False
    if isinstance(stage, SingleStage) and isinstance(stage.program, Compiled):
        return stage.program.program, (), stage.variables, 0, None, stage.reports
    return None
