"""Adagrad: gradients divided by the root of the sum of their squares."""

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
class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of all squared gradients so far.

    ``s += g**2``, ``w -= learning_rate * g / sqrt(s + epsilon)``.

    Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011.

    Args:
        learning_rate: a number or a schedule.
        initial_accumulator_value: the initial value of s, at least 0.
        epsilon: keeps the quotient finite.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0])
    >>> optimizer = tf.keras.optimizers.Adagrad(learning_rate=0.5, initial_accumulator_value=0.0)
    >>> _ = optimizer.apply_gradients([(tf.constant([4.0]), w)])
    >>> w.numpy().round(4)
    array([0.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self._check_between("initial_accumulator_value", initial_accumulator_value, 0.0, float("inf"))
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = 1e-7 if epsilon is None else epsilon

    def slot_names(self) -> Sequence[str]:
        return ("accumulator",)

    def initial_slot(self, variable: Variable, name: str) -> np.ndarray:
        """The initial accumulator: ``initial_accumulator_value`` for every element."""
        first = super().initial_slot(variable, name)
        return first + self.initial_accumulator_value if name == "accumulator" else first

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        accumulator = self.slot(variable, "accumulator")
        accumulator.assign_add(ops.square(gradient))
        variable.assign_sub(learning_rate * gradient / ops.sqrt(accumulator + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {"initial_accumulator_value": self.initial_accumulator_value, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
