"""`Sequential`: a stack of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.dtypes import string
from tensorlet.errors import InvalidArgumentError, warn_user
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_layer import Input, InputLayer
from tensorlet.keras.layers.input_spec import check_inputs
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.layers.serialization import deserialize, serialize
from tensorlet.keras.layers.shape_inference import flat_shapes, shape_structure
from tensorlet.keras.models.graph import LayerGraph, conformed, spec_of
from tensorlet.keras.models.model import Model
from tensorlet.localization import translate as _
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.type_aliases import Config


@register("layer")
class Sequential(Model, sets_built=True):
    """A model that applies its layers one after the other.

    If the first layer has an ``input_shape`` (or is an `Input`), the weights are created immediately; otherwise
    when the model is first called on data, or by ``build``. In programs for Keras 2, an `Embedding` without
    ``input_length`` has the shape (None,).

    Args:
        layers: the layers, in order.
        name: by default ``sequential`` with a number.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: for an object that is not a layer, or two different layers with the same name.

    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,)), tf.keras.layers.Dense(1)])
    >>> [w.shape.as_list() for w in model.weights]
    [[3, 2], [2], [2, 1], [1]]
    """

    _made_graph: LayerGraph | None = None
    _is_graph_stale: bool = False

    def __init__(self, layers: Sequence[Any] | None = None, name: str | None = None, **options: Any) -> None:
        super().__init__(name=name, **options)
        self._input: KerasTensor | None = None
        #: Whether the user specified the input shape. A shape taken from the first data does not restrict later data.
        self._is_shape_given = True
        #: Whether it is what the first layer assumes; it is given up if another layer needs lengths.
        self._is_shape_assumed = False
        self._chain: list[Layer] = []
        #: The names of the layers when they were added, because searching all layers takes time.
        self._names: set[str] = set()
        self._results: list[KerasTensor] = []
        if layers is not None and not isinstance(layers, list | tuple):
            layers = [layers]
        for layer in layers or []:
            self.add(layer)

    @property
    def _graph(self) -> LayerGraph | None:
        """The graph of the layers, created on first use rather than after each added layer."""
        if self._is_graph_stale:
            self._is_graph_stale = False
            self._made_graph = LayerGraph(self._input, self._results[-1])
        return self._made_graph

    @_graph.setter
    def _graph(self, graph: LayerGraph | None) -> None:
        self._made_graph, self._is_graph_stale = graph, False

    @property
    def layers(self) -> list[Any]:
        """The layers, without the input layer."""
        return list(self._chain)

    @layers.setter
    def layers(self, value: object) -> None:
        raise AttributeError("Sequential.layers cannot be set. Use `add()` and `pop()` to change the layers.")

    def numbered_layers(self) -> list[Any]:
        """Returns the layers that checkpoints number: all of them, even before the model is built."""
        return self.layers

    def _sublayers(self, parts: list[Any] | None = None) -> list[Any]:
        # Layers that users assign to attributes of a Sequential also belong to it.
        known = {id(layer) for layer in self._chain}
        return [*self._chain, *(layer for layer in Layer._sublayers(self, parts) if id(layer) not in known)]

    def assumed_input_shape(self) -> tuple[int | None, ...] | None:
        """The input shape that the first layer assumes; None if it was given, or is not known."""
        return tuple(self._input.shape) if self._input is not None and self._is_shape_assumed else None

    def add(self, layer: object) -> None:
        """Adds a layer at the end.

        Args:
            layer: a layer; the first may also be the output of `tf.keras.Input`.

        Raises:
            InvalidArgumentError: for anything else, or if another layer has the same name.
        """
        if isinstance(layer, KerasTensor) and isinstance(layer.node.layer, InputLayer):
            layer = layer.node.layer
        if not isinstance(layer, Layer):
            raise NotALayerError(
                f'Sequential "{self.name}": {layer!r} of type {type(layer).__name__} was added, but a layer is '
                f"expected.{_fix_for(layer)}"
            )
        if isinstance(layer, InputLayer):
            self._add_input(layer)
            return
        if layer.name in self._names:
            self._check_repeated(layer)
        self._append(layer)

    def _append(self, layer: Layer) -> None:
        if not self._chain and self._input is None:
            self._input = _input_for(layer)
            is_given = layer._own.batch_input_shape is not None
            self._is_shape_assumed = not is_given and layer.assumed_input_shape() is not None
            self._is_shape_given = not self._is_shape_assumed
        self._chain.append(layer)
        self._names.add(layer.name)
        try:
            self._extend()
        except (TypeError, ValueError):
            if not self._is_shape_assumed:
                raise
            self._forget_input()  # the layer needs the lengths that the data will have

    def _forget_input(self) -> None:
        """Leaves the shape of the input to the first call, where it was only assumed."""
        for layer, result in zip(self._chain, self._results, strict=False):
            layer._own.nodes.remove(result.node)
        self._input, self._is_shape_assumed, self._results = None, False, []
        self._finish()

    def _check_repeated(self, layer: Layer) -> None:
        """Refuses another layer of the same name; says what it means to add the same layer twice."""
        if not any(layer is one for one in self._chain):
            raise InvalidArgumentError(
                f'Sequential "{self.name}": another layer is already named "{layer.name}". Give the new one '
                'a different name: name="...".'
            )
        if layer.weights or not layer.built:
            warn_user(
                _(
                    'Sequential "{model}": layer "{layer}" was added before. It is applied again with the same '
                    "weights. If you want a second layer, create one: {kind}(...)."
                ).format(model=self.name, layer=layer.name, kind=type(layer).__name__)
            )

    def _add_input(self, layer: InputLayer) -> None:
        if self._chain or self._input is not None:
            raise InvalidArgumentError(
                f'Sequential "{self.name}": an Input was added, but only the first layer can be one. '
                "Use the functional Model(inputs, outputs) for several inputs."
            )
        self._input = layer._own.nodes[0].outputs[0]

    def pop(self) -> None:
        """Removes the last layer.

        Raises:
            InvalidArgumentError: if there are no layers.
        """
        if not self._chain:
            raise InvalidArgumentError(f'Sequential "{self.name}": pop() found no layer to remove.')
        removed = self._chain.pop()
        if not any(removed is one for one in self._chain):
            self._names.discard(removed.name)
        if self._results:
            last = self._results.pop()
            removed._own.nodes.remove(last.node)
        self._finish()

    def _extend(self) -> None:
        """Calls the layers that have not been called yet, if the input shape is known."""
        if self._input is not None:
            for layer in self._chain[len(self._results) :]:
                before = self._results[-1] if self._results else self._input
                result = layer(before)
                if not isinstance(result, KerasTensor):
                    raise InvalidArgumentError(
                        f'Sequential "{self.name}": layer "{layer.name}" returns several outputs, but each layer takes '
                        "one input. Use the functional Model(inputs, outputs)."
                    )
                self._results.append(result)
        self._finish()

    def _finish(self) -> None:
        self._graph = None
        self.built = self._is_graph_stale = self._input is not None and bool(self._results)
        self._forget_programs()

    def build(self, input_shape: object = None) -> None:
        """Creates the weights.

        Args:
            input_shape: a shape with the batch axis, such as ``(None, 784)``; a list or dictionary of them if the
                first layer takes several inputs.

        Raises:
            InvalidArgumentError: if the shape is missing.
        """
        if self._graph is not None or not self._chain:
            return
        if input_shape is None:
            raise InvalidArgumentError(
                f'Sequential "{self.name}": build() requires the shape of the input, such as build((None, 784)).'
            )
        first = self._chain[0]
        shapes = shape_structure(input_shape)
        if len(flat_shapes(shapes)) > 1:  # such a model has no graph, as in Keras
            super().build(input_shape)
            return
        shape = flat_shapes(shapes)[0]
        self._is_shape_given = False
        self._input = Input(
            batch_input_shape=(None, *shape[1:]), dtype=_dtype_for(first), name=f"{first.name}_input"
        )
        self._extend()

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Applies the layers one after the other."""
        if self._preparation() is not None:
            return self._graph.run(self.name, inputs)  # type: ignore[union-attr]
        if isinstance(inputs, dict):
            if len(inputs) != 1 and self._input is not None:
                raise InvalidArgumentError(
                    f'Sequential "{self.name}" has one input, but was called on a dictionary of {len(inputs)}: '
                    f"{sorted(inputs)}. Pass one array, or use the functional Model for several inputs."
                )
            inputs = next(iter(inputs.values())) if len(inputs) == 1 else inputs
        if isinstance(inputs, list | tuple) and len(inputs) == 1:
            inputs = inputs[0]
        if self._input is not None:
            inputs = conformed(inputs, self._input)
            if self._is_shape_given:
                check_inputs(self.name, [spec_of(self._input)], [inputs.shape])
        for layer in self._chain:
            inputs = layer(inputs)
        return inputs

    def _preparation(self) -> Callable[[object], Any] | None:
        if self._graph is None and self._chain and reads_text(self._chain[0]):
            return self._built_on_text
        return super()._preparation()

    def _may_read_text(self) -> bool:
        return super()._may_read_text() and not (self._chain and _reads_numbers(self._chain[0]))

    def _built_on_text(self, x: Any) -> Any:
        """Builds the model on its first data, and then calls its layers of text on them."""
        shape = x.shape if hasattr(x, "shape") else np.shape(x)
        self.build((None, *(shape[1:] or (1,))))
        return self._graph.prepared(self.name, x)  # type: ignore[union-attr]

    def get_config(self) -> dict[str, Any]:
        """Returns the layers as values that can be stored in a file, without weights."""
        first = [] if self._input is None else [self._input.node.layer]
        return {"name": self.name, "layers": [serialize(layer) for layer in [*first, *self._chain]]}

    @classmethod
    def from_config(cls, config: Config | list[Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates a model, with new weights, from the output of `get_config` (or a list of layers)."""
        layers, name = (config, None) if isinstance(config, list) else (config["layers"], config.get("name"))
        model = cls(name=name)
        made: dict[str, tuple[Any, Any]] = {}
        for described in layers:
            name_of_layer = described.get("config", {}).get("name") if isinstance(described, dict) else None
            known, layer = made.get(name_of_layer or "", (None, None))
            if known == described:  # the same layer again
                model._append(layer)
                continue
            layer = deserialize(described, custom_objects)
            model.add(layer)
            if name_of_layer:
                made[name_of_layer] = (described, layer)
        shape = None if isinstance(config, list) else config.get("build_input_shape")
        if shape and not model.built:
            model.build(shape)
        return model


class NotALayerError(InvalidArgumentError, TypeError):
    """An object that is not a layer was added to a model."""


def _fix_for(thing: object) -> str:
    if isinstance(thing, type) and issubclass(thing, Layer):
        return (
            f" Create an object: {thing.__name__}(...) with its arguments. The class itself is not a layer."
        )
    if callable(thing):
        return " Wrap a function in tf.keras.layers.Lambda(function)."
    return ""


def _input_for(layer: Layer) -> KerasTensor | None:
    """Returns the input for a first layer; None if the layer does not specify its shape."""
    shape, dtype = layer._own.batch_input_shape or layer.assumed_input_shape(), layer.dtype
    inner: Any = layer
    while shape is None and isinstance(inner, Model):
        if inner._graph is not None:
            shape, dtype = tuple(inner.inputs[0].shape), inner.inputs[0].dtype.name
        elif inner.layers:
            inner = inner.layers[0]
            shape = inner._own.batch_input_shape
        else:
            break
    dtype = "string" if reads_text(layer) else dtype
    return None if shape is None else Input(batch_input_shape=shape, dtype=dtype, name=f"{layer.name}_input")


def reads_text(layer: Layer) -> bool:
    """Whether the inputs of a first layer are text."""
    if isinstance(layer, Model):
        return any(tensor.dtype is string for tensor in layer._graph.input_tensors) if layer._graph else False
    return type(layer).__name__ in ("StringLookup", "TextVectorization")


def _reads_numbers(layer: Layer) -> bool:
    """Whether a first layer can do nothing with text: then the message about text names the column of a frame."""
    return type(layer).__name__ in ("Dense", "Flatten", "Normalization", "BatchNormalization", "Dropout")


def _dtype_for(first: Layer) -> Any:
    return "string" if reads_text(first) else first.dtype
