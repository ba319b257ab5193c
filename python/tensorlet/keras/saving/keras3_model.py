"""Models in the form of Keras 3, for the ``config.json`` of a ``.keras`` file."""

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
from tensorlet.keras.saving.build_shapes import layer_shapes
from tensorlet.keras.saving.keras2_keras3 import OPERATORS, to_keras_3


def describe(layer: Layer) -> dict[str, Any]:
    """Returns the configuration of a layer or model, with those of all layers inside it."""
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
    layers = [describe(layer) for layer in [*first, *model.layers]]
    for described, shape in zip(layers, layer_shapes(model), strict=False):
        described["build_config"] = {"input_shape": shape}
    config = {"name": model.name, "trainable": model.trainable, "dtype": model.dtype, "layers": layers}
    if model._input is not None:
        config["build_input_shape"] = list(model._input.shape)
    return config


def _graph_config(model: Model, graph: LayerGraph) -> dict[str, Any]:
    """Returns the layers and their calls."""
    calls = _Calls(graph)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": [calls.layer_config(layer) for layer in graph.layers],
        "input_layers": replaced(graph.inputs, calls.history),
        "output_layers": replaced(graph.outputs, calls.history),
    }


class _Calls:
    """The calls of the layers of a model, numbered within the model, in the form of Keras 3."""

    def __init__(self, graph: LayerGraph) -> None:
        self.numbers: dict[int, int] = {}
        self.of_layer: dict[int, list[Node]] = {id(layer): [] for layer in graph.layers}
        for node in sorted(graph.nodes, key=lambda one: one.index):
            self.numbers[id(node)] = len(self.of_layer[id(node.layer)])
            self.of_layer[id(node.layer)].append(node)

    def layer_config(self, layer: Layer) -> dict[str, Any]:
        """Returns a layer with its calls."""
        described = describe(layer)
        described["name"] = layer.name
        described["inbound_nodes"] = [
            {
                "args": [self.argument(value) for value in _inputs_as_list(node.args)],
                "kwargs": {name: self.argument(value) for name, value in node.kwargs.items()},
            }
            for node in self.of_layer[id(layer)]
        ]
        return described

    def history(self, tensor: KerasTensor) -> list[Any]:
        """Returns the layer that created a tensor, the index of the call, and the index among its outputs."""
        return [tensor.node.layer.name, self.numbers.get(id(tensor.node), 0), tensor.position]

    def argument(self, value: object) -> Any:
        """Returns an argument of a call."""
        if isinstance(value, KerasTensor):
            shape = [None if length is None else int(length) for length in value.shape]
            config = {"shape": shape, "dtype": value.dtype.name, "keras_history": self.history(value)}
            return {"class_name": "__keras_tensor__", "config": config}
        if isinstance(value, slice):
            part = {"start": value.start, "stop": value.stop, "step": value.step}
            return {"class_name": "__slice__", "config": part}
        if isinstance(value, list | tuple):
            return [self.argument(item) for item in value]
        if isinstance(value, dict):
            return {key: self.argument(item) for key, item in value.items()}
        return operand_config(value)


def _inputs_as_list(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Converts a tuple of inputs to a list: merging layers of Keras 3 do not accept a tuple."""
    first, *rest = args
    if isinstance(first, tuple) and len(keras_tensors(first)) == len(flatten(first)):
        first = list(first)
    return (first, *rest)
