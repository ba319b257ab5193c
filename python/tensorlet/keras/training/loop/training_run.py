"""All epochs of one call of `fit`."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from tensorlet.keras.training.loop.epoch_loop import EpochLoop
from tensorlet.keras.training.loop.multi_epoch import block_of
from tensorlet.keras.training.report.history import History
from tensorlet.keras.training.report.nan_guard import NanGuard
from tensorlet.keras.training.report.report import Report
from tensorlet.keras.training.step.steps import Steps


class TrainingRun:
    """Trains and validates epoch by epoch, and reports the results.

    Args:
        model: a compiled and built model.
        training: the loop over the training data.
        validation: the loop over the validation data, if any.
        report: the callbacks, the history and the display.
        validation_freq: the number of epochs between validations, or a list of epochs (counted from 1).
    """

    def __init__(
        self,
        model: Steps,
        training: EpochLoop,
        validation: EpochLoop | None,
        report: Report,
        validation_freq: int | Container[int] = 1,
    ) -> None:
        self.model = model
        self.training = training
        self.validation = validation
        self.report = report
        self.validation_freq = validation_freq
        self.logs: dict[str, Any] = {}

    def run(self, first: int, epochs: int) -> History:
        """Trains from epoch number ``first`` (counted from 0) up to ``epochs``."""
        self.report.train_begin()
        resumed = self.report.resumed_epoch(first)
        if resumed > first:
            self.training.data.resume(self.training.settings, resumed - first)
        guard = NanGuard(self.model, self.training)
        epoch = self._run_blocks(resumed, epochs, guard)
        while epoch < epochs and self.training.data.has_next_epoch(self.training.settings):
            self._run_epoch(epoch, epochs, guard)
            epoch = epochs if self.model.stop_training else epoch + 1
        if getattr(self.model.optimizer, "use_ema", False):
            self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        self.report.callbacks.call("on_train_end", self.logs)
        return self.report.history

    def _run_blocks(self, epoch: int, epochs: int, guard: NanGuard) -> int:
        """Runs many epochs per call if nothing requires Python between them; returns the number of the next epoch."""
        block = None
        if not self.report.display.verbose and not self._epochs_need_python():
            block = block_of(self.training, self.validation, guard, self.validation_freq == 1)
        while block is not None and epoch < epochs:
            epoch, self.logs = block.run(epoch, epochs)
            guard.after(epoch - 1, self.training.groups, self.logs)
            if self.validation is not None:
                guard.after_validation(epoch - 1, self.logs, self.validation.data)
            if self.model.stop_training:
                epoch = epochs
        return epoch

    def _epochs_need_python(self) -> bool:
        """Whether the model overrides `reset_epoch_state`."""
        return type(self.model).reset_epoch_state is not Steps.reset_epoch_state

    def _run_epoch(self, epoch: int, epochs: int, guard: NanGuard) -> None:
        self.model.reset_epoch_state()
        self.report.epoch_begin(epoch, epochs)
        guard.before()
        logs = self.training.run(self.report.display)
        guard.after(epoch, self.training.groups, logs)
        if self.validation is not None and self._validation_is_due(epoch):
            found = self.report.tested(self.validation)
            logs |= {f"val_{name}": value for name, value in found.items()}
            guard.after_validation(epoch, logs, self.validation.data)
        self.report.epoch_end(epoch, logs, self.training.steps)
        self.training.data.on_epoch_end()
        self.logs = logs

    def _validation_is_due(self, epoch: int) -> bool:
        if isinstance(self.validation_freq, int):
            return (epoch + 1) % self.validation_freq == 0
        return epoch + 1 in self.validation_freq
