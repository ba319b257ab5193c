"""`Callback`, the base class of objects whose methods are called during training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model

#: Hooks that run between batches: a callback with one of them costs a return to Python per batch.
BATCH_HOOKS = {
    "train": ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class Callback:
    """Base class of callbacks. Its methods are called during training; override those that you need.

    Epoch hooks cost nothing per step. Python runs between batches only if a callback overrides a batch
    hook.

    Attributes:
        model: the model being trained.
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

    # Subclasses need not call __init__: these are the defaults.
    params: dict[str, Any] = {}  # noqa: RUF012 - replaced, never modified
    model: Any = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Sets the parameters of the run."""
        self.params = params

    def set_model(self, model: Model) -> None:
        """Sets the model."""
        self.model = model

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called before the first epoch."""

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called after the last epoch, with its logs."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before an epoch; the first is number 0."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after an epoch and its validation; ``logs`` contains "loss", the metrics, and their "val_..."."""

    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Alias of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Alias of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a training batch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a training batch; ``logs`` contains the means so far."""
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called before `evaluate` or a validation."""

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called after `evaluate` or a validation, with its logs."""

    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a batch of `evaluate` or a validation."""

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a batch of `evaluate` or a validation."""

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called before `predict`."""

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called after `predict`."""

    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a batch of `predict`; ``logs["outputs"]`` contains its outputs."""


def overrides(callback: Callback, hook: str) -> bool:
    """Whether a callback overrides a hook."""
    own = getattr(callback, hook, None)
    return own is not None and getattr(own, "__func__", own) is not getattr(Callback, hook, None)
