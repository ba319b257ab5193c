"""The base class of learning-rate schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.dtypes import float32
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.optimizers.schedules.current_rate import CurrentRate

if TYPE_CHECKING:
    from tensorlet.type_aliases import FloatLike


class LearningRateSchedule(CurrentRate):
    """Base class of learning-rate schedules: functions from the step to the learning rate.

    To write a schedule, compute the rate at a step with operations:

    >>> import tensorlet as tf
    >>> class Halving(tf.keras.optimizers.schedules.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.1 / (1.0 + tf.cast(step, tf.float32))
    >>> optimizer = tf.keras.optimizers.SGD(Halving())
    >>> w = tf.Variable(1.0)
    >>> for _ in range(2):
    ...     _ = optimizer.apply_gradients([(tf.constant(1.0), w)])
    >>> round(w.numpy().item(), 6)
    0.85
    """

    def __call__(self, step: FloatLike) -> Any:
        """Returns the learning rate at a step.

        Args:
            step: the number of steps so far: a number, or an integer scalar tensor.

        Returns:
            A float32 scalar.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not define the learning rate. Implement __call__(self, step)."
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the schedule, as JSON values."""
        raise NotImplementedError(
            f"{type(self).__name__} has no get_config(), so an optimizer that uses it cannot be saved. Define one "
            "that returns a dictionary of the arguments of __init__."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Creates a schedule from its configuration."""
        return cls(**config)


def steps_above_zero(owner: str, name: str, value: float) -> float:
    """Checks that a number of steps is positive, and returns it as a float."""
    if not value > 0:
        raise InvalidArgumentError(f"{owner}: {name} is {value!r}, expected a number of steps above 0.")
    return float(value)


def as_float(step: FloatLike) -> Any:
    """Converts the step to a float32 tensor."""
    return ops.cast(step, float32)
