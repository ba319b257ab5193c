"""A constraint to non-negative weights."""

from __future__ import annotations

from tensorlet import ops
from tensorlet.keras.constraints.base import Constraint
from tensorlet.ops.registry import Tensor, TensorLike, convert
from tensorlet.registry import register


@register("constraint", "NonNeg", "non_neg", "nonneg")
class NonNeg(Constraint):
    """Sets negative weights to 0.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.NonNeg()(tf.constant([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    def __call__(self, w: TensorLike) -> Tensor:
        return ops.maximum(0, convert(w))
