"""`plot_model`: a model's layers and connections as a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.models.model import Model, not_built
from tensorlet.keras.spellings import note_old_spelling

_DIRECTIONS = ("TB", "BT", "LR", "RL")


@dataclass
class Card:
    """What stands in the box of a layer.

    Attributes:
        name: the layer's; empty where names are not shown.
        kind: its class.
        rows: pairs of a label and a text.
        groups: the models that it is drawn inside of, the outermost first.
    """

    name: str
    kind: str
    rows: list[tuple[str, str]] = field(default_factory=list)
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wishes:
    """What of each layer is shown; see `plot_model`."""

    show_shapes: bool = False
    show_dtype: bool = False
    show_layer_names: bool = True
    expand_nested: bool = False
    show_layer_activations: bool = False
    show_trainable: bool = False


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 96,
    layer_range: Sequence[str] | None = None,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> Any:
    """Draws a box for each layer, and an arrow for each connection.

    A PNG needs matplotlib (``pip install 'tensorlet[plot]'``); an SVG needs nothing, and stays
    sharp at any size.

    Args:
        model: a model whose input shape is known. Of a subclassed one the layers are listed, since their
            connections are known to Python only.
        to_file: the picture's file; its ending says the form: ``.svg``, ``.png`` or ``.pdf``. None: no file.
        show_shapes: the shapes of the inputs and outputs; None in them is the number of examples.
        show_dtype: the element types.
        show_layer_names: the names of the layers above their classes.
        rankdir: where the arrows lead: "TB" downwards, "BT" upwards, "LR" to the right, "RL" to the left.
        expand_nested: draw the layers of models within the model, in a frame.
        dpi: dots for an inch of a PNG; 96 make a dot of each unit.
        layer_range: the names of the first and the last layer to draw.
        show_layer_activations: the activation functions.
        show_trainable: whether training changes the layer's weights.

    Returns:
        The drawing; a notebook shows it. Its ``svg`` is the text of an SVG file.

    Raises:
        InvalidArgumentError: for a model that is not built, and arguments that make no sense.
        ImportError: for a PNG without matplotlib.

    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(10, activation="softmax", input_shape=(784,))])
    >>> drawing = tf.keras.utils.plot_model(model, to_file=None, show_shapes=True)
    >>> "(None, 784)" in drawing.svg
    True
    """
    # The one arrow to the right: drawing is the studio's business, and nothing else in Keras needs it.
    from tensorlet.visualize.model_drawing import draw, save

    if rankdir not in _DIRECTIONS:
        raise InvalidArgumentError(
            f"plot_model: rankdir={rankdir!r}, expected one of {', '.join(_DIRECTIONS)}."
        )
    if not isinstance(model, Model):
        raise InvalidArgumentError(f"plot_model: got {type(model).__name__}, expected a model.")
    if not model.built:
        raise InvalidArgumentError(not_built(model, "plot_model"))
    wishes = Wishes(
        show_shapes, show_dtype, show_layer_names, expand_nested, show_layer_activations, show_trainable
    )
    cards, links = cards_of(model, wishes, layer_range)
    drawing = draw(cards, links, rankdir, f"The layers of {model.name}")
    if to_file is not None:
        save(drawing, os.fspath(to_file), dpi)
    return drawing


def cards_of(
    model: Any, wishes: Wishes, layer_range: Sequence[str] | None = None
) -> tuple[list[Card], list[tuple[int, int]]]:
    """The boxes of a model, each after those that it needs, and the arrows between them by position."""
    if getattr(model, "_graph", None) is None:
        rows = [(layer.name, type(layer).__name__) for layer in model.layers]
        return [Card(model.name if wishes.show_layer_names else "", type(model).__name__, rows)], []
    board = _Board(wishes)
    kept = None if layer_range is None else _layers_between(model, layer_range)
    board.add_model(model, (), {}, kept)
    return board.cards, sorted(board.links)


class _Board:
    """Collects the boxes and arrows of a model and of the models in it."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self.cards: list[Card] = []
        self.links: set[tuple[int, int]] = set()

    def add_model(
        self, model: Any, groups: tuple[str, ...], given: dict[int, list[int]], kept: set[int] | None
    ) -> dict[int, list[int]]:
        """Adds the layers of a model.

        Args:
            model: one with a graph of layers.
            groups: the models around.
            given: for each of its inputs (by position) the boxes that it comes from.
            kept: the layers that are drawn (by ``id``); None: all.

        Returns:
            The boxes that each `KerasTensor` of the model comes from, by ``id`` of the tensor.
        """
        graph = model._graph
        place_of: dict[int, int] = {}
        origin: dict[int, list[int]] = {}
        for position, tensor in enumerate(graph.input_tensors):
            origin[id(tensor)] = self._add(tensor.node.layer, groups, given.get(position, []), place_of, kept)
        for node in graph.nodes:
            before = [place for tensor in node.inputs for place in origin[id(tensor)]]
            if self.wishes.expand_nested and getattr(node.layer, "_graph", None) is not None and kept is None:
                inner = {position: origin[id(tensor)] for position, tensor in enumerate(node.inputs)}
                found = self.add_model(node.layer, (*groups, node.layer.name), inner, None)
                results = [found[id(tensor)] for tensor in node.layer._graph.output_tensors]
            else:
                places = self._add(node.layer, groups, before, place_of, kept)
                results = [places] * len(node.outputs)
            for tensor, places in zip(node.outputs, results, strict=True):
                origin[id(tensor)] = places
        return origin

    def _add(
        self,
        layer: Any,
        groups: tuple[str, ...],
        before: list[int],
        place_of: dict[int, int],
        kept: set[int] | None,
    ) -> list[int]:
        """The box of a layer, which is made at its first call, and the arrows to it."""
        if kept is not None and id(layer) not in kept:
            return before if layer._own.nodes else []
        if id(layer) not in place_of:
            place_of[id(layer)] = len(self.cards)
            self.cards.append(_card(layer, groups, self.wishes))
        place = place_of[id(layer)]
        # A layer that is called twice points to itself in no picture: only arrows that lead on are drawn.
        self.links.update((one, place) for one in before if one < place)
        return [place]


