"""`LossScaleOptimizer`, which scales the loss as far as the gradients stay finite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.control_flow import cond
from tensorlet.core.tracing import scope
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.optimizers.loss_scaling import divided
from tensorlet.keras.optimizers.wrapping import Wrapping, described
from tensorlet.keras.registry import OPTIMIZERS
from tensorlet.keras.variables import named_variable
from tensorlet.ops.registry import convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.base import Optimizer
    from tensorlet.ops.registry import TensorLike

#: Arguments that belong to the inner optimizer, with the values that older files of Keras 3 have for them.
_OF_INNER: dict[str, object] = {
    "weight_decay": None, "clipnorm": None, "global_clipnorm": None, "clipvalue": None, "use_ema": False,
    "ema_momentum": 0.99, "ema_overwrite_frequency": None, "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}  # fmt: skip


@register("optimizer")
class LossScaleOptimizer(Wrapping):
    """Scales the loss for another optimizer, by as large a number as the gradients stay finite with.

    Gradients in float16 would become zero without it. Arithmetic is in float32 here, also for policies that ask for
    float16, so that the scale changes nothing, being a power of two. What remains is that a step whose gradients are
    not finite is left out: it halves the scale, and ``dynamic_growth_steps`` steps with finite gradients double it.

    `fit` scales the loss by itself; own training loops call `scale_loss` before they take gradients.

    Args:
        inner_optimizer: the optimizer that takes the steps, which also has all other options.
        initial_scale: the scale of the loss at the start.
        dynamic_growth_steps: the number of steps after which the scale is doubled.
        name: the name of the optimizer.
        **options: ``dynamic=True``; nothing else.

    Raises:
        InvalidArgumentError: for options that belong to the inner optimizer.

    >>> import tensorlet as tf
    >>> w = tf.Variable(1.0)
    >>> optimizer = tf.keras.optimizers.LossScaleOptimizer(tf.keras.optimizers.SGD(0.5), initial_scale=8.0)
    >>> _ = optimizer.apply_gradients([(tf.constant(8.0), w)])  # the gradient of a loss that is scaled by 8
    >>> float(w)
    0.5
    >>> _ = optimizer.apply_gradients([(tf.constant(float("inf")), w)])
    >>> float(w), float(optimizer.dynamic_scale)
    (0.5, 4.0)
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **options: Any,
    ) -> None:
        _refuse(options)
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        inner_optimizer.loss_scale_factor = None
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        self.step_counter = named_variable("step_counter", np.zeros((), np.int32), trainable=False)
        self.dynamic_scale = named_variable("dynamic_scale", np.float32(initial_scale), trainable=False)
        self._tracked += [self.step_counter, self.dynamic_scale]

    def inner_optimizers(self) -> list[Optimizer]:
        """The optimizer that takes the steps, in a list."""
        return [self.inner_optimizer]

    def inner_of(self, variable: Variable) -> Optimizer:
        """The optimizer that takes the steps."""
        return self.inner_optimizer

    @property
    def learning_rate(self) -> Any:
        """That of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        """The number of updates so far, without the steps that were left out."""
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, variable: Variable) -> None:
        self.inner_optimizer.iterations = variable

    @property
    def _counter(self) -> Variable:
        return self.inner_optimizer._counter

    def scale_loss(self, loss: TensorLike) -> Any:
        """Returns the loss times the scale, whose gradients `apply_gradients` divides by it."""
        return ops.multiply(convert(loss), self.dynamic_scale)

    def step_on(self, gradients: list[Any], variables: list[Variable]) -> Variable:
        """Takes one step, if all gradients are finite; otherwise halves the scale."""
        with scope(self.name):
            finite = ops.reduce_all(
                ops.stack([ops.reduce_all(ops.is_finite(gradient)) for gradient in gradients])
            )

            def step() -> int:
                self.inner_optimizer.step_on(divided(gradients, variables, self.dynamic_scale), variables)
                grows = ops.equal(self.step_counter, self.dynamic_growth_steps - 1)
                self.dynamic_scale.assign(self.dynamic_scale * ops.where(grows, 2.0, 1.0))
                self.step_counter.assign(ops.where(grows, 0, self.step_counter + 1))
                return 0

            def leave_out() -> int:
                self.step_counter.assign(0)
                self.dynamic_scale.assign(self.dynamic_scale * 0.5)
                return 0

            cond(finite, step, leave_out)
            return self._counter

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the optimizer, as JSON values."""
        return {
            "name": self.name,
            "inner_optimizer": described(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates an optimizer from its configuration."""
        arguments = dict(config)
        inner = OPTIMIZERS.deserialize(arguments.pop("inner_optimizer"), custom_objects)
        return cls(inner, **arguments)


def _refuse(options: dict[str, Any]) -> None:
    """Refuses options of `LossScaleOptimizer` that it does not have."""
    if not options.pop("dynamic", True):
        raise InvalidArgumentError(
            "LossScaleOptimizer: dynamic=False is not supported. For a fixed scale, set `loss_scale_factor` of the "
            "inner optimizer, and use that one alone."
        )
    for name, usual in _OF_INNER.items():
        if options.pop(name, usual) != usual:
            raise InvalidArgumentError(f"LossScaleOptimizer: set {name} on the `inner_optimizer` instead.")
    if options:
        names = ", ".join(f"`{name}`" for name in options)
        raise InvalidArgumentError(
            f"LossScaleOptimizer does not take the arguments: {names}. It takes inner_optimizer, initial_scale, "
            "dynamic_growth_steps and name."
        )
