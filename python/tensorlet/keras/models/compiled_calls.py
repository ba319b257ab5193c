"""``model(x)`` outside of traced functions, as a compiled graph, if all layers of the model are built in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.compiled_call import NOT_COMPILED, CompiledCall, all_own, is_own, may_compile
from tensorlet.core.logits import with_logits
from tensorlet.core.nest import flatten
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import TensorletError
from tensorlet.keras.layers.base import Layer, mask_of, takes_training
from tensorlet.keras.layers.call_context import count_pass, training_of_call
from tensorlet.keras.layers.keras_tensor import keras_tensors

if TYPE_CHECKING:
    from tensorlet.keras.training.step.programs import Programs


class CompiledCalls:
    """The compiled calls of a model, valid for the current state of its layers.

    Args:
        model: a built model.
    """

    def __init__(self, model: CompiledLayer) -> None:
        self._model = model
        self._layers = list(model._flatten_layers())
        #: The attributes of each layer, and the names of those that do not affect calls.
        self._vars = [(vars(one), one._not_parts if _is_model(one) else None) for one in self._layers]
        graphs = [getattr(one, "_graph", None) for one in self._layers]
        self._vars += [(vars(graph), None) for graph in graphs if graph is not None]
        self._seen = self._attributes()
        self._ids = list(map(id, self._seen))
        self._is_own = all(map(_is_own_layer, self._layers))
        self._uses_training = any(takes_training(layer) for layer in self._layers if not _is_model(layer))
        self._calls = {training: self._call(training) for training in (False, True)}

    def is_current(self) -> bool:
        """Whether no attribute of a layer has been set since the calls were compiled."""
        return list(map(id, self._attributes())) == self._ids

    def outputs(self, x: object, training: bool) -> Any:
        """Returns the outputs for inputs, or `NOT_COMPILED`."""
        if not self._is_own or (training and self._uses_training):
            return NOT_COMPILED
        if type(x) is not EagerTensor and type(x) is not np.ndarray and keras_tensors(x):
            return NOT_COMPILED
        if mask_of(x) is not None:
            return NOT_COMPILED
        try:
            found = self._calls[training](self._model._converted(x))
        except (TensorletError, MemoryError):  # without compilation, the error names the layer
            return NOT_COMPILED
        if found is NOT_COMPILED:
            return found
        count_pass()
        outputs, logits = found
        for output, known in zip(flatten(outputs), logits, strict=True):
            if known is not None:
                with_logits(output, known)
        return outputs

    def _call(self, training: bool) -> CompiledCall:
        model = self._model

        def call(inputs: Any) -> Any:
            outputs = Layer.__call__(model, inputs, training=training)
            if any(mask_of(output) is not None for output in flatten(outputs)):
                raise TensorletError("A compiled call returns no masks.")
            return outputs, [getattr(output, "_keras_logits", None) for output in flatten(outputs)]

        return CompiledCall(call, model.name)

    def _attributes(self) -> list[object]:
        """Returns everything that a call of the layers may depend on, in order."""
        found: list[object] = []
        for attributes, skipped in self._vars:
            if skipped is None:
                found += attributes.values()
            else:
                found += [value for name, value in attributes.items() if name not in skipped]
        return found


class CompiledLayer(Layer):
    """A layer whose calls run as compiled graphs once it is built; see `CompiledCalls`."""

    if TYPE_CHECKING:  # defined by models
        run_eagerly: bool
        _programs: Programs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer; see `Layer.__call__`."""
        if len(args) == 1 and self.built and may_compile():
            outputs = self._compiled_outputs(args[0], kwargs)
            if outputs is not NOT_COMPILED:
                return outputs
        return super().__call__(*args, **kwargs)

    def _compiled_outputs(self, x: object, options: dict[str, Any]) -> Any:
        if self.run_eagerly or (options and options.keys() != {"training"}):
            return NOT_COMPILED
        training = options.get("training")
        if training is None:
            training = training_of_call()
        calls = self._programs.calls
        if calls is None or not calls.is_current():
            calls = self._programs.calls = CompiledCalls(self)
        return calls.outputs(x, bool(training))


def _is_model(layer: object) -> bool:
    return hasattr(layer, "_programs")


def _is_own_layer(layer: Layer) -> bool:
    """Whether a call of the layer itself, without those inside it, runs no user code and has no side effects."""
    graph = getattr(layer, "_graph", None)
    if not is_own(type(layer)) or layer.looks_at_values:
        return False
    if not layer.built or layer.activity_regularizer is not None:
        return False
    if _is_model(layer) and (graph is None or graph.watched):
        return False
    attributes = vars(layer).items()
    return all_own(value for name, value in attributes if not name.endswith(("initializer", "regularizer")))
