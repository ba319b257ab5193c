"""One way over the data: natively in one call, or batch by batch where somebody looks on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorlet.core.epochs import EpochRunner
from tensorlet.core.function import functions_run_eagerly
from tensorlet.keras.training.data_adapter.batches import Batches, next_permutation
from tensorlet.keras.training.data_adapter.dataset_rows import DatasetRows, Group
from tensorlet.keras.training.data_adapter.rows import Rows, row_ranges
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.progress import Display

#: Compiled epochs that a model keeps.
MOST_RUNNERS = 16
#: Seconds between two looks at the metrics while a bar is shown.
LOOK_INTERVAL = 0.1


class Loop:
    """Goes over the data once a call of `run`.

    Args:
        model: a compiled and built model.
        kind: "train" or "test".
        data: rows or batches.
        batch_size: rows in a batch, for rows.
        steps: batches to take; None: all.
        callbacks: whose batch hooks are called, if they have any.
    """

    def __init__(
        self,
        model: Any,
        kind: str,
        data: Rows | Batches,
        batch_size: int,
        steps: int | None,
        callbacks: CallbackList,
    ) -> None:
        self.model = model
        self.kind = kind
        self.data = data
        self.batch_size = batch_size
        self.callbacks = callbacks
        self.default = model._is_default(kind)
        if isinstance(data, Rows):
            self.function = model._step_function(kind, data.scales, data.stages)
        else:
            self.function = model._step_function(kind)
        self.eager = model.run_eagerly or functions_run_eagerly()
        self.watched = callbacks.wants_batches(kind)
        self.runner: EpochRunner | None = None
        #: Told of each batch, where Python runs between them; see `nan_guard.Journal`.
        self.journal: Any = None
        self.steps: int | None
        #: The batches of a dataset that wait for the next `run`.
        self.groups: list[Group] = []
        self.asked = steps
        if isinstance(data, DatasetRows):
            self._plan_epoch(data)
        elif isinstance(data, Rows):
            # All rows are one batch, however large it might be: then one compiled epoch serves.
            self.batch_size = batch_size = min(batch_size, data.count)
            whole = -(-data.count // batch_size)
            self.steps = whole if steps is None else min(steps, whole)
            self.rows = min(data.count, self.steps * batch_size)
            if not self.watched and not self.eager:
                self.runner = self._runner(data, self.rows, batch_size)
        else:
            self.steps = data.steps
        # After the step has been traced: some metrics make their variables when they see a first batch.
        self.reset, self.results = model._metric_tools()

    def next_order(self, shuffle: bool) -> np.ndarray | None:
        """The order of the rows in the next `run`; None: as they stand, or whatever the batches are.

        Args:
            shuffle: whether rows of arrays come in a new random order. Datasets have orders of their own.
        """
        if isinstance(self.data, DatasetRows):
            if not self.groups:
                self._plan_epoch(self.data)
            return self.groups[0].order
        return next_permutation(self.data.count) if shuffle and isinstance(self.data, Rows) else None

    def _plan_epoch(self, data: DatasetRows) -> None:
        self.groups = data.next_epoch(self.asked, again=self.kind == "test")
        self.rows, self.batch_size = self.groups[0].rows, self.groups[0].batch_size
        self.steps = sum(group.steps for group in self.groups)
        if not self.watched and not self.eager:
            self.runner = self._runner(data, self.rows, self.batch_size)

    def _runner(self, data: Rows, rows: int, batch_size: int) -> EpochRunner:
        runners = self.model._runners
        specs = tuple(data.specs)
        key = (id(self.function), specs, _shape_of(data.structure), rows, batch_size)
        found = runners.get(key)
        if found is None or found[0] is not self.function or found[2] != _seed_version():
            while len(runners) >= MOST_RUNNERS:
                runners.pop(next(iter(runners)))
            runner = EpochRunner(self.function, specs, (data.structure,), rows, batch_size)
            found = runners[key] = (self.function, runner, _seed_version())
        return found[1]

    def run(self, order: np.ndarray | None, display: Display) -> dict[str, Any]:
        """Goes over the data once.

        Args:
            order: which row comes when; None: as they stand.
            display: shows how far it has come.

        Returns:
            The loss and the metrics, by name.
        """
        self.reset()
        if self.runner is None or not isinstance(self.data, Rows):
            return self._run_batches(order, display)
        groups = self.groups or [Group(order, self.rows, self.batch_size, self.steps or 0)]
        self.groups = []
        done = 0
        for group in groups:
            last = self._run_group(self.data, group, display, done)
            done += group.steps
        return self.results() if self.default else last

    def _run_group(self, data: Rows, group: Group, display: Display, before: int) -> dict[str, Any]:
        """Runs batches of one size natively; what the last one reported, if the step is the user's."""
        runner = self._runner(data, group.rows, group.batch_size)
        report = None
        if display.live:

            def report(done: int, means: list[float]) -> None:
                display.update(before + done, self.model.get_metrics_result())

        order = None if group.order is None else group.order[: group.rows]
        _, last = runner.run(data.columns, order, report, LOOK_INTERVAL)
        if self.default:
            return {}
        by_name = dict(zip(runner.names, last, strict=True))
        return {name: float(by_name[name][0]) for name in runner.results}  # type: ignore[index]

    def _run_batches(self, order: np.ndarray | None, display: Display) -> dict[str, Any]:
        logs: dict[str, Any] = {}
        given: dict[str, Any] = {}
        looked = 0.0
        for number, batch in enumerate(self._batches(order)):
            self.callbacks.batch(self.kind, "begin", number, {})
            if self.journal is not None:
                self.journal.before(number, batch)
            result = self.step(batch)
            if number == 0:
                self.reset, self.results = self.model._metric_tools()
            if self.journal is not None:
                self.journal.after(result)
            given = (
                {} if self.default else {name: float(np.asarray(value)[0]) for name, value in result.items()}
            )
            if self.watched or (display.live and time.perf_counter() - looked > LOOK_INTERVAL):
                logs = given or self.results()
                looked = time.perf_counter()
            self.callbacks.batch(self.kind, "end", number, logs)
            display.update(number + 1, logs)
            if self.kind == "train" and self.model.stop_training:
                break
        self.steps = number + 1
        return given or self.results()

    def step(self, batch: Any) -> Any:
        """Runs one batch; compiled, unless the model runs eagerly."""
        return self.function.python_function(batch) if self.eager else self.function(batch)

    def _batches(self, order: np.ndarray | None) -> Iterator[Any]:
        if isinstance(self.data, Batches):
            yield from self.data.epoch()
            return
        groups, self.groups = self.groups, []
        if groups:
            for group in groups:
                numbers = group.numbers()
                for rows in row_ranges(group.rows, group.batch_size):
                    yield self.data.batch(numbers[rows])
            return
        for rows in row_ranges(self.rows, self.batch_size):
            yield self.data.batch(rows if order is None else order[rows])


def _shape_of(structure: Any) -> Any:
    """What tells one structure of columns from another."""
    if isinstance(structure, dict):
        return ("dict", *[(name, _shape_of(structure[name])) for name in sorted(structure)])
    if isinstance(structure, list | tuple):
        return (type(structure).__name__, *[_shape_of(item) for item in structure])
    return None


def _seed_version() -> int:
    from tensorlet.core import random_state

    return random_state.STATE.version
