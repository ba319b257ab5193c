"""Reporting during a run: the callbacks, the history and the progress display."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from tensorlet.keras.training.report.callback import Callback
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.history import History
from tensorlet.keras.training.report.progress import Display, resolve_verbose

if TYPE_CHECKING:
    from tensorlet.keras.training.step.steps import Steps


class EvaluationLoop(Protocol):
    """A pass over test data."""

    steps: int | None

    def run(self, display: Display) -> dict[str, Any]:
        """Returns the loss and the metrics, by name."""


class Report:
    """The callbacks, the history and the progress display of one run.

    Args:
        model: the model of the run.
        callbacks: the argument of `fit`.
        verbose: the argument of `fit`.

    Attributes:
        callbacks: all callbacks, including a `History`.
        history: the `History`.
        display: the progress display; shows nothing until `start` is called.
    """

    def __init__(
        self, model: Steps, callbacks: Callback | Iterable[Callback] | None, verbose: str | int
    ) -> None:
        self.callbacks = callbacks if isinstance(callbacks, CallbackList) else CallbackList(callbacks)
        found = [callback for callback in self.callbacks if isinstance(callback, History)]
        self.history = found[0] if found else History()
        if not found:
            self.callbacks.append(self.history)
        self.verbose = resolve_verbose(verbose)
        if not self.verbose and any(
            getattr(callback, "shows_progress", False) for callback in self.callbacks
        ):
            self.verbose = 1
        self.model = model
        self.display = Display(0, None)
        self.callbacks.set_model(model)  # type: ignore[arg-type]  # the training half of a Model

    def start(self, steps: int | None, epochs: int | None = None) -> None:
        """Sets the parameters of the run for the callbacks and the display.

        Args:
            steps: the number of batches in an epoch; None if it is unknown.
            epochs: the number of epochs of training.
        """
        if epochs is not None:
            self.callbacks.set_params({"verbose": self.verbose, "epochs": epochs, "steps": steps})
        self.display = Display(self.verbose, steps)

    def train_begin(self) -> None:
        """Called when training begins."""
        self.callbacks.call("on_train_begin", {})
        self.model.history = self.history

    def resumed_epoch(self, first: int) -> int:
        """Returns the first epoch: that of a callback that has restored an interrupted run, or ``first``."""
        for callback in self.callbacks:
            first = getattr(callback, "initial_epoch", None) or first
        return first

    def epoch_begin(self, epoch: int, epochs: int) -> None:
        """Called when an epoch begins."""
        self.callbacks.call("on_epoch_begin", epoch, {})
        if self.display.verbose:
            self.display.begin(f"Epoch {epoch + 1}/{epochs}" if epochs > 1 else None)  # as in Keras

    def epoch_end(self, epoch: int, logs: dict[str, Any], steps: int | None) -> None:
        """Called when an epoch ends. The display comes last, as in Keras, to show what callbacks have added."""
        self.callbacks.call("on_epoch_end", epoch, logs)
        self.display.end(logs, steps)

    def tested(self, loop: EvaluationLoop, display: Display | None = None) -> dict[str, Any]:
        """Runs a validation or an evaluation, with the hooks of callbacks around it."""
        self.model.stop_evaluating = False
        self.callbacks.call("on_test_begin", {})
        logs = loop.run(display or Display(0, loop.steps))
        self.callbacks.call("on_test_end", logs)
        return logs
