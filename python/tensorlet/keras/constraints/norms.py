"""Constraints on the Euclidean norm of the weights of each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.keras.constraints.base import Constraint
from tensorlet.ops.registry import Tensor, TensorLike, convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike

#: Keeps the quotient finite for a norm of 0, as in Keras.
EPSILON = 1e-7


def _norms(weight: Tensor, axis: AxisLike) -> Tensor:
    return ops.sqrt(ops.reduce_sum(ops.square(weight), axis=axis, keepdims=True))


@register("constraint", "MaxNorm", "max_norm")
class MaxNorm(Constraint):
    """Scales down the weights of each unit whose norm exceeds ``max_value``.

    Args:
        max_value: the largest norm that is left unchanged.
        axis: the axis along which norms are computed: 0 for the kernel of a Dense layer.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.MaxNorm(2.5)(tf.constant([[3.0, 0.6], [4.0, 0.8]])).numpy().round(4)
    array([[1.5, 0.6],
           [2. , 0.8]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: AxisLike = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        weight = convert(w)
        norms = _norms(weight, self.axis)
        return weight * (ops.clip_by_value(norms, 0, self.max_value) / (norms + EPSILON))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


@register("constraint", "UnitNorm", "unit_norm", "unitnorm")
class UnitNorm(Constraint):
    """Scales the weights of each unit to norm 1; ``axis`` as for `MaxNorm`.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.UnitNorm()(tf.constant([[3.0], [4.0]])).numpy().round(4)
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, axis: AxisLike = 0) -> None:
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        weight = convert(w)
        return weight / (_norms(weight, self.axis) + EPSILON)

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


@register("constraint", "MinMaxNorm", "min_max_norm")
class MinMaxNorm(Constraint):
    """Scales the weights of each unit so that their norm lies between two bounds.

    Args:
        min_value: the smallest norm that is left unchanged.
        max_value: the largest norm that is left unchanged.
        rate: the fraction of the distance to the bound covered in one step; 1 enforces the bound.
        axis: as for `MaxNorm`.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.MinMaxNorm(rate=0.5)(tf.constant([[3.0], [4.0]])).numpy().round(4)
    array([[1.8],
           [2.4]], dtype=float32)
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: AxisLike = 0
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        weight = convert(w)
        norms = _norms(weight, self.axis)
        nearest = ops.clip_by_value(norms, self.min_value, self.max_value)
        desired = self.rate * nearest + (1 - self.rate) * norms
        return weight * (desired / (norms + EPSILON))

    def get_config(self) -> dict[str, Any]:
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }
