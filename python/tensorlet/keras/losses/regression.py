"""Regression losses. Each returns one value per row."""

from __future__ import annotations

import math

from tensorlet import ops
from tensorlet.keras import config
from tensorlet.keras.losses.arguments import EPSILON, on_symbols, pair
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register


@register("loss", "mean_squared_error", "mse", "MSE")
@on_symbols
def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``mean((y_true - y_pred) ** 2)`` over the last axis.

    Args:
        y_true: shape ``[rows, ..., columns]``.
        y_pred: predictions of the same shape.

    Returns:
        One value per row: the shape of the predictions without the last axis.

    Raises:
        ShapeError: if the shapes are incompatible.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.mean_squared_error([[0.0, 1.0]], [[2.0, 1.0]]).numpy())
    [2.]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.reduce_mean(ops.squared_difference(y_true, y_pred), axis=_last(y_pred))


def _last(tensor: Tensor) -> int | None:
    """Returns the axis to reduce: the last one, or None for a scalar."""
    return -1 if len(tensor.shape) else None


@register("loss", "mean_absolute_error", "mae", "MAE")
@on_symbols
def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``mean(|y_true - y_pred|)`` over the last axis; arguments as for `mean_squared_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.mean_absolute_error([[0.0, 1.0]], [[3.0, 1.0]]).numpy())
    [1.5]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.reduce_mean(ops.abs(y_true - y_pred), axis=_last(y_pred))


@register("loss", "mean_absolute_percentage_error", "mape", "MAPE")
@on_symbols
def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``100 * mean(|y_true - y_pred| / max(|y_true|, 1e-7))`` over the last axis.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 5.0]]).numpy())
    [37.5]
    """
    y_true, y_pred = pair(y_true, y_pred)
    parts = ops.abs(y_true - y_pred) / ops.maximum(ops.abs(y_true), EPSILON)
    return 100.0 * ops.reduce_mean(parts, axis=_last(y_pred))


@register("loss", "mean_squared_logarithmic_error", "msle", "MSLE")
@on_symbols
def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``mean((log(y_true + 1) - log(y_pred + 1)) ** 2)`` over the last axis, with values clipped to at least 1e-7.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.mean_squared_logarithmic_error([[0.0]], [[1.0]]).numpy().round(4))
    [0.4805]
    """
    y_true, y_pred = pair(y_true, y_pred)
    logarithms = [ops.log(ops.maximum(y, EPSILON) + 1.0) for y in (y_true, y_pred)]
    return ops.reduce_mean(ops.squared_difference(*logarithms), axis=_last(y_pred))


@register("metric")
@register("loss", "huber", "huber_loss")
@on_symbols
def huber(y_true: TensorLike, y_pred: TensorLike, delta: float = 1.0) -> Tensor:
    """The mean of ``e ** 2 / 2`` for errors up to ``delta``, and linear with slope ``delta`` beyond.

    Source: P. Huber, "Robust estimation of a location parameter", 1964.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.huber([[0.0, 0.0]], [[1.0, 3.0]]).numpy())
    [1.5]
    """
    # Unlike other losses, Keras's Huber converts both arguments, so a prediction may also be a float64 array.
    y_true, y_pred = pair(ops.cast(y_true, config.floatx()), ops.cast(y_pred, config.floatx()))
    error = y_pred - y_true
    size = ops.abs(error)
    parts = ops.where(size <= delta, 0.5 * ops.square(error), delta * size - 0.5 * delta * delta)
    return ops.reduce_mean(parts, axis=_last(y_pred))


@register("loss", "log_cosh", "logcosh")
@on_symbols
def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``mean(log(cosh(y_pred - y_true)))`` over the last axis: quadratic near 0, linear far from it.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.log_cosh([[0.0, 0.0]], [[1.0, 0.0]]).numpy().round(4))
    [0.2169]
    """
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    # A form of log(cosh(e)) that does not overflow.
    parts = error + ops.softplus(-2.0 * error) - math.log(2.0)
    return ops.reduce_mean(parts, axis=_last(y_pred))


@register("loss")
@on_symbols
def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``mean(y_pred - y_true * log(y_pred + 1e-7))`` over the last axis, for counts.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.poisson([[1.0, 0.0]], [[1.0, 2.0]]).numpy())
    [1.5]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.reduce_mean(y_pred - y_true * ops.log(y_pred + EPSILON), axis=_last(y_pred))


@register("loss", "cosine_similarity", "cosine_proximity")
@on_symbols
def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """The negative cosine of the angle between labels and predictions: -1 if they point the same way.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.cosine_similarity([[0.0, 2.0], [1.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]).numpy().round(4))
    [-1.     -0.7071]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return -ops.reduce_sum(ops.l2_normalize(y_true, axis) * ops.l2_normalize(y_pred, axis), axis=axis)
