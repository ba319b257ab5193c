"""Nadam: Adam with Nesterov momentum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.keras.config import float_dtype
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.variables import named_variable
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor


@register("optimizer")
class Nadam(Optimizer):
    """Adam with Nesterov momentum and a momentum schedule.

    With ``u_t = beta_1 * (1 - 0.5 * 0.96**t)`` and ``U_t`` the product of these up to step t, the mean gradient is
    ``u_(t+1) * m / (1 - U_(t+1)) + (1 - u_t) * g / (1 - U_t)`` and the mean square ``v / (1 - beta_2**t)``;
    m and v are those of Adam.

    Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016.

    Args:
        learning_rate: a number or a schedule.
        beta_1: the decay rate of the running mean of gradients.
        beta_2: the decay rate of the running mean of squared gradients.
        epsilon: keeps the quotient finite.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0])
    >>> _ = tf.keras.optimizers.Nadam(learning_rate=0.1).apply_gradients([(tf.constant([2.0]), w)])
    >>> w.numpy().round(4)
    array([0.8937], dtype=float32)
    """

    #: The rate at which the momentum approaches ``beta_1``.
    momentum_base = 0.96

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
        return ("m", "v")

    def build(self, var_list: Iterable[Variable]) -> None:
        """Creates the slots and the running product of the momenta."""
        if self.momentum_product is None:
            self.momentum_product = named_variable(
                f"{self.name}/u_product", np.ones((), float_dtype().numpy), trainable=False
            )
            self._tracked.append(self.momentum_product)
        super().build(var_list)

    def _momentum(self, t: Tensor) -> Any:
        return self.beta_1 * (1.0 - 0.5 * ops.pow(self.momentum_base, t))

    def begin_step(self) -> None:
        """Multiplies the product, which all variables share, by the momentum of this step."""
        assert self.momentum_product is not None  # build has been called
        t = ops.cast(self.iterations + 1, self.momentum_product.dtype)
        self.momentum_product.assign(self.momentum_product * self._momentum(t))

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        dtype = variable.dtype
        t = ops.cast(self.iterations + 1, dtype)
        now, next_ = self._momentum(t), self._momentum(t + 1.0)
        product = ops.cast(self.momentum_product, dtype)
        m, v = self.slot(variable, "m"), self.slot(variable, "v")
        m.assign_add((gradient - m) * (1.0 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.beta_2))
        ahead = m * (next_ / (1.0 - product * next_)) + gradient * ((1.0 - now) / (1.0 - product))
        mean_square = v / (1.0 - ops.pow(self.beta_2, t))
        variable.assign_sub(ahead * learning_rate / (ops.sqrt(mean_square) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
