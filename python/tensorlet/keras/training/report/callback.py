"""`Callback`, which users subclass: its methods are called while a model trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model

#: Hooks that run between two batches: a callback that has one costs a return to Python for each batch.
BATCH_HOOKS = {
    "train": ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class Callback:
    """Its methods are called while a model trains; override those that you need.

    Hooks of epochs cost nothing per step. Only if a callback overrides a hook of batches does Python run
    between two batches.

    Attributes:
        model: the model that is trained.
        params: ``epochs``, ``steps`` and ``verbose`` of the run.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> class EpochPrinter(tf.keras.callbacks.Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print("epoch", epoch, sorted(logs))
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(np.zeros((4, 2)), np.zeros(4), verbose=0, callbacks=[EpochPrinter()])
    epoch 0 ['loss']
    """

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self.validation_data: Any = None

    #: Whether the progress bar is shown even with ``verbose=0``.
    shows_progress = False

    # Subclasses need not call __init__: these are its defaults.
    params: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed
    model: Any = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Receives the settings of the run."""
        self.params = params

    def set_model(self, model: Model) -> None:
        """Receives the model."""
        self.model = model

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """After the last epoch, with its logs."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Before an epoch; the first one is number 0."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """After an epoch and its validation; ``logs`` has "loss", the metrics and "val_..." of them."""

    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """An old name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """An old name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Before a training batch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After a training batch; ``logs`` has the means so far."""
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Before `evaluate`, or a validation."""

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """After `evaluate`, or a validation, with its logs."""

    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Before a batch of `evaluate` or of a validation."""

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After a batch of `evaluate` or of a validation."""

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Before `predict`."""

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """After `predict`."""

    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """After a batch of `predict`; ``logs["outputs"]`` are its outputs."""


def overrides(callback: Callback, hook: str) -> bool:
    """Whether a callback has a hook of its own."""
    own = getattr(callback, hook, None)
    return own is not None and getattr(own, "__func__", own) is not getattr(Callback, hook, None)
