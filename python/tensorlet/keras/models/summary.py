"""The table printed by ``model.summary()``, in the format of Keras 2."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.formats.html import table_html
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.keras.layers.keras_tensor import Node
from tensorlet.keras.layers.layer_weights import count

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model

#: The ends of the columns as fractions of the width, for sequences of layers and for graphs.
_CHAIN = (65, (0.45, 0.85, 1.0))
_GRAPH = (98, (0.3, 0.6, 0.7, 1.0))
_TRAINABLE_WIDTH = 11
#: A line of a cell is broken after one of these, so that lists are broken between their items.
_ITEM_ENDS = ("),", "},", "],", "',")

#: The calls of each layer in a model, by the id of the layer; None for a sequence, which shows no connections.
Calls = dict[int, list[Node]] | None


class _Table:
    """Columns that end at fixed positions; long cells are continued on the next line."""

    def __init__(self, ends: Sequence[int], put: Callable[[str], Any]) -> None:
        self.ends = list(ends)
        self.width = self.ends[-1]
        self.put = put

    def row(self, cells: Sequence[Any], depth: int = 0) -> None:
        rest = [str(cell) for cell in cells]
        while any(rest):
            line = ""
            for column, end in enumerate(self.ends):
                start = self.ends[column - 1] if column else depth
                if column == 0:
                    line = "|" * depth + " "
                last = column == len(self.ends) - 1
                room = max(1, end - start - (depth if last else 3))
                part, rest[column] = _first_line(rest[column], room)
                line = f"{line}{part}"
                # The last column of a nested table leaves room for the bars at its end.
                line = line.ljust(end - depth if last else end)
            self.put(line + "|" * depth)

    def gap(self, depth: int) -> None:
        self.put("|" * depth + " " * (self.width - 2 * depth) + "|" * depth)


def _first_line(text: str, room: int) -> tuple[str, str]:
    """Splits a text into what fits on a line, and the rest."""
    fitting = text[:room]
    ends = [fitting.find(mark) + len(mark) for mark in _ITEM_ENDS if mark in fitting]
    cut = min(ends) if ends else room
    return text[:cut], text[cut:]


def print_summary(
    model: Model,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Prints the table of the layers of a model; the arguments are those of `Model.summary`."""
    put = print_fn or print
    chain = _is_chain(model)
    default_length, default_positions = _CHAIN if chain else _GRAPH
    length = line_length or default_length
    parts = list(positions or default_positions)
    ends = [int(length * part) for part in parts] if parts[-1] <= 1 else [int(part) for part in parts]
    header = ["Layer (type)", "Output Shape", "Param #"] + ([] if chain else ["Connected to"])
    if show_trainable:
        ends.append(ends[-1] + _TRAINABLE_WIDTH)
        header.append("Trainable")
    table = _Table(ends, put)
    put(f'Model: "{model.name}"')
    put("_" * table.width)
    table.row(header)
    put("=" * table.width)
    layers = _chosen(model.layers, layer_range)
    calls = None if chain else _calls_in(model)
    for layer in layers:
        _print_layer(table, layer, calls, expand_nested, show_trainable, 0)
    put("=" * table.width)
    _print_totals(model, put)
    put("_" * table.width)


def summary_html(model: Model) -> str | None:
    """The layers of a built model as a table for notebooks; None if their shapes are not known."""
    try:
        rows = [
            (f"{one.name} ({type(one).__name__})", _shape_text(one), _params_text(one))
            for one in model.layers
        ]
        totals: list[str] = []
        _print_totals(model, totals.append)
    except (AttributeError, ValueError):
        return None
    title = f'{type(model).__name__} "{model.name}"'
    return table_html(title, ["layer (type)", "output shape", "parameters"], rows, " · ".join(totals))


def _print_layer(
    table: _Table, layer: Layer, calls: Calls, expand_nested: bool, show_trainable: bool, depth: int
) -> None:
    cells = [f"{layer.name} ({type(layer).__name__})", _shape_text(layer), _params_text(layer)]
    if calls is not None:
        cells.append(_connections(layer, calls))
    if show_trainable:
        cells.append("Y" if layer.trainable else "N")
    table.row(cells, depth)
    inner = layer.layers if expand_nested and hasattr(layer, "layers") else []
    if not inner:
        table.gap(depth)
        return
    bars = "|" * depth
    edge = bars + "¯" * (table.width - 2 * depth) + bars
    table.put(bars + "|" + "¯" * (table.width - 2 * depth - 2) + "|" + bars)
    # Connections are shown only for the outermost model.
    own: dict[Any, Any] | None = None if calls is None else {}
    for position, one in enumerate(inner):
        _print_inner(table, one, own, expand_nested, show_trainable, depth + 1, position == len(inner) - 1)
    table.put(edge)


