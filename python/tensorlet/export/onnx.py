"""Export of models and functions to ONNX, operation by operation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.export import onnx_format
from tensorlet.export.frozen import ExportError, Frozen, InputSpec, Length, frozen_pair, length_of
from tensorlet.export.onnx_builder import Builder
from tensorlet.export.onnx_rules import RULES, WITHOUT_COUNTERPART
from tensorlet.export.signature import freeze_model
from tensorlet.graph import ir
from tensorlet.registry import register
from tensorlet.version_info import TENSORLET_VERSION

if TYPE_CHECKING:
    from tensorlet.export.signature import InputStructure
    from tensorlet.keras.models.model import Model

#: The name of the unknown number of rows.
ROWS_NAME = "rows"


@register("export format", ".onnx")
def export_onnx(model: Model, inputs: Sequence[InputSpec], structure: InputStructure) -> bytes:
    """Returns the bytes of a model's ONNX file."""
    return to_onnx(freeze_model(model, inputs, structure), model.output_names)


def to_onnx(frozen: Frozen, output_names: Sequence[str] | None = None) -> bytes:
    """Returns the bytes of an ONNX file.

    Args:
        frozen: the computation.
        output_names: the names of its outputs.

    Raises:
        ExportError: for an operation that ONNX cannot represent; the message names it and its layer.
    """
    builder = Builder(frozen)
    for name in builder.input_names:
        builder.unique(name)
    outputs = _output_names(builder, frozen, output_names)
    needed = _needed(frozen)
    for index, (first, second) in enumerate(frozen.nodes):
        if index in needed:
            builder.names[index] = _write(builder, index, first, second)
    for name, index in zip(outputs, frozen.outputs, strict=True):
        # Every output has its own name, even if two outputs are the same value, or an input is an output.
        builder.nodes.append(onnx_format.node("Identity", [builder.names[index]], name, f"{name}/result", {}))
    return onnx_format.model(
        frozen.name or "model", builder.nodes, builder.weights,
        [_info(one.name, one.dtype.name, _input_shape(one)) for one in frozen.inputs],
        [
            _info(name, frozen.nodes[index][0].dtype.name, frozen.shape(index))
            for name, index in zip(outputs, frozen.outputs, strict=True)
        ],
        TENSORLET_VERSION,
    )  # fmt: skip


def _output_names(builder: Builder, frozen: Frozen, wanted: Sequence[str] | None) -> list[str]:
    count = len(frozen.outputs)
    names = list(wanted or [])
    if len(names) != count:
        names = ["output"] if count == 1 else [f"output_{index}" for index in range(count)]
    return [builder.unique(name) for name in names]


def _needed(frozen: Frozen) -> set[int]:
    """Returns the positions of the values that the outputs depend on, without those behind folded values."""
    needed: set[int] = set()
    stack = list(frozen.outputs)
    while stack:
        index = stack.pop()
        if index in needed:
            continue
        needed.add(index)
        if index not in frozen.folded:
            stack += [frozen.position(other) for other in frozen.nodes[index][0].inputs]
    return needed


def _write(builder: Builder, index: int, first: ir.Node, second: ir.Node) -> str:
    """Writes one value; returns its name."""
    if index in builder.frozen.folded:
        array = builder.frozen.folded[index]
        if first.kind == ir.VARIABLE:
            return builder.weight(first.value._name, array)
        return builder.constant(array) if array.size <= 16 else builder.weight(first.name, array)
    if first.kind == ir.INPUT:
        return builder.frozen.inputs[first.value].name
    if first.kind == ir.CONSTANT:
        return _constant_of_rows(builder, index, first, second)
    name = first.operation.name  # type: ignore[union-attr]
    if name == "item":
        return f"{builder.names[builder.frozen.position(first.inputs[0])]}_{first.attributes['index']}"
    builder.scope = getattr(first, "scope", "")
    rule = RULES.get(name)
    if rule is None and name != "scan":
        where = f" in '{builder.scope}'" if builder.scope else ""
        reason = WITHOUT_COUNTERPART.get(name, "has no counterpart in ONNX")
        raise ExportError(
            f"'{builder.frozen.name}' cannot be written as ONNX: the operation {name}{where} {reason}. "
            "Remove it, or implement that layer with other operations."
        )
    inputs = [builder.names[builder.frozen.position(other)] for other in first.inputs]
    if rule is None:
        return _loop(builder, first, second, inputs)
    return rule(builder, first, second, inputs)


