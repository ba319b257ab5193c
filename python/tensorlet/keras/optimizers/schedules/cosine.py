"""Schedules that follow a cosine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.optimizers.schedules.base import LearningRateSchedule, as_float, steps_above_zero
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import FloatLike


@register("learning-rate schedule")
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
        self._stretch = steps_above_zero("CosineDecay", "decay_steps", decay_steps)

    def __call__(self, step: FloatLike) -> Any:
        step = as_float(step)
        if self.warmup_target is None:
            return self._falling(step, self.initial_learning_rate)
        if not self.warmup_steps:
            return self._falling(step, self.warmup_target)
        risen = step / float(self.warmup_steps)
        rising = self.initial_learning_rate + (self.warmup_target - self.initial_learning_rate) * risen
        falling = self._falling(ops.maximum(step - float(self.warmup_steps), 0.0), self.warmup_target)
        return ops.where(ops.less(step, float(self.warmup_steps)), rising, falling)

    def _falling(self, step: FloatLike, start: float) -> Any:
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


@register("learning-rate schedule", "CosineDecayRestarts", "SGDRDecay")
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
        self._stretch = steps_above_zero("CosineDecayRestarts", "first_decay_steps", first_decay_steps)
        if not t_mul >= 1.0:
            raise InvalidArgumentError(
                f"CosineDecayRestarts: t_mul is {t_mul}, expected at least 1: with less, the falls would become "
                "shorter without end."
            )

    def __call__(self, step: FloatLike) -> Any:
        passed = as_float(step) / self._stretch
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