def _print_inner(
    table: _Table,
    layer: Layer,
    calls: Calls,
    expand_nested: bool,
    show_trainable: bool,
    depth: int,
    is_last: bool,
) -> None:
    """Prints a layer of a nested model; the last one is not followed by a gap."""
    put = table.put
    lines: list[str] = []
    table.put = lines.append
    _print_layer(table, layer, calls, expand_nested, show_trainable, depth)
    table.put = put
    for line in lines[:-1] if is_last and not lines[-1].strip(" |") else lines:
        put(line)


def _print_totals(model: Model, put: Callable[[str], Any]) -> None:
    weights = {id(one): one for one in model.weights}
    trainable = {id(one): one for one in model.trainable_weights}
    fixed = {key: one for key, one in weights.items() if key not in trainable}
    for title, group in (("Total", weights), ("Trainable", trainable), ("Non-trainable", fixed)):
        size = sum(one.spec.size * one.dtype.size for one in group.values())
        put(f"{title} params: {count(group.values())} ({memory_text(size)})")


def memory_text(size: int) -> str:
    """Formats a number of bytes in a suitable unit.

    >>> memory_text(31400), memory_text(0)
    ('30.66 KB', '0.00 Byte')
    """
    value = float(size)
    for unit in ("Byte", "KB", "MB", "GB"):
        if value < 1024:
            return f"{value:.2f} {unit}"
        value /= 1024
    return f"{value:.2f} TB"


def _is_chain(model: Model) -> bool:
    """Whether each layer has one input and one output, and is called once."""
    graph = model._graph
    if graph is None or type(model).__name__ == "Sequential":
        return True
    if len(graph.input_tensors) > 1 or len({id(node.layer) for node in graph.nodes}) < len(graph.nodes):
        return False
    uses = [id(tensor) for node in graph.nodes for tensor in node.inputs]
    return len(set(uses)) == len(uses) and all(len(node.inputs) == 1 for node in graph.nodes)


def _calls_in(model: Model) -> dict[int, list[Any]]:
    """Returns the calls of each layer that belong to the model, by the id of the layer."""
    found: dict[int, list[Any]] = {}
    graph = model._graph_or_explain("layers")
    for node in sorted(graph.nodes, key=lambda one: one.index):
        found.setdefault(id(node.layer), []).append(node)
    return found


def _connections(layer: Layer, calls: dict[int, list[Any]]) -> str:
    """Returns the sources of a layer's inputs: ``['dense[0][0]']``, with the index of the call and of the output."""
    sources = []
    for node in calls.get(id(layer), []):
        for tensor in node.inputs:
            index = tensor.node.layer.inbound_nodes.index(tensor.node)
            sources.append(f"{tensor.node.layer.name}[{index}][{tensor.position}]")
    return str(sources)


def _shape_text(layer: Layer) -> str:
    try:
        shape = layer.output_shape
    except AttributeError:
        return "multiple" if layer.built else "?"
    return str([shape]) if isinstance(layer, InputLayer) else str(shape)


def _params_text(layer: Layer) -> str:
    return str(layer.count_params()) if layer.built else "0 (unused)"


def _chosen(layers: Sequence[Any], layer_range: Sequence[str] | None) -> list[Any]:
    """Returns the layers from the first that matches one name (or pattern) to the last that matches the other."""
    if layer_range is None:
        return list(layers)
    first, last = layer_range
    starts = [index for index, layer in enumerate(layers) if re.match(first, layer.name)]
    stops = [index for index, layer in enumerate(layers) if re.match(last, layer.name)]
    if not starts or not stops:
        missing = last if starts else first
        raise ValueError(
            f"summary: layer_range names {missing!r}, but the layers are {[layer.name for layer in layers]}."
        )
    return list(layers)[min(starts[0], stops[-1]) : max(starts[0], stops[-1]) + 1]
