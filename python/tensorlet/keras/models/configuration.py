"""The configurations of functional models: written in the form of Keras 2, read in those of Keras 2 and 3."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from tensorlet.core.nest import flatten
from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.keras.layers.base import names_of_call
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node, keras_tensors, replaced
from tensorlet.keras.layers.operators import TFOpLambda, operand_config
from tensorlet.keras.layers.serialization import deserialize, serialize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.keras.layers.base import Layer
    from tensorlet.keras.models.graph import LayerGraph
    from tensorlet.keras.models.model import Model


def graph_config(model: Model, graph: LayerGraph) -> dict[str, Any]:
    """Returns the layers of a model and their connections.

    A call of a layer is a list of ``[layer, call, output, keyword arguments]``, one for each of its inputs;
    calls are numbered within the model.
    """
    calls: dict[int, int] = {}
    nodes_of: dict[int, list[Node]] = {id(layer): [] for layer in graph.layers}
    for node in sorted(graph.nodes, key=lambda one: one.index):
        calls[id(node)] = len(nodes_of[id(node.layer)]) + _calls_before(node.layer)
        nodes_of[id(node.layer)].append(node)
    layers = []
    for layer in graph.layers:
        described = serialize(layer)
        if getattr(layer, "function", None) == "__operators__.getitem":
            described["class_name"] = "SlicingOpLambda"
        described["name"] = layer.name
        described["inbound_nodes"] = [_call_config(node, calls) for node in nodes_of[id(layer)]]
        layers.append(described)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": _places(graph.inputs, calls),
        "output_layers": _places(graph.outputs, calls),
    }


def _calls_before(layer: Layer) -> int:
    """The number of calls that are not stored: a nested model was called once when it was created."""
    return int(getattr(layer, "_graph", None) is not None)


def _place(tensor: KerasTensor, calls: dict[int, int]) -> list[Any]:
    return [tensor.node.layer.name, calls.get(id(tensor.node), 0), tensor.position]


def _places(structure: object, calls: dict[int, int]) -> Any:
    """Returns the positions of the inputs or outputs: always a list, or a dictionary."""
    if isinstance(structure, KerasTensor):
        return [_place(structure, calls)]
    return replaced(structure, lambda tensor: _place(tensor, calls))


def _call_config(node: Node, calls: dict[int, int]) -> list[Any]:
    """Returns one call; an operand that is not a `KerasTensor` becomes ``["_CONSTANT_VALUE", -1, value, {}]``."""
    first, *rest = node.args
    extra = {name: _argument(value, calls) for name, value in node.kwargs.items()}
    if rest and isinstance(node.layer, TFOpLambda):  # x * 2 is multiply(x, y=2)
        name = _second_operand(node.layer)
        extra[name] = _argument(rest[0] if len(rest) == 1 else list(rest), calls)
    else:
        names = names_of_call(node.layer)[1:]
        extra |= {str(name): _argument(value, calls) for name, value in zip(names, rest, strict=False)}
    if not keras_tensors(first):
        return ["_CONSTANT_VALUE", -1, operand_config(first), extra]
    if isinstance(first, KerasTensor) and isinstance(node.layer, TFOpLambda):
        return [*_place(first, calls), extra]
    if isinstance(node.layer, TFOpLambda) and len(keras_tensors(first)) != len(flatten(first)):
        raise InvalidArgumentError(
            f"The operation '{node.layer.name}' is called on a list of both numbers and tensors of the "
            "model, which a configuration cannot represent. Move the operation into a custom layer."
        )
    return [[*_place(tensor, calls), extra] for tensor in keras_tensors(first)]


def _second_operand(layer: Layer) -> str:
    """Returns TensorFlow's name of the second argument of an operation."""
    names = {"__operators__.getitem": "slice_spec", "linalg.matmul": "b"}
    return names.get(getattr(layer, "function", ""), "y")


def _argument(value: object, calls: dict[int, int]) -> Any:
    if isinstance(value, KerasTensor):
        return _place(value, calls)
    if keras_tensors(value):
        return replaced(value, lambda tensor: _place(tensor, calls))
    return operand_config(value)


class _MissingResultError(Exception):
    """A call needs the output of another one that has not been made yet.

    Args:
        key: the name of the layer and the index of its call.
    """

    def __init__(self, key: tuple[str, int]) -> None:
        super().__init__(key)
        self.key = key


