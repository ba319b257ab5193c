"""Models as Keras 3 describes them in the ``config.json`` of a ``.keras`` file."""

from __future__ import annotations

from typing import Any

from tensorlet.core.nest import flatten
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node, keras_tensors, replaced
from tensorlet.keras.layers.operators import TFOpLambda, operand_config
from tensorlet.keras.layers.serialization import serialize
from tensorlet.keras.models.graph import LayerGraph
from tensorlet.keras.models.model import Model
from tensorlet.keras.models.sequential import Sequential
from tensorlet.keras.saving.keras2_keras3 import OPERATORS, to_keras_3


def describe(layer: Layer) -> dict[str, Any]:
    """The configuration of a layer or model, with those of all layers inside it."""
    if isinstance(layer, TFOpLambda) and layer.function in OPERATORS:
        kind = OPERATORS[layer.function]
        return {
            "module": "keras.src.ops.numpy",
            "class_name": kind,
            "config": {"name": layer.name},
            "registered_name": kind,
        }
    if isinstance(layer, Sequential):
        return _class_of(layer, "keras") | {"config": _sequential_config(layer)}
    if isinstance(layer, Model) and layer._graph is not None:
        return _class_of(layer, "keras.src.models.functional") | {
            "config": _graph_config(layer, layer._graph)
        }
    described: dict[str, Any] = to_keras_3(serialize(layer))
    return described


def _class_of(model: Model, module: str) -> dict[str, Any]:
    described = serialize(model)
    own = type(model).__module__.startswith("tensorlet.")
    registered = described["registered_name"]
    if own:
        registered = "Functional" if type(model).__name__ == "Functional" else None
    return {
        "module": module if own else None,
        "class_name": described["class_name"],
        "config": {},
        "registered_name": registered,
    }


def _sequential_config(model: Sequential) -> dict[str, Any]:
    first = [] if model._input is None else [model._input.node.layer]
    config = {
        "name": model.name,
        "trainable": model.trainable,
        "dtype": model.dtype,
        "layers": [describe(layer) for layer in [*first, *model.layers]],
    }
    if model._input is not None:
        config["build_input_shape"] = list(model._input.shape)
    return config


def _graph_config(model: Model, graph: LayerGraph) -> dict[str, Any]:
    """The layers and their calls; calls are numbered within the model."""
    calls: dict[int, int] = {}
    nodes_of: dict[int, list[Node]] = {id(layer): [] for layer in graph.layers}
    for node in sorted(graph.nodes, key=lambda one: one.index):
        calls[id(node)] = len(nodes_of[id(node.layer)])
        nodes_of[id(node.layer)].append(node)

    def history(tensor: KerasTensor) -> list[Any]:
        return [tensor.node.layer.name, calls.get(id(tensor.node), 0), tensor.position]

    def tensor_config(tensor: KerasTensor) -> dict[str, Any]:
        shape = [None if length is None else int(length) for length in tensor.shape]
        return {
            "class_name": "__keras_tensor__",
            "config": {"shape": shape, "dtype": tensor.dtype.name, "keras_history": history(tensor)},
        }

    def argument(value: object) -> Any:
        if isinstance(value, KerasTensor):
            return tensor_config(value)
        if isinstance(value, slice):
            part = {"start": value.start, "stop": value.stop, "step": value.step}
            return {"class_name": "__slice__", "config": part}
        if isinstance(value, list | tuple):
            return [argument(item) for item in value]
        if isinstance(value, dict):
            return {key: argument(item) for key, item in value.items()}
        return operand_config(value)

    layers = []
    for layer in graph.layers:
        described = describe(layer)
        described["name"] = layer.name
        described["inbound_nodes"] = [
            {
                "args": [argument(value) for value in _inputs_as_list(node.args)],
                "kwargs": {name: argument(value) for name, value in node.kwargs.items()},
            }
            for node in nodes_of[id(layer)]
        ]
        layers.append(described)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": replaced(graph.inputs, history),
        "output_layers": replaced(graph.outputs, history),
    }


def _inputs_as_list(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with several inputs in a list: a tuple of tensors is not what Keras 3 merges."""
    first, *rest = args
    if isinstance(first, tuple) and len(keras_tensors(first)) == len(flatten(first)):
        first = list(first)
    return (first, *rest)
