"""`run_epochs`: a user's own training step over arrays, a whole epoch in one native call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet.backends.base import compile_epoch, permutation
from tensorlet.core import randomness
from tensorlet.core.calls import LEAF, Concrete
from tensorlet.core.convert import to_array
from tensorlet.core.function import Function
from tensorlet.core.structure import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import InvalidArgumentError, ShapeError

#: Seconds between two calls of ``on_progress``.
PROGRESS_INTERVAL = 0.1


class History:
    """What happened, epoch by epoch.

    Attributes:
        history: a list of means for each name that the step returned.
        epoch: the numbers of the epochs, from 0.
        params: the settings of the run.
    """

    def __init__(self, params: dict[str, Any]) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.params = params

    def add(self, epoch: int, means: dict[str, float]) -> None:
        """Keeps an epoch's means."""
        self.epoch.append(epoch)
        for name, mean in means.items():
            self.history.setdefault(name, []).append(mean)

    def __repr__(self) -> str:
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"


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
    """Runs a training step over all rows, again and again, at full speed.

    The step is traced once and compiled; each epoch is one native call, with no Python
    between two batches. Rows are gathered straight from the arrays, whatever their dtype
    (uint8 rows stay uint8), and memory-mapped files are read as they are needed. The same
    seed gives bitwise the same weights with any number of threads. Ctrl-C stops between
    two batches and leaves the variables whole.

    Args:
        step: a function (a `tf.function` or a plain one) that takes one batch of each array
            and returns scalars: one, a tuple or a dictionary of them.
        data: an array or a tuple of arrays with as many rows each, shape [rows, ...].
        batch_size: rows in a batch. A smaller last batch is run as well.
        epochs: how many times to go over the rows.
        shuffle: take the rows in a new random order in each epoch.
        seed: of the shuffling; by default from `tf.random.set_seed`, else chance.
        drop_remainder: leave out a smaller last batch.
        on_progress: called now and then inside an epoch with
            (epoch, steps done, steps in all, means so far).
        on_epoch: called after each epoch with (epoch, means); if it returns False, training stops.

    Returns:
        A `History` of the epochs' means, weighted by rows.

    Raises:
        InvalidArgumentError, ShapeError: for arrays that are empty, of different lengths, or
            hold NaN; for a step that returns anything but scalars.

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
    plan = _plan(function, columns, structure, batch_size, drop_remainder)
    key = randomness.key_of(seed) if seed is not None else randomness.key_of(None)
    settings = {
        "epochs": epochs,
        "batch_size": batch_size,
        "rows": rows,
        "steps": sum(part.steps for part in plan),
    }
    history = History(settings)
    first = 0 if seed is not None else randomness.STATE.counters.get(key, 0)
    for epoch in range(epochs):
        order = permutation(rows, key, first + epoch) if shuffle else None
        means = _run_epoch(plan, columns, order, epoch, settings["steps"], on_progress)
        history.add(epoch, means)
        if on_epoch is not None and on_epoch(epoch, means) is False:
            break
    if seed is None:
        randomness.STATE.counters[key] = first + epochs
    return history


class _Part:
    """Batches of one size: the full ones, or the smaller last one."""

    def __init__(
        self, function: Function, columns: Sequence[np.ndarray], structure: Any, size: int, start: int
    ) -> None:
        stand_ins = [EagerTensor(np.zeros((size, *column.shape[1:]), column.dtype)) for column in columns]
        concrete: Concrete = function.get_concrete_function(*pack_like(structure, stand_ins))
        for node in concrete.graph.outputs:
            if node.shape != () or node.dtype.is_bool:
                raise ShapeError(
                    f"run_epochs: the step '{function.name}' returns a {node.spec}, expected scalars whose mean "
                    "makes sense. Reduce it, for example with tf.reduce_mean."
                )
        self.names = _names(concrete.structure, len(concrete.graph.outputs))
        self.size = size
        self.start = start
        self.steps = 1
        self.buffers = [variable._array for variable in concrete.variables]
        self.program = compile_epoch(concrete.graph, function.name)


def _plan(
    function: Function, columns: Sequence[np.ndarray], structure: Any, batch_size: int, drop_remainder: bool
) -> list[_Part]:
    rows = len(columns[0])
    full, rest = divmod(rows, batch_size)
    parts = []
    if full:
        part = _Part(function, columns, structure, batch_size, 0)
        part.steps = full
        parts.append(part)
    if rest and not drop_remainder:
        parts.append(_Part(function, columns, structure, rest, full * batch_size))
    return parts


def _run_epoch(
    plan: Sequence[_Part],
    columns: Sequence[np.ndarray],
    order: np.ndarray | None,
    epoch: int,
    steps: int,
    on_progress: Callable[[int, int, int, dict[str, float]], None] | None,
) -> dict[str, float]:
    totals = np.zeros(len(plan[0].names))
    rows_done = steps_done = 0

    def means(part: _Part, done: int, sums: Sequence[float]) -> dict[str, float]:
        weighted = (totals + np.asarray(sums) * part.size) / max(rows_done + done * part.size, 1)
        return dict(zip(part.names, weighted.tolist(), strict=True))

    result: dict[str, float] = {}
    for part in plan:
        report = None
        if on_progress is not None:

            def report(
                done: int, sums: Sequence[float], part: _Part = part, before: int = steps_done
            ) -> None:
                on_progress(epoch, before + done, steps, means(part, done, sums))

        rows = slice(part.start, part.start + part.steps * part.size)
        own = order[rows] if order is not None else None
        mine = columns if order is not None else [column[rows] for column in columns]
        done, sums = part.program.run(mine, own, part.steps, part.buffers, report, PROGRESS_INTERVAL)
        result = means(part, done, sums)
        totals += np.asarray(sums) * part.size
        rows_done += done * part.size
        steps_done += done
    return result


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
            raise ShapeError(f"run_epochs: data[{position}] is a single number, expected an array of rows.")
        if len(column) != len(columns[0]):
            raise ShapeError(
                f"run_epochs: data[{position}] has {len(column)} rows, but data[0] has {len(columns[0])}. "
                "Every array needs one row for each example."
            )
        _refuse_nan(column, position)
    return columns, structure


def _rows_are_contiguous(column: np.ndarray) -> bool:
    return (
        column.ndim == 0 or len(column) == 0 or bool(column[0].flags.c_contiguous and column.dtype.isnative)
    )


def _refuse_nan(column: np.ndarray, position: int) -> None:
    """NaN anywhere would make every weight NaN; the smallest element is NaN if any is (files are not read twice)."""
    if column.dtype.kind != "f" or column.size == 0 or isinstance(column, np.memmap):
        return
    if np.isnan(column.min()):
        row = int(np.argwhere(np.isnan(column).reshape(len(column), -1).any(axis=1))[0, 0])
        count = int(np.isnan(column).sum())
        raise InvalidArgumentError(
            f"run_epochs: data[{position}] holds {count} NaN, the first in row {row}; training on it would turn every "
            "weight into NaN. Drop such rows, or fill the gaps (np.nan_to_num, or the mean of the column)."
        )


def _check_sizes(rows: int, batch_size: int, epochs: int, drop_remainder: bool) -> None:
    if rows == 0:
        raise InvalidArgumentError("run_epochs: the data has no rows. Expected at least one example.")
    for name, value in (("batch_size", batch_size), ("epochs", epochs)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise InvalidArgumentError(
                f"run_epochs: {name} is {value!r}, expected a whole number of at least 1."
            )
    if drop_remainder and rows < batch_size:
        raise InvalidArgumentError(
            f"run_epochs: {rows} rows make no full batch of {batch_size}, and drop_remainder=True leaves out the rest. "
            "Use a smaller batch_size."
        )


def _names(structure: Any, count: int) -> list[str]:
    if structure is LEAF:
        return ["loss"]
    if isinstance(structure, dict):
        return [str(key) for key in sorted(structure)]
    if count == 0:
        return []
    return ["loss", *(f"output_{index}" for index in range(1, count))]
