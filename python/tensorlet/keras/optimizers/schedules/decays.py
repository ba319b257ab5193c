"""Exponential, polynomial, inverse-time and piecewise constant schedules."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.dtypes import float32
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.optimizers.schedules.base import LearningRateSchedule, as_float, steps_above_zero
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import FloatLike


@register("learning-rate schedule")
class ExponentialDecay(LearningRateSchedule):
    """Exponential decay: the rate is multiplied by ``decay_rate`` every ``decay_steps`` steps.

    ``initial_learning_rate * decay_rate ** (step / decay_steps)``

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the number of steps in which the rate is multiplied by ``decay_rate`` once.
        decay_rate: the factor.
        staircase: whether to decay in discrete jumps, by rounding the quotient down.
        name: stored in configurations.

    >>> import tensorlet as tf
    >>> decay = tf.keras.optimizers.schedules.ExponentialDecay(1.0, decay_steps=2, decay_rate=0.25)
    >>> [float(decay(step)) for step in (0, 1, 2)]
    [1.0, 0.5, 0.25]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name
        self._stretch = steps_above_zero("ExponentialDecay", "decay_steps", decay_steps)

    def __call__(self, step: FloatLike) -> Any:
        passed = as_float(step) / self._stretch
        if self.staircase:
            passed = ops.floor(passed)
        return self.initial_learning_rate * ops.pow(self.decay_rate, passed)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


@register("learning-rate schedule")
class InverseTimeDecay(LearningRateSchedule):
    """Inverse-time decay: the rate is divided by a number that grows linearly.

    ``initial_learning_rate / (1 + decay_rate * step / decay_steps)``

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the number of steps in a unit of time.
        decay_rate: how much the divisor grows per unit of time.
        staircase: whether to decay in discrete jumps, by rounding the quotient down.
        name: stored in configurations.

    >>> import tensorlet as tf
    >>> decay = tf.keras.optimizers.schedules.InverseTimeDecay(1.0, decay_steps=1, decay_rate=1.0)
    >>> [float(decay(step)) for step in (0, 1, 3)]
    [1.0, 0.5, 0.25]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name
        self._stretch = steps_above_zero("InverseTimeDecay", "decay_steps", decay_steps)

    def __call__(self, step: FloatLike) -> Any:
        passed = as_float(step) / self._stretch
        if self.staircase:
            passed = ops.floor(passed)
        return self.initial_learning_rate / (1.0 + self.decay_rate * passed)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


@register("learning-rate schedule", "PiecewiseConstantDecay", "PiecewiseConstant")
class PiecewiseConstantDecay(LearningRateSchedule):
    """A constant rate in each interval of steps.

    Args:
        boundaries: the last step of each interval except the final one, in increasing order.
        values: the rates, one more than the number of boundaries.
        name: stored in configurations.

    Raises:
        InvalidArgumentError: if their lengths do not match, or the boundaries do not increase.

    >>> import tensorlet as tf
    >>> rate = tf.keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> [float(rate(step)) for step in (0, 10, 11, 20, 21)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise InvalidArgumentError(
                f"PiecewiseConstantDecay got {len(boundaries)} boundaries and {len(values)} values, expected one "
                "more value than boundaries: a rate before the first and after each of them."
            )
        if any(later <= earlier for earlier, later in itertools.pairwise(boundaries)):
            raise InvalidArgumentError(
                f"PiecewiseConstantDecay: boundaries are {list(boundaries)}, expected increasing steps."
            )
        self.boundaries = list(boundaries)
        self.values = list(values)
        self.name = name

    def __call__(self, step: FloatLike) -> Any:
        step = as_float(step)
        rate = ops.cast(self.values[-1], float32)
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True):
            rate = ops.where(ops.less_equal(step, float(boundary)), ops.cast(value, float32), rate)
        return rate

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


@register("learning-rate schedule")
class PolynomialDecay(LearningRateSchedule):
    """Polynomial decay from an initial to a final rate.

    ``(initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ** power + end_learning_rate``,
    and the final rate afterwards.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the number of steps until the final rate is reached.
        end_learning_rate: the final rate.
        power: the exponent; 1 gives linear decay.
        cycle: whether to restart the decay after ``decay_steps``, with twice, three times and so on as many steps,
            instead of staying at the final rate.
        name: stored in configurations.

    >>> import tensorlet as tf
    >>> rate = tf.keras.optimizers.schedules.PolynomialDecay(1.0, decay_steps=4, end_learning_rate=0.5)
    >>> [float(rate(step)) for step in (0, 2, 4, 100)]
    [1.0, 0.75, 0.5, 0.5]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name
        self._stretch = steps_above_zero("PolynomialDecay", "decay_steps", decay_steps)

    def __call__(self, step: FloatLike) -> Any:
        step = as_float(step)
        if self.cycle:
            passed = step / (self._stretch * ops.maximum(ops.ceil(step / self._stretch), 1.0))
        else:
            passed = ops.minimum(step, self._stretch) / self._stretch
        left = ops.pow(1.0 - passed, float(self.power))
        return (self.initial_learning_rate - self.end_learning_rate) * left + self.end_learning_rate

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }
