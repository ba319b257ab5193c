"""Quantiles: numbers below which a part of all numbers lies."""

from __future__ import annotations

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, TracingError
from tensorlet.keras.ops.promotion import floating, tensor
from tensorlet.keras.ops.reductions import Axis
from tensorlet.ops.registry import Tensor, TensorLike

_METHODS = ("linear", "lower", "higher", "nearest", "midpoint")


def quantile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """The number below which a part ``q`` of the numbers lies.

    Args:
        x: numbers.
        q: from 0 to 1, a number or [quantiles], which becomes the first axis of the result.
        axis: along which; by default all.
        method: what lies between two numbers: ``"linear"``, ``"lower"``, ``"higher"``, ``"nearest"``, ``"midpoint"``.
        keepdims: whether the axes stay, with the length 1.

    Raises:
        InvalidArgumentError: for another method, or a ``q`` outside of [0, 1].
    """
    if method not in _METHODS:
        raise InvalidArgumentError(f"quantile: method is {method!r}, expected one of {', '.join(_METHODS)}.")
    found, parts = floating(x), _parts("quantile", q)
    rows, whole = _rows(found, axis)
    rows = ops.sort(rows, axis=-1)
    last = int(rows.shape[-1]) - 1
    if isinstance(parts, np.ndarray):
        results = [_between(rows, float(part) * last, method) for part in parts.reshape(-1)]
    else:
        count = tensor(last + 1.0, rows.dtype)
        results = [
            _between_counted(rows, count, part, method) for part in ops.unstack(ops.reshape(parts, [-1]))
        ]
    return _joined(results, whole if keepdims else None, len(parts.shape))


def _joined(results: list[Tensor], whole: list[int] | None, rank: int) -> Tensor:
    """The results of all parts, with all axes if ``whole`` is their shape."""
    results = results if whole is None else [ops.reshape(one, whole) for one in results]
    return ops.stack(results) if rank else results[0]


def _parts(function: str, q: TensorLike, hundred: bool = False) -> np.ndarray | Tensor:
    """The parts; a tensor if they have no values yet."""
    try:
        parts = np.asarray(tensor(q))
    except TracingError:
        return floating(q) / 100.0 if hundred else floating(q)
    parts = parts / 100.0 if hundred else parts
    if parts.size and not (parts.min() >= 0 and parts.max() <= 1):
        raise InvalidArgumentError(f"{function}: q is {parts.tolist()}, expected numbers from 0 to 1.")
    return parts


def _rows(x: Tensor, axis: Axis) -> tuple[Tensor, list[int]]:
    """The tensor with some axes moved to the end and joined, and the shape of a result that keeps them."""
    rank = len(x.shape)
    axes = sorted(
        one % rank for one in ([axis] if isinstance(axis, int) else range(rank) if axis is None else axis)
    )
    others = [one for one in range(rank) if one not in axes]
    rows = ops.reshape(ops.transpose(x, [*others, *axes]), [*[int(x.shape[one]) for one in others], -1])
    return rows, [1 if one in axes else int(x.shape[one]) for one in range(rank)]


def _between(rows: Tensor, place: float, method: str) -> Tensor:
    low, high = int(np.floor(place)), int(np.ceil(place))
    if method == "nearest":
        low = high = int(np.round(place))
    elif method == "lower":
        high = low
    elif method == "higher":
        low = high
    share = 0.5 if method == "midpoint" and low != high else place - low if low != high else 0.0
    first = ops.gather(rows, low, axis=-1)
    return first + (ops.gather(rows, high, axis=-1) - first) * share if share else first


def median(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The median."""
    return quantile(x, 0.5, axis, keepdims=keepdims)


def percentile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`quantile` with ``q`` in percent."""
    return quantile(x, _parts("percentile", q, hundred=True), axis, method, keepdims)


def nanquantile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`quantile` of the numbers that are not NaN; NaN where there are none. Arguments and errors as there.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.nanquantile([1.0, float("nan"), 3.0], 0.5).numpy())
    2.0
    """
    if method not in _METHODS:
        raise InvalidArgumentError(
            f"nanquantile: method is {method!r}, expected one of {', '.join(_METHODS)}."
        )
    found, parts = floating(x), _parts("nanquantile", q)
    rows, whole = _rows(found, axis)
    missing = ops.is_nan(rows)
    count = ops.reduce_sum(ops.cast(ops.logical_not(missing), rows.dtype), -1)
    rows = ops.sort(ops.where(missing, tensor(np.inf, rows.dtype), rows), axis=-1)
    is_known = isinstance(parts, np.ndarray)
    each = parts.reshape(-1).tolist() if is_known else ops.unstack(ops.reshape(parts, [-1]))
    results = [_between_counted(rows, count, part, method) for part in each]
    return _joined(results, whole if keepdims else None, len(parts.shape))


def _between_counted(rows: Tensor, count: Tensor, part: float | Tensor, method: str) -> Tensor:
    """The quantile of sorted rows, of which the first ``count`` numbers are meant."""
    place = ops.cast(part, rows.dtype) * ops.maximum(count - 1.0, 0.0)
    low, high = ops.floor(place), ops.ceil(place)
    if method == "nearest":
        low = high = ops.round(place)
    low, high = (high if method == "higher" else low), (low if method == "lower" else high)
    share = 0.5 if method == "midpoint" else place - low
    first, second = _at(rows, low), _at(rows, high)
    between = ops.where(ops.equal(low, high), first, first + (second - first) * share)
    return ops.where(count > 0, between, tensor(np.nan, rows.dtype))


def _at(rows: Tensor, places: Tensor) -> Tensor:
    """The number at one place of each row."""
    chosen = ops.equal(tensor(np.arange(int(rows.shape[-1])), rows.dtype), ops.expand_dims(places, -1))
    return ops.reduce_sum(ops.where(chosen, rows, ops.zeros_like(rows)), -1)


def nanmedian(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The median of the numbers that are not NaN.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.nanmedian([1.0, float("nan"), 3.0, 8.0]).numpy())
    3.0
    """
    return nanquantile(x, 0.5, axis, keepdims=keepdims)


def nanpercentile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`nanquantile` with ``q`` in percent.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.nanpercentile([1.0, float("nan"), 3.0], 50).numpy())
    2.0
    """
    return nanquantile(x, _parts("nanpercentile", q, hundred=True), axis, method, keepdims)
