"""Lamb, whose steps are measured by the size of the weights."""

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
class Lamb(Optimizer):
    """Adam with steps in proportion to the size of each variable, for large batches.

    With m and v as in Adam, ``u = m / (1 - beta_1**t) / (sqrt(v / (1 - beta_2**t)) + epsilon)`` and
    ``w -= learning_rate * |w| / |u| * u``; the quotient is 1 where one of the norms is 0.

    Source: You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", 2020.

    Args:
        learning_rate: a number or a schedule.
        beta_1: the decay rate of the running mean of gradients.
        beta_2: the decay rate of the running mean of squared gradients.
        epsilon: keeps the quotient finite.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([3.0, 4.0])
    >>> _ = tf.keras.optimizers.Lamb(learning_rate=0.1).apply_gradients([(tf.constant([1.0, 1.0]), w)])
    >>> w.numpy().round(4)  # a step of a tenth of |w| = 5
    array([2.6464, 3.6464], dtype=float32)
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
        self.epsilon = epsilon

    def slot_names(self) -> Sequence[str]:
        return ("m", "v")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        t = ops.cast(self.iterations + 1, variable.dtype)
        m, v = self.slot(variable, "m"), self.slot(variable, "v")
        m.assign_add((gradient - m) * (1.0 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.beta_2))
        mean = m / (1.0 - ops.pow(self.beta_1, t))
        update = mean / (ops.sqrt(v / (1.0 - ops.pow(self.beta_2, t))) + self.epsilon)
        size, step = (ops.sqrt(ops.reduce_sum(ops.square(one))) for one in (variable.read_value(), update))
        known = ops.logical_and(size > 0.0, step > 0.0)
        ratio = ops.where(known, size / ops.where(known, step, 1.0), 1.0)
        variable.assign_sub(ratio * learning_rate * update)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
