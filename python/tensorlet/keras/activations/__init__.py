"""Activation functions, applied to each element of a layer's output (softmax: to each row).

Each module of this package may register activations with ``@register("activation")``; see `tensorlet.registry`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import ACTIVATIONS

_ALIASES = {"hard_swish": "hard_silu", "swish": "silu"}

__getattr__, __dir__ = lazy_names(__name__, kind="activation", aliases=_ALIASES)


def get(identifier: object = None) -> Callable[..., Any]:
    """Returns the activation function for an identifier; None means `linear`.

    Args:
        identifier: a name, a function, an object, a configuration, or None.

    Raises:
        InvalidArgumentError: if the name is unknown; similar names are suggested.

    >>> import tensorlet as tf
    >>> tf.keras.activations.get("relu") is tf.keras.activations.relu
    True
    """
    return ACTIVATIONS.get("linear" if identifier is None else identifier)


def serialize(activation: object, use_legacy_format: bool = False) -> Any:
    """Returns the name of an activation function.

    >>> import tensorlet as tf
    >>> tf.keras.activations.serialize(tf.keras.activations.silu)
    'silu'
    """
    return ACTIVATIONS.serialize(activation)


def deserialize(
    config: object, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Callable[..., Any]:
    """Returns the activation function for the output of `serialize`.

    >>> import tensorlet as tf
    >>> tf.keras.activations.deserialize("silu") is tf.keras.activations.silu
    True
    """
    return ACTIVATIONS.deserialize("linear" if config is None else config, custom_objects)
