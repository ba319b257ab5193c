"""The members of a population: a model with the stages of its epochs, traced once for each form."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tensorlet.backends.programs import Shuffle, Stage
from tensorlet.core import random_state
from tensorlet.core.buffers import array_of, buffers_of
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.models.model import Model
from tensorlet.keras.population.form import form_of, variables_of
from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.loop.epoch_loop import EpochLoop
from tensorlet.keras.training.loop.multi_epoch import stages_of
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.step.preparation import prepare


class Data(NamedTuple):
    """What all members read, and how.

    Attributes:
        rows: the training data.
        validation: the validation data; None for no validation.
        batch_size: the number of rows in a batch.
        shuffle: whether each epoch takes the rows in a new order.
        epochs: the number of epochs.
    """

    rows: Rows
    validation: Rows | None
    batch_size: int
    shuffle: bool
    epochs: int


class Member(NamedTuple):
    """A model, ready to be trained.

    Attributes:
        model: the model.
        stages: the stages of an epoch.
        columns: the column of each result, by name.
        shuffle: the orders of its rows; None for no shuffling.
    """

    model: Model
    stages: list[Stage]
    columns: dict[str, int]
    shuffle: Shuffle | None


class _Template(NamedTuple):
    """The stages of the first model of a form, with positions in `variables_of` in place of its variables."""

    stages: list[Stage]
    columns: dict[str, int]
    places: list[list[int]]
    example: Any


class Templates:
    """Makes members; models of one form share the programs of the first one.

    Args:
        data: what all members read.

    Attributes:
        traced: the number of models that have been traced.
    """

    def __init__(self, data: Data) -> None:
        self.data = data
        self.traced = 0
        self._known: dict[Hashable, _Template | None] = {}

    def member(self, model: Model) -> Member:
        """A member for a compiled model.

        Raises:
            InvalidArgumentError: for a model whose epochs need Python.
        """
        if model.optimizer is None:
            raise InvalidArgumentError(
                f"The model '{model.name}' has not been compiled. Call model.compile(optimizer, loss) in the function "
                "that builds it."
            )
        form = form_of(model) if model.built else None
        template = self._known.get(form) if form is not None else None
        if template is not None:
            return self._from_template(model, template)
        return self._traced(model, form)

    def _traced(self, model: Model, form: Hashable | None) -> Member:
        """A member whose step is traced."""
        data = self.data
        self.traced += 1
        prepare(model, data.rows, data.validation, data.batch_size)
        settings = EpochSettings(data.batch_size, shuffle=data.shuffle, epochs=data.epochs)
        training, testing = EpochLoop(model, "train", data.rows, settings, CallbackList()), None
        if data.validation is not None:
            again = EpochSettings(data.batch_size, restart=True)
            testing = EpochLoop(model, "test", data.validation, again, CallbackList())
        found = stages_of(training, testing)
        if found is None:
            raise InvalidArgumentError(
                f"The model '{model.name}' has steps of its own, or parts that need Python, so it cannot be trained "
                "together with others. Train it with fit."
            )
        stages, columns = found
        if form is not None and form not in self._known:
            self._known[form] = _template_of(model, stages, columns)
        return Member(model, _with_own_counter(stages), columns, self._shuffle())

    def _from_template(self, model: Model, template: _Template) -> Member:
        """A member that runs the programs of another model of its form."""
        model.optimizer.build(model.trainable_variables)
        model.compiled_metrics.build(self.data.rows.first(1)[1], template.example)
        own = variables_of(model)
        stages = [
            stage._replace(variables=buffers_of([own[place] for place in places], own))
            for stage, places in zip(template.stages, template.places, strict=True)
        ]
        return Member(model, stages, template.columns, self._shuffle())

    def _shuffle(self) -> Shuffle | None:
        if not self.data.shuffle:
            return None
        key = random_state.key_of(None)
        return Shuffle(self.data.rows.count, key, random_state.STATE.counters.get(key, 0))


def _template_of(model: Model, stages: Sequence[Stage], columns: dict[str, int]) -> _Template | None:
    """The template of a form; None if the step uses variables that do not belong to the model."""
    places = {id(array_of(variable)): place for place, variable in enumerate(variables_of(model))}
    found = []
    for stage in stages:
        if not all(id(array) in places for array in stage.variables):
            return None
        found.append([places[id(array)] for array in stage.variables])
    return _Template(list(stages), columns, found, model._example)


def _with_own_counter(stages: Sequence[Stage]) -> list[Stage]:
    """The stages with a copy of the counter of random operations, which all models share, as it is after a new seed."""
    shared = array_of(random_state.STATE.traced_counter())
    own = np.zeros_like(shared)
    return [
        stage._replace(variables=[own if array is shared else array for array in stage.variables])
        if any(array is shared for array in stage.variables)
        else stage
        for stage in stages
    ]
