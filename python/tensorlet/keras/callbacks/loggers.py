"""Callbacks that log: `CSVLogger`, `ProgbarLogger`, `BaseLogger`."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from tensorlet.keras.training.report.callback import Callback
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike


@register("callback")
class CSVLogger(Callback):
    """Writes the losses and metrics of each epoch to a file, one line per epoch.

    Args:
        filename: the path of the file.
        separator: the separator between values.
        append: whether to append to an existing file.

    Raises:
        OSError: from `fit`, if the file is not writable.

    >>> import tensorlet as tf
    >>> tf.keras.callbacks.CSVLogger("training.csv").filename
    'training.csv'
    """

    def __init__(self, filename: PathLike, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self._file: TextIO | None = None
        self._writer: Any = None
        self._headed = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Opens the file."""
        self._headed = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        try:
            self._file = open(self.filename, "a" if self.append else "w", newline="", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            raise type(error)(
                f"CSVLogger: cannot write to '{self.filename}': {error.strerror}. Create its folder first "
                "(os.makedirs), or choose another path."
            ) from None
        self.keys = self._writer = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the line of the epoch."""
        logs = logs or {}
        if self._writer is None:
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):
                # A first validation in a later epoch needs its columns now; as in Keras, they are there in any case.
                self.keys += [f"val_{key}" for key in self.keys]
            self._writer = csv.DictWriter(self._file, ["epoch", *self.keys], delimiter=self.sep)  # type: ignore[arg-type]
            if not self._headed:
                self._writer.writeheader()
        row = {key: _cell(logs.get(key, "NA")) for key in self.keys or ()}
        self._writer.writerow({"epoch": epoch, **row})
        self._file.flush()  # type: ignore[union-attr]

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None


@register("callback")
class ProgbarLogger(Callback):
    """The progress bar of `fit` as a callback, which is shown even with ``verbose=0``.

    Args:
        count_mode: "steps" or "samples", which also shows steps.
        stateful_metrics: has no effect, because all values are means over the epoch so far.
    """

    shows_progress = True

    def __init__(self, count_mode: str = "steps", stateful_metrics: Iterable[str] | None = None) -> None:
        super().__init__()
        if count_mode not in ("steps", "samples"):
            raise ValueError(f"ProgbarLogger: count_mode is {count_mode!r}, expected 'steps' or 'samples'.")


@register("callback")
class BaseLogger(Callback):
    """Has no effect: `fit` itself computes the means of each epoch.

    Args:
        stateful_metrics: has no effect.
    """

    def __init__(self, stateful_metrics: Iterable[str] | None = None) -> None:
        super().__init__()
        self.stateful_metrics = set(stateful_metrics or ())


def _cell(value: object) -> object:
    if isinstance(value, np.ndarray) and value.ndim > 0:
        return f'"[{", ".join(str(one) for one in value)}]"'
    return value
