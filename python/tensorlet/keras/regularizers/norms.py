"""Penalties on the magnitude of weights: the sum of absolute values, the sum of squares, or both."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.keras.regularizers.base import Regularizer, factor_of
from tensorlet.ops.registry import Tensor, TensorLike, convert
from tensorlet.registry import register


@register("regularizer", "L1L2", "l1_l2")
class L1L2(Regularizer):
    """``l1 * sum(|w|) + l2 * sum(w ** 2)``.

    Args:
        l1: the factor of the absolute values, which drives weights to exactly 0.
        l2: the factor of the squares.

    >>> import tensorlet as tf
    >>> print(tf.keras.regularizers.L1L2(l1=0.5, l2=0.25)(tf.constant([1.0, -2.0])).numpy())
    2.75
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = factor_of("l1", l1)
        self.l2 = factor_of("l2", l2)

    def __call__(self, x: TensorLike) -> Tensor:
        weight = convert(x)
        parts = []
        if self.l1:
            parts.append(self.l1 * ops.reduce_sum(ops.abs(weight)))
        if self.l2:
            parts.append(self.l2 * ops.reduce_sum(ops.square(weight)))
        if not parts:
            return ops.zeros([], weight.dtype)
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


@register("regularizer", "L1", "l1")
class L1(L1L2):
    """``l1 * sum(|w|)``.

    >>> import tensorlet as tf
    >>> print(tf.keras.regularizers.L1(0.5)(tf.constant([1.0, -2.0])).numpy())
    1.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


@register("regularizer", "L2", "l2")
class L2(L1L2):
    """``l2 * sum(w ** 2)``, without a factor of one half.

    >>> import tensorlet as tf
    >>> print(tf.keras.regularizers.L2(0.5)(tf.constant([1.0, -2.0])).numpy())
    2.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """Creates an `L1L2` regularizer; both factors are 0.01 by default.

    >>> import tensorlet as tf
    >>> print(tf.keras.regularizers.l1_l2()(tf.constant([1.0, -2.0])).numpy().round(4))
    0.08
    """
    return L1L2(l1=l1, l2=l2)
