"""Lion: steps of constant size along the sign of the momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.extensions import extensible
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor


@register("optimizer")
@extensible
class Lion(Optimizer):
    """Moves each weight up or down by the learning rate.

    ``w -= learning_rate * sign(beta_1 * m + (1 - beta_1) * g)``, ``m = beta_2 * m + (1 - beta_2) * g``.
    Use a learning rate three to ten times smaller than for Adam.

    Source: Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023.

    Args:
        learning_rate: a number or a schedule; by default 0.001, as in Keras 3, and 0.0001 in programs for Keras 2.
        beta_1: the weight of the momentum relative to the gradient, above 0 and at most 1.
        beta_2: the decay rate of the momentum.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0, 1.0])
    >>> _ = tf.keras.optimizers.Lion(learning_rate=0.25).apply_gradients([(tf.constant([9.0, -0.1]), w)])
    >>> w.numpy()
    array([0.75, 1.25], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self._check_above_zero("beta_1", beta_1)
        self._check_between("beta_1", beta_1, 0.0, 1.0)
        self._check_between("beta_2", beta_2, 0.0, 1.0)
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def slot_names(self) -> Sequence[str]:
        return ("m",)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        m = self.slot(variable, "m")
        variable.assign_sub(learning_rate * ops.sign(self.beta_1 * m + (1.0 - self.beta_1) * gradient))
        m.assign(self.beta_2 * m + (1.0 - self.beta_2) * gradient)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
