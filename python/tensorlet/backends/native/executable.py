"""Compiled graphs: one step at a time, or a whole epoch in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tensorlet.backends.native.emit import emit
from tensorlet.backends.native.fuse import fuse
from tensorlet.backends.native.instructions import Program
from tensorlet.backends.native.layout import transpose_narrow_variables
from tensorlet.backends.native.program_cache import keep, known, structure_of
from tensorlet.backends.native.row_updates import update_rows
from tensorlet.backends.native.simplify import simplify
from tensorlet.backends.native.translate import lower
from tensorlet.backends.programs import EpochResult, Progress
from tensorlet.debug import is_logged, log
from tensorlet.engine import native
from tensorlet.graph.choices import with_selections
from tensorlet.graph.ir import Graph


def build(graph: Graph, name: str, epoch: bool = False) -> native.Program:
    """The engine's program of a graph.

    Args:
        graph: the step.
        name: for messages.
        epoch: whether many steps run in one call, which makes transposing narrow weights worthwhile.

    Raises:
        UnsupportedError: if the engine cannot run the graph.
    """
    steady = graph.steady_rows
    graph = with_selections(graph)
    structure = structure_of(graph, epoch, steady)
    translation = known(structure)
    if translation is None:
        program = optimized(lower(graph), epoch)
        if steady:
            steady_rows(program)
        translation = emit(program)
        keep(structure, translation)
    text, constants = translation
    compiled = native.Program(text, constants, name)
    if is_logged("program"):
        log("program", f"{name}\n{compiled.describe()}")
    return compiled


def optimized(program: Program, epoch: bool) -> Program:
    """Rewrites the program in place, and returns it."""
    for body in program.bodies():
        optimized(body, epoch=False)
    simplify(program)
    update_rows(program)
    if epoch:
        transpose_narrow_variables(program)
    fuse(program)
    return program


def steady_rows(program: Program) -> None:
    """Lets no product of rows and weights depend on the number of rows: kernels differ in the order of sums."""
    for body in program.bodies():
        steady_rows(body)
    for value in program.values():
        if value.op == "matmul" and len(value.shape) == 2:
            value.attributes["steady_rows"] = True


class Compiled:
    """A graph compiled for the engine."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.program = build(graph, name)
        self.run: Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], list[np.ndarray]] = self.program.run


class Epoch:
    """A graph compiled for whole epochs; the steps run inside the engine."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.program = build(graph, name, epoch=True)

    def run(
        self,
        columns: Sequence[np.ndarray],
        order: np.ndarray | None,
        steps: int,
        variables: Sequence[np.ndarray],
        progress: Progress | None,
        interval: float,
    ) -> EpochResult:
        """Runs steps over rows; see `EpochProgram.run`."""
        whole: list[None] = [None] * len(columns)
        return self.program.run_epoch(
            list(columns), order, 0, steps, whole, list(variables), progress, interval
        )
