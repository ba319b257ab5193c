"""`run_epochs`: runs a user-defined training step over arrays, a whole epoch in one native call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.backends.dispatch import compile_epoch, permutation
from tensorlet.core import random_state
from tensorlet.core.concrete_function import LEAF, Concrete
from tensorlet.core.function import Function
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.conversion import to_array
from tensorlet.ops.registry import Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Seconds between two calls of ``on_progress``.
PROGRESS_INTERVAL = 0.1


class History:
    """The training history, epoch by epoch.

    Attributes:
        history: for each name that the step returns, the list of its means.
        epoch: the numbers of the epochs, from 0.
        params: the settings of the run.
    """

    def __init__(self, params: dict[str, Any]) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.params = params

    def add(self, epoch: int, means: dict[str, float]) -> None:
        """Adds the means of an epoch."""
        self.epoch.append(epoch)
        for name, mean in means.items():
            self.history.setdefault(name, []).append(mean)

    def __repr__(self) -> str:
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"

    def _repr_html_(self) -> str | None:
        """The curves, for notebooks."""
        from tensorlet.formats.html import history_html

        return history_html(self.history)


def run_epochs(
    step: Callable[..., Any],
    data: Any,
    batch_size: int = 32,
    epochs: int = 1,
    shuffle: bool = True,
    seed: int | None = None,
    drop_remainder: bool = False,
    on_progress: Callable[[int, int, int, dict[str, float]], None] | None = None,
    on_epoch: Callable[[int, dict[str, float]], Any] | None = None,
) -> History:
    """Runs a training step over all rows of the data, for several epochs, at full speed.

    The step is traced once and compiled; each epoch is one native call, with no Python
    between two batches. Rows are gathered directly from the arrays, whatever their dtype
    (uint8 rows stay uint8), and memory-mapped files are read as needed. The same seed gives
    bitwise identical weights with any number of threads. Ctrl-C stops between two batches
    and leaves the variables consistent.

    Args:
        step: a function (a `tf.function` or a plain one) that takes one batch of each array
            and returns scalars: one, a tuple or a dictionary of them.
        data: an array or a tuple of arrays of shape [rows, ...], with the same number of rows.
        batch_size: the number of rows per batch. A smaller last batch is run as well.
        epochs: the number of passes over the rows.
        shuffle: use a new random order of the rows in each epoch.
        seed: the seed of the shuffling; by default that of `tf.random.set_seed`, or else random.
        drop_remainder: skip a smaller last batch.
        on_progress: called at intervals within an epoch with
            (epoch, steps done, total steps, means so far).
        on_epoch: called after each epoch with (epoch, means); if it returns False, training stops.

    Returns:
        A `History` with the means of each epoch, weighted by rows.

    Raises:
        InvalidArgumentError, ShapeError: if arrays are empty, differ in length or contain NaN,
            or if the step returns anything but scalars.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> w = tf.Variable(0.0)
    >>> def step(x, y):
    ...     with tf.GradientTape() as tape:
    ...         loss = tf.reduce_mean(tf.square(w * x - y))
    ...     w.assign_sub(0.1 * tape.gradient(loss, w))
    ...     return {"loss": loss}
    >>> x = np.linspace(-1, 1, 64, dtype="float32")
    >>> history = tf.run_epochs(step, (x, 3 * x), batch_size=16, epochs=40, seed=1)
    >>> round(float(w), 2)
    3.0
    """
    function = step if isinstance(step, Function) else Function(step)
    columns, structure = _columns(data)
    rows = len(columns[0])
    _check_sizes(rows, batch_size, epochs, drop_remainder)
    specs = [Spec(column.shape[1:], as_dtype(column.dtype)) for column in columns]
    runner = EpochRunner(function, specs, structure, rows, batch_size, drop_remainder)
    _check_outputs(runner, function.name)
    key = random_state.key_of(seed) if seed is not None else random_state.key_of(None)
    settings = {"epochs": epochs, "batch_size": batch_size, "rows": rows, "steps": runner.steps}
    history = History(settings)
    first = 0 if seed is not None else random_state.STATE.counters.get(key, 0)
    for epoch in range(epochs):
        order = permutation(rows, key, first + epoch) if shuffle else None
        report = None
        if on_progress is not None:

            def report(done: int, means: list[float], epoch: int = epoch) -> None:
                on_progress(epoch, done, runner.steps, dict(zip(runner.names, means, strict=True)))

        values, _ = runner.run(columns, order, report)
        means = dict(zip(runner.names, values, strict=True))
        history.add(epoch, means)
        if on_epoch is not None and on_epoch(epoch, means) is False:
            break
    if seed is None:
        random_state.STATE.counters[key] = first + epochs
    return history


class EpochRunner:
    """A step over batches of rows, compiled for whole epochs: an epoch is one call of the backend.

    Args:
        function: the traced step; it takes one batch of each column.
        specs: the shape of a row of each column, and the dtype that the step takes (columns of
            other dtypes are converted as their rows are gathered).
        structure: nested tuples, lists and dictionaries: how the columns become arguments.
        rows: the number of rows in an epoch.
        batch_size: the number of rows per batch; a smaller last batch has a program of its own.
        drop_remainder: skip a smaller last batch.

    Attributes:
        names: the names of the step's outputs.
        results: the structure in which the step returns its outputs.
        steps: the number of batches per epoch.
    """

    def __init__(
        self,
        function: Function,
        specs: Sequence[Spec],
        structure: object,
        rows: int,
        batch_size: int,
        drop_remainder: bool = False,
    ) -> None:
        full, rest = divmod(rows, batch_size)
        self.parts: list[_Part] = []
        if full:
            self.parts.append(_Part(function, specs, structure, batch_size, full, 0))
        if rest and not drop_remainder:
            self.parts.append(_Part(function, specs, structure, rest, 1, full * batch_size))
        self.names = self.parts[0].names
        self.results = self.parts[0].results
        self.steps = sum(part.steps for part in self.parts)

    def run(
        self,
        columns: Sequence[np.ndarray],
        order: np.ndarray | None = None,
        on_progress: Callable[[int, list[float]], None] | None = None,
        interval: float = PROGRESS_INTERVAL,
    ) -> tuple[list[float], list[np.ndarray | None]]:
        """Runs one epoch.

        Args:
            columns: arrays of shape [rows, ...], whose rows are contiguous.
            order: the order of the rows (int64); None keeps their order.
            on_progress: called at intervals with the steps done and the means so far.
            interval: the seconds between two such calls.

        Returns:
            The means of the step's scalar outputs, weighted by rows, and for every other output its
            value in the last step (None for the scalars).
        """
        totals: list[float] = []
        last: list[np.ndarray | None] = []
        rows_done = steps_done = 0
        for part in self.parts:
            report = None
            if on_progress is not None:
                report = part.reporter(on_progress, totals, rows_done, steps_done)
            rows = slice(part.start, part.start + part.steps * part.size)
            own = order[rows] if order is not None else None
            mine = columns if order is not None else [column[rows] for column in columns]
            done, sums, last = part.program.run(mine, own, part.steps, part.buffers, report, interval)
            totals = part.weighted(totals, sums)
            rows_done += done * part.size
            steps_done += done
        return [total / max(rows_done, 1) for total in totals], last


class _Part:
    """The batches of one size: the full ones, or a smaller last one."""

    def __init__(
        self, function: Function, specs: Sequence[Spec], structure: object, size: int, steps: int, start: int
    ) -> None:
        stand_ins = [EagerTensor(np.zeros((size, *spec.shape), spec.dtype.numpy)) for spec in specs]
        concrete: Concrete = function.concrete(*pack_like(structure, stand_ins))
        self.outputs = [node.spec for node in concrete.graph.outputs]
        self.results = concrete.structure
        self.names = _names(concrete.structure, len(self.outputs))
        self.size = size
        self.start = start
        self.steps = steps
        self.buffers = concrete.buffers
        self.program = compile_epoch(concrete.graph, function.name)

    def weighted(self, totals: Sequence[float], sums: Sequence[float]) -> list[float]:
        """The totals plus the sums of this part, weighted by the rows per batch."""
        if not totals:
            return [own * self.size for own in sums]
        return [total + own * self.size for total, own in zip(totals, sums, strict=True)]

    def reporter(
        self,
        on_progress: Callable[[int, list[float]], None],
        totals: Sequence[float],
        rows_done: int,
        steps_done: int,
    ) -> Callable[[int, list[float]], None]:
        """The function that the backend calls while this part runs."""

        def report(done: int, sums: Sequence[float]) -> None:
            rows = max(rows_done + done * self.size, 1)
            on_progress(steps_done + done, [total / rows for total in self.weighted(totals, sums)])

        return report


def _check_outputs(runner: EpochRunner, name: str) -> None:
    for part in runner.parts:
        for spec in part.outputs:
            if spec.shape != () or spec.dtype.is_bool:
                raise ShapeError(
                    f"run_epochs: the step '{name}' returns a {spec}, but scalars that can be "
                    "averaged are expected. Reduce it, for example with tf.reduce_mean."
                )


def _columns(data: Any) -> tuple[list[np.ndarray], Any]:
    """The arrays of the data, checked, and the structure of the step's arguments."""
    structure = tuple(data) if isinstance(data, tuple | list) else (data,)
    columns = [
        column if isinstance(column, np.ndarray) else to_array(column) for column in flatten(structure)
    ]
    columns = [column if _rows_are_contiguous(column) else np.ascontiguousarray(column) for column in columns]
    for position, column in enumerate(columns):
        if column.dtype.kind not in "biuf":
            to_array(column)  # raises the error for text and objects
        if column.ndim == 0:
            raise ShapeError(f"run_epochs: data[{position}] is a scalar, but an array of rows is expected.")
        if len(column) != len(columns[0]):
            raise ShapeError(
                f"run_epochs: data[{position}] has {len(column)} rows, but data[0] has {len(columns[0])}. "
                "Every array needs one row per example."
            )
        _refuse_nan(column, position)
    return columns, structure


