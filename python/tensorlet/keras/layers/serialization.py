"""From layers to configurations and back."""

from __future__ import annotations

from typing import Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.registry import LAYERS


def serialize(layer: Layer) -> dict[str, Any]:
    """The class and the configuration of a layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.serialize(tf.keras.layers.Flatten(name="rows"))["config"]["name"]
    'rows'
    """
    described: dict[str, Any] = LAYERS.serialize(layer)
    return described


def deserialize(config: object, custom_objects: dict[str, Any] | None = None) -> Layer:
    """A new layer, with new weights, from what `serialize` gave.

    Args:
        config: the class and the configuration.
        custom_objects: from names to the user's own classes.

    Raises:
        InvalidArgumentError: for an unknown class.

    >>> import tensorlet as tf
    >>> tf.keras.layers.deserialize({"class_name": "Dense", "config": {"units": 3}}).units
    3
    """
    found = LAYERS.deserialize(config, custom_objects)
    if not isinstance(found, Layer):
        raise InvalidArgumentError(f"deserialize: a layer is expected, but {config!r} describes {found!r}.")
    return found


def get(identifier: object) -> Any:
    """The layer of a name or configuration; layers as they are."""
    return LAYERS.get(identifier)
