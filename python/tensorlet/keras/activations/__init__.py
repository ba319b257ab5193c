"""Activation functions: what a layer does with its sums, element by element (softmax: row by row).

Each file of this folder may add some, with ``@register("activation")``; see `tensorlet.registry`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import ACTIVATIONS

_ALIASES = {"hard_swish": "hard_silu", "swish": "silu"}

__getattr__, __dir__ = lazy_names(__name__, kind="activation", aliases=_ALIASES)


def get(identifier: object = None) -> Callable[..., Any]:
    """The activation function of a name; None means `linear`.

    Args:
        identifier: a name, a function, an object, a configuration, or None.

    Raises:
        InvalidArgumentError: for an unknown name; near names are listed.

    >>> import tensorlet as tf
    >>> tf.keras.activations.get("relu") is tf.keras.activations.relu
    True
    """
    return ACTIVATIONS.get("linear" if identifier is None else identifier)


def serialize(activation: object, use_legacy_format: bool = False) -> Any:
    """The name of an activation function.

    >>> import tensorlet as tf
    >>> tf.keras.activations.serialize(tf.keras.activations.silu)
    'silu'
    """
    return ACTIVATIONS.serialize(activation)


def deserialize(
    config: object, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Callable[..., Any]:
    """The activation function that `serialize` named.

    >>> import tensorlet as tf
    >>> tf.keras.activations.deserialize("silu") is tf.keras.activations.silu
    True
    """
    return ACTIVATIONS.deserialize("linear" if config is None else config, custom_objects)
