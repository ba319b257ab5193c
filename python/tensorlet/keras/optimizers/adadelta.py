"""Adadelta: step sizes adapted to the previous steps."""

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
class Adadelta(Optimizer):
    """Divides the gradient by its root mean square and multiplies it by the root mean square of past steps.

    ``a = rho * a + (1 - rho) * g**2``, ``step = sqrt(d + epsilon) / sqrt(a + epsilon) * g``,
    ``d = rho * d + (1 - rho) * step**2``, ``w -= learning_rate * step``.

    Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, which uses a learning rate of 1.

    Args:
        learning_rate: a number or a schedule.
        rho: the decay rate of both running averages.
        epsilon: keeps the quotient finite and determines the size of the first steps.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0])
    >>> optimizer = tf.keras.optimizers.Adadelta(learning_rate=1.0, rho=0.75, epsilon=1.0)
    >>> _ = optimizer.apply_gradients([(tf.constant([2.0]), w)])  # the step is 2 / sqrt(1 + 1)
    >>> w.numpy().round(4)
    array([-0.4142], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self._check_between("rho", rho, 0.0, 1.0)
        self.rho = rho
        self.epsilon = 1e-7 if epsilon is None else epsilon

    def slot_names(self) -> Sequence[str]:
        return ("accumulated_grad", "accumulated_delta_var")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        squares = self.slot(variable, "accumulated_grad")
        steps = self.slot(variable, "accumulated_delta_var")
        squares.assign(self.rho * squares + (1.0 - self.rho) * ops.square(gradient))
        step = gradient * ops.sqrt(steps + self.epsilon) / ops.sqrt(squares + self.epsilon)
        steps.assign(self.rho * steps + (1.0 - self.rho) * ops.square(step))
        variable.assign_sub(learning_rate * step)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
