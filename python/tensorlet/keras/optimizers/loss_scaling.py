"""``loss_scale_factor``: gradients of a loss that was multiplied by a number, and weights that are overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable
    from tensorlet.ops.registry import TensorLike


class WithLossScale:
    """The part of `Optimizer` that handles the scale of the loss.

    Gradients in float16 would become zero if the loss were not scaled. Arithmetic is in float32 here, where the scale
    changes nothing but the rounding, and nothing at all if it is a power of two.
    """

    loss_scale_factor: float | None

    def scale_loss(self, loss: TensorLike) -> Any:
        """Returns the loss times ``loss_scale_factor``, whose gradients `apply_gradients` divides by it.

        >>> import tensorlet as tf
        >>> float(tf.keras.optimizers.SGD(loss_scale_factor=8.0).scale_loss(0.5))
        4.0
        """
        if self.loss_scale_factor is None:
            return loss
        return ops.multiply(convert(loss), self.loss_scale_factor)

    def _unscaled(self, gradients: list[Any], variables: list[Variable]) -> list[Any]:
        """Gradients of the loss itself."""
        factor = self.loss_scale_factor
        if factor is None:
            return gradients
        return divided(gradients, variables, factor)

    def _overwritten(
        self, gradients: list[Any], variables: list[Variable]
    ) -> tuple[list[Any], list[Variable]]:
        """Sets variables with ``overwrite_with_gradient`` to their gradients, and returns the others."""
        if not any(variable.overwrite_with_gradient for variable in variables):
            return gradients, variables
        kept = []
        for gradient, variable in zip(gradients, variables, strict=True):
            if variable.overwrite_with_gradient:
                variable.assign(ops.cast(gradient, variable.dtype))
            else:
                kept.append((gradient, variable))
        return [gradient for gradient, _ in kept], [variable for _, variable in kept]


def divided(gradients: list[Any], variables: list[Variable], factor: Any) -> list[Any]:
    """Gradients divided by a factor, but for variables that are overwritten by them."""
    return [
        gradient if variable.overwrite_with_gradient else gradient / ops.cast(factor, gradient.dtype)
        for gradient, variable in zip(gradients, variables, strict=True)
    ]
