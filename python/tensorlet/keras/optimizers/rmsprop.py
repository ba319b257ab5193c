"""RMSprop: gradients divided by their root mean square."""

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
class RMSprop(Optimizer):
    """Divides the gradient by its root mean square, optionally with momentum.

    ``v = rho * v + (1 - rho) * g**2``, ``w -= learning_rate * g / sqrt(v + epsilon)``. With
    ``centered``, the square of the mean gradient is subtracted from v first; with momentum,
    ``m = momentum * m + step`` and ``w -= m``.

    Source: Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012.

    Args:
        learning_rate: a number or a schedule.
        rho: the decay rate of the running mean of squared gradients.
        momentum: the fraction of the previous step that is added to each step.
        epsilon: keeps the quotient finite.
        centered: whether to divide by the standard deviation instead of the root mean square.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0])
    >>> optimizer = tf.keras.optimizers.RMSprop(learning_rate=0.1, rho=0.75)
    >>> _ = optimizer.apply_gradients([(tf.constant([3.0]), w)])
    >>> w.numpy().round(4)
    array([0.8], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self._check_between("rho", rho, 0.0, 1.0)
        self._check_between("momentum", momentum, 0.0, 1.0)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = 1e-7 if epsilon is None else epsilon
        self.centered = centered

    def slot_names(self) -> Sequence[str]:
        names = ["velocity"]
        if self.momentum:
            names.append("momentum")
        if self.centered:
            names.append("average_gradient")
        return names

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        velocity = self.slot(variable, "velocity")
        velocity.assign(self.rho * velocity + (1.0 - self.rho) * ops.square(gradient))
        mean_square: Tensor = velocity.read_value()
        if self.centered:
            mean = self.slot(variable, "average_gradient")
            mean.assign(self.rho * mean + (1.0 - self.rho) * gradient)
            mean_square = velocity - ops.square(mean)
        step = self.step_of(gradient, mean_square, learning_rate)
        if self.momentum:
            momentum = self.slot(variable, "momentum")
            momentum.assign(self.momentum * momentum + step)
            step = momentum
        variable.assign_sub(step)

    def step_of(self, gradient: Tensor, mean_square: Tensor, learning_rate: Tensor) -> Any:
        """Returns the step without the momentum."""
        return learning_rate * gradient * ops.rsqrt(mean_square + self.epsilon)

    def get_config(self) -> dict[str, Any]:
        own = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}
        return {**super().get_config(), **own}
