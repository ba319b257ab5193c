"""Optimizers: update rules for weights, given the gradients of a loss.

Each module of this package may register optimizers with ``@register("optimizer")``; see `tensorlet.registry`.
"""

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import OPTIMIZERS

_PLACES = {
    "tensorlet.keras.optimizers.base": "Optimizer",
    "tensorlet.keras.optimizers.several": "OptimizerMap",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, ("schedules",), kind="optimizer")


def get(identifier: object) -> Any:
    """Returns the optimizer for an identifier.

    Args:
        identifier: a name, a configuration dictionary, a class, or an optimizer.

    Raises:
        InvalidArgumentError: if the name is unknown, or the identifier has another type.

    >>> import tensorlet as tf
    >>> tf.keras.optimizers.get("sgd")
    <tf.keras.optimizers.SGD learning_rate=0.01>
    """
    return OPTIMIZERS.get(identifier)


def serialize(optimizer: object, use_legacy_format: bool = False) -> Any:
    """Returns the configuration dictionary of an optimizer.

    >>> import tensorlet as tf
    >>> tf.keras.optimizers.serialize(tf.keras.optimizers.Adam())["config"]["beta_1"]
    0.9
    """
    config = OPTIMIZERS.serialize(optimizer)
    if use_legacy_format:
        return {"class_name": config["class_name"], "config": config["config"]}
    return config


def deserialize(
    config: object, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Creates an optimizer from its configuration dictionary.

    >>> import tensorlet as tf
    >>> config = {"class_name": "Adam", "config": {"learning_rate": 0.5}}
    >>> float(tf.keras.optimizers.deserialize(config).learning_rate)
    0.5
    """
    return OPTIMIZERS.deserialize(config, custom_objects)