def _loop(builder: Builder, first: ir.Node, second: ir.Node, inputs: Sequence[str]) -> str:
    """Writes a loop over the steps of sequences as a Scan node; its results are named after the returned name."""
    loop: Any = first.operation
    other: Any = second.operation
    states, rows = loop.layout
    body = builder.inside(frozen_pair(builder.frozen.name, builder.frozen.inputs, loop.body, other.body))
    given = [body.unique(f"{builder.scope}/step") for _ in range(states + rows)]
    for index, (node, twin) in enumerate(body.frozen.nodes):
        if node.kind == ir.INPUT:
            place = node.value
            body.names[index] = given[place] if place < states + rows else inputs[place]
        else:
            body.names[index] = _write(body, index, node, twin)
    results = [body.unique(f"{builder.scope}/step_result") for _ in body.frozen.outputs]
    for name, index in zip(results, body.frozen.outputs, strict=True):
        body.nodes.append(onnx_format.node("Identity", [body.names[index]], name, name, {}))

    def info(name: str, one: ir.Node, twin: ir.Node) -> Any:
        lengths = [length_of(a, b) for a, b in zip(one.shape, twin.shape, strict=True)]
        return _info(name, one.dtype.name, lengths)

    graph = onnx_format.graph(
        "step", body.nodes, [],
        [info(*one) for one in zip(given, loop.body.inputs, other.body.inputs, strict=False)],
        [info(name, *body.frozen.nodes[index]) for name, index in zip(results, body.frozen.outputs, strict=True)],
    )  # fmt: skip
    name = builder.unique(f"{builder.scope}/Scan" if builder.scope else "Scan")
    directions = int(loop.reverse)
    builder.nodes.append(
        onnx_format.node(
            "Scan", inputs[: states + rows], [f"{name}_{index}" for index in range(len(results))], name,
            {
                "body": graph, "num_scan_inputs": rows, "scan_input_directions": [directions] * rows,
                "scan_output_directions": [directions] * (len(results) - states),
            },
        )
    )  # fmt: skip
    return name


def _constant_of_rows(builder: Builder, index: int, first: ir.Node, second: ir.Node) -> str:
    """Writes a constant whose shape depends on the number of rows; all its elements must be equal."""
    values = np.concatenate([np.ravel(first.value), np.ravel(second.value)])
    if values.size and np.all(values == values[0]):
        return builder.add(
            "Expand", [builder.constant(values[0]), builder.shape(builder.frozen.shape(index))]
        )
    raise ExportError(
        f"'{builder.frozen.name}' uses a constant that depends on the number of rows, so it cannot be "
        "exported. Make it independent of the number of rows."
    )


def _input_shape(one: InputSpec) -> list[Length]:
    rows = [Length(Fraction(1), 0)] if one.rows else []
    return [*rows, *(Length(Fraction(0), length) for length in one.shape)]


def _info(name: str, dtype: str, shape: Sequence[Length]) -> Any:
    lengths: list[int | str] = []
    for length in shape:
        if length.fixed:
            lengths.append(length.offset)
        else:
            plain = length.factor == 1 and not length.offset
            lengths.append(ROWS_NAME if plain else f"{ROWS_NAME}*{length.factor}+{length.offset}")
    return onnx_format.value_info(name, dtype, lengths)
