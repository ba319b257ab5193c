"""The parts of a layer or model in checkpoints, under the names that Keras 2 uses in them.

    model       layer-0, layer-1, ...; those with weights also as layer_with_weights-0, ...; optimizer
    layer       its weights by their names, and its attributes

A subclassed model is a layer with an optimizer, so its attributes are saved. See `tensorlet.checkpoint.object_graph`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.checkpoint.object_graph import parts_among_attributes
from tensorlet.core.variable import Variable

if TYPE_CHECKING:
    from tensorlet.keras.layers.layer_weights import HasWeights


def layer_children(layer: HasWeights) -> list[tuple[str, Any]]:
    """Returns the parts of a layer or model that checkpoints save, by name."""
    pairs = [*_numbered(layer.numbered_layers()), *_named_weights(layer)]
    pairs += parts_among_attributes(layer, {"_own", *layer._not_parts})
    optimizer = getattr(layer, "optimizer", None)
    if optimizer is not None:
        pairs.append(("optimizer", optimizer))
    return list(dict(pairs).items())


def layer_children_in(layer: HasWeights, names: set[str]) -> list[tuple[str, Any]]:
    """Returns them for a file that contains these names; Keras 3 uses others."""
    pairs = layer_children(layer)
    pairs += [(f"_{name}", weight) for name, weight in _named_weights(layer)]
    layers = layer.numbered_layers()
    if layers:
        pairs.append(("_functional", layer))
        # Keras also counts the input layer, which a sequential model does not list.
        has_input = type(layers[0]).__name__ == "InputLayer"
        pairs.append(("_operations", layers if has_input else [None, *layers]))
    return pairs


def _named_weights(layer: HasWeights) -> list[tuple[str, Variable]]:
    prefix = layer.weight_prefix
    own = [*layer._own.trainable, *layer._own.fixed]
    return [(one.path.removeprefix(prefix), one) for one in own]


def _numbered(layers: list[HasWeights]) -> list[tuple[str, Any]]:
    """Numbers the layers of a sequential or functional model, with weights and without."""
    pairs: list[tuple[str, Any]] = []
    with_weights = 0
    for number, layer in enumerate(layers):
        if layer.weights:
            pairs.append((f"layer_with_weights-{with_weights}", layer))
            with_weights += 1
        pairs.append((f"layer-{number}", layer))
    return pairs
