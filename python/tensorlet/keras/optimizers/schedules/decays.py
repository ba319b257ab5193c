"""Schedules that lower the learning rate exponentially, as a polynomial, inversely or in steps."""

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
    """The rate falls by the same factor over each stretch of steps.

    ``initial_learning_rate * decay_rate ** (step / decay_steps)``

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: after how many steps the factor is reached.
        decay_rate: the factor.
        staircase: fall in jumps: the quotient is rounded down.
        name: for configurations.

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
    """The rate falls as one over the time.

    ``initial_learning_rate / (1 + decay_rate * step / decay_steps)``

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the unit of time, in steps.
        decay_rate: how much is added below the line in each unit of time.
        staircase: fall in jumps: the quotient is rounded down.
        name: for configurations.

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
    """A rate for each stretch of steps.

    Args:
        boundaries: the last step of each stretch but the last one, growing.
        values: the rates, one more than there are boundaries.
        name: for configurations.

    Raises:
        InvalidArgumentError: if their numbers do not fit together, or the boundaries do not grow.

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
                "value more than boundaries: a rate before the first and after each of them."
            )
        if any(later <= earlier for earlier, later in itertools.pairwise(boundaries)):
            raise InvalidArgumentError(
                f"PiecewiseConstantDecay: boundaries are {list(boundaries)}, expected steps that grow."
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
    """The rate goes down to another one along a power of the time that is left.

    ``(initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ** power + end_learning_rate``,
    and the end rate afterwards.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: after how many steps the end rate is reached.
        end_learning_rate: the end rate.
        power: 1 for a straight line.
        cycle: in place of staying at the end rate, go on with ``decay_steps`` twice, three times as long.
        name: for configurations.

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
