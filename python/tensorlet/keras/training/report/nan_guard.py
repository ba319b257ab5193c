"""Detects a loss that becomes NaN or infinite, finds the cause, and warns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.buffers import array_of
from tensorlet.core.function import in_chain
from tensorlet.core.nest import flatten
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import RunsEagerly, TracingError, warn_user
from tensorlet.graph import ir
from tensorlet.keras.training.data_adapter.batch_parts import Batch
from tensorlet.keras.training.data_adapter.dataset_rows import DatasetRows
from tensorlet.keras.training.data_adapter.epoch_plan import Group
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.report.nan_diagnosis import (
    Numbered,
    Place,
    describe,
    is_finite,
    reason,
    replayed,
)
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable
    from tensorlet.keras.training.data_adapter.adapter import DataAdapter
    from tensorlet.keras.training.loop.epoch_loop import EpochLoop
    from tensorlet.keras.training.step.steps import Steps

#: Larger weights, in bytes, are not stored for each epoch.
MOST_BYTES = 1 << 28
#: Weights of so many bytes are always stored, and larger ones if an epoch has a step for each so many bytes: storing
#: the tables of embeddings, of which a step changes a few rows, would take longer than a short epoch.
FEW_BYTES, BYTES_OF_A_STEP = 1 << 25, 1 << 23
#: The number of batches between copies of the weights, if Python runs between batches.
BATCHES_KEPT = 16


class TrainingWarning(UserWarning):
    """Training has failed numerically: a loss is NaN or infinite."""


class NanGuard:
    """Stores the weights before each epoch, and reports after a failed epoch where and why it failed.

    Over arrays, an epoch is one native call: the weights before it and before the previous epoch are stored, and
    after a failed epoch its steps are repeated one by one. If Python runs between batches, a `Journal`
    stores the last batches.

    Args:
        model: the model being trained.
        loop: its training loop.
    """

    def __init__(self, model: Steps, loop: EpochLoop) -> None:
        self.model = model
        self.loop = loop
        self.reported = self.validation_reported = False
        self.buffers: list[np.ndarray] = []
        self.journal: Journal | None = None
        if loop.runner is None:
            self.journal = loop.journal = Journal(model, loop)
        else:
            self.buffers = loop.runner.parts[0].buffers
            most = min(MOST_BYTES, max(FEW_BYTES, BYTES_OF_A_STEP * loop.runner.steps))
            if sum(buffer.nbytes for buffer in self.buffers) > most:
                self.buffers = []
        self.copies = [np.empty_like(buffer) for buffer in self.buffers]
        self.previous = [np.empty_like(buffer) for buffer in self.buffers]
        self.previous_groups: list[Group] = []
        self.epochs = 0
        self.steps = loop.steps  # as planned; a stopped loop counts fewer

    def before(self) -> None:
        """Stores the weights."""
        if self.reported:
            return
        self.copies, self.previous = self.previous, self.copies
        for copy, buffer in zip(self.copies, self.buffers, strict=True):
            np.copyto(copy, buffer)
        self.epochs += 1
        if self.journal is not None:
            self.journal.epoch = self.epochs

    def kept_before_epochs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Returns the copies that `before` makes, as pairs: the first of each is copied to the second."""
        if self.reported:
            return []
        kept = list(zip(self.copies, self.previous, strict=True))
        return kept + list(zip(self.buffers, self.copies, strict=True))

    def after(self, epoch: int, groups: list[Group], logs: dict[str, Any]) -> None:
        """Checks the loss of an epoch, and warns once.

        Args:
            epoch: the index of the epoch.
            groups: the rows that it used.
            logs: its results.
        """
        loss = logs.get("loss")
        if self.reported or not isinstance(loss, float) or math.isfinite(loss):
            self.previous_groups = groups
            return
        self.reported = True
        if self.journal is not None:
            place = self.journal.find(epoch)
            if place is not None and isinstance(self.loop.data, Rows):
                own_groups = groups if place.epoch == epoch else self.previous_groups
                place.rows = [rows for group in own_groups for rows in group.batches()][place.batch]
        else:
            place = self._find(epoch, groups)
        warn_user(TrainingWarning(self._text(epoch, loss, place)))

    def after_validation(self, epoch: int, logs: dict[str, Any], data: DataAdapter) -> None:
        """Checks the loss of a validation, which can fail by itself, and warns once."""
        loss, own = logs.get("val_loss"), logs.get("loss")
        if self.validation_reported or self.reported or not isinstance(loss, float) or math.isfinite(loss):
            return
        if not isinstance(own, float) or not math.isfinite(own):
            return
        self.validation_reported = True
        text = _(
            "The validation loss became {loss} in epoch {epoch}, although the training loss is {own:.4g}."
        ).format(loss=loss, epoch=epoch + 1, own=own)
        if not isinstance(data, Rows) or all(map(is_finite, data.columns)):
            text += " " + _("The validation data is outside the range of the training data; check its range.")
        else:
            inputs = len(flatten(data.structure[0]))
            text += " " + reason(Place(0, data.columns, inputs, slice(0, None)), (), None)
        warn_user(TrainingWarning(text))

    def _find(self, epoch: int, groups: list[Group]) -> Place | None:
        """Finds where it began: in this epoch or, if the weights were not finite at its start, in the previous one."""
        if not self.buffers:
            return None
        if self.epochs > 1 and not all(map(is_finite, self.copies)):
            place = self._replay(self.previous, self.previous_groups)
            if place is not None:
                place.epoch = epoch - 1
                return place
        place = self._replay(self.copies, groups)
        if place is not None:
            place.epoch = epoch
        return place

    def _replay(self, copies: list[np.ndarray], groups: list[Group]) -> Place | None:
        by_buffer = {id(buffer): copy for buffer, copy in zip(self.buffers, copies, strict=True)}
        data = self.loop.data
        if not isinstance(data, Rows) or not groups:
            return None
        batches = _numbered_batches(data, groups)
        first = next(batches)
        start = {}
        ignored = variables_of_metrics(self.model)
        for variable in self.loop.function.concrete(first[1]).variables:
            copy = by_buffer.get(id(array_of(variable)))
            if copy is None:
                return None
            # The metrics were reset at the start of the epoch.
            start[id(variable)] = np.zeros_like(copy) if id(variable) in ignored else copy

        def all_batches() -> Iterator[Numbered]:
            yield first
            yield from batches

        place = replayed(self.loop.function, start, all_batches(), ignored)
        if place is not None and isinstance(data, DatasetRows) and data.stages:
            # The diagnosis describes what the model received, not the original data of the dataset.
            seen = data.seen([EagerTensor(leaf) for leaf in place.leaves])
            place.leaves = [array_of(leaf) for leaf in flatten(seen)]
            place.inputs = len(flatten(seen[0]))
        return place

    def _text(self, epoch: int, loss: float, place: Place | None) -> str:
        text = _("The loss became {loss} in epoch {epoch}").format(loss=loss, epoch=epoch + 1)
        if place is not None:
            if place.epoch != epoch:
                text += _("; it began in epoch {epoch}").format(epoch=place.epoch + 1)
            steps = self.steps or self.loop.steps
            batch = _(", batch {batch} of {steps}") if steps else _(", batch {batch}")
            text += batch.format(batch=place.batch + 1, steps=steps)
            if place.node is not None and place.node.kind != ir.INPUT:
                text += _(
                    "; the first operation to produce a value that is not finite was {operation}"
                ).format(operation=describe(place.node))
        scales = getattr(self.loop.data, "scales", ())
        return f"{text}. {reason(place, scales, getattr(self.model.optimizer, 'learning_rate', None))}"


def _numbered_batches(data: Rows, groups: list[Group]) -> Iterator[Numbered]:
    """Yields the batches of an epoch with their indices and rows."""
    every = (rows for group in groups for rows in group.batches())
    for number, rows in enumerate(every):
        yield number, data.batch(rows), rows


class Journal:
    """Stores the last batches and the variables before them, if Python runs between batches.

    Args:
        model: the model being trained.
        loop: its training loop.
    """

    def __init__(self, model: Steps, loop: EpochLoop) -> None:
        self.model = model
        self.loop = loop
        self.epoch = 0
        self.went_wrong = False
        self.start: dict[int, np.ndarray] = {}
        self.batches: list[tuple[int, int, Batch]] = []
        self.variables: list[Variable] | None = None
        self.watched: list[Variable] = []

    def before(self, number: int, batch: Batch) -> None:
        """Called before each batch."""
        if self.went_wrong:
            return
        if number == 0 or len(self.batches) >= BATCHES_KEPT:
            self._keep(batch)
        if not self.went_wrong:
            self.batches.append((self.epoch, number, batch))

    def after(self, result: dict[str, Any]) -> None:
        """Called after each batch, with the result of the step."""
        if self.went_wrong:
            return
        if self.loop.default:
            self.went_wrong = not math.isfinite(array_of(self.model.compiled_loss.total.total))
        elif "loss" in result:
            self.went_wrong = not is_finite(np.asarray(result["loss"]))

    def _keep(self, batch: Batch) -> None:
        """Stores the current values of the variables, if they are finite."""
        if self.variables is None:
            self.variables = self._variables_of_the_step(batch)
            metrics = variables_of_metrics(self.model)
            self.watched = [one for one in self.variables if id(one) not in metrics]
        if self.start and not all(is_finite(array_of(variable)) for variable in self.watched):
            self.went_wrong = True
            return
        self.start = {id(variable): array_of(variable).copy() for variable in self.variables}
        self.batches = []

    def _variables_of_the_step(self, batch: Batch) -> list[Variable]:
        """Returns the variables to store; none if the steps cannot be repeated."""
        if self.loop.eager:  # such a step may not be traceable
            return []
        try:
            variables = list(self.loop.function.concrete(batch).variables)
        except TracingError as error:
            if in_chain(error, RunsEagerly) is None:
                raise
            return []
        return variables if sum(array_of(one).nbytes for one in variables) <= MOST_BYTES else []

    def find(self, epoch: int) -> Place | None:
        """Finds where it began."""
        if not self.batches:
            return None
        place = None
        if self.start:
            numbered = [(index, batch, None) for index, (_, _, batch) in enumerate(self.batches)]
            place = replayed(self.loop.function, self.start, numbered, variables_of_metrics(self.model))
        index = place.batch if place is not None else len(self.batches) - 1
        own_epoch, number, batch = self.batches[index]
        if place is None:
            leaves = [np.asarray(leaf) for leaf in flatten(batch)]
            place = Place(number, leaves, len(flatten(batch[0])))
        place.batch, place.epoch = number, epoch - (self.epoch - own_epoch)
        return place


def variables_of_metrics(model: Steps) -> set[int]:
    """Returns the ids of the variables of metrics."""
    return {id(variable) for metric in model.metrics for variable in metric.variables}
