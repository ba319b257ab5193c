"""Initializers: the initial values of weights.

Each module of this package may register initializers with ``@register("initializer")``; see `tensorlet.registry`.
"""

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import INITIALIZERS

_PLACES = {
    "tensorlet.keras.initializers.base": "Initializer",
    "tensorlet.keras.initializers.variance_scaling": "fans",
}
_ALIASES = {
    "zeros": "Zeros", "ones": "Ones", "constant": "Constant",
    "identity": "Identity", "IdentityInitializer": "Identity",
    "orthogonal": "Orthogonal", "OrthogonalInitializer": "Orthogonal",
    "random_normal": "RandomNormal", "random_uniform": "RandomUniform", "truncated_normal": "TruncatedNormal",
    "variance_scaling": "VarianceScaling", "glorot_uniform": "GlorotUniform", "glorot_normal": "GlorotNormal",
    "he_uniform": "HeUniform", "he_normal": "HeNormal", "lecun_uniform": "LecunUniform",
    "lecun_normal": "LecunNormal",
}  # fmt: skip

__getattr__, __dir__ = lazy_names(__name__, _PLACES, kind="initializer", aliases=_ALIASES)


def get(identifier: object) -> Any:
    """Returns the initializer for a name, configuration or class; objects, functions and None are returned unchanged.

    Raises:
        InvalidArgumentError: if the name is unknown; similar names are suggested.

    >>> import tensorlet as tf
    >>> type(tf.keras.initializers.get("he_normal")).__name__
    'HeNormal'
    """
    return INITIALIZERS.get(identifier)


def serialize(initializer: object, use_legacy_format: bool = False) -> Any:
    """Returns the configuration of an initializer.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.serialize(tf.keras.initializers.GlorotUniform(seed=1))["config"]
    {'seed': 1}
    """
    return INITIALIZERS.serialize(initializer)


def deserialize(
    config: object, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Creates an initializer from its configuration.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.deserialize({"class_name": "HeNormal", "config": {"seed": 1}}).seed
    1
    """
    return INITIALIZERS.deserialize(config, custom_objects)
