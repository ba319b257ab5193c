"""`History`: the losses and metrics of each epoch, which `fit` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.extensions import extensible
from tensorlet.keras.training.report.callback import Callback

if TYPE_CHECKING:
    from tensorlet.keras.training.report.data_facts import DataFacts


class History(Callback):
    """The losses and metrics of each epoch, returned by `fit`.

    Attributes:
        history: a list of values for each name: "loss", "accuracy", "val_loss", ...
        epoch: the indices of the epochs, from 0.
        params: the parameters of the run.
        facts: what the training data show, for `tensorlet.explain`; None for input that yields batches.

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
        self.facts: DataFacts | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts an empty list of epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stores the logs of the epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self

    def __repr__(self) -> str:
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"

    def _repr_html_(self) -> str | None:
        """The curves, for notebooks."""
        from tensorlet.formats.html import history_html

        return history_html(self.history)


@extensible
class Numbers(dict[str, list[Any]]):
    """The lists of a `History`."""

    def __missing__(self, name: str) -> list[Any]:
        raise KeyError(f"{name}: the history does not contain this metric. It contains: {', '.join(self)}.")
