"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.core.variable import Variable
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor


@register("optimizer")
class SGD(Optimizer):
    """Gradient descent, optionally with momentum.

    ``w -= learning_rate * g``; with momentum ``m = momentum * m - learning_rate * g``, then
    ``w += m``; with Nesterov momentum, ``w += momentum * m - learning_rate * g`` instead.

    Source: Polyak 1964; Sutskever et al., "On the importance of initialization and momentum", 2013.

    Args:
        learning_rate: a number or a schedule.
        momentum: the fraction of the previous step that is added to each step, from 0 to 1.
        nesterov: whether to use Nesterov momentum.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable(1.0)
    >>> optimizer = tf.keras.optimizers.SGD(learning_rate=0.5, momentum=0.5)
    >>> for _ in range(2):
    ...     _ = optimizer.apply_gradients([(tf.constant(1.0), w)])
    >>> w.numpy().item()
    -0.25
    """

    #: Keras 2 creates the momenta even if they are not used, and writes them to files.
    unused_slots = ("m",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self._check_between("momentum", momentum, 0.0, 1.0)
        self.momentum = momentum
        self.nesterov = nesterov

    def slot_names(self) -> Sequence[str]:
        return ("m",) if self.momentum else ()

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        if not self.momentum:
            variable.assign_sub(learning_rate * gradient)
            return
        momentum = self.slot(variable, "m")
        step = self.momentum * momentum - learning_rate * gradient
        momentum.assign(step)
        if self.nesterov:
            step = self.momentum * step - learning_rate * gradient
        variable.assign_add(step)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
