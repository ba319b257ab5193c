"""The weights of a model: those of its layers, one layer after the other, and then its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tensorlet.core.attributes import PLAIN
from tensorlet.core.variable import Variable
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.layer_weights import HasWeights, each_once
from tensorlet.keras.metrics.base import Metric


class WeightsByLayer(Layer):
    """The order in which a model lists its weights: that of Keras 2, in which files store them.

    A layer lists its own weights before those of the layers inside it; so does a model of Keras 3. A model of Keras 2
    takes its attributes one after the other: a layer, a metric, or a list or dictionary, of which the trainable
    weights of all parts come before the others.
    """

    @property
    def weights(self) -> list[Variable]:
        """All weights, layer by layer; after them those of the model itself."""
        if keras_generation() == 3:
            inner = [variable for layer in self._sublayers() for variable in layer.weights]
            return each_once([*inner, *self._variables_behind(True), *self._variables_behind(False)])
        held = [one for group in self._groups() for one in (*_trained(group), *_fixed(group))]
        return each_once([*held, *self._split_variables(True)[0], *self._split_variables(False)[0]])

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training updates, layer by layer; after them those of the model itself."""
        if not self._own.is_trainable or keras_generation() == 3:
            return super().trainable_weights
        held = [variable for group in self._groups() for variable in _trained(group)]
        return each_once([*held, *self._split_variables(True)[0]])

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training does not update, layer by layer; after them those of the model itself."""
        if keras_generation() == 3:
            return super().non_trainable_weights
        groups = list(self._groups())
        held = [variable for group in groups for variable in _fixed(group)]
        if not self._own.is_trainable:
            trained = [variable for group in groups for variable in _trained(group)]
            held = [*trained, *self._split_variables(True)[0], *held]
        return each_once([*held, *self._split_variables(False)[0]])

    def _variables_behind(self, trainable: bool) -> list[Variable]:
        """Returns the variables of the model itself, those in lists and dictionaries first."""
        direct, contained = self._split_variables(trainable)
        return [*contained, *direct]

    @property
    def stateful(self) -> bool:
        """Whether a layer keeps its states from batch to batch."""
        return any(getattr(layer, "stateful", False) for layer in self._sublayers())

    def reset_states(self) -> None:
        """Sets the states of all stateful layers to 0."""
        for layer in self._sublayers():
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
                layer.reset_states()

    def _groups(self) -> Iterator[list[Any]]:
        """Yields what each attribute holds, in order: layers, metrics and variables in containers."""
        graph = getattr(self, "_graph", None)
        for layer in graph.layers if graph is not None else ():
            yield [layer]
        for name, value in vars(self).items():
            if type(value) in PLAIN or name in self._not_parts or isinstance(value, Variable):
                continue
            group = list(_parts_of(value))
            if group:
                yield group


def _parts_of(value: object) -> Iterator[Any]:
    """Yields the layers, metrics and variables in an attribute; Keras 2 sorts dictionaries by their keys."""
    if isinstance(value, HasWeights | Metric | Variable):
        yield value
    elif isinstance(value, dict):
        names = list(value)
        for key in sorted(names) if all(isinstance(one, str) for one in names) else names:
            yield from _parts_of(value[key])
    elif isinstance(value, list | tuple) and value and not isinstance(value[0], str | int | float):
        for item in value:
            yield from _parts_of(item)


def _trained(group: list[Any]) -> list[Variable]:
    inner = [
        variable for part in group if not isinstance(part, Variable) for variable in part.trainable_weights
    ]
    return [*inner, *(part for part in group if isinstance(part, Variable) and part.trainable)]


def _fixed(group: list[Any]) -> list[Variable]:
    inner = [
        variable
        for part in group
        if not isinstance(part, Variable)
        for variable in part.non_trainable_weights
    ]
    return [*inner, *(part for part in group if isinstance(part, Variable) and not part.trainable)]