def _card(layer: Any, groups: tuple[str, ...], wishes: Wishes) -> Card:
    rows: list[tuple[str, str]] = []
    nodes = layer._own.nodes
    if wishes.show_layer_activations and getattr(layer, "activation", None) is not None:
        function = layer.activation
        rows.append(("activation", getattr(function, "__name__", type(function).__name__)))
    if wishes.show_dtype:
        rows.append(("dtype", str(layer.dtype)))
    if wishes.show_shapes and nodes:
        inputs = nodes[0].inputs or nodes[0].outputs
        rows += [("input", _shapes(inputs)), ("output", _shapes(nodes[0].outputs))]
    if wishes.show_trainable and layer.weights:
        rows.append(("trainable", "yes" if layer.trainable else "no"))
    return Card(layer.name if wishes.show_layer_names else "", type(layer).__name__, rows, groups)


def _shapes(tensors: Sequence[KerasTensor]) -> str:
    texts = [str(tuple(tensor.shape)) for tensor in tensors]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _layers_between(model: Any, layer_range: Sequence[str]) -> set[int]:
    """The ``id``s of the layers from one name to another."""
    names = [layer.name for layer in model.layers]
    if len(layer_range) != 2 or any(name not in names for name in layer_range):
        raise InvalidArgumentError(
            f"plot_model: layer_range={list(layer_range)!r}, expected the names of the first and the last layer. "
            f"There is: {', '.join(names)}."
        )
    first, last = sorted(names.index(name) for name in layer_range)
    return {id(layer) for layer in model.layers[first : last + 1]}


def model_to_dot(*_: Any, **__: Any) -> NoReturn:
    """Refuses: pictures are made without Graphviz."""
    raise InvalidArgumentError(
        "model_to_dot: there is no Graphviz here. Use tf.keras.utils.plot_model(model, 'model.svg'), which needs none."
    )


def print_summary(model: Any, *arguments: Any, **options: Any) -> None:
    """The older name of ``model.summary()``."""
    note_old_spelling("utils.print_summary(model)", "model.summary()")
    model.summary(*arguments, **options)
