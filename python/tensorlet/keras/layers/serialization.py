"""Conversion of layers to configurations and back."""

from __future__ import annotations

from typing import Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.registry import LAYERS


def serialize(layer: Layer) -> dict[str, Any]:
    """Returns the class and configuration of a layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.serialize(tf.keras.layers.Flatten(name="rows"))["config"]["name"]
    'rows'
    """
    described: dict[str, Any] = LAYERS.serialize(layer)
    return described


def deserialize(config: object, custom_objects: dict[str, Any] | None = None) -> Layer:
    """Creates a layer, with new weights, from the output of `serialize`.

    Args:
        config: the class and configuration.
        custom_objects: user-defined classes by name.

    Raises:
        InvalidArgumentError: if the class is unknown.

    >>> import tensorlet as tf
    >>> tf.keras.layers.deserialize({"class_name": "Dense", "config": {"units": 3}}).units
    3
    """
    found = LAYERS.deserialize(config, custom_objects)
    if not isinstance(found, Layer):
        raise InvalidArgumentError(f"deserialize: a layer is expected, but {config!r} describes {found!r}.")
    return found


def get(identifier: object) -> Any:
    """Returns the layer for a name or configuration; layers are returned unchanged."""
    return LAYERS.get(identifier)
