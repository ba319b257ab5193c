"""What a learning-rate schedule is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.dtypes import float32
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.optimizers.schedules.current_rate import RateNow

if TYPE_CHECKING:
    from tensorlet.type_aliases import FloatLike


class LearningRateSchedule(RateNow):
    """A learning rate that depends on the step; the base of all schedules.

    A schedule of your own says, in operations, what the rate is at a step:

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
        """The rate at a step.

        Args:
            step: how many steps have been taken: a number, or an integer scalar tensor.

        Returns:
            A float32 scalar.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say what the rate is. Give it a method __call__(self, step)."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again, as JSON can hold them."""
        raise NotImplementedError(
            f"{type(self).__name__} has no get_config(), so an optimizer that uses it cannot be saved. Give it one "
            "that returns a dictionary of the arguments that __init__ takes."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The schedule that a configuration describes."""
        return cls(**config)


def steps_above_zero(owner: str, name: str, value: float) -> float:
    """A number of steps, as a float."""
    if not value > 0:
        raise InvalidArgumentError(f"{owner}: {name} is {value!r}, expected a number of steps above 0.")
    return float(value)


def as_float(step: FloatLike) -> Any:
    """The step as a float32 tensor."""
    return ops.cast(step, float32)
