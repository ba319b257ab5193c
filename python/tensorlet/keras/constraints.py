"""Constraints: what is done to a weight after each update."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.keras.lazy import explain_missing
from tensorlet.keras.registry import Registry
from tensorlet.ops.registry import Tensor, TensorLike, convert

REGISTRY = Registry("constraint", "keras.constraints")

#: Keeps a division by a norm of 0 finite, as in Keras.
EPSILON = 1e-7


def _norms(weight: Tensor, axis: Any) -> Tensor:
    return ops.sqrt(ops.reduce_sum(ops.square(weight), axis=axis, keepdims=True))


class Constraint:
    """The base of all constraints: a function from a weight to the weight as it should be.

    Subclass it with ``__call__`` and ``get_config``, or pass any function in its place.
    """

    def __call__(self, w: TensorLike) -> Any:
        """The weight as it should be, of the same shape."""
        return w

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same constraint again."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """The constraint of a configuration."""
        return cls(**config)


@REGISTRY.register("MaxNorm", "max_norm")
class MaxNorm(Constraint):
    """Shortens the weights of each unit to a length of at most ``max_value``.

    Args:
        max_value: the longest length that is left as it is.
        axis: the axis along which lengths are computed: 0 for the matrix of a Dense layer.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.MaxNorm(2.5)(tf.constant([[3.0, 0.6], [4.0, 0.8]])).numpy().round(4)
    array([[1.5, 0.6],
           [2. , 0.8]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        weight = convert(w)
        norms = _norms(weight, self.axis)
        return weight * (ops.clip_by_value(norms, 0, self.max_value) / (norms + EPSILON))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


@REGISTRY.register("NonNeg", "non_neg", "nonneg")
class NonNeg(Constraint):
    """Turns negative weights into 0.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.NonNeg()(tf.constant([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    def __call__(self, w: TensorLike) -> Tensor:
        return ops.maximum(0, convert(w))


@REGISTRY.register("UnitNorm", "unit_norm", "unitnorm")
class UnitNorm(Constraint):
    """Gives the weights of each unit the length 1; ``axis`` as for `MaxNorm`.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.UnitNorm()(tf.constant([[3.0], [4.0]])).numpy().round(4)
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        weight = convert(w)
        return weight / (_norms(weight, self.axis) + EPSILON)

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


@REGISTRY.register("MinMaxNorm", "min_max_norm")
class MinMaxNorm(Constraint):
    """Moves the length of each unit's weights towards the nearest one between two bounds.

    Args:
        min_value: the shortest length that is left as it is.
        max_value: the longest one.
        rate: how far to go there in one step: 1 is all the way.
        axis: as for `MaxNorm`.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.MinMaxNorm(rate=0.5)(tf.constant([[3.0], [4.0]])).numpy().round(4)
    array([[1.8],
           [2.4]], dtype=float32)
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0
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


max_norm = MaxNorm
non_neg = NonNeg
unit_norm = UnitNorm
min_max_norm = MinMaxNorm


def get(identifier: Any) -> Any:
    """The constraint of a name, configuration or class; objects, functions and None as they are.

    Raises:
        InvalidArgumentError: for an unknown name.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.get("non_neg")(tf.constant([-1.0])).numpy()
    array([0.], dtype=float32)
    """
    return REGISTRY.get(identifier)


def serialize(constraint: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of a constraint.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.serialize(tf.keras.constraints.UnitNorm())["config"]
    {'axis': 0}
    """
    return REGISTRY.serialize(constraint)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The constraint of a configuration.

    >>> import tensorlet as tf
    >>> tf.keras.constraints.deserialize({"class_name": "UnitNorm", "config": {"axis": 1}}).axis
    1
    """
    return REGISTRY.deserialize(config, custom_objects)


explain_missing(__name__)
