"""The calls between symbolic tensors, also if they begin in the middle of another model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node, replaced


def nodes_between(inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> list[Node]:
    """Returns the calls between the inputs and the outputs, in topological order."""
    known = {id(tensor) for tensor in inputs}
    order: list[Node] = []
    done: set[int] = set()
    stack: list[tuple[KerasTensor, bool]] = [(tensor, False) for tensor in reversed(outputs)]
    while stack:
        tensor, needs_done = stack.pop()
        node = tensor.node
        if id(tensor) in known or id(node) in done:
            continue
        if isinstance(node.layer, InputLayer):
            raise InvalidArgumentError(
                f'Model: Output "{_end_behind(tensor, outputs)}" is not connected to `inputs`: the outputs depend on '
                f'the input "{node.layer.name}", which is not among the inputs '
                f"{[one.node.layer.name for one in inputs]}. Add it to them."
            )
        if needs_done:
            done.add(id(node))
            order.append(node)
        else:
            stack.append((tensor, True))
            stack.extend((one, False) for one in reversed(node.inputs))
    return order


def _end_behind(tensor: KerasTensor, outputs: Sequence[KerasTensor]) -> str:
    """The name of the layer of the first output that depends on a tensor."""
    for output in outputs:
        waiting, seen = [output], set()
        while waiting:
            one = waiting.pop()
            if one is tensor:
                return str(output.node.layer.name)
            if id(one) not in seen:
                seen.add(id(one))
                waiting.extend(one.node.inputs)
    return str(tensor.node.layer.name)


def from_inputs_on(
    inputs: Any, outputs: Any, starts: Sequence[KerasTensor], ends: Sequence[KerasTensor]
) -> tuple[Any, Any]:
    """Returns the inputs and outputs of a part of a model, which begins at results of layers, with inputs of its own.

    The calls are copied, and the layers are shared. If all inputs are those of `tf.keras.Input`, nothing is copied.

    Args:
        inputs, outputs: the structures of the tensors between which the part lies.
        starts, ends: the tensors in them.
    """
    if all(isinstance(tensor.node.layer, InputLayer) for tensor in starts):
        return inputs, outputs
    copies: dict[int, KerasTensor] = {}
    for tensor in starts:
        if isinstance(tensor.node.layer, InputLayer):
            copies[id(tensor)] = tensor
        else:
            layer = InputLayer(batch_shape=tuple(tensor.shape), dtype=tensor.dtype)
            copies[id(tensor)] = layer._own.nodes[0].outputs[0]

    def copy_of(tensor: KerasTensor) -> KerasTensor:
        return copies[id(tensor)]

    for node in nodes_between(starts, ends):
        args, kwargs = replaced((node.args, node.kwargs), copy_of)
        copy = Node(node.layer, args, kwargs, [copy_of(tensor) for tensor in node.inputs], node.index)
        copy.output_structure = node.output_structure
        copy.outputs = [
            KerasTensor(one.shape, one.dtype, one.name, copy, one.position, one.known) for one in node.outputs
        ]
        copies.update({id(old): new for old, new in zip(node.outputs, copy.outputs, strict=True)})
    return replaced(inputs, copy_of), replaced(outputs, copy_of)
