"""Adamax: Adam with the infinity norm in place of the mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor


@register("optimizer")
class Adamax(Optimizer):
    """Steps along the mean gradient, divided by an exponentially decaying maximum of past gradients.

    ``m = beta_1 * m + (1 - beta_1) * g``, ``u = max(beta_2 * u, |g|)``, and at step t
    ``w -= learning_rate / (1 - beta_1**t) * m / (u + epsilon)``.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, section 7.1.

    Args:
        learning_rate: a number or a schedule.
        beta_1: the decay rate of the running mean of gradients.
        beta_2: the decay rate of the running maximum.
        epsilon: keeps the quotient finite.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0])
    >>> _ = tf.keras.optimizers.Adamax(learning_rate=0.25).apply_gradients([(tf.constant([8.0]), w)])
    >>> w.numpy().round(4)
    array([0.75], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self._check_between("beta_1", beta_1, 0.0, 1.0)
        self._check_between("beta_2", beta_2, 0.0, 1.0)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = 1e-7 if epsilon is None else epsilon

    def slot_names(self) -> Sequence[str]:
        return ("m", "u")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        t = ops.cast(self.iterations + 1, variable.dtype)
        m, u = self.slot(variable, "m"), self.slot(variable, "u")
        m.assign_add((gradient - m) * (1.0 - self.beta_1))
        u.assign(ops.maximum(self.beta_2 * u, ops.abs(gradient)))
        rate = learning_rate / (1.0 - ops.pow(self.beta_1, t))
        variable.assign_sub(rate * m / (u + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
