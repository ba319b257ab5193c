"""Callbacks that save the model or the state of training."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.callbacks.monitor import Compares, checked_mode, higher_is_better, monitored, worst
from tensorlet.keras.providers import MODEL_METHODS
from tensorlet.keras.training.report.callback import Callback
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike


@register("callback")
class ModelCheckpoint(Compares, Callback):
    """Saves the model, or its weights, during training.

    Args:
        filepath: the path of the file; ``{epoch:02d}`` and ``{val_loss:.2f}`` are replaced.
        monitor: the metric that determines the best epoch.
        verbose: 1 prints a message whenever the model is saved.
        save_best_only: whether to save only if the metric has improved.
        save_weights_only: whether to save only the weights instead of the whole model.
        mode: "min", "max", or "auto", which infers it from the class and name of the metric.
        save_freq: "epoch", or a number of batches.
        initial_value_threshold: the value that the first epoch must improve on.

    Raises:
        InvalidArgumentError: for another ``save_freq``.

    >>> import tensorlet as tf
    >>> tf.keras.callbacks.ModelCheckpoint("best.weights.h5", save_best_only=True).monitor
    'val_loss'
    """

    def __init__(
        self,
        filepath: PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        options: object = None,
        initial_value_threshold: float | None = None,
        **ignored: object,
    ) -> None:
        super().__init__()
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise InvalidArgumentError(
                f"ModelCheckpoint: save_freq is {save_freq!r}, expected 'epoch' or a number of batches."
            )
        self.filepath = os.fspath(filepath)
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self.period = 1  # epochs between two saves
        self.mode = checked_mode(mode, "ModelCheckpoint")
        self._higher = higher_is_better(monitor, self.mode, "ModelCheckpoint")
        self.best = worst(self._higher) if initial_value_threshold is None else initial_value_threshold
        self._epoch = 0
        self._batches = 0
        if isinstance(save_freq, int):
            # Only then does Python have to run between batches.
            self.on_train_batch_end = self._count_batch  # type: ignore[method-assign]

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Determines which values of the metric are better, once the model is known."""
        untouched = self.best == worst(self._higher)
        if self.save_best_only:
            self._higher = higher_is_better(self.monitor, self.mode, "ModelCheckpoint", self.model)
        if untouched:
            self.best = worst(self._higher)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stores the index of the epoch."""
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves if it is due."""
        if self.save_freq == "epoch" and (epoch + 1) % self.period == 0:
            self._save(epoch, logs or {})

    def _count_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._batches += 1
        if self._batches % int(self.save_freq) == 0:
            self._save(self._epoch, logs or {}, batch)

    def _save(self, epoch: int, logs: dict[str, Any], batch: int | None = None) -> None:
        title = f"\nEpoch {epoch + 1}: "
        if self.save_best_only:
            current = monitored(logs, self.monitor, "ModelCheckpoint")
            if current is None:
                return
            if not (current > self.best if self._higher else current < self.best):
                self._say(f"{title}{self.monitor} did not improve from {self.best:.5f}")
                return
            before, self.best = self.best, current
            path = self._path(epoch, logs, batch)
            self._say(
                f"{title}{self.monitor} improved from {before:.5f} to {current:.5f}, saving model to {path}"
            )
        else:
            path = self._path(epoch, logs, batch)
            self._say(f"{title}saving model to {path}")
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)

    def _say(self, text: str) -> None:
        if self.verbose > 0:
            print(text)

    def _path(self, epoch: int, logs: dict[str, Any], batch: int | None) -> str:
        values = dict(logs) if batch is None else {**logs, "batch": batch + 1}
        try:
            return self.filepath.format(epoch=epoch + 1, **values)
        except KeyError as missing:
            raise InvalidArgumentError(
                f"ModelCheckpoint: filepath is {self.filepath!r}, but the logs have no {missing}. Available: "
                f"epoch, {', '.join(values)}."
            ) from None


@register("callback")
class BackupAndRestore(Callback):
    """Saves the state of training in a file, so that an interrupted run can be resumed.

    The weights, the state and learning rate of the optimizer, the state of the random number generators and the
    index of the epoch are saved after each epoch. `fit`, called again with the same arguments, resumes from there
    and ends with bitwise the same weights as an uninterrupted run. The file contains only numbers, is
    written atomically, and is deleted at the end of training.

    Args:
        backup_dir: the folder of the file.
        save_freq: only "epoch".
        delete_checkpoint: whether to delete the file at the end of training.

    Raises:
        FileFormatError: if the file is damaged or does not match the model.

    >>> import tensorlet as tf
    >>> tf.keras.callbacks.BackupAndRestore("backup").path.name
    'training.h5'
    """

    def __init__(
        self,
        backup_dir: PathLike,
        save_freq: str | int = "epoch",
        delete_checkpoint: bool = True,
        **ignored: object,
    ) -> None:
        super().__init__()
        if save_freq != "epoch":
            raise InvalidArgumentError(
                f"BackupAndRestore: save_freq={save_freq!r} is not possible here: an epoch is one call of the engine. "
                "Use save_freq='epoch'."
            )
        if not backup_dir:
            raise InvalidArgumentError(
                f"BackupAndRestore: Empty `backup_dir` argument passed: {backup_dir!r}. Pass the path of a folder, in "
                "which a backup of the training is kept."
            )
        self.backup_dir = os.fspath(backup_dir)
        self.delete_checkpoint = delete_checkpoint
        self.path = Path(self.backup_dir) / "training.h5"

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Restores the state of an interrupted run; `fit` then starts with `initial_epoch`."""
        self.initial_epoch: int | None = None
        if self.path.exists():
            self.initial_epoch = MODEL_METHODS.find("restore_training_state")(str(self.path), self.model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves the state."""
        MODEL_METHODS.find("write_training_state")(str(self.path), self.model, epoch + 1)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Deletes the file, since the run is complete."""
        if self.delete_checkpoint:
            self.path.unlink(missing_ok=True)
