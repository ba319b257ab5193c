"""Cosine schedules."""

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
    """Cosine decay of the learning rate, with an optional linear warm-up.

    ``start * ((1 - alpha) * (1 + cos(pi * step / decay_steps)) / 2 + alpha)``. With a ``warmup_target``, the
    rate first rises from ``initial_learning_rate`` to the target, where the cosine starts.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the number of steps of the cosine.
        alpha: the final rate as a fraction of the rate at the start of the cosine.
        name: stored in configurations.
        warmup_target: the rate at the end of the warm-up; None for no warm-up.
        warmup_steps: the number of steps of the warm-up.

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
    """Cosine decay of the learning rate with restarts.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: the number of steps until the first restart.
        t_mul: the factor by which each period is longer than the previous one.
        m_mul: the factor from the initial rate of a period to that of the next.
        alpha: the final rate of a period as a fraction of ``initial_learning_rate``.
        name: stored in configurations.

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
                f"CosineDecayRestarts: t_mul is {t_mul}, expected at least 1: smaller values would shorten the periods "
                "towards zero."
            )

    def __call__(self, step: FloatLike) -> Any:
        passed = as_float(step) / self._stretch
        if self.t_mul == 1.0:
            restarts = ops.floor(passed)
            passed = passed - restarts
        else:
            # After i periods, (t_mul**i - 1) / (t_mul - 1) times the steps of the first have passed.
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
