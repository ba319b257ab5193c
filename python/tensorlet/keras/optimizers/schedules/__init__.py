"""Learning-rate schedules.

Each module of this package may register schedules with ``@register("learning-rate schedule")``; see
`tensorlet.registry`.
"""

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import SCHEDULES

_PLACES = {"tensorlet.keras.optimizers.schedules.base": "LearningRateSchedule"}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, kind="learning-rate schedule")


def serialize(learning_rate_schedule: object) -> Any:
    """Returns the configuration dictionary of a schedule.

    >>> import tensorlet as tf
    >>> schedules = tf.keras.optimizers.schedules
    >>> schedules.serialize(schedules.PiecewiseConstantDecay([5], [1.0, 0.5]))["config"]["values"]
    [1.0, 0.5]
    """
    return SCHEDULES.serialize(learning_rate_schedule)


def deserialize(config: object, custom_objects: dict[str, Any] | None = None) -> Any:
    """Creates a schedule from its configuration dictionary; see `serialize`.

    >>> import tensorlet as tf
    >>> schedules = tf.keras.optimizers.schedules
    >>> config = schedules.serialize(schedules.InverseTimeDecay(1.0, 1, 1.0))
    >>> float(schedules.deserialize(config)(1))
    0.5
    """
    return SCHEDULES.deserialize(config, custom_objects)
