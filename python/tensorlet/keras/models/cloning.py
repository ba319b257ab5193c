"""New models from JSON, from configurations, and as copies with new weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tensorlet.core.nest import flatten, pack_like
from tensorlet.errors import FileFormatError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.keras.layers.keras_tensor import KerasTensor, replaced
from tensorlet.keras.layers.lambda_layer import Lambda
from tensorlet.keras.layers.serialization import deserialize, serialize
from tensorlet.keras.models.model import Model
from tensorlet.keras.models.sequential import Sequential


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """A new model, with new weights, from what `Model.to_json` returned.

    Args:
        json_string: the text.
        custom_objects: from names to the user's own classes and functions.

    Raises:
        FileFormatError: if the text is not JSON.
    """
    try:
        config = json.loads(json_string)
    except json.JSONDecodeError as error:
        raise FileFormatError(
            f"model_from_json: the text is not JSON ({error}). Pass what to_json() returned."
        ) from None
    return model_from_config(config, custom_objects)


def model_from_config(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """A new model, with new weights, from a dictionary with ``class_name`` and ``config``."""
    if not isinstance(config, dict) or "class_name" not in config:
        raise FileFormatError(
            "model_from_config: a dictionary with 'class_name' and 'config' is expected. For what "
            "get_config() returned, use Sequential.from_config or Model.from_config."
        )
    return deserialize(config, custom_objects)


def clone_model(
    model: Model, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None
) -> Any:
    """A model of new layers with the same settings, and new weights.

    Args:
        model: a functional or sequential model; a subclassed one if it has a ``get_config``.
        input_tensors: what `tf.keras.Input` returned, to build upon; by default new inputs.
        clone_function: returns the copy of a layer.

    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
    >>> copy = tf.keras.models.clone_model(model)
    >>> copy.layers[0] is model.layers[0], copy.count_params()
    (False, 8)
    """
    copied = clone_function or _copy_of
    if isinstance(model, Sequential):
        copy = type(model)(name=model.name)
        if input_tensors is not None:
            copy.add(flatten(input_tensors)[0])
        elif model._input is not None:
            copy.add(_copy_of(model._input.node.layer))
        for layer in model.layers:
            copy.add(copied(layer))
        return copy
    if model._graph is None:
        return type(model).from_config(model.get_config())
    return _clone_graph(model, input_tensors, copied)


def _copy_of(layer: Layer) -> Any:
    if isinstance(layer, Model) and layer._graph is not None:
        return clone_model(layer)
    if isinstance(layer, InputLayer):
        return InputLayer(**layer.get_config())
    if isinstance(layer, Lambda):
        return layer.copy()
    return deserialize(serialize(layer), {type(layer).__name__: type(layer)})


def _clone_graph(model: Model, input_tensors: Any, copied: Callable[[Any], Any]) -> Any:
    graph = model._graph_or_explain("layers")
    given = (
        flatten(input_tensors)
        if input_tensors is not None
        else [_copy_of(tensor.node.layer)._own.nodes[0].outputs[0] for tensor in graph.input_tensors]
    )
    values = {id(tensor): new for tensor, new in zip(graph.input_tensors, given, strict=True)}

    def value_of(tensor: KerasTensor) -> Any:
        return values[id(tensor)]

    copies: dict[int, Any] = {}
    for node in graph.nodes:
        if id(node.layer) not in copies:
            copies[id(node.layer)] = copied(node.layer)
        args, kwargs = replaced((node.args, node.kwargs), value_of)
        results = flatten(copies[id(node.layer)](*args, **kwargs))
        values.update({id(tensor): result for tensor, result in zip(node.outputs, results, strict=True)})
    inputs = pack_like(graph.inputs, given)
    return Model(inputs=inputs, outputs=replaced(graph.outputs, value_of), name=model.name)
