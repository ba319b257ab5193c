"""The layers between the inputs and outputs of a functional model, in execution order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import Tensor
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_spec import InputSpec, check_inputs
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node, keras_tensors, replaced
from tensorlet.keras.layers.shape_inference import OpenSpec
from tensorlet.keras.models.front import Preparation, front_of, given
from tensorlet.keras.models.graph_parts import from_inputs_on, nodes_between
from tensorlet.keras.models.input_structure import check_not_none, in_order


class LayerGraph:
    """The layers and calls between input and output `KerasTensor`s.

    Attributes:
        inputs, outputs: as passed by the user, possibly nested.
        input_tensors, output_tensors: the same as flat lists.
        nodes: the calls of layers, in topological order.
        layers: in the order of Keras: by distance from the outputs, inputs first.
        front: the calls that run on values in front of the compiled part; None if there are none.

    Raises:
        InvalidArgumentError: if an output does not depend on the inputs, or two layers have the same name.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        ends = _only_keras_tensors("outputs", outputs)
        self.inputs, self.outputs = from_inputs_on(
            inputs, outputs, _only_keras_tensors("inputs", inputs), ends
        )
        self.input_tensors, self.output_tensors = keras_tensors(self.inputs), keras_tensors(self.outputs)
        #: `KerasTensor`s other than the outputs, with a function that receives the value in each call.
        self.watched: list[tuple[KerasTensor, Callable[[Any], None]]] = []
        self._find_layers()

    def _find_layers(self) -> None:
        ends = [*self.output_tensors, *(tensor for tensor, _ in self.watched)]
        self.nodes = nodes_between(self.input_tensors, ends)
        self.front = front_of(self.input_tensors, self.nodes, ends)
        self.layers = _ordered_layers(self.input_tensors, self.nodes, ends)
        _refuse_equal_names(self.layers)

    def watch(self, tensor: KerasTensor, see: Callable[[Any], None]) -> None:
        """Adds a tensor whose value is passed to ``see`` in each call, with the layers that compute it."""
        self.watched = [*self.watched, (tensor, see)]
        self._find_layers()

    @property
    def input_names(self) -> list[str]:
        """The names of the input layers."""
        return [tensor.node.layer.name for tensor in self.input_tensors]

    @property
    def output_names(self) -> list[str]:
        """The keys of a dictionary of outputs, or the names of the layers that return them.

        A number is appended for further outputs of the same layer.
        """
        if isinstance(self.outputs, dict):
            return sorted(self.outputs)
        names: list[str] = []
        for tensor in self.output_tensors:
            name = tensor.node.layer.name
            again = sum(one == name or one.startswith(f"{name}_") for one in names) if name in names else 0
            names.append(f"{name}_{again}" if again else name)
        return names

    def run(self, name: str, inputs: Any) -> Any:
        """Calls all layers; ``name`` is the name of the model, for messages."""
        ready = None if self.front is None else given(inputs)
        if self.front is not None and ready is not None:  # the layers of text have been called on the data
            tensors = self.front.boundary
            ready = [conformed(value, tensor) for value, tensor in zip(ready, tensors, strict=True)]
        else:
            tensors, ready = self.input_tensors, self._conformed(name, inputs)
        values = {id(tensor): value for tensor, value in zip(tensors, ready, strict=True)}
        skipped = () if self.front is None or tensors is self.input_tensors else self.front.nodes

        def value_of(tensor: KerasTensor) -> Any:
            return values[id(tensor)]

        for node in self.nodes:
            if node in skipped:
                continue
            args, kwargs = replaced((node.args, node.kwargs), value_of)
            results = flatten(node.layer(*args, **kwargs))
            values.update({id(tensor): result for tensor, result in zip(node.outputs, results, strict=True)})
        for tensor, see in self.watched:
            see(values[id(tensor)])
        return replaced(self.outputs, value_of)

    def in_order(self, name: str, inputs: Any) -> list[Any]:
        """The values of a structure of inputs, in the order of the inputs; see `input_structure`."""
        return in_order(name, self.inputs, self.input_names, inputs)

    def output_specs(self) -> Any:
        """The shapes and dtypes of the outputs, in their structure."""
        return pack_like(self.outputs, [OpenSpec(one.shape, one.dtype) for one in flatten(self.outputs)])

    def preparation(self, name: str) -> Preparation | None:
        """The calls that run on values, as a function of the data of a user; None if there are none."""
        return None if self.front is None else lambda x: self.prepared(name, x)

    def prepared(self, name: str, x: Any) -> Any:
        """The data of a user, after the calls that run on values; see `Front.prepared`."""
        if self.front is None or given(x) is not None:
            return x
        if isinstance(x, str | bytes):
            raise InvalidArgumentError(f'Model "{name}" got one text. Pass a list: [{x!r}].')
        if isinstance(x, dict):
            columns = self.in_order(name, x)
        elif len(self.input_tensors) == 1:
            only = isinstance(x, list | tuple) and len(x) == 1 and hasattr(x[0], "__len__")
            columns = [x[0] if only and not isinstance(x[0], str | bytes) else x]
        else:
            columns = list(x)
        if len(columns) != len(self.input_tensors):
            raise InvalidArgumentError(
                f'Model "{name}" has {len(self.input_tensors)} inputs, but got {len(columns)} of them.'
            )
        return self.front.prepared(columns)

    def _conformed(self, name: str, inputs: Any) -> list[Any]:
        """Returns the inputs in order, converted to the dtypes and ranks of the input layers."""
        flat = self.in_order(name, inputs)
        tensors = self.input_tensors
        if (
            isinstance(self.inputs, dict)
            and len(self.inputs) > 1
            and not isinstance(inputs, dict | list | tuple)
        ):
            raise InvalidArgumentError(
                f'Model "{name}" expects {len(self.inputs)} named input(s) with keys {list(self.inputs)}, but got '
                f"{inputs!r:.80}. Pass a dictionary."
            )
        if len(flat) == len(tensors):
            check_not_none(name, tensors, flat)
            pairs = zip(flat, tensors, strict=True)
            flat = [None if value is None else conformed(value, tensor) for value, tensor in pairs]
        given = [index for index, value in enumerate(flat) if value is not None]
        specs = [
            spec_of(tensor) for index, tensor in enumerate(tensors) if index in given or index >= len(flat)
        ]
        check_inputs(name, specs, [flat[index].shape for index in given])
        return flat


