"""The weights of a model: those of its layers, one layer after the other, and then its own."""

from __future__ import annotations

from tensorlet.core.variable import Variable
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.layer_weights import each_once


class WeightsByLayer(Layer):
    """The order in which a model lists its weights: that of Keras 2, in which files store them.

    A layer lists its own weights before those of the layers inside it; so does a model of Keras 3.
    """

    @property
    def weights(self) -> list[Variable]:
        """All weights, layer by layer; after them those of the model itself."""
        inner = [variable for layer in self._sublayers() for variable in layer.weights]
        return each_once([*inner, *self._variables_behind(True), *self._variables_behind(False)])

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training updates, layer by layer; after them those of the model itself."""
        if not self._own.is_trainable or keras_generation() == 3:
            return super().trainable_weights
        inner = [variable for layer in self._sublayers() for variable in layer.trainable_weights]
        return each_once([*inner, *self._variables_behind(True)])

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training does not update, layer by layer; after them those of the model itself."""
        if keras_generation() == 3:
            return super().non_trainable_weights
        layers = self._sublayers()
        inner = [variable for layer in layers for variable in layer.non_trainable_weights]
        if not self._own.is_trainable:
            trained = [variable for layer in layers for variable in layer.trainable_weights]
            inner = [*trained, *self._variables_behind(True), *inner]
        return each_once([*inner, *self._variables_behind(False)])

    def _variables_behind(self, trainable: bool) -> list[Variable]:
        """Returns the variables of the model itself, those in lists and dictionaries first, as Keras 2 lists them."""
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
