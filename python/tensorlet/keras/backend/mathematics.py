"""Arithmetic, comparisons and reductions, with the arguments of Keras: ``axis`` and ``keepdims``."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from tensorlet import ops
from tensorlet.keras import config
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, DTypeLike

abs = ops.abs
cos = ops.cos
equal = ops.equal
exp = ops.exp
greater = ops.greater
greater_equal = ops.greater_equal
identity = ops.identity
less = ops.less
less_equal = ops.less_equal
log = ops.log
maximum = ops.maximum
minimum = ops.minimum
not_equal = ops.not_equal
round = ops.round
sign = ops.sign
sin = ops.sin
square = ops.square
stop_gradient = ops.stop_gradient

Branch: TypeAlias = TensorLike | Callable[[], TensorLike]


def _numbers(x: TensorLike) -> Tensor:
    """Converts booleans to 1 and 0."""
    tensor = convert(x)
    return ops.cast(tensor, config.floatx()) if tensor.dtype.is_bool else tensor


def mean(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """The mean along axes; for booleans, the fraction that is true.

    >>> import tensorlet as tf
    >>> float(tf.keras.backend.mean(tf.equal([1, 2, 3, 4], [1, 2, 0, 0])))
    0.5
    """
    return ops.reduce_mean(_numbers(x), axis, keepdims)


def sum(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """The sum along axes."""
    return ops.reduce_sum(_numbers(x), axis, keepdims)


def prod(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """The product along axes."""
    return ops.reduce_prod(x, axis, keepdims)


def max(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """The largest element along axes."""
    return ops.reduce_max(x, axis, keepdims)


def min(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """The smallest element along axes."""
    return ops.reduce_min(x, axis, keepdims)


def std(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """The standard deviation along axes."""
    return ops.reduce_std(_numbers(x), axis, keepdims)


def var(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """The variance along axes."""
    return ops.reduce_variance(_numbers(x), axis, keepdims)


def any(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """Whether any element along axes is true."""
    return ops.reduce_any(ops.cast(x, "bool"), axis, keepdims)


def all(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """Whether all elements along axes are true."""
    return ops.reduce_all(ops.cast(x, "bool"), axis, keepdims)


def argmax(x: TensorLike, axis: int = -1) -> Tensor:
    """The index of the largest element along an axis, by default the last.

    >>> import tensorlet as tf
    >>> tf.keras.backend.argmax([[1.0, 3.0, 2.0]]).numpy()
    array([1])
    """
    return ops.argmax(x, axis)


def argmin(x: TensorLike, axis: int = -1) -> Tensor:
    """The index of the smallest element along an axis, by default the last."""
    return ops.argmin(x, axis)


def logsumexp(x: TensorLike, axis: AxisLike = None, keepdims: bool = False) -> Tensor:
    """``log(sum(exp(x)))`` along axes, without overflow."""
    return ops.reduce_logsumexp(x, axis, keepdims)


def cumsum(x: TensorLike, axis: int = 0) -> Tensor:
    """Running sums along an axis."""
    return ops.cumsum(x, axis)


def cumprod(x: TensorLike, axis: int = 0) -> Tensor:
    """Running products along an axis."""
    return ops.cumprod(x, axis)


def sqrt(x: TensorLike) -> Tensor:
    """The square root; 0 for negative numbers, as in Keras.

    >>> import tensorlet as tf
    >>> tf.keras.backend.sqrt([4.0, -1.0]).numpy()
    array([2., 0.], dtype=float32)
    """
    return ops.sqrt(ops.maximum(x, 0.0))


def pow(x: TensorLike, a: TensorLike) -> Tensor:
    """``x ** a``."""
    return ops.pow(x, a)


def clip(x: TensorLike, min_value: TensorLike | None, max_value: TensorLike | None) -> Tensor:
    """Clips the elements to the bounds; None means no bound.

    >>> import tensorlet as tf
    >>> tf.keras.backend.clip([-1.0, 0.5, 2.0], 0.0, 1.0).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    low = -math.inf if min_value is None else min_value
    high = math.inf if max_value is None else max_value
    if isinstance(low, int | float) and isinstance(high, int | float):
        high = builtins.max(low, high)
    return ops.clip_by_value(x, low, high)


def cast(x: TensorLike, dtype: DTypeLike) -> Tensor:
    """Converts the elements to another dtype."""
    return ops.cast(x, dtype)


def switch(condition: TensorLike, then_expression: Branch, else_expression: Branch) -> Any:
    """Chooses between two values, element by element; either may be a function without arguments.

    A condition with fewer axes than the values selects whole rows.

    >>> import tensorlet as tf
    >>> tf.keras.backend.switch([True, False], [1.0, 2.0], [3.0, 4.0]).numpy()
    array([1., 4.], dtype=float32)
    """
    then = convert(then_expression() if callable(then_expression) else then_expression)
    other = convert(else_expression() if callable(else_expression) else else_expression)
    chosen = ops.cast(condition, "bool")
    while 0 < len(chosen.shape) < len(then.shape):
        chosen = ops.expand_dims(chosen, -1)
    return ops.where(chosen, then, other)