def spec_of(tensor: KerasTensor) -> InputSpec:
    """Returns the requirements on an input; as in Keras, the batch size may differ from that of the model."""
    return InputSpec(shape=(None, *tensor.shape[1:]) if len(tensor.shape) else ())


def conformed(value: Tensor, like: KerasTensor) -> Any:
    """Converts a tensor to the dtype of a `KerasTensor`, adding or removing a last axis of length 1."""
    if value.dtype is not like.dtype:
        value = ops.cast(value, like.dtype)
    rank = len(like.shape)
    if len(value.shape) == rank - 1 and like.shape[-1] == 1:
        return ops.expand_dims(value, -1)
    if len(value.shape) == rank + 1 and value.shape[-1] == 1:
        return ops.squeeze(value, -1)
    return value


def _only_keras_tensors(what: str, structure: object) -> list[KerasTensor]:
    tensors = keras_tensors(structure)
    if not tensors or len(tensors) != len(flatten(structure)):
        found = next((one for one in flatten(structure) if not isinstance(one, KerasTensor)), structure)
        raise InvalidArgumentError(
            f"Model: {what} contains {type(found).__name__}: All `{what}` values must be KerasTensors, outputs of "
            "tf.keras.Input and of layers called on them: x = tf.keras.Input(shape=(784,)); y = Dense(10)(x); "
            "Model(x, y)."
        )
    return tensors


def _ordered_layers(
    inputs: Sequence[KerasTensor], nodes: Sequence[Node], outputs: Sequence[KerasTensor]
) -> list[Layer]:
    """Sorts the layers by their distance from the outputs, farthest first; ties in the order of the first visit."""
    depth: dict[int, int] = {}
    layers: dict[int, Layer] = {}
    node_depth: dict[int, int] = {}
    input_nodes = {id(one.node): one.node for one in inputs}
    for node in [*reversed(nodes), *input_nodes.values()]:
        own = max(node_depth.get(id(node), 0), depth.get(id(node.layer), 0))
        depth[id(node.layer)] = own
        layers[id(node.layer)] = node.layer
        for tensor in node.inputs:
            before = id(tensor.node)
            node_depth[before] = max(node_depth.get(before, 0), own + 1)
    visits = _first_visits(outputs, {id(one) for one in inputs})
    last = len(visits)
    ordered = sorted(layers.values(), key=lambda layer: (-depth[id(layer)], visits.get(id(layer), last)))
    return list(ordered)


def _first_visits(outputs: Sequence[KerasTensor], known: set[int]) -> dict[int, int]:
    """Numbers the layers in the order in which a walk from the outputs to the inputs visits them."""
    visits: dict[int, int] = {}
    seen: set[int] = set()
    stack = list(reversed(outputs))
    while stack:
        tensor = stack.pop()
        visits.setdefault(id(tensor.node.layer), len(visits))
        if id(tensor.node) not in seen and id(tensor) not in known:
            seen.add(id(tensor.node))
            stack.extend(reversed(tensor.node.inputs))
    return visits


def _refuse_equal_names(layers: Sequence[Layer]) -> None:
    names: set[str] = set()
    for layer in layers:
        if layer.name in names:
            raise InvalidArgumentError(
                f'Two layers of the model are named "{layer.name}". Rename one of them: name="...".'
            )
        names.add(layer.name)
