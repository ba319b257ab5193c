"""The drawing of a model, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.models import Model
from tensorlet.localization import translate as _
from tensorlet.visualize import svg
from tensorlet.visualize.picture import Panel, Picture

if TYPE_CHECKING:
    from tensorlet.keras.layers.base import Layer
    from tensorlet.keras.layers.keras_tensor import KerasTensor


def is_layered(thing: object) -> bool:
    """Whether an object is a model."""
    return isinstance(thing, Model)


def picture_of_model(model: Model) -> Picture:
    """Draws a box for each call of a layer, with its class, output shape and parameters.

    Raises:
        InvalidArgumentError: for a model that is not a graph of layers, or whose input shape is unknown.
    """
    graph = getattr(model, "_graph", None)
    if graph is None:
        raise InvalidArgumentError(
            f"tf.show: the model '{model.name}' is not a graph of layers (yet): it is a subclass with its own call(), "
            "or the shape of its input is unknown. Also pass a batch of data: tf.show(model, x)."
        )
    picture = Picture(
        _("The layers of {name}: {count:,} parameters").format(name=model.name, count=model.count_params())
    )
    place: dict[int, int] = {}
    outputs = {id(tensor) for tensor in graph.output_tensors}
    seen: set[int] = set()

    def add(layer: Layer, tensors: list[Any], kind: str) -> None:
        shared = id(layer) in seen
        seen.add(id(layer))
        for tensor in tensors:
            place[id(tensor)] = len(picture.panels)
        result = any(id(tensor) in outputs for tensor in tensors)
        picture.panels.append(
            Panel(layer.name, layer_lines(layer, tensors, shared), kind, result, _tooltip(layer))
        )

    for tensor in graph.input_tensors:
        add(tensor.node.layer, [tensor], "input")
    for node in graph.nodes:
        add(node.layer, node.outputs, "layer")
        for tensor in node.inputs:
            picture.arrows.append((place[id(tensor)], len(picture.panels) - 1, ""))
    picture.legend = [_("round corners: input"), _("thick border: result"), _("None: number of examples")]
    return picture


def layer_lines(layer: Layer, tensors: list[Any], shared: bool) -> list[tuple[str, str, bool]]:
    """Returns the lines in the box of a layer."""
    lines = [(svg.shortened(layer.name, 30), svg.INK, True)]
    kind = type(layer).__name__
    activation = getattr(getattr(layer, "activation", None), "__name__", None)
    lines.append((svg.shortened(f"{kind}, {activation}" if activation else kind, 34), svg.INK, False))
    lines.append((_("output") + " " + ", ".join(_shape(tensor) for tensor in tensors), svg.QUIET, False))
    for variable in layer.weights[:4]:
        name = variable.name.split(":")[0].rsplit("/", 1)[-1]
        shape = "×".join(map(str, variable.shape)) or _("scalar")
        frozen = "" if variable.trainable and layer.trainable else ", " + _("not trained")
        lines.append((f"{name} {shape}{frozen}", svg.VALUE, False))
    if len(layer.weights) > 4:
        lines.append((_("and {count} more").format(count=len(layer.weights) - 4), svg.VALUE, False))
    if shared:
        lines.append((_("the same layer again"), svg.QUIET, False))
    return lines


def _tooltip(layer: Layer) -> str:
    return f"{layer.name}: {type(layer).__name__}, {layer.count_params():,} parameters"


def _shape(tensor: KerasTensor) -> str:
    return f"({', '.join(str(length) for length in tuple(tensor.shape))})"
