"""One pass over the data: one call of the backend, or batch by batch if a callback needs each batch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core import random_state
from tensorlet.core.epochs import EpochRunner
from tensorlet.core.function import functions_run_eagerly, in_chain
from tensorlet.errors import PerformanceWarning, RunsEagerly, TracingError, warn_user
from tensorlet.keras.training.data_adapter.adapter import DataAdapter
from tensorlet.keras.training.data_adapter.batch_parts import Batch
from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings, Group
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.progress import Display
from tensorlet.keras.training.step.metric_tools import can_read_in_step, metric_tools, numbers
from tensorlet.keras.training.step.step_cache import cache_step, cached_step
from tensorlet.keras.training.step.step_functions import step_function
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.keras.training.report.nan_guard import Journal
    from tensorlet.keras.training.step.steps import Steps

#: The number of compiled epochs that a model caches.
MOST_RUNNERS = 16
#: The time in seconds between reading the metrics for the progress bar.
READ_INTERVAL = 0.1


class EpochLoop:
    """Passes over the data once per call of `run`.

    Args:
        model: a compiled and built model.
        kind: "train" or "test".
        data: rows or batches.
        settings: the settings for the batches of an epoch.
        callbacks: the callbacks, whose batch hooks are called.

    Attributes:
        groups: the rows of the last epoch; empty for input that yields batches.
        steps: the number of batches in an epoch; None if it is unknown.
        runner: the compiled epoch; None if Python runs between batches.
        default: whether the step is the built-in one.
        reads: whether it returns the results of the metrics, for callbacks after each batch.
        journal: records each batch if Python runs between batches.
    """

    def __init__(
        self, model: Steps, kind: str, data: DataAdapter, settings: EpochSettings, callbacks: CallbackList
    ) -> None:
        self.model = model
        self.kind = kind
        self.data = data
        self.settings = settings
        self.callbacks = callbacks
        self.default = model._is_default(kind)
        self.eager = model.run_eagerly or functions_run_eagerly() or data.holds_text
        if data.holds_text and kind == "train" and not model.run_eagerly:
            warn_user(
                _(
                    "'{name}' is given text, which compiled steps do not have: each batch runs operation by "
                    "operation. To be faster, turn the text into numbers before training: "
                    "dataset.map(lambda x, y: (layer(x), y))."
                ).format(name=model.name),
                PerformanceWarning,
            )
        self.watched = callbacks.wants_batches(kind)
        self.journal: Journal | None = None
        self.groups: list[Group] = []
        with model._programs.lock:
            self.reads = self.watched and self.default and not self.eager and can_read_in_step(model)
            form = (data.scales, tuple(map(id, data.stages))) if isinstance(data, Rows) else ()
            key = (kind, self.reads, *form)
            cached = cached_step(model, key)
            if cached is None:
                self.function = step_function(model, kind, data, self.reads)
            else:
                self.function = cached.function
            self.steps = data.steps(settings)
            self.runner: EpochRunner | None = None
            if isinstance(data, Rows) and not self.watched and not self.eager:
                self.runner = self._runner_or_none(data, data.first_group(settings))
            # After tracing the step, because some metrics create their variables for the first batch.
            self.tools = metric_tools(model) if cached is None else cached.tools
            if cached is None and not self.eager:
                cache_step(model, key, self.function, self.tools)

    def run(self, display: Display) -> dict[str, Any]:
        """Passes over the data once.

        Args:
            display: the progress display.

        Returns:
            The loss and the metrics, by name.
        """
        with self.model._programs.lock:
            self.groups = self.data.next_epoch(self.settings)
            self.tools.reset()
            if self.runner is None or not isinstance(self.data, Rows):
                return self._run_batches(display)
            done = 0
            for group in self.groups:
                last = self._run_group(self.data, group, display, done)
                done += group.steps
            self.steps = done
            return self.tools.results() if self.default else last

    def _runner_or_none(self, data: Rows, group: Group) -> EpochRunner | None:
        """As `_runner`; None for a step that cannot be compiled, which each batch then runs as ordinary Python."""
        try:
            return self._runner(data, group)
        except TracingError as error:
            reason = in_chain(error, RunsEagerly)
            if reason is None:
                raise
            self.eager = True
            if self.kind == "train":
                text = _("Each batch runs operation by operation. {reason}").format(reason=reason)
                warn_user(text, PerformanceWarning)
            return None

    def _runner(self, data: Rows, group: Group) -> EpochRunner:
        """Returns the compiled epoch for these batch sizes."""
        runners = self.model._programs.runners
        seeds = random_state.STATE.version
        specs = tuple(data.specs)
        key = (id(self.function), specs, _form_of(data.structure), group.rows, group.batch_size)
        found = runners.get(key)
        if found is None or found[0] is not self.function or found[2] != seeds:
            while len(runners) >= MOST_RUNNERS:
                runners.pop(next(iter(runners)))
            runner = EpochRunner(self.function, specs, (data.structure,), group.rows, group.batch_size)
            found = runners[key] = (self.function, runner, seeds)
        return found[1]

    def _run_group(self, data: Rows, group: Group, display: Display, before: int) -> dict[str, Any]:
        """Runs batches of one size natively; returns the last result of a user-defined step."""
        runner = self._runner(data, group)
        report = None
        if display.live:

            def report(done: int, means: list[float]) -> None:
                display.update(before + done, self.model.get_metrics_result())

        _, last = runner.run(data.columns, group.order, report, READ_INTERVAL)
        if self.default:
            return {}
        by_name = dict(zip(runner.names, last, strict=True))
        return numbers({name: by_name[name][0] for name in runner.results})  # type: ignore[index]

    def _run_batches(self, display: Display) -> dict[str, Any]:
        logs: dict[str, Any] = {}
        reported: dict[str, Any] = {}
        read = 0.0
        count = 0
        for number, batch in enumerate(self.data.batches(self.groups, self.settings)):
            self.callbacks.batch(self.kind, "begin", number, {})
            result = self._journaled_step(number, batch)
            if number == 0:
                self.tools = metric_tools(self.model)
            if not self.default:
                reported = numbers({name: np.asarray(value)[0] for name, value in result.items()})
            if self.reads:
                logs = numbers(result)
            elif self.watched or (display.live and time.perf_counter() - read > READ_INTERVAL):
                logs = reported or self.tools.results()
                read = time.perf_counter()
            self.callbacks.batch(self.kind, "end", number, logs)
            count = number + 1
            display.update(count, logs)
            if self.is_stopped():
                break
        self.steps = count
        return reported or self.tools.results()

    def _journaled_step(self, number: int, batch: Batch) -> dict[str, Any]:
        if self.journal is None:
            return self.step(batch)
        self.journal.before(number, batch)
        result = self.step(batch)
        self.journal.after(result)
        return result

    def step(self, batch: Batch) -> dict[str, Any]:
        """Runs one batch, compiled unless the model runs eagerly."""
        logs: dict[str, Any] = self.function.python_function(batch) if self.eager else self.function(batch)
        return logs

    def is_stopped(self) -> bool:
        """Whether a callback requested to stop the run."""
        return self.model.stop_training if self.kind == "train" else self.model.stop_evaluating


def _form_of(structure: object) -> object:
    """Returns a key that identifies the form of a structure of columns."""
    if isinstance(structure, dict):
        return ("dict", *[(name, _form_of(structure[name])) for name in sorted(structure)])
    if isinstance(structure, list | tuple):
        return (type(structure).__name__, *[_form_of(item) for item in structure])
    return None
