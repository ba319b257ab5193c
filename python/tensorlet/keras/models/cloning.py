"""Creation of models from JSON and configurations, and clones with new weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tensorlet.core.nest import flatten, pack_like
from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.keras.generations import generation_of, keras_generation, spelled_from
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.keras.layers.keras_tensor import KerasTensor, replaced
from tensorlet.keras.layers.lambda_layer import Lambda
from tensorlet.keras.layers.serialization import deserialize, serialize
from tensorlet.keras.metrics.base import Metric
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
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Any], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """Creates a model with new layers of the same configuration, and new weights.

    In programs for Keras 3, the clone of a compiled model is compiled, with a new optimizer.

    Args:
        model: a functional or sequential model, or a subclassed model with a ``get_config``.
        input_tensors: the outputs of `tf.keras.Input` to call the clone on; by default new inputs.
        clone_function: maps a layer to its copy.
        call_function: called with the copy of a layer and its arguments, in place of the copy; of functional models.
        recursive: whether ``clone_function`` and ``call_function`` are used for the layers of models in the model, too.

    Raises:
        InvalidArgumentError: if ``input_tensors`` have another structure than the inputs of the model, or
            ``call_function`` is given for another kind of model.

    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
    >>> copy = tf.keras.models.clone_model(model)
    >>> copy.layers[0] is model.layers[0], copy.count_params()
    (False, 8)
    """
    copied = clone_function or _copy_of
    if recursive:
        copied = _recursive(copied, clone_function, call_function)
    clone = _cloned(model, input_tensors, copied, call_function)
    if keras_generation() == 3 and model._compile_settings is not None and model.optimizer is not None:
        optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        clone.compile(optimizer, **_copied_settings(model._compile_settings))
    return clone


def _copied_settings(value: Any) -> Any:
    """Copies the settings of `compile`: metrics have states, which two models must not share."""
    if isinstance(value, dict):
        return {key: _copied_settings(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_copied_settings(one) for one in value]
    return type(value).from_config(value.get_config()) if isinstance(value, Metric) else value


def _recursive(
    copied: Callable[[Any], Any],
    clone_function: Callable[[Any], Any] | None,
    call_function: Callable[..., Any] | None,
) -> Callable[[Any], Any]:
    def copy(layer: Any) -> Any:
        if isinstance(layer, Model) and (layer._graph is not None or isinstance(layer, Sequential)):
            own_calls = None if isinstance(layer, Sequential) else call_function
            return clone_model(layer, None, clone_function, own_calls, recursive=True)
        return copied(layer)

    return copy


def _cloned(
    model: Model, input_tensors: Any, copied: Callable[[Any], Any], call_function: Callable[..., Any] | None
) -> Any:
    if call_function is not None and (isinstance(model, Sequential) or model._graph is None):
        raise InvalidArgumentError(
            f"clone_model: call_function works for models of Model(inputs, outputs) only, and '{model.name}' is a "
            f"{type(model).__name__}. Leave it out, or write the model with Model(inputs, outputs)."
        )
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
    return _clone_graph(model, input_tensors, copied, call_function or _call)


def _call(layer: Any, *args: Any, **kwargs: Any) -> Any:
    return layer(*args, **kwargs)


def _copy_of(layer: Layer) -> Any:
    if isinstance(layer, Model) and layer._graph is not None:
        return clone_model(layer)
    if isinstance(layer, InputLayer):
        return InputLayer(**layer.get_config())
    if isinstance(layer, Lambda):
        return layer.copy()
    return deserialize(serialize(layer), {type(layer).__name__: type(layer)})


def _clone_graph(
    model: Model, input_tensors: Any, copied: Callable[[Any], Any], call: Callable[..., Any]
) -> Any:
    graph = model._graph_or_explain("layers")
    _check_structure(model, graph.inputs, input_tensors)
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
        results = flatten(call(copies[id(node.layer)], *args, **kwargs))
        values.update({id(tensor): result for tensor, result in zip(node.outputs, results, strict=True)})
    inputs = pack_like(graph.inputs, given)
    return Model(inputs=inputs, outputs=replaced(graph.outputs, value_of), name=model.name)


def _check_structure(model: Model, inputs: Any, given: Any) -> None:
    is_dictionary = isinstance(inputs, dict)
    expected = (
        f"a dictionary with keys {sorted(inputs)}" if is_dictionary else f"{len(flatten(inputs))} tensors"
    )
    if given is None or (
        is_dictionary == isinstance(given, dict) and len(flatten(given)) == len(flatten(inputs))
    ):
        return
    raise InvalidArgumentError(
        f"clone_model: `input_tensors` must have the same structure as model.input. The inputs of '{model.name}' are "
        f"{expected}, but got a {type(given).__name__} of {len(flatten(given))}."
    )
