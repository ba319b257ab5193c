"""The training loop of the estimators: epochs in native calls, until the loss or the score stops improving."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from tensorlet.backends.dispatch import run_schedule
from tensorlet.backends.programs import Shuffle
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.data_adapter.batch_parts import packed
from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.loop.epoch_loop import EpochLoop
from tensorlet.keras.training.loop.multi_epoch import stages_of
from tensorlet.keras.training.report.callback import Callback
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.step.preparation import prepare
from tensorlet.sklearn.network import Network

#: Runs end when their epochs are done, not after this time in seconds.
NO_LIMIT = 1e9
#: The most epochs of one native call.
MOST_EPOCHS = 4096
#: The smallest learning rate of ``"adaptive"``, and what it is divided by.
LEAST_RATE = 1e-6
RATE_DIVISOR = 5.0


class Data(NamedTuple):
    """Rows, labels and weights as the network takes them.

    Attributes:
        x: of shape [rows, features]; float32, float64 or uint8.
        y: class indices of shape [rows], or numbers of shape [rows, outputs].
        weight: float32 of shape [rows], with a mean of 1; None if all rows weigh the same.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None

    def rows(self) -> Rows:
        """The same as the input of a training loop."""
        return Rows(packed(self.x, self.y, self.weight))


class Plan(NamedTuple):
    """How a run trains.

    Attributes:
        batch_size: the number of rows in a batch.
        epochs: the most epochs.
        shuffle: the key of the orders of the rows; None keeps their order.
        first: the number of epochs that the estimator has been trained before.
        learning_rate: the first learning rate; None for an optimizer with a schedule.
        decay: ``"constant"``, ``"invscaling"`` or ``"adaptive"``.
        power: the exponent of ``"invscaling"``.
        tolerance, patience: training ends after ``patience`` epochs without an improvement by ``tolerance``.
        verbose: whether to print a line for each epoch.
    """

    batch_size: int
    epochs: int
    shuffle: int | None
    first: int
    learning_rate: float | None
    decay: str
    power: float
    tolerance: float
    patience: float
    verbose: bool


class Progress:
    """What a run has reached.

    Attributes:
        history: the values of each epoch, by name.
        stopped: whether the run ended by itself before its last epoch.
        best: the weights with the best score; None without a validation.
        rate: the current learning rate.
    """

    def __init__(self, rate: float | None) -> None:
        self.history: dict[str, list[float]] = {}
        self.stopped = False
        self.interrupted = False
        self.best: tuple[list[np.ndarray], list[np.ndarray]] | None = None
        self.rate = rate
        self._waited = 0
        self._best_value = np.inf

    def left(self, patience: float) -> float:
        """The number of epochs after which training may end at the earliest."""
        return patience + 1 - self._waited

    def add(self, values: dict[str, float]) -> None:
        """Adds the values of an epoch."""
        for name, value in values.items():
            self.history.setdefault(name, []).append(value)

    def judge(self, value: float, tolerance: float) -> bool:
        """Counts epochs without an improvement; returns whether this one is the best so far.

        Args:
            value: the loss, or the negative score.
            tolerance: less is not an improvement.
        """
        self._waited = 0 if value <= self._best_value - tolerance else self._waited + 1
        best = value < self._best_value
        self._best_value = min(self._best_value, value)
        return best

    def waited_too_long(self, patience: float) -> bool:
        """Whether more than ``patience`` epochs have passed without an improvement."""
        return self._waited > patience

    def forgive(self) -> None:
        """Starts to count again."""
        self._waited = 0


