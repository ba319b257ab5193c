"""One network that is trained: its model, its history, and the moments to which it can go back."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

import tensorlet as tf
from tensorlet.core import random_state
from tensorlet.keras.training.data_adapter.epoch_plan import next_permutation
from tensorlet.playground.dataset import Dataset
from tensorlet.playground.network import compiled_model, labels_for, output_of
from tensorlet.playground.settings import NetworkSettings

#: The columns of the history.
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")
#: More epochs than this are thinned out in the history, so that memory stays bounded.
MOST_RECORDS = 4000
MOST_MOMENTS = 40
MOST_EPOCHS_AT_ONCE = 4000
#: The longest training from a moment to the epoch that was asked for, in seconds.
MOST_SECONDS_AGAIN = 2.0


class Moment(NamedTuple):
    """The state after some epochs: training that goes on from here gives the same numbers as before."""

    epoch: int
    weights: list[np.ndarray]
    optimizer: list[np.ndarray]
    random: dict[str, Any]


class Run:
    """A network in training.

    Only one thread may use a run. Several runs may take turns: each has its own state of the random numbers.

    Args:
        settings: the network.
        data: the points.

    Attributes:
        epoch: the number of whole epochs so far.
        batch: the number of batches of the current epoch so far.
        records: rows of the epoch and the numbers of `CURVES`. As in Keras, the loss and the accuracy of training
            are means over the epoch; after an epoch that was stepped through, those of its end.
        generation: changes when earlier rows of ``records`` change.
        version: changes with each change of the weights.
        problem: why training stopped, such as a loss that is not finite.
        seconds_per_epoch: an estimate.
    """

    def __init__(self, settings: NetworkSettings, data: Dataset) -> None:
        self.settings = settings
        self.data = data
        self.output = output_of(settings.loss, len(data.classes))
        self.model = compiled_model(settings, data.x.shape[1], self.output)
        self.model.optimizer.build(self.model.trainable_variables)
        self.y_train = labels_for(self.output, data.y_train)
        self.y_val = labels_for(self.output, data.y_val)
        self.epoch = 0
        self.batch = 0
        self.generation = 0
        self.version = 0
        self.problem = ""
        self.records: list[tuple[float, ...]] = []
        self.moments: list[Moment] = []
        self._stride = 1
        self._order: np.ndarray | None = None
        self.seconds_per_epoch = 0.01
        self._epochs_a_turn = 1.0
        self._weights = list(self.model.weights)
        self._random = random_state.saved_state()
        with self._own_random_numbers():
            self._record(self._evaluated())
        self._keep_moment()

    @property
    def batches(self) -> int:
        """The number of batches of an epoch."""
        return -(-self.data.training // self.settings.batch)

    @contextmanager
    def _own_random_numbers(self) -> Iterator[None]:
        random_state.restore_state(self._random)
        try:
            yield
        finally:
            self._random = random_state.saved_state()

    def weights(self) -> list[np.ndarray]:
        """Copies of all weights, layer by layer."""
        return [np.array(variable.numpy()) for variable in self._weights]

    def advance(self, seconds: float, most: int = MOST_EPOCHS_AT_ONCE) -> int:
        """Trains for about so long, whole epochs only; returns the number of epochs.

        Args:
            seconds: how long to train.
            most: the largest number of epochs.
        """
        if self.problem:
            return 0
        done = 0
        if self.batch:
            self.finish_epoch()
            done = 1
        if done >= most:
            return done
        wanted = max(int(seconds / self.seconds_per_epoch), int(self._epochs_a_turn))
        count = max(1, min(most - done, wanted, MOST_EPOCHS_AT_ONCE))
        start = time.perf_counter()
        with self._own_random_numbers():
            history = self._fit(count)
        self._learn_pace(time.perf_counter() - start, count, seconds if count < most - done else 0.0)
        columns = [history[name] for name in CURVES]
        for values in zip(*columns, strict=True):
            self.epoch += 1
            self._record(values)
        self._changed()
        return done + count

    def _learn_pace(self, took: float, count: int, wanted: float) -> None:
        """Estimates how many epochs fit into the time of a call; `wanted` is 0 if their number was given.

        A call takes a moment besides its epochs. With one epoch a call, an epoch seems to take as long as that; so the
        number of epochs grows as long as calls end early.
        """
        # The first call compiles; the estimate follows what comes after.
        self.seconds_per_epoch += 0.5 * (took / count - self.seconds_per_epoch)
        if wanted:
            pace = max(self._epochs_a_turn, count) * min(max(wanted / took, 0.5), 2.0)
            self._epochs_a_turn = min(max(pace, 1.0), MOST_EPOCHS_AT_ONCE)

    def _fit(self, count: int) -> dict[str, list[float]]:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            history = self.model.fit(
                self.data.x_train,
                self.y_train,
                batch_size=self.settings.batch,
                epochs=self.epoch + count,
                initial_epoch=self.epoch,
                validation_data=(self.data.x_val, self.y_val),
                verbose=0,
            )
        self._look_for_problem(history.history, [str(one.message) for one in found])
        return history.history

    def _look_for_problem(self, history: dict[str, list[float]], messages: list[str]) -> None:
        if not math.isfinite(history["loss"][-1]):
            self.problem = messages[0] if messages else "The loss is not finite."

    def step(self) -> None:
        """Trains on the next batch of the epoch: the same batch, and the same numbers, as in a whole epoch."""
        if self.problem:
            return
        with self._own_random_numbers():
            if self._order is None:
                self._order = next_permutation(self.data.training)
            start = self.batch * self.settings.batch
            rows = self._order[start : start + self.settings.batch]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.model.train_on_batch(self.data.x_train[rows], self.y_train[rows])
            self.batch += 1
            whole = self.batch == self.batches
            if whole:
                self.epoch, self.batch, self._order = self.epoch + 1, 0, None
            values = self._evaluated()
        if whole:
            self._record(values)
        if not math.isfinite(values[0]):
            self.problem = "The loss is not finite."
        self._changed()

    def finish_epoch(self) -> None:
        """Trains on the other batches of an epoch that was begun by `step`, in one native call."""
        if self._order is None or self.problem:
            return
        rows = self._order[self.batch * self.settings.batch :]
        with self._own_random_numbers():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.model.fit(
                    self.data.x_train[rows],
                    self.y_train[rows],
                    batch_size=self.settings.batch,
                    shuffle=False,
                    verbose=0,
                )
            self.epoch, self.batch, self._order = self.epoch + 1, 0, None
            values = self._evaluated()
        self._record(values)
        if not math.isfinite(values[0]):
            self.problem = "The loss is not finite."
        self._changed()

    def _evaluated(self) -> tuple[float, ...]:
        """The numbers of `CURVES` for the weights as they are."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = [
                self.model.evaluate(x, y, batch_size=len(x), verbose=0)
                for x, y in ((self.data.x_train, self.y_train), (self.data.x_val, self.y_val))
            ]
        return tuple(float(value) for values in found for value in values)

    def _record(self, values: tuple[float, ...]) -> None:
        if self.epoch % self._stride == 0:
            self.records.append((self.epoch, *values))
        if len(self.records) > MOST_RECORDS:
            self._stride *= 2
            self.records = [record for record in self.records if record[0] % self._stride == 0]
            self.generation += 1

    def _changed(self) -> None:
        self.version += 1
        if self.batch == 0 and self.epoch >= self.moments[-1].epoch * 1.12 + 1 and not self.problem:
            self._keep_moment()

    def _keep_moment(self) -> None:
        optimizer = [np.array(variable.numpy()) for variable in self.model.optimizer.variables]
        self.moments.append(Moment(self.epoch, self.weights(), optimizer, self._random))
        if len(self.moments) > MOST_MOMENTS:
            del self.moments[1::2]

    def go_back(self, epoch: int) -> int:
        """Goes back to an epoch; returns the epoch reached.

        The last kept moment that is not after the epoch is restored, and the epochs from there are trained again: they
        give the same numbers as before. Where that would take more than `MOST_SECONDS_AGAIN`, the moment itself is it.
        """
        goal = min(max(epoch, 0), self.epoch)
        self.moments = [moment for moment in self.moments if moment.epoch <= goal]
        self._restore(self.moments[-1])
        if (goal - self.epoch) * self.seconds_per_epoch <= MOST_SECONDS_AGAIN:
            while self.epoch < goal and not self.problem:
                self.advance(MOST_SECONDS_AGAIN, most=goal - self.epoch)
        return self.epoch

    def _restore(self, moment: Moment) -> None:
        self.model.set_weights(moment.weights)
        for variable, value in zip(self.model.optimizer.variables, moment.optimizer, strict=True):
            variable.assign(value)
        self._random = moment.random
        self.epoch, self.batch, self._order, self.problem = moment.epoch, 0, None, ""
        self.records = [record for record in self.records if record[0] <= moment.epoch]
        self.generation += 1
        self.version += 1

    def save(self, path: str) -> None:
        """Writes the model to a file; the format follows from its ending (.keras, .h5, .onnx or .py)."""
        if path.endswith((".keras", ".h5")):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.model.save(path)
        else:
            self.model.export(path)

    def trained(self) -> tf.keras.Model:
        """The model itself, for tests and downloads."""
        return self.model
