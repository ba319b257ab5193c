"""Creation of models from JSON and configurations, and clones with new weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tensorlet.core.nest import flatten, pack_like
from tensorlet.errors import FileFormatError
from tensorlet.keras.generations import generation_of, spelled_from
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.keras.layers.keras_tensor import KerasTensor, replaced
from tensorlet.keras.layers.lambda_layer import Lambda
from tensorlet.keras.layers.serialization import deserialize, serialize
from tensorlet.keras.models.model import Model
from tensorlet.keras.models.sequential import Sequential


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """Creates a model, with new weights, from the output of `Model.to_json`.

    Args:
        json_string: the JSON text.
        custom_objects: user-defined classes and functions by name.

    Raises:
        FileFormatError: if the text is not JSON.
    """
    try:
        config = json.loads(json_string)
    except json.JSONDecodeError as error:
        raise FileFormatError(
            f"model_from_json: the text is not valid JSON ({error}). Pass the output of to_json()."
        ) from None
    version = config.get("keras_version") if isinstance(config, dict) else None
    generation = None if version is None else generation_of(version)
    return model_from_config(spelled_from(generation, config), custom_objects)


def model_from_config(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """Creates a model, with new weights, from a dictionary with ``class_name`` and ``config``.

    Raises:
        FileFormatError: if the dictionary does not have these keys.
    """
    if not isinstance(config, dict) or "class_name" not in config:
        raise FileFormatError(
            "model_from_config: expected a dictionary with 'class_name' and 'config'. For the output of "
            "get_config(), use Sequential.from_config or Model.from_config."
        )
    return deserialize(config, custom_objects)


def clone_model(
    model: Model, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None
) -> Any:
    """Creates a model with new layers of the same configuration, and new weights.

    Args:
        model: a functional or sequential model, or a subclassed model with a ``get_config``.
        input_tensors: the outputs of `tf.keras.Input` to call the clone on; by default new inputs.
        clone_function: maps a layer to its copy.

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
        copies: dict[int, Any] = {}
        for layer in model.layers:
            if id(layer) in copies:  # a layer that is applied twice
                copy._append(copies[id(layer)])
            else:
                copies[id(layer)] = copied(layer)
                copy.add(copies[id(layer)])
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
