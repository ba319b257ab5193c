"""What backends compile graphs into, and the parts of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

#: Called while an epoch runs, with the steps done and the sums of the scalar outputs so far.
Progress = Callable[[int, list[float]], None]
#: The steps done, the sums of the scalar outputs, and the last value of every other output (None for scalars).
EpochResult = tuple[int, list[float], list[np.ndarray | None]]


class UnsupportedError(Exception):
    """A backend cannot compile a graph; it runs on the reference backend instead.

    Args:
        what: what is not supported, such as ``"the operation cond"``.
        advice: what to write instead, as a sentence.
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.advice = advice


class Executable(Protocol):
    """A compiled graph that runs one step in a call."""

    def run(self, inputs: Sequence[np.ndarray], variables: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Runs one step.

        Args:
            inputs: C-contiguous arrays of the graph's input shapes and dtypes.
            variables: the buffers of `Graph.variables`; updated in place.

        Returns:
            A new array for each output.
        """


class EpochProgram(Protocol):
    """A compiled graph whose inputs are batches of rows; it runs many steps in a call."""

    def run(
        self,
        columns: Sequence[np.ndarray],
        order: np.ndarray | None,
        steps: int,
        variables: Sequence[np.ndarray],
        progress: Progress | None,
        interval: float,
    ) -> EpochResult:
        """Runs steps over rows.

        Args:
            columns: for each graph input an array of shape [rows, ...]; other dtypes are converted.
            order: the row indices in the order in which they are taken (int64); None takes them in order.
            steps: the number of batches.
            variables: the buffers of `Graph.variables`; updated in place.
            progress: called about every ``interval`` seconds.
            interval: seconds.
        """


class BatchStage(NamedTuple):
    """A part of an epoch that runs over batches of rows.

    Attributes:
        program: the compiled step.
        columns: the arrays whose rows it reads.
        variables: the buffers of its variables.
        steps: the number of batches.
        first_row: the position of the first row in the shuffled order; None takes the rows as they are.
    """

    program: EpochProgram
    columns: Sequence[np.ndarray]
    variables: Sequence[np.ndarray]
    steps: int
    first_row: int | None


class SingleStage(NamedTuple):
    """A part of an epoch that runs once, on variables only, such as resetting or reading metrics.

    Attributes:
        program: the compiled step, which has no inputs.
        variables: the buffers of its variables.
        reports: whether its outputs, float32 scalars, are entered in the history.
    """

    program: Executable
    variables: Sequence[np.ndarray]
    reports: bool


Stage = BatchStage | SingleStage


class Shuffle(NamedTuple):
    """Names the orders of the rows: epoch ``i`` takes ``permutation(rows, seed, call + i)``."""

    rows: int
    seed: int
    call: int
