"""FTRL: follow the regularized leader."""

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
class Ftrl(Optimizer):
    """Follows the regularized leader, which gives sparse weights for large ``l1_regularization_strength``.

    With ``n`` the sum of squares, ``sigma = (n_new**-p - n**-p) / learning_rate`` and
    ``z += g - sigma * w``, a weight is ``(clip(z, -l1, l1) - z) / (n_new**-p / learning_rate + 2 * l2)``.

    Source: McMahan et al., "Ad Click Prediction: a View from the Trenches", 2013, algorithm 1.

    Args:
        learning_rate: a number or a schedule.
        learning_rate_power: the exponent p, at most 0.
        initial_accumulator_value: the initial value of n.
        l1_regularization_strength: the factor of the L1 penalty, which drives weights to zero.
        l2_regularization_strength: the factor of the L2 penalty, which shrinks weights.
        l2_shrinkage_regularization_strength: the factor of an L2 penalty that is added to the gradient.
        beta: added to the root of n, divided by twice the learning rate.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([0.0])
    >>> optimizer = tf.keras.optimizers.Ftrl(learning_rate=0.5, initial_accumulator_value=0.0)
    >>> _ = optimizer.apply_gradients([(tf.constant([2.0]), w)])  # 2 / (sqrt(4) / 0.5)
    >>> w.numpy()
    array([-0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        self._check_between("learning_rate_power", learning_rate_power, float("-inf"), 0.0)
        for strength in self._strengths():
            self._check_between(strength, getattr(self, strength), 0.0, float("inf"))

    @staticmethod
    def _strengths() -> tuple[str, ...]:
        return (
            "initial_accumulator_value",
            "l1_regularization_strength",
            "l2_regularization_strength",
            "l2_shrinkage_regularization_strength",
        )

    def slot_names(self) -> Sequence[str]:
        return ("accumulator", "linear")

    def initial_slot(self, variable: Variable, name: str) -> np.ndarray:
        """The initial sum of squares: ``initial_accumulator_value`` for every element."""
        first = super().initial_slot(variable, name)
        return first + self.initial_accumulator_value if name == "accumulator" else first

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        squares, linear = self.slot(variable, "accumulator"), self.slot(variable, "linear")
        shrunk = gradient + 2.0 * self.l2_shrinkage_regularization_strength * variable
        before = ops.pow(squares, -self.learning_rate_power)
        squares.assign_add(ops.square(gradient))
        now = ops.pow(squares, -self.learning_rate_power)
        linear.assign_add(shrunk - (now - before) / learning_rate * variable)
        l1, l2 = self.l1_regularization_strength, self.l2_regularization_strength
        l2 = l2 + self.beta / (2.0 * learning_rate)
        kept = ops.clip_by_value(linear, -l1, l1)
        variable.assign((kept - linear) / (now / learning_rate + 2.0 * l2))

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("learning_rate_power", *self._strengths(), "beta")}
        return {**super().get_config(), **own}
