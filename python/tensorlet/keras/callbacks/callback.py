"""`Callback`, which users subclass, and the list that calls several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tensorlet.core.nest import flatten

#: Hooks that run between two batches: a callback that has one costs a return to Python for each batch.
BATCH_HOOKS = {
    "train": ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class Callback:
    """Something that is told how training goes; override what you need.

    Hooks of epochs cost nothing for each step. A callback that overrides a hook of batches
    gets it, and only then does Python run between two batches.

    Attributes:
        model: the model that is trained.
        params: ``epochs``, ``steps`` and ``verbose`` of the run.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> class Shout(tf.keras.callbacks.Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print("epoch", epoch, sorted(logs))
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(np.zeros((4, 2)), np.zeros(4), verbose=0, callbacks=[Shout()])
    epoch 0 ['loss']
    """

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self.validation_data: Any = None

    # Subclasses need not call __init__: these stand in for what it would set.
    params: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed
    model: Any = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Takes the settings of the run."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Takes the model."""
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
        """The older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """The older name of `on_train_batch_end`."""

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


class CallbackList(Callback):
    """Calls several callbacks, each only where it overrides a hook.

    Args:
        callbacks: one, or several, or None.
        model: the model that they are told of.
        params: the settings of the run.
    """

    def __init__(
        self,
        callbacks: Callback | Iterable[Callback] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks = _listed(callbacks)
        self._listeners: dict[str, list[Callback]] = {}
        if add_history:
            from tensorlet.keras.callbacks.history import History

            if not any(isinstance(callback, History) for callback in self.callbacks):
                self.callbacks.append(History())
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def append(self, callback: Callback) -> None:
        """Adds one."""
        self.callbacks.append(callback)
        self._listeners.clear()

    def __iter__(self) -> Iterator[Callback]:
        return iter(self.callbacks)

    def set_params(self, params: dict[str, Any]) -> None:
        """Hands the settings on."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Hands the model on."""
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)

    def listeners(self, hook: str) -> list[Callback]:
        """The callbacks that override a hook."""
        found = self._listeners.get(hook)
        if found is None:
            found = [callback for callback in self.callbacks if overrides(callback, hook)]
            self._listeners[hook] = found
        return found

    def wants_batches(self, kind: str) -> bool:
        """Whether a callback overrides a batch hook of "train", "test" or "predict"."""
        return any(self.listeners(hook) for hook in BATCH_HOOKS[kind])

    def call(self, hook: str, *arguments: Any) -> None:
        """Calls a hook of every callback that overrides it."""
        for callback in self.listeners(hook):
            getattr(callback, hook)(*arguments)

    def batch(self, kind: str, moment: str, number: int, logs: dict[str, Any]) -> None:
        """Tells of the "begin" or "end" of a batch of "train", "test" or "predict"."""
        hook = f"on_{kind}_batch_{moment}"
        old = f"on_batch_{moment}" if kind == "train" else hook
        for callback in self.callbacks:
            if overrides(callback, hook) or overrides(callback, old):
                getattr(callback, hook)(number, logs)


def overrides(callback: Any, hook: str) -> bool:
    """Whether a callback has a hook of its own."""
    own = getattr(callback, hook, None)
    return own is not None and getattr(own, "__func__", own) is not getattr(Callback, hook, None)


def _listed(callbacks: Any) -> list[Callback]:
    if callbacks is None:
        return []
    if isinstance(callbacks, CallbackList):
        return list(callbacks.callbacks)
    found: list[Any] = flatten(callbacks)  # lists in lists as well, as in Keras
    for callback in found:
        if isinstance(callback, type) or not hasattr(callback, "set_model"):
            kind = f"the class {callback.__name__}" if isinstance(callback, type) else repr(callback)
            raise TypeError(
                f"callbacks got {kind}, expected callbacks: objects whose class derives from "
                "tf.keras.callbacks.Callback, such as EarlyStopping(patience=3)."
            )
    return found
