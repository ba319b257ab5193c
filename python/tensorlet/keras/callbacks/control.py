"""Callbacks that stop training or change the learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet.keras.callbacks.learning_rate import add_learning_rates, learning_rate, set_learning_rate
from tensorlet.keras.callbacks.monitor import Compares, checked_mode, higher_is_better, monitored, worst
from tensorlet.keras.training.report.callback import Callback
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.base import Optimizer


@register("callback")
class EarlyStopping(Compares, Callback):
    """Stops training when a metric has stopped improving.

    Args:
        monitor: the name of the metric.
        min_delta: the smallest change that counts as an improvement.
        patience: the number of epochs without improvement after which to stop.
        verbose: 1 prints a message when training stops.
        mode: "min", "max", or "auto", which infers it from the class and name of the metric.
        baseline: a value that the metric must improve on.
        restore_best_weights: whether to restore the weights of the best epoch at the end.
        start_from_epoch: the number of epochs to ignore at the start.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,), use_bias=False)])
    >>> model.compile("sgd", "mse")
    >>> stop = tf.keras.callbacks.EarlyStopping(monitor="loss", patience=3)
    >>> x = np.zeros((4, 1))  # nothing can be learned from zeros
    >>> len(model.fit(x, np.ones(4), epochs=10, verbose=0, callbacks=[stop]).epoch)
    4
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.min_delta = abs(min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.mode = checked_mode(mode, "EarlyStopping")
        self._begin()

    def _begin(self) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self._higher = higher_is_better(self.monitor, self.mode, "EarlyStopping", self.model)
        self.best = worst(self._higher)
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Resets the state, so that one object can be used for several runs."""
        self._begin()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Checks the metric, and stops training if it has not improved."""
        current = monitored(logs or {}, self.monitor, "EarlyStopping")
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self._improves(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._improves(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _improves(self, value: float, reference: float) -> bool:
        if self._higher:
            return value - self.min_delta > reference
        return value + self.min_delta < reference

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Reports when training stopped, and restores the best weights, even if all epochs were run."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


@register("callback")
class ReduceLROnPlateau(Compares, Callback):
    """Reduces the learning rate when a metric has stopped improving.

    Args:
        monitor: the name of the metric.
        factor: the factor for the learning rate, below 1.
        patience: the number of epochs without improvement after which to reduce it.
        verbose: 1 prints a message when the learning rate changes.
        mode: "min", "max", or "auto", which infers it from the class and name of the metric.
        min_delta: the smallest change that counts as an improvement.
        cooldown: the number of epochs to wait after a change.
        min_lr: the lower bound of the learning rate.

    Raises:
        ValueError: if the factor is not below 1.

    >>> import tensorlet as tf
    >>> tf.keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=5).factor
    0.2
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0,
    ) -> None:
        super().__init__()
        if factor >= 1.0:
            raise ValueError(
                f"ReduceLROnPlateau: factor is {factor}, expected a number below 1: the learning rate is "
                "multiplied by it."
            )
        self.monitor = monitor
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.mode = checked_mode(mode, "ReduceLROnPlateau")
        self.min_delta = min_delta
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._begin()

    def _begin(self) -> None:
        self._higher = higher_is_better(self.monitor, self.mode, "ReduceLROnPlateau", self.model)
        self.best = worst(self._higher)
        self.wait = self.cooldown_counter = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Resets the state, so that one object can be used for several runs."""
        self._begin()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Checks the metric, and reduces the learning rate if it has not improved."""
        logs = {} if logs is None else logs
        add_learning_rates(logs, self.model.optimizer)
        current = monitored(logs, self.monitor, "ReduceLROnPlateau")
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._improves(current):
            self.best, self.wait = current, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._lower(epoch)

    def in_cooldown(self) -> bool:
        """Whether the callback is still waiting after its last change."""
        return self.cooldown_counter > 0

    def _improves(self, value: float) -> bool:
        return value > self.best + self.min_delta if self._higher else value < self.best - self.min_delta

    def _lower(self, epoch: int) -> None:
        for optimizer in self.model.optimizer.single_optimizers():
            before = learning_rate(optimizer)
            if before <= self.min_lr:
                continue
            rate = max(before * self.factor, self.min_lr)
            set_learning_rate(optimizer, rate, "ReduceLROnPlateau")
            if self.verbose > 0:
                print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {rate}.")
            self.cooldown_counter, self.wait = self.cooldown, 0


@register("callback")
class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch.

    Args:
        schedule: ``(epoch, learning rate) -> learning rate`` or ``epoch -> learning rate``.
        verbose: 1 prints the learning rate.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(tf.keras.optimizers.SGD(0.5), "mse")
    >>> halve = tf.keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    >>> model.fit(np.zeros((4, 1)), np.ones(4), epochs=2, verbose=0, callbacks=[halve]).history["lr"]
    [0.25, 0.125]
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the schedule and sets the learning rate."""
        for optimizer in self.model.optimizer.single_optimizers():
            self._set_rate(optimizer, epoch)

    def _set_rate(self, optimizer: Optimizer, epoch: int) -> None:
        before = learning_rate(optimizer)
        try:
            rate = self.schedule(epoch, before)
        except TypeError as error:
            try:
                rate = self.schedule(epoch)  # a schedule that takes only the epoch
            except TypeError:
                raise error from None  # it takes both, and the error occurred inside
        try:
            number = float(rate)
        except (TypeError, ValueError):
            raise ValueError(
                f"LearningRateScheduler: the schedule returned {rate!r} for epoch {epoch}, expected a float."
            ) from None
        set_learning_rate(optimizer, number, "LearningRateScheduler")
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Adds the learning rate to the logs, as "lr", in Keras 3 as "learning_rate"."""
        if logs is not None:
            add_learning_rates(logs, self.model.optimizer)


@register("callback")
class TerminateOnNaN(Callback):
    """Stops training when the loss of a batch is NaN or infinite.

    Checks every batch, so Python runs between batches. Without this callback, `fit` continues and
    reports after the epoch where the NaN originated.

    Args:
        raise_error: whether to raise a RuntimeError rather than end the training.

    >>> import tensorlet as tf
    >>> callback = tf.keras.callbacks.TerminateOnNaN()
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Checks the loss."""
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(float(loss)):
            if self.raise_error:
                raise RuntimeError(
                    f"NaN or Inf loss encountered: the loss of batch {batch} is {float(loss)}."
                )
            print(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True


@register("callback")
class LambdaCallback(Callback):
    """Creates a callback from functions.

    Args:
        on_epoch_begin, on_epoch_end: ``(epoch, logs)``.
        on_batch_begin, on_batch_end: ``(batch, logs)``; with one of these, Python runs between batches.
        on_train_begin, on_train_end: ``(logs)``.
        others: other hooks of `Callback`.

    >>> import tensorlet as tf
    >>> callback = tf.keras.callbacks.LambdaCallback(on_train_begin=lambda logs: print("go"))
    >>> callback.on_train_begin({})
    go
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_batch_begin: Callable[..., Any] | None = None,
        on_batch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        **others: Callable[..., Any],
    ) -> None:
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_train_begin": on_train_begin,
            "on_train_end": on_train_end, "on_train_batch_begin": on_batch_begin, "on_train_batch_end": on_batch_end,
        }  # fmt: skip
        for name, function in {**given, **others}.items():
            if function is not None:
                setattr(self, name, function)
