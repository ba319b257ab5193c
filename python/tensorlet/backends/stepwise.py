"""Epochs and schedules as Python loops over single steps: what a backend does unless it can do better."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from tensorlet.backends.programs import BatchStage, EpochResult, Executable, Progress, Shuffle, Stage
from tensorlet.graph.ir import Graph


class SteppedEpoch:
    """An epoch that runs a compiled step for each batch; see `EpochProgram`.

    Args:
        step: the compiled graph.
        graph: the graph itself, for the shapes and dtypes of its inputs.
    """

    def __init__(self, step: Executable, graph: Graph) -> None:
        self._step = step
        self._inputs = graph.inputs
        self._batch = graph.inputs[0].shape[0]

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
        rows = np.arange(len(columns[0])) if order is None else order
        sums: list[float] = []
        last: list[np.ndarray | None] = []
        reported = time.monotonic()
        for step in range(steps):
            outputs = self._step.run(self._rows_of(columns, rows, step), variables)
            scalars = [float(output) for output in outputs if output.ndim == 0]
            last = [output if output.ndim else None for output in outputs]
            sums = [total + one for total, one in zip(sums or [0.0] * len(scalars), scalars, strict=True)]
            if progress is not None and time.monotonic() - reported >= interval:
                progress(step + 1, sums)
                reported = time.monotonic()
        return steps, sums, last

    def _rows_of(self, columns: Sequence[np.ndarray], rows: np.ndarray, step: int) -> list[np.ndarray]:
        """The batch of a step, in the dtypes of the graph's inputs."""
        taken = rows[step * self._batch : (step + 1) * self._batch]
        return [
            np.ascontiguousarray(column[taken], node.dtype.numpy)
            for column, node in zip(columns, self._inputs, strict=True)
        ]


def run_stages(
    permutation: Callable[[int, int, int], np.ndarray],
    stages: Sequence[Stage],
    copies: Sequence[tuple[np.ndarray, np.ndarray]],
    shuffle: Shuffle | None,
    history: np.ndarray,
    seconds: float,
) -> tuple[int, BaseException | None]:
    """Runs epochs stage by stage; see `Backend.run_schedule`, and `Backend.permutation` for the first argument."""
    end = time.monotonic() + seconds
    for epoch, row in enumerate(history):
        try:
            order = None
            if shuffle is not None:
                order = permutation(shuffle.rows, shuffle.seed, shuffle.call + epoch)
            for source, target in copies:
                target[...] = source
            row[:] = [number for stage in stages for number in _run_stage(stage, order)]
        except BaseException as error:  # Ctrl-C too: the caller keeps the epochs before it, then raises
            return epoch, error
        if not np.isfinite(row).all() or time.monotonic() >= end:
            return epoch + 1, None
    return len(history), None


def _run_stage(stage: Stage, order: np.ndarray | None) -> list[float]:
    """Runs one stage; returns the outputs that it reports."""
    if isinstance(stage, BatchStage):
        rows = None if order is None or stage.first_row is None else order[stage.first_row :]
        stage.program.run(stage.columns, rows, stage.steps, stage.variables, None, 0.0)
        return []
    outputs = stage.program.run((), stage.variables)
    return [float(output) for output in outputs] if stage.reports else []