class _Builder:
    """Builds a model from its configuration."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.layers: dict[str, Layer] = {}
        self.first_calls: dict[str, int] = {}
        self.results: dict[tuple[str, int], list[KerasTensor]] = {}

    def build(self, model_class: type) -> Any:
        """Returns the model. Layers are called in the order of the configuration, once their inputs are known."""
        calls: deque[tuple[str, int, Any]] = deque()
        for described in self.config["layers"]:
            layer = deserialize(described)
            name = described.get("name") or layer.name
            self.layers[name] = layer
            if isinstance(layer, InputLayer):
                self.results[name, 0] = layer._own.nodes[0].outputs
            described_calls = described.get("inbound_nodes", [])
            in_keras_3 = any(isinstance(call, dict) for call in described_calls)
            first = 0 if in_keras_3 else _calls_before(layer)
            self.first_calls[name] = first
            calls += [(name, first + index, call) for index, call in enumerate(described_calls)]
        self._make_calls(calls)
        inputs, outputs = self._ends("input_layers"), self._ends("output_layers")
        model = model_class(inputs=inputs, outputs=outputs, name=self.config.get("name"))
        if self.config.get("trainable") is False:
            model.trainable = False
        return model

    def _make_calls(self, calls: deque[tuple[str, int, Any]]) -> None:
        blocked: dict[tuple[str, int], list[tuple[str, int, Any]]] = {}
        while calls:
            one = calls.popleft()
            try:
                self._call(*one)
            except _MissingResultError as error:
                blocked.setdefault(error.key, []).append(one)
            else:
                calls.extendleft(reversed(blocked.pop(one[:2], [])))
        if blocked:
            layer = next(iter(blocked.values()))[0][0]
            raise FileFormatError(
                f"The configuration of the model '{self.config.get('name')}' is damaged: layer '{layer}' uses the "
                "output of a layer that it does not contain. Create it again with to_json() or save()."
            )

    def _call(self, name: str, index: int, call: dict[str, Any] | list[Any]) -> None:
        """Makes one call of a layer.

        Raises:
            _MissingResultError: if another call must be made first.
        """
        if (name, index) in self.results:
            return
        args, kwargs = self._keras3_arguments(call) if isinstance(call, dict) else self._arguments(name, call)
        if index > self.first_calls[name]:  # the calls of a layer are made in order
            self._result(name, index - 1)
        self.results[name, index] = flatten(self.layers[name](*args, **kwargs))

    def _result(self, name: str, index: int) -> list[KerasTensor]:
        """Returns the outputs of a call."""
        found = self.results.get((name, index))
        if found is None:
            raise _MissingResultError((name, index))
        return found

    def _arguments(self, layer_name: str, call: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Returns the arguments of a call in the form of Keras 2."""
        places = [call] if call and isinstance(call[0], str) else call
        values = []
        for name, node, position, *_ in places:
            if name == "_CONSTANT_VALUE":
                values.append(position)
                continue
            values.append(self._result(name, node)[position])
        extra = places[0][3] if len(places[0]) > 3 else {}
        kwargs = {key: self._filled(value) for key, value in extra.items()}
        layer = self.layers[layer_name]
        is_operation = isinstance(layer, TFOpLambda)
        in_list = len(values) > 1 or (is_operation and places is call)
        first = values if in_list else values[0]
        if not isinstance(layer, TFOpLambda) or not layer.is_operator:
            return [first], kwargs
        second = _second_operand(layer)
        options: dict[str, Any] = {
            key: kwargs[key] for key in ("transpose_a", "transpose_b") if key in kwargs
        }
        return ([first, kwargs[second]] if second in kwargs else [first]), options

    def _filled(self, value: object) -> Any:
        """Replaces ``[layer, call, position]`` in an extra argument, or in a list that it is, by that output."""
        if not isinstance(value, list):
            return value
        if len(value) == 3 and isinstance(value[0], str) and value[0] in self.layers:
            return self._result(value[0], value[1])[value[2]]
        return [self._filled(one) for one in value]

    def _keras3_arguments(self, call: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Returns the arguments of a call in the form of Keras 3, where tensors are dictionaries with their history."""

        def fill(value: Any) -> Any:
            if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
                name, node, position = value["config"]["keras_history"]
                return self._result(name, node)[position]
            if isinstance(value, dict):
                return {key: fill(item) for key, item in value.items()}
            if isinstance(value, list | tuple):
                return [fill(item) for item in value]
            return value

        args, kwargs = fill(call.get("args", [])), fill(call.get("kwargs", {}))
        kwargs = {key: value for key, value in kwargs.items() if value is not None}
        return args, kwargs

    def _ends(self, which: str) -> Any:
        places = self.config[which]
        alone = isinstance(places, list | tuple) and len(places) == 1 and _is_place(places[0])
        return self._filled_places(places[0] if alone else places)

    def _filled_places(self, places: Any) -> Any:
        """The tensors at places, in their structure."""
        if _is_place(places):
            return self._end(places)
        if isinstance(places, dict):
            return {key: self._filled_places(one) for key, one in places.items()}
        return type(places)(self._filled_places(one) for one in places)

    def _end(self, place: Sequence[Any]) -> KerasTensor:
        name, node, position = place
        return self.results[name, node][position]


def _is_place(value: object) -> bool:
    """Whether a part of a configuration is a layer, a call and an output."""
    return isinstance(value, list | tuple) and len(value) == 3 and isinstance(value[0], str)


def model_from_graph_config(model_class: type, config: dict[str, Any]) -> Any:
    """Creates a model, with new weights, from the output of `graph_config`.

    Raises:
        FileFormatError: if layers are missing from it.
    """
    return _Builder(config).build(model_class)