def _rows_are_contiguous(column: np.ndarray) -> bool:
    return (
        column.ndim == 0 or len(column) == 0 or bool(column[0].flags.c_contiguous and column.dtype.isnative)
    )


def _refuse_nan(column: np.ndarray, position: int) -> None:
    """Raises an error for NaN, which would make every weight NaN; the minimum finds it in one pass over the data."""
    if column.dtype.kind != "f" or column.size == 0 or isinstance(column, np.memmap):
        return
    if np.isnan(column.min()):
        row = int(np.argwhere(np.isnan(column).reshape(len(column), -1).any(axis=1))[0, 0])
        count = int(np.isnan(column).sum())
        raise InvalidArgumentError(
            f"run_epochs: data[{position}] contains {count} NaN, the first in row {row}; training on "
            "it would make every weight NaN. Drop such rows, or fill the gaps (with np.nan_to_num, or the "
            "mean of the column)."
        )


def _check_sizes(rows: int, batch_size: int, epochs: int, drop_remainder: bool) -> None:
    if rows == 0:
        raise InvalidArgumentError("run_epochs: the data have no rows. At least one example is expected.")
    for name, value in (("batch_size", batch_size), ("epochs", epochs)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise InvalidArgumentError(
                f"run_epochs: {name} is {value!r}, but an integer of at least 1 is expected."
            )
    if drop_remainder and rows < batch_size:
        raise InvalidArgumentError(
            f"run_epochs: {rows} rows do not fill a batch of {batch_size}, and drop_remainder=True skips the rest. "
            "Use a smaller batch_size."
        )


def _names(structure: object, count: int) -> list[str]:
    if structure is LEAF:
        return ["loss"]
    if isinstance(structure, dict):
        return [str(key) for key in sorted(structure)]
    if count == 0:
        return []
    return ["loss", *(f"output_{index}" for index in range(1, count))]
