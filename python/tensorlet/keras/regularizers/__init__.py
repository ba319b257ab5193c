"""Regularizers: penalties on weights, which are added to the loss.

Each module of this package may register regularizers with ``@register("regularizer")``; see `tensorlet.registry`.
"""

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import REGULARIZERS

_PLACES = {
    "tensorlet.keras.regularizers.base": "Regularizer",
    "tensorlet.keras.regularizers.norms": "l1_l2",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, kind="regularizer", aliases={"l1": "L1", "l2": "L2"})


def get(identifier: object) -> Any:
    """Returns the regularizer for a name, configuration or class; objects, functions and None are returned unchanged.

    Raises:
        InvalidArgumentError: if the name is unknown.

    >>> import tensorlet as tf
    >>> tf.keras.regularizers.get("l2").get_config()
    {'l2': 0.01}
    """
    if isinstance(identifier, str) and identifier.replace("_", "").lower() == "l1l2":
        return REGULARIZERS.get({"class_name": "L1L2", "config": {"l1": 0.01, "l2": 0.01}})
    return REGULARIZERS.get(identifier)


def serialize(regularizer: object, use_legacy_format: bool = False) -> Any:
    """Returns the configuration of a regularizer.

    >>> import tensorlet as tf
    >>> tf.keras.regularizers.serialize(tf.keras.regularizers.L2(0.5))["config"]
    {'l2': 0.5}
    """
    return REGULARIZERS.serialize(regularizer)


def deserialize(
    config: object, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Creates a regularizer from its configuration.

    >>> import tensorlet as tf
    >>> tf.keras.regularizers.deserialize({"class_name": "L1", "config": {"l1": 0.5}}).l1
    0.5
    """
    return REGULARIZERS.deserialize(config, custom_objects)
