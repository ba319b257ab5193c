"""Adam, and AdamW, which decouples weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor


@register("optimizer")
class Adam(Optimizer):
    """Adaptive moment estimation: steps along the mean gradient, divided by the root mean square gradient.

    ``m = beta_1 * m + (1 - beta_1) * g``, ``v = beta_2 * v + (1 - beta_2) * g**2``, and at step t
    ``w -= learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)``.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015 (the form before
    section 2.1, with "epsilon hat"); amsgrad: Reddi et al., "On the Convergence of Adam and Beyond", 2018.

    Args:
        learning_rate: a number or a schedule.
        beta_1: the decay rate of the running mean of gradients.
        beta_2: the decay rate of the running mean of squared gradients.
        epsilon: keeps the quotient finite.
        amsgrad: whether to divide by the root of the largest mean square so far.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0, 1.0])
    >>> optimizer = tf.keras.optimizers.Adam(learning_rate=0.1)
    >>> _ = optimizer.apply_gradients([(tf.constant([5.0, -0.01]), w)])
    >>> w.numpy().round(4)  # the size of the first step is the learning rate, for any gradient
    array([0.9, 1.1], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        self.amsgrad = amsgrad

    def slot_names(self) -> Sequence[str]:
        return ("m", "v", "vhat") if self.amsgrad else ("m", "v")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        def corrected() -> Tensor:
            t = ops.cast(self.iterations + 1, variable.dtype)
            return learning_rate * ops.sqrt(1.0 - ops.pow(self.beta_2, t)) / (1.0 - ops.pow(self.beta_1, t))

        rate = self._once_in_a_step(variable.dtype, learning_rate, corrected)
        m, v = self.slot(variable, "m"), self.slot(variable, "v")
        m.assign_add((gradient - m) * (1.0 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.beta_2))
        if self.amsgrad:
            largest = self.slot(variable, "vhat")
            largest.assign(ops.maximum(largest, v))
            v = largest
        variable.assign_sub(m * rate / (ops.sqrt(v) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon, "amsgrad": self.amsgrad}
        return {**super().get_config(), **own}


@register("optimizer")
class AdamW(Adam):
    """Adam with weight decay that is decoupled from the gradient.

    Each step first subtracts ``learning_rate * weight_decay * w``, then applies the update of Adam.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.

    Args:
        learning_rate: a number or a schedule.
        weight_decay: the fraction of each weight, times the learning rate, that a step subtracts.
        beta_1, beta_2, epsilon, amsgrad, name: see `Adam`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([2.0])
    >>> optimizer = tf.keras.optimizers.AdamW(learning_rate=0.5, weight_decay=0.5)
    >>> _ = optimizer.apply_gradients([(tf.constant([0.0]), w)])
    >>> w.numpy()
    array([1.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float | None = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        name: str | None = None,
        **options: Any,
    ) -> None:
        if weight_decay is None:
            raise InvalidArgumentError(
                "AdamW: weight_decay is None, expected a number such as 0.004. For no decay, use Adam."
            )
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, name, **options)
