"""Constraints: projections of a weight, applied after each update.

Each module of this package may register constraints with ``@register("constraint")``; see `tensorlet.registry`.
"""

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import CONSTRAINTS

_PLACES = {"tensorlet.keras.constraints.base": "Constraint"}
_ALIASES = {
    "max_norm": "MaxNorm", "min_max_norm": "MinMaxNorm", "non_neg": "NonNeg", "unit_norm": "UnitNorm",
}  # fmt: skip

__getattr__, __dir__ = lazy_names(__name__, _PLACES, kind="constraint", aliases=_ALIASES)


def get(identifier: object) -> Any:
    """Returns the constraint for a name, configuration or class; objects, functions and None are returned unchanged.

    Raises:
        InvalidArgumentError: if the name is unknown.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.get("non_neg")(tf.constant([-1.0])).numpy()
    array([0.], dtype=float32)
    """
    return CONSTRAINTS.get(identifier)


def serialize(constraint: object, use_legacy_format: bool = False) -> Any:
    """Returns the configuration of a constraint.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.serialize(tf.keras.constraints.UnitNorm())["config"]
    {'axis': 0}
    """
    return CONSTRAINTS.serialize(constraint)


def deserialize(
    config: object, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Creates a constraint from its configuration.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.deserialize({"class_name": "UnitNorm", "config": {"axis": 1}}).axis
    1
    """
    return CONSTRAINTS.deserialize(config, custom_objects)
