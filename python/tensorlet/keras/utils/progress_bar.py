"""`Progbar`: the progress bar of `fit`, for custom loops."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.report import progress


class Progbar:
    """Shows the progress of a loop, and the means of its values.

    Args:
        target: the number of steps; None if it is unknown.
        width, interval: have no effect; the bar looks like that of `fit`.
        verbose: 0 for no output, 1 for a bar, 2 for one line at the end.
        stateful_metrics: names whose values are shown directly instead of their means.
        unit_name: has no effect; the unit is a step.
        clock: a monotonic clock in seconds, for tests.
        stateless_metrics: names whose means are shown, while all other values are shown directly; instead of
            ``stateful_metrics``.

    Raises:
        InvalidArgumentError: for both ``stateful_metrics`` and ``stateless_metrics``.

    >>> import tensorlet as tf
    >>> ticks = iter([0.0, 0.5, 1.2])
    >>> bar = tf.keras.utils.Progbar(2, verbose=2, clock=lambda: next(ticks))
    >>> bar.update(1, values=[("loss", 0.75)])
    >>> bar.update(2, values=[("loss", 0.25)])
    2/2 - 0s - loss: 0.5000 - 500ms/epoch - 250ms/step
    """

    def __init__(
        self,
        target: int | None,
        width: int = 30,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
        clock: Callable[[], float] = time.perf_counter,
        stateless_metrics: Iterable[str] | None = None,
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise InvalidArgumentError(
                "Progbar got both stateful_metrics and stateless_metrics. Name one of the two: all other metrics are "
                "then of the other kind."
            )
        self.target = target
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._display = progress.Display(int(verbose), target, clock=clock)
        self._ended = False
        self._seen = 0
        #: Maps a name to the sum of its values and the sum of their weights.
        self._sums: dict[str, tuple[float, float]] = {}
        self._display.begin()

    def update(
        self, current: int, values: Sequence[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Shows that ``current`` steps are done.

        Args:
            current: the number of steps since the start.
            values: pairs of a name and its value over the steps since the last update.
            finalize: whether this is the last update; by default when ``current`` reaches the target.
        """
        steps = max(current - self._seen, 1)
        self._seen = max(current, self._seen)
        for name, value in values or ():
            number = float(value)
            if self._shown_directly(name):
                self._sums[name] = (number, 1.0)
            else:
                total, weight = self._sums.get(name, (0.0, 0.0))
                self._sums[name] = (total + number * steps, weight + steps)
        logs = {name: total / weight for name, (total, weight) in self._sums.items()}
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        if finalize and not self._ended:
            self._ended = True
            self._display.end(logs, self.target or current)
        elif not self._ended:
            self._display.update(current, logs)

    def _shown_directly(self, name: str) -> bool:
        if self.stateless_metrics is not None:
            return name not in self.stateless_metrics
        return name in self.stateful_metrics

    def add(self, n: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """Shows that ``n`` more steps are done."""
        self.update(self._seen + n, values)


def disable_interactive_logging() -> None:
    """Makes ``verbose="auto"``, the default, print nothing.

    >>> import tensorlet as tf
    >>> tf.keras.utils.disable_interactive_logging()
    >>> tf.keras.utils.is_interactive_logging_enabled()
    False
    >>> tf.keras.utils.enable_interactive_logging()
    """
    progress.SETTINGS["interactive"] = False


def enable_interactive_logging() -> None:
    """Makes ``verbose="auto"`` show the bar again."""
    progress.SETTINGS["interactive"] = True


def is_interactive_logging_enabled() -> bool:
    """Whether ``verbose="auto"`` shows the bar."""
    return bool(progress.SETTINGS["interactive"])