class Run:
    """One run of training.

    Args:
        network: the network, with its weights.
        data: the rows to train on.
        plan: how to train.
        validation: rows to validate on after each epoch, and the function that scores the network's outputs for
            them; training then ends by the score.
        callbacks: Keras callbacks, whose hooks of epochs are called.
    """

    def __init__(
        self,
        network: Network,
        data: Data,
        plan: Plan,
        validation: tuple[Data, Callable[[np.ndarray], float]] | None = None,
        callbacks: Iterable[Callback] | None = None,
    ) -> None:
        self.network, self.data, self.plan = network, data, plan
        self.validation = validation
        self.callbacks = _checked(callbacks)
        rows = data.rows()
        held = None if validation is None else validation[0].rows()
        model = network.model
        prepare(model, rows, held, plan.batch_size, check_labels=False)
        if plan.epochs >= 3:
            rows.keep_as_bytes()
        settings = EpochSettings(plan.batch_size, shuffle=plan.shuffle is not None, epochs=plan.epochs)
        training, testing = EpochLoop(model, "train", rows, settings, CallbackList()), None
        if held is not None:
            again = EpochSettings(plan.batch_size, restart=True)
            testing = EpochLoop(model, "test", held, again, CallbackList())
        for loop in (training, testing):
            if loop is not None:
                loop.function.open_lengths = True  # other estimators have other numbers of rows
        found = stages_of(training, testing)
        if found is None:
            raise InvalidArgumentError(
                "The activation or the optimizer needs Python in each step, so epochs cannot run natively. Write it "
                "with tf.* operations, without tf.py_function."
            )
        self.stages, self.columns = found
        self.progress = Progress(plan.learning_rate)
        self._alone = bool(self.callbacks) or validation is not None or plan.verbose

    def run(self) -> Progress:
        """Trains; returns what was reached."""
        plan, progress = self.plan, self.progress
        watching = CallbackList(self.callbacks)
        if self.callbacks:
            self.network.model.stop_training = False
            watching.set_params({"epochs": plan.epochs, "steps": None, "verbose": int(plan.verbose)})
            watching.set_model(self.network.model)
        watching.call("on_train_begin", {})
        done, logs = 0, {}
        while done < plan.epochs and not progress.stopped:
            count = self._next_count(done)
            if self.callbacks:
                watching.call("on_epoch_begin", done, {})
            numbers = self._epochs(done, count)
            for row in numbers:
                logs = {name: float(row[place]) for name, place in self.columns.items()}
                self._after_epoch(done, logs)
                done += 1
            if self.callbacks:
                watching.call("on_epoch_end", done - 1, dict(logs))
                progress.stopped |= self.network.model.stop_training
            if progress.interrupted:
                break
        watching.call("on_train_end", dict(logs))
        return progress

    def _next_count(self, done: int) -> int:
        """The number of epochs that can run without a look at their results."""
        if self._alone or self.plan.decay == "invscaling":
            return 1
        return int(min(self.progress.left(self.plan.patience), self.plan.epochs - done, MOST_EPOCHS))

    def _epochs(self, done: int, count: int) -> np.ndarray:
        """Runs epochs; returns their results, of shape [epochs, results]."""
        plan = self.plan
        numbers = np.empty((count, len(self.columns)))
        shuffle = None
        if plan.shuffle is not None:
            shuffle = Shuffle(len(self.data.x), plan.shuffle, plan.first + done)
        ran, error = run_schedule(self.stages, (), shuffle, numbers, NO_LIMIT)
        if isinstance(error, KeyboardInterrupt):
            self.progress.interrupted = True
        elif error is not None:
            raise error
        numbers = numbers[:ran]
        if not np.isfinite(numbers).all():
            raise ValueError(
                f"The loss became {numbers[-1, 0]} in epoch {done + ran}: the weights are no longer finite. Scale the "
                "features (sklearn.preprocessing.StandardScaler), or use a smaller learning_rate_init."
            )
        return numbers

    def _after_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        plan, progress = self.plan, self.progress
        value = logs["loss"]
        if self.validation is not None:
            held, score = self.validation
            logs["validation_score"] = score(self.network.predict(held.x))
            value = -logs["validation_score"]
        progress.add(logs)
        if plan.verbose:
            shown = ", ".join(f"{name} = {number:.8f}" for name, number in logs.items())
            print(f"Iteration {plan.first + epoch + 1}, {shown}")
        best = progress.judge(value, plan.tolerance)
        if best and self.validation is not None:
            progress.best = self.network.weights()
        if progress.waited_too_long(plan.patience):
            self._give_up()
        if plan.decay == "invscaling" and plan.learning_rate is not None:
            seen = (plan.first + epoch + 1) * len(self.data.x)
            self._set_rate(plan.learning_rate / (seen + 1) ** plan.power)

    def _give_up(self) -> None:
        """Lowers the learning rate, or ends the run."""
        progress = self.progress
        if self.plan.decay != "adaptive" or progress.rate is None or progress.rate <= LEAST_RATE:
            progress.stopped = True
            return
        self._set_rate(progress.rate / RATE_DIVISOR)
        progress.forgive()

    def _set_rate(self, rate: float) -> None:
        self.progress.rate = rate
        self.network.model.optimizer.learning_rate = rate


def _checked(callbacks: Iterable[Callback] | None) -> list[Callback]:
    found = CallbackList(callbacks)
    if found.wants_batches("train") or found.wants_batches("test"):
        raise InvalidArgumentError(
            "callbacks contains a callback with hooks for batches, but estimators run whole epochs in native code. Use "
            "on_epoch_begin and on_epoch_end, or train the Keras model itself."
        )
    return found.callbacks


def prepared(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None, batch_size: int) -> tuple[Data, float]:
    """Data without the rows of weight 0, and the sum of the weights of a batch.

    If all rows fit in one batch, equal ones become one with the sum of their weights, in a fixed order: the gradient
    is then the same, bit by bit, in whatever order the rows are given, and whether a row is repeated or weighs more.

    Args:
        x, y: rows and labels.
        weight: of shape [rows], or None.
        batch_size: the number of rows in a batch.
    """
    if weight is not None:
        _check_weights(weight)
        used = weight > 0
        if not used.all():
            x, y, weight = x[used], y[used], weight[used]
    if len(x) <= batch_size:
        x, y, weight = _merged(x, y, weight)
    if weight is None or (weight == weight[0]).all():
        mean = 1.0 if weight is None else float(weight[0])
        return Data(x, y, None), mean * min(len(x), batch_size)
    mean = float(weight.mean())
    return Data(x, y, (weight / mean).astype(np.float32)), mean * min(len(x), batch_size)


def _check_weights(weight: np.ndarray) -> None:
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError(
            "sample_weight contains negative or infinite numbers, expected numbers of at least 0."
        )
    if not weight.any():
        raise ValueError("sample_weight is 0 for every row. Expected at least one row with a weight above 0.")


def _merged(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct rows with their labels, in a fixed order, and the sums of their weights."""
    both = np.concatenate([x, y.reshape(len(y), -1)], axis=1, dtype=np.float64)
    _, first, place = np.unique(both, axis=0, return_index=True, return_inverse=True)
    sums = np.bincount(place.reshape(-1), weight, minlength=len(first))
    return np.ascontiguousarray(x[first]), np.ascontiguousarray(y[first]), sums.astype(np.float64)


def describe_end(progress: Progress, epochs: int) -> str | None:
    """The warning for a run that has neither converged nor been stopped; None for other runs."""
    if progress.stopped or not progress.history:
        return None
    return (
        f"The training ran for max_iter={epochs} epochs and had not converged yet. Increase max_iter or "
        "learning_rate_init, or scale the features."
    )
