"""Learning rates that change from step to step."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.dtypes import float32
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.optimizers.current_rate import RateNow
from tensorlet.keras.registry import Registry

_registry = Registry("learning-rate schedule", "keras.optimizers.schedules")


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

    def __call__(self, step: Any) -> Any:
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


def _steps(owner: str, name: str, value: Any) -> float:
    if not value > 0:
        raise InvalidArgumentError(f"{owner}: {name} is {value!r}, expected a number of steps above 0.")
    return float(value)


def _float(step: Any) -> Any:
    return ops.cast(step, float32)


@_registry.register("ExponentialDecay")
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
        self._stretch = _steps("ExponentialDecay", "decay_steps", decay_steps)

    def __call__(self, step: Any) -> Any:
        passed = _float(step) / self._stretch
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


@_registry.register("InverseTimeDecay")
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
        self._stretch = _steps("InverseTimeDecay", "decay_steps", decay_steps)

    def __call__(self, step: Any) -> Any:
        passed = _float(step) / self._stretch
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


@_registry.register("PiecewiseConstantDecay", "PiecewiseConstant")
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

    def __call__(self, step: Any) -> Any:
        step = _float(step)
        rate = ops.cast(self.values[-1], float32)
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True):
            rate = ops.where(ops.less_equal(step, float(boundary)), ops.cast(value, float32), rate)
        return rate

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


@_registry.register("PolynomialDecay")
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
        self._stretch = _steps("PolynomialDecay", "decay_steps", decay_steps)

    def __call__(self, step: Any) -> Any:
        step = _float(step)
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


@_registry.register("CosineDecay")
class CosineDecay(LearningRateSchedule):
    """The rate goes down along half a cosine, after a rise in a straight line if that is wanted.

    ``start * ((1 - alpha) * (1 + cos(pi * step / decay_steps)) / 2 + alpha)``; the rise, if there is a
    ``warmup_target``, goes from ``initial_learning_rate`` to it, and the cosine starts from there.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: how many steps the cosine takes.
        alpha: the rate at the end, as a share of the cosine's start.
        name: for configurations.
        warmup_target: the rate at the end of the rise; None: no rise.
        warmup_steps: how many steps the rise takes.

    >>> import tensorlet as tf
    >>> rate = tf.keras.optimizers.schedules.CosineDecay(1.0, decay_steps=4)
    >>> [round(float(rate(step)), 4) for step in (0, 1, 2, 4)]
    [1.0, 0.8536, 0.5, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps
        self._stretch = _steps("CosineDecay", "decay_steps", decay_steps)

    def __call__(self, step: Any) -> Any:
        step = _float(step)
        if self.warmup_target is None:
            return self._falling(step, self.initial_learning_rate)
        if not self.warmup_steps:
            return self._falling(step, self.warmup_target)
        risen = step / float(self.warmup_steps)
        rising = self.initial_learning_rate + (self.warmup_target - self.initial_learning_rate) * risen
        falling = self._falling(ops.maximum(step - float(self.warmup_steps), 0.0), self.warmup_target)
        return ops.where(ops.less(step, float(self.warmup_steps)), rising, falling)

    def _falling(self, step: Any, start: float) -> Any:
        passed = ops.minimum(step, self._stretch) / self._stretch
        cosine = 0.5 * (1.0 + ops.cos(math.pi * passed))
        return start * ((1.0 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


@_registry.register("CosineDecayRestarts", "SGDRDecay")
class CosineDecayRestarts(LearningRateSchedule):
    """The rate goes down along half a cosine, again and again.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: how many steps the first fall takes.
        t_mul: how many times longer each fall takes than the one before.
        m_mul: how many times higher each fall starts than the one before.
        alpha: the rate at the end of a fall, as a share of ``initial_learning_rate``.
        name: for configurations.

    >>> import tensorlet as tf
    >>> rate = tf.keras.optimizers.schedules.CosineDecayRestarts(1.0, first_decay_steps=2, m_mul=0.5)
    >>> [round(float(rate(step)), 4) for step in (0, 1, 2, 4)]
    [1.0, 0.5, 0.5, 0.25]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name
        self._stretch = _steps("CosineDecayRestarts", "first_decay_steps", first_decay_steps)
        if not t_mul >= 1.0:
            raise InvalidArgumentError(
                f"CosineDecayRestarts: t_mul is {t_mul}, expected at least 1: with less, the falls would become "
                "shorter without end."
            )

    def __call__(self, step: Any) -> Any:
        passed = _float(step) / self._stretch
        if self.t_mul == 1.0:
            restarts = ops.floor(passed)
            passed = passed - restarts
        else:
            # After i falls, (t_mul**i - 1) / (t_mul - 1) times the first one's steps have passed.
            restarts = ops.floor(ops.log(1.0 - passed * (1.0 - self.t_mul)) / math.log(self.t_mul))
            length = ops.pow(float(self.t_mul), restarts)
            passed = (passed - (1.0 - length) / (1.0 - self.t_mul)) / length
        height = ops.pow(float(self.m_mul), restarts)
        cosine = 0.5 * height * (1.0 + ops.cos(math.pi * passed))
        return self.initial_learning_rate * ((1.0 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self.t_mul,
            "m_mul": self.m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }


def serialize(learning_rate_schedule: Any) -> Any:
    """The configuration dictionary of a schedule.

    >>> import tensorlet as tf
    >>> schedules = tf.keras.optimizers.schedules
    >>> schedules.serialize(schedules.PiecewiseConstantDecay([5], [1.0, 0.5]))["config"]["values"]
    [1.0, 0.5]
    """
    return _registry.serialize(learning_rate_schedule)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The schedule that a configuration dictionary describes; see `serialize`.

    >>> import tensorlet as tf
    >>> schedules = tf.keras.optimizers.schedules
    >>> config = schedules.serialize(schedules.InverseTimeDecay(1.0, 1, 1.0))
    >>> float(schedules.deserialize(config)(1))
    0.5
    """
    return _registry.deserialize(config, custom_objects)
