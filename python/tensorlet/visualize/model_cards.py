"""The content of a model drawing: a card for each layer, and the links between the cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.keras_tensor import KerasTensor

if TYPE_CHECKING:
    from tensorlet.keras.layers.base import Layer
    from tensorlet.keras.models.graph import LayerGraph
    from tensorlet.keras.models.model import Model


@dataclass
class Card:
    """The content of the box of a layer.

    Attributes:
        name: the name of the layer; empty if names are not shown.
        kind: the class of the layer.
        rows: pairs of a label and a text.
        groups: the models that contain it, outermost first.
    """

    name: str
    kind: str
    rows: list[tuple[str, str]] = field(default_factory=list)
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class CardOptions:
    """What to show for each layer; see `plot_model`."""

    show_shapes: bool = False
    show_dtype: bool = False
    show_layer_names: bool = True
    expand_nested: bool = False
    show_layer_activations: bool = False
    show_trainable: bool = False


def cards_of(
    model: Model, options: CardOptions, layer_range: Sequence[str] | None = None
) -> tuple[list[Card], list[tuple[int, int]]]:
    """Returns the boxes of a model in topological order, and the arrows between them by position."""
    graph: LayerGraph | None = getattr(model, "_graph", None)
    if graph is None:
        rows = [(layer.name, type(layer).__name__) for layer in model.layers]
        return [Card(model.name if options.show_layer_names else "", type(model).__name__, rows)], []
    board = _Board(options)
    kept = None if layer_range is None else _layers_between(model, layer_range)
    board.add_model(graph, (), {}, kept)
    return board.cards, sorted(board.links)


class _Board:
    """Collects the boxes and arrows of a model and of its nested models."""

    def __init__(self, options: CardOptions) -> None:
        self.options = options
        self.cards: list[Card] = []
        self.links: set[tuple[int, int]] = set()

    def add_model(
        self, graph: LayerGraph, groups: tuple[str, ...], given: dict[int, list[int]], kept: set[int] | None
    ) -> dict[int, list[int]]:
        """Adds the layers of a model.

        Args:
            graph: the graph of the model.
            groups: the models that contain it.
            given: the boxes from which each input comes, by position.
            kept: the layers to draw (by ``id``); None for all.

        Returns:
            The boxes from which each `KerasTensor` of the model comes, by ``id`` of the tensor.
        """
        place_of: dict[int, int] = {}
        origin: dict[int, list[int]] = {}
        for position, tensor in enumerate(graph.input_tensors):
            origin[id(tensor)] = self._add(tensor.node.layer, groups, given.get(position, []), place_of, kept)
        for node in graph.nodes:
            before = [place for tensor in node.inputs for place in origin[id(tensor)]]
            nested: LayerGraph | None = getattr(node.layer, "_graph", None)
            if self.options.expand_nested and nested is not None and kept is None:
                inner = {position: origin[id(tensor)] for position, tensor in enumerate(node.inputs)}
                found = self.add_model(nested, (*groups, node.layer.name), inner, None)
                results = [found[id(tensor)] for tensor in nested.output_tensors]
            else:
                places = self._add(node.layer, groups, before, place_of, kept)
                results = [places] * len(node.outputs)
            for tensor, places in zip(node.outputs, results, strict=True):
                origin[id(tensor)] = places
        return origin

    def _add(
        self,
        layer: Layer,
        groups: tuple[str, ...],
        before: list[int],
        place_of: dict[int, int],
        kept: set[int] | None,
    ) -> list[int]:
        """Returns the box of a layer, which is created at its first call, and adds the arrows to it."""
        if kept is not None and id(layer) not in kept:
            return before if layer._own.nodes else []
        if id(layer) not in place_of:
            place_of[id(layer)] = len(self.cards)
            self.cards.append(_card(layer, groups, self.options))
        place = place_of[id(layer)]
        # A layer that is called twice has one box, without an arrow to itself or backwards.
        self.links.update((one, place) for one in before if one < place)
        return [place]


def _card(layer: Layer, groups: tuple[str, ...], options: CardOptions) -> Card:
    rows: list[tuple[str, str]] = []
    nodes = layer._own.nodes
    if options.show_layer_activations and getattr(layer, "activation", None) is not None:
        function = getattr(layer, "activation", None)
        rows.append(("activation", getattr(function, "__name__", type(function).__name__)))
    if options.show_dtype:
        rows.append(("dtype", str(layer.dtype)))
    if options.show_shapes and nodes:
        inputs = nodes[0].inputs or nodes[0].outputs
        rows += [("input", _shapes(inputs)), ("output", _shapes(nodes[0].outputs))]
    if options.show_trainable and layer.weights:
        rows.append(("trainable", "yes" if layer.trainable else "no"))
    return Card(layer.name if options.show_layer_names else "", type(layer).__name__, rows, groups)


def _shapes(tensors: Sequence[KerasTensor]) -> str:
    texts = [str(tuple(tensor.shape)) for tensor in tensors]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _layers_between(model: Model, layer_range: Sequence[str]) -> set[int]:
    """Returns the ``id``s of the layers from one name to another."""
    names = [layer.name for layer in model.layers]
    if len(layer_range) != 2 or any(name not in names for name in layer_range):
        raise InvalidArgumentError(
            f"plot_model: layer_range={list(layer_range)!r}, expected the names of the first and the last layer. "
            f"Available layers: {', '.join(names)}."
        )
    first, last = sorted(names.index(name) for name in layer_range)
    return {id(layer) for layer in model.layers[first : last + 1]}
