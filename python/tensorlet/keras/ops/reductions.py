"""Sums, means and other functions that make one number of many, and running ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet import ops
from tensorlet.dtypes import as_dtype
from tensorlet.keras.ops.promotion import floating, keeping_truth, numbers, numpy_rules_hold, tensor, together
from tensorlet.ops.arguments import resolve_axis
from tensorlet.ops.registry import Tensor, TensorLike

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


Axis = int | Sequence[int] | None


def _truth(x: TensorLike) -> Tensor:
    found = tensor(x)
    return found if found.dtype.is_bool else ops.not_equal(found, 0)


def all(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all are true."""
    return ops.reduce_all(_truth(x), axis, keepdims)


def any(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether at least one is true."""
    return ops.reduce_any(_truth(x), axis, keepdims)


def _with_initial(name: str, result: Tensor, initial: TensorLike | None) -> Tensor:
    if initial is None:
        return result
    return getattr(ops, name)(result, tensor(initial, result.dtype))


def max(
    x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: TensorLike | None = None
) -> Tensor:
    """The largest; not less than ``initial``."""
    return keeping_truth(
        lambda found: _with_initial("maximum", ops.reduce_max(found, axis, keepdims), initial), x
    )


def min(
    x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: TensorLike | None = None
) -> Tensor:
    """The smallest; not greater than ``initial``."""
    return keeping_truth(
        lambda found: _with_initial("minimum", ops.reduce_min(found, axis, keepdims), initial), x
    )


def amax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest; the same as `max`."""
    return max(x, axis, keepdims)


def amin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest; the same as `min`."""
    return min(x, axis, keepdims)


def sum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum.

    >>> import tensorlet as tf
    >>> tf.keras.ops.sum([[1, 2], [3, 4]], axis=0).numpy()
    array([4, 6], dtype=int32)
    """
    return ops.reduce_sum(_wide(x), axis, keepdims)


def _wide(x: TensorLike) -> Tensor:
    """Numbers in a dtype that holds their sums: int32 for integers of 8 and 16 bits; int64 by NumPy's rules."""
    found, bits = numbers(x), 64 if numpy_rules_hold() else 32
    narrow = found.dtype.is_integer and found.dtype.size * 8 < bits
    return ops.cast(found, f"uint{bits}" if found.dtype.is_unsigned else f"int{bits}") if narrow else found


def prod(x: TensorLike, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike | None = None) -> Tensor:
    """The product."""
    return ops.reduce_prod(_wide(x) if dtype is None else tensor(x, dtype), axis, keepdims)


def mean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean, a float."""
    return ops.reduce_mean(floating(x), axis, keepdims)


def var(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean squared distance from the mean, a float."""
    return ops.reduce_variance(floating(x), axis, keepdims)


def std(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The root of the variance, a float."""
    return ops.reduce_std(floating(x), axis, keepdims)


def ptp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The difference between the largest and the smallest element."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """``log(sum(exp(x)))``, without overflow."""
    return ops.reduce_logsumexp(floating(x), axis, keepdims)


def count_nonzero(x: TensorLike, axis: Axis = None) -> Tensor:
    """The number of nonzero elements, as int32."""
    return ops.reduce_sum(ops.cast(_truth(x), "int32"), axis)


def average(x: TensorLike, axis: Axis = None, weights: TensorLike | None = None) -> Tensor:
    """The weighted mean."""
    if weights is None:
        return mean(x, axis)
    values, factors = together(x, weights, floats=True)
    if factors.shape != values.shape and isinstance(axis, int):
        shape = [1] * len(values.shape)
        shape[axis] = -1
        factors = ops.reshape(factors, shape)
    factors = ops.broadcast_to(factors, values.shape)
    return ops.reduce_sum(values * factors, axis) / ops.reduce_sum(factors, axis)


def argmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the largest, int32; in the flattened tensor if no axis is given."""
    return _place(ops.argmax, x, axis, keepdims)


def argmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the smallest, int32."""
    return _place(ops.argmin, x, axis, keepdims)


def _place(find: Callable[..., Tensor], x: TensorLike, axis: int | None, keepdims: bool) -> Tensor:
    found = numbers(x)
    if axis is None:
        place = find(ops.reshape(found, [-1]), 0, "int32")
        return ops.reshape(place, [1] * len(found.shape)) if keepdims else place
    place = find(found, axis, "int32")
    return ops.expand_dims(place, axis) if keepdims else place


def cumsum(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Cumulative sums along an axis, or of the flattened tensor; integers keep their dtype."""
    return _running(ops.cumsum, x, axis, dtype)


def cumprod(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Cumulative products along an axis, or of the flattened tensor; integers keep their dtype."""
    return _running(ops.cumprod, x, axis, dtype)


def _running(run: Callable[..., Tensor], x: TensorLike, axis: int | None, dtype: DTypeLike | None) -> Tensor:
    found = numbers(x) if dtype is None else tensor(x, as_dtype(dtype))
    if dtype is None and numpy_rules_hold() and found.dtype.is_integer:
        found = ops.cast(found, "int64")
    return run(ops.reshape(found, [-1]), 0) if axis is None else run(found, axis)


def diff(a: TensorLike, n: int = 1, axis: int = -1) -> Tensor:
    """The differences of neighbors along an axis, taken ``n`` times; of truth values, whether they differ."""
    axis = resolve_axis("diff", axis, len(tensor(a).shape))
    return keeping_truth(lambda found: _differences(found, n, axis), a)


def _differences(found: Tensor, n: int, axis: int) -> Tensor:
    for _ in range(n):
        axis_length = int(found.shape[axis])
        places = np.arange(axis_length - 1)
        found = ops.gather(found, places + 1, axis=axis) - ops.gather(found, places, axis=axis)
    return found


def _without_nan(function: Callable[..., Tensor], filler: float) -> Callable[..., Tensor]:
    def apply(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
        found = tensor(x)
        if not found.dtype.is_floating:
            return function(found, axis, keepdims)
        return function(ops.where(ops.is_nan(found), tensor(filler, found.dtype), found), axis, keepdims)

    return apply


def nansum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum without NaN."""
    return _without_nan(sum, 0.0)(x, axis, keepdims)


def nanprod(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product without NaN."""
    return _without_nan(prod, 1.0)(x, axis, keepdims)


def nanmax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest without NaN; NaN where there is no other number."""
    return _extreme_without_nan(max, -np.inf, x, axis, keepdims)


def nanmin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest without NaN; NaN where there is no other number."""
    return _extreme_without_nan(min, np.inf, x, axis, keepdims)


def _extreme_without_nan(
    find: Callable[..., Tensor], filler: float, x: TensorLike, axis: Axis, keepdims: bool
) -> Tensor:
    found, result = tensor(x), _without_nan(find, filler)(x, axis, keepdims)
    if not found.dtype.is_floating:
        return result
    return ops.where(ops.reduce_all(ops.is_nan(found), axis, keepdims), tensor(np.nan, found.dtype), result)


def nanmean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean without NaN."""
    found = floating(x)
    count = ops.reduce_sum(ops.cast(ops.logical_not(ops.is_nan(found)), found.dtype), axis, keepdims)
    return nansum(found, axis, keepdims) / count


def nanvar(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The variance without NaN."""
    found = floating(x)
    return nanmean(ops.square(found - nanmean(found, axis, True)), axis, keepdims)


def nanstd(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The root of the variance without NaN."""
    return ops.sqrt(nanvar(x, axis, keepdims))


def corrcoef(x: TensorLike) -> Tensor:
    """The correlations of the rows."""
    rows = floating(x)
    rows = rows - ops.reduce_mean(rows, -1, True)
    rows = rows / ops.sqrt(ops.reduce_sum(rows * rows, -1, True))
    return ops.matmul(rows, rows, transpose_b=True)


def bincount(
    x: TensorLike, weights: TensorLike | None = None, minlength: int = 0, sparse: bool = False
) -> Tensor:
    """Counts each integer, or adds its weights; for each row of a matrix."""
    found = tensor(x)
    if len(found.shape) == 1:
        return ops.bincount(found, weights, minlength or None)
    length = int(np.asarray(found).max(initial=-1)) + 1
    length = length if length > minlength else minlength
    rows = ops.one_hot(ops.cast(found, "int32"), length)
    if weights is not None:
        rows = rows * ops.expand_dims(ops.cast(weights, rows.dtype), -1)
    counts = ops.reduce_sum(rows, -2)
    return counts if weights is not None else ops.cast(counts, "int32")


def trapezoid(y: TensorLike, x: TensorLike | None = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The integral of a function by the trapezoidal rule."""
    values = floating(y)
    length = int(values.shape[axis])
    places = np.arange(length - 1)
    middle = (ops.gather(values, places + 1, axis=axis) + ops.gather(values, places, axis=axis)) * 0.5
    return ops.reduce_sum(middle * (dx if x is None else diff(floating(x), axis=axis)), axis)


def nanargmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the largest number that is not NaN, int32; -1 where there is none.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.nanargmax([1.0, float("nan"), 3.0]).numpy())
    2
    """
    return _place_without_nan(argmax, -np.inf, x, axis, keepdims)


def nanargmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The place of the smallest number that is not NaN, int32; -1 where there is none.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.nanargmin([float("nan"), 5.0, 3.0]).numpy())
    2
    """
    return _place_without_nan(argmin, np.inf, x, axis, keepdims)


def _place_without_nan(
    find: Callable[..., Tensor], filler: float, x: TensorLike, axis: int | None, keepdims: bool
) -> Tensor:
    found = numbers(x)
    if not found.dtype.is_floating:
        return find(found, axis, keepdims)
    missing = ops.is_nan(found)
    place = find(ops.where(missing, tensor(filler, found.dtype), found), axis, keepdims)
    return ops.where(ops.reduce_all(missing, axis, keepdims), -1, place)


def nancumsum(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Cumulative sums in which NaN counts as 0.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.nancumsum([1.0, float("nan"), 3.0]).numpy())
    [1. 1. 4.]
    """
    return cumsum(_filled(x, 0.0), axis, dtype)


def nancumprod(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Cumulative products in which NaN counts as 1.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.nancumprod([2.0, float("nan"), 3.0]).numpy())
    [2. 2. 6.]
    """
    return cumprod(_filled(x, 1.0), axis, dtype)


def _filled(x: TensorLike, filler: float) -> Tensor:
    """The numbers, with another one in the places of NaN."""
    found = tensor(x)
    if not found.dtype.is_floating:
        return found
    return ops.where(ops.is_nan(found), tensor(filler, found.dtype), found)
