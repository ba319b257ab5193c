"""`CallbackList`: calls the hooks of several callbacks, where they are overridden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tensorlet.core.nest import flatten
from tensorlet.keras.training.report.callback import BATCH_HOOKS, Callback, overrides
from tensorlet.keras.training.report.history import History

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model


class CallbackList(Callback):
    """Calls the hooks of several callbacks, where they are overridden.

    Args:
        callbacks: a callback, a list of them, or None.
        model: the model being trained.
        params: the parameters of the run.
    """

    def __init__(
        self,
        callbacks: Callback | Iterable[Callback] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Model | None = None,
        **params: object,
    ) -> None:
        super().__init__()
        self.callbacks = _listed(callbacks)
        self._listeners: dict[str, list[Callback]] = {}
        self._at_batches: dict[str, list[Callback]] = {}
        if add_history and not any(isinstance(callback, History) for callback in self.callbacks):
            self.callbacks.append(History())
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def append(self, callback: Callback) -> None:
        """Adds a callback."""
        self.callbacks.append(callback)
        self._listeners.clear()
        self._at_batches.clear()

    def __iter__(self) -> Iterator[Callback]:
        return iter(self.callbacks)

    def set_params(self, params: dict[str, Any]) -> None:
        """Passes the parameters of the run to all callbacks."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Model) -> None:
        """Passes the model to all callbacks."""
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)

    def listeners(self, hook: str) -> list[Callback]:
        """Returns the callbacks that override a hook."""
        found = self._listeners.get(hook)
        if found is None:
            found = [callback for callback in self.callbacks if overrides(callback, hook)]
            self._listeners[hook] = found
        return found

    def wants_batches(self, kind: str) -> bool:
        """Whether a callback overrides a batch hook of "train", "test" or "predict"."""
        return any(self.listeners(hook) for hook in BATCH_HOOKS[kind])

    def call(self, hook: str, *arguments: object) -> None:
        """Calls a hook of every callback that overrides it."""
        for callback in self.listeners(hook):
            getattr(callback, hook)(*arguments)

    def batch(self, kind: str, moment: str, number: int, logs: dict[str, Any]) -> None:
        """Calls the hooks for the "begin" or "end" of a batch of "train", "test" or "predict"."""
        hook = f"on_{kind}_batch_{moment}"
        for callback in self._batch_listeners(kind, moment, hook):
            getattr(callback, hook)(number, logs)

    def _batch_listeners(self, kind: str, moment: str, hook: str) -> list[Callback]:
        """Returns the callbacks that override a batch hook or, for "train", its older name."""
        found = self._at_batches.get(hook)
        if found is None:
            alias = f"on_batch_{moment}" if kind == "train" else hook
            found = [one for one in self.callbacks if overrides(one, hook) or overrides(one, alias)]
            self._at_batches[hook] = found
        return found


def _listed(callbacks: object) -> list[Callback]:
    if callbacks is None:
        return []
    if isinstance(callbacks, CallbackList):
        return list(callbacks.callbacks)
    found: list[Any] = flatten(callbacks)  # Keras also accepts nested lists
    for callback in found:
        if isinstance(callback, type) or not hasattr(callback, "set_model"):
            kind = f"the class {callback.__name__}" if isinstance(callback, type) else repr(callback)
            raise TypeError(
                f"callbacks contains {kind}, expected objects of a subclass of tf.keras.callbacks.Callback, "
                "such as EarlyStopping(patience=3)."
            )
    return found
