"""Export of a trained model as a readable NumPy program in one file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

import tensorlet.export.program_sequences  # noqa: F401 - registers writers
from tensorlet.core.nest import flatten
from tensorlet.export.frozen import InputSpec, freeze
from tensorlet.export.program_assembly import assemble
from tensorlet.export.program_layers import writer_of
from tensorlet.export.program_literals import shape_text
from tensorlet.export.program_operations import lines_of
from tensorlet.export.program_source import LayerFunction, Program
from tensorlet.export.signature import freeze_model
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import replaced
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.export.signature import InputStructure
    from tensorlet.keras.layers.keras_tensor import KerasTensor, Node
    from tensorlet.keras.models.graph import LayerGraph
    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import AnyTensor, Nested


#: The modules of layers that pass masks on and make none.
_ONLY_PASSES_MASKS = (
    "tensorlet.keras.layers.sequences",
    "tensorlet.keras.layers.merge",
    "tensorlet.keras.layers.pooling",
)


@register("export format", ".py")
def export_program(model: Model, inputs: Sequence[InputSpec], structure: InputStructure) -> bytes:
    """Returns the bytes of a NumPy program; see `to_program`."""
    return to_program(model, inputs, structure).encode("utf-8")


def to_program(model: Model, inputs: Sequence[InputSpec], structure: InputStructure) -> str:
    """Returns the text of a program.

    Args:
        model: the model.
        inputs, structure: the inputs of the model; see `model_signature`.

    Raises:
        ExportError: for a layer that cannot be exported; the message names it.
    """
    program = Program()
    names = ["x"] if len(inputs) == 1 else [program.name(one.name) for one in inputs]
    graph = getattr(model, "_graph", None)
    if graph is None or not _has_our_call(model) or _has_masks(model):
        body = _traced_model(program, model, inputs, structure, names)
    else:
        body = _layered_model(program, graph, names)
    return assemble(program, model, inputs, structure, names, body)


def _has_our_call(layer: Layer) -> bool:
    return type(layer).call.__module__.split(".")[0] == "tensorlet"


def _has_masks(model: Model) -> bool:
    """Whether a layer passes a mask to later ones; then layers cannot be exported one by one."""
    return any(
        type(layer).compute_mask is not Layer.compute_mask
        and getattr(layer, "mask_zero", True)
        and not type(layer).compute_mask.__module__.startswith(_ONLY_PASSES_MASKS)
        for layer in model._flatten_layers()
    )


def _layered_model(program: Program, graph: LayerGraph, names: Sequence[str]) -> list[str]:
    """Returns statements that call the functions of the layers one after the other; the last one is ``return``."""
    values = {id(tensor): name for tensor, name in zip(graph.input_tensors, names, strict=True)}
    lines: list[str] = []
    single = all(len(node.outputs) == 1 for node in graph.nodes) and _is_chain(graph)
    for node in graph.nodes:
        function = _function_for(program, node)
        arguments = ", ".join(values[id(tensor)] for tensor in node.inputs)
        if single:
            results = [names[0]]
        else:
            results = [_local(values, node, index) for index in range(len(node.outputs))]
        comment = ", ".join(shape_text(tuple(tensor.shape)) for tensor in node.outputs)
        lines.append(f"{', '.join(results)} = {function}({arguments})  # {comment}")
        values.update({id(tensor): result for tensor, result in zip(node.outputs, results, strict=True)})
    results = [values[id(tensor)] for tensor in graph.output_tensors]
    return [*lines, f"return {', '.join(results)}"]


def _is_chain(graph: LayerGraph) -> bool:
    """Whether the input of each layer is the output of the previous one."""
    before = graph.input_tensors
    for node in graph.nodes:
        if len(before) != 1 or [id(one) for one in node.inputs] != [id(before[0])]:
            return False
        before = node.outputs
    return [id(one) for one in graph.output_tensors] == [id(one) for one in before]


def _local(values: dict[int, str], node: Node, index: int) -> str:
    """Returns a local name for an output, after the layer that returns it."""
    clean = re.sub(r"\W", "_", node.layer.name)
    name = f"after_{clean}" if len(node.outputs) == 1 else f"after_{clean}_{index + 1}"
    number, found = 1, name
    while found in values.values():
        number += 1
        found = f"{name}_{number}"
    return found


def _function_for(program: Program, node: Node) -> str:
    """Returns the name of the function for a layer call, which is written on first use."""
    layer = node.layer
    written = program.function_names.get(id(layer))
    if written is not None:
        return written
    function = LayerFunction(program, layer, node)
    graph = getattr(layer, "_graph", None)
    writer = writer_of(layer)
    same_for_all_calls = True
    if graph is not None and _has_our_call(layer):
        function.say(*_layered_model(program, graph, function.inputs))
    elif writer is None or not writer(layer, function):
        function.lines.clear()
        # Arguments other than tensors (a key, a number) apply only to this call.
        same_for_all_calls = len(flatten([*node.args, *node.kwargs.values()])) == len(node.inputs)
        function.say(*_traced_layer(program, node))
    name = program.name(layer.name.lower())
    if same_for_all_calls:
        program.function_names[id(layer)] = name
    shapes = f"{', '.join(map(shape_text, function.shapes))} -> {shape_text(function.result)}"
    text = [f"def {name}({', '.join(function.inputs)}):", f'    """{_kind_of(layer)}: {shapes}."""']
    program.functions.append("\n".join([*text, *(f"    {line}" for line in function.lines)]))
    return name


def _kind_of(layer: Layer) -> str:
    kind = type(layer).__name__
    activation = getattr(getattr(layer, "activation", None), "__name__", None)
    if activation in (None, "linear"):
        return kind
    return f"{kind} with {activation}"


def _traced_layer(program: Program, node: Node) -> list[str]:
    """Exports a layer operation by operation."""
    tensors = node.inputs
    specs = [
        InputSpec(f"x{index}", tuple(tensor.shape[1:]), tensor.dtype) for index, tensor in enumerate(tensors)
    ]

    def call(*given: AnyTensor) -> Nested[AnyTensor]:
        value = {id(tensor): one for tensor, one in zip(tensors, given, strict=True)}

        def value_of(tensor: KerasTensor) -> AnyTensor:
            return value[id(tensor)]

        return node.layer(*replaced(node.args, value_of), **replaced(node.kwargs, value_of))

    frozen = freeze(call, specs, node.layer.name)
    names = ["x", *(f"x{index + 1}" for index in range(1, len(tensors)))]
    lines, results = lines_of(
        frozen, names, _weights_of(program, node.layer.name), program.use, node.layer.name
    )
    return ["# The operations of this layer, one per line.", *lines, f"return {', '.join(results)}"]


def _traced_model(
    program: Program,
    model: Model,
    inputs: Sequence[InputSpec],
    structure: InputStructure,
    names: Sequence[str],
) -> list[str]:
    """Exports a model that is not a graph of layers, operation by operation."""
    frozen = freeze_model(model, inputs, structure)
    lines, results = lines_of(frozen, names, _weights_of(program, model.name), program.use, model.name)
    lines = [line.replace("len(x)", f"len({names[0]})") for line in lines]
    return ["# The operations of the model, one per line.", *lines, f"return {', '.join(results)}"]


def _weights_of(program: Program, layer: str) -> Callable[[str, np.ndarray], str]:
    """Returns a function that names the weights and constants of a layer."""

    def weight(name: str, value: np.ndarray) -> str:
        full = name if name.startswith(f"{layer}/") or "/" in name else f"{layer}_{name}"
        return program.weight(full, value)

    return weight
