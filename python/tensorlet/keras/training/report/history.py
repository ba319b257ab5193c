"""`History`: the losses and metrics of each epoch, which `fit` returns."""

from __future__ import annotations

from typing import Any

from tensorlet.keras.spellings import note_old_spelling
from tensorlet.keras.training.report.callback import Callback


class History(Callback):
    """The losses and metrics of each epoch; `fit` returns one.

    Attributes:
        history: a list of numbers for each name: "loss", "accuracy", "val_loss", ...
        epoch: the numbers of the epochs, from 0.
        params: the settings of the run.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="zeros")])
    >>> model.compile("sgd", "mse")
    >>> model.fit(np.zeros((4, 2)), np.ones(4), epochs=1, verbose=0).history
    {'loss': [1.0]}
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = Numbers()
        self.epoch: list[int] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begins the list of epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keeps the epoch's logs."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self


class Numbers(dict[str, list[Any]]):
    """The lists of a `History`. "acc" finds "accuracy" too, which Keras called so until 2019."""

    def __missing__(self, name: str) -> list[Any]:
        other = other_spelling(name)
        if other in self:
            note_old_spelling(
                f"history['{name}']", f"history['{other}'], as the metric was asked for in compile"
            )
            return self[other]
        raise KeyError(f"{name}: the history has no such numbers. It has: {', '.join(self)}.")


def other_spelling(name: str) -> str:
    """ "val_accuracy" for "val_acc" and the other way round: a metric is shown as it was asked for in ``compile``.

    >>> from tensorlet.keras.training.report.history import other_spelling
    >>> other_spelling("val_acc"), other_spelling("accuracy"), other_spelling("loss")
    ('val_accuracy', 'acc', 'loss')
    """
    if name.endswith("accuracy"):
        return name.removesuffix("accuracy") + "acc"
    return name + "uracy" if name.endswith("acc") else name
