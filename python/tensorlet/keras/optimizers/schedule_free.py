"""Schedule-free AdamW, which averages weights instead of lowering the learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor


@register("optimizer")
class ScheduleFreeAdamW(Optimizer):
    """AdamW without momentum, at weights between those that it moves and their mean, instead of a schedule.

    The gradient moves ``z -= learning_rate * g / (sqrt(v / (1 - beta_2**t)) + epsilon)``, where v is the mean square of
    Adam. ``x`` is the mean of all z so far. The weights of the model, at which the gradient is computed, are
    ``(1 - beta_1) * z + beta_1 * x``.

    Source: Defazio et al., "The Road Less Scheduled", 2024.

    Args:
        learning_rate: a number or a schedule.
        beta_1: how near the weights are to the mean, above 0 and at most 1.
        beta_2: the decay rate of the running mean of squared gradients.
        epsilon: keeps the quotient finite.
        warmup_steps: the number of steps in which the learning rate grows from 0 to its value.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0, 1.0])
    >>> optimizer = tf.keras.optimizers.ScheduleFreeAdamW(learning_rate=0.1)
    >>> _ = optimizer.apply_gradients([(tf.constant([5.0, -0.01]), w)])
    >>> w.numpy().round(4)  # the size of the first step is the learning rate, for any gradient
    array([0.9, 1.1], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self._check_between("beta_1", beta_1, 0.0, 1.0)
        self._check_above_zero("beta_1", beta_1)
        self._check_between("beta_2", beta_2, 0.0, 1.0)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.warmup_steps = warmup_steps

    def slot_names(self) -> Sequence[str]:
        return ("m", "v")

    def initial_slot(self, variable: Variable, name: str) -> np.ndarray:
        """Returns the value of the variable for ``"m"``, which is z, and zeros for ``"v"``."""
        return np.asarray(variable) if name == "m" else super().initial_slot(variable, name)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        t = ops.cast(self.iterations + 1, variable.dtype)
        if self.warmup_steps > 0:
            learning_rate = learning_rate * ops.minimum(t / float(self.warmup_steps), 1.0)
        z, v = self.slot(variable, "m"), self.slot(variable, "v")
        mean = (variable - (1.0 - self.beta_1) * z) / self.beta_1
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.beta_2))
        z.assign_sub(
            learning_rate * gradient / (ops.sqrt(v / (1.0 - ops.pow(self.beta_2, t))) + self.epsilon)
        )
        mean = (1.0 - 1.0 / t) * mean + z / t
        variable.assign((1.0 - self.beta_1) * z + self.beta_1 * mean)

    def get_config(self) -> dict[str, Any]:
        names = ("beta_1", "beta_2", "epsilon", "warmup_steps")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
