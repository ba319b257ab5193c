"""Hinge losses, which penalize predictions within a margin. Each returns one value per row."""

from __future__ import annotations

from tensorlet import ops
from tensorlet.keras.losses.arguments import on_symbols, pair
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register


def _signs(y_true: Tensor) -> Tensor:
    """Returns labels -1 and 1; labels 0 and 1 are converted if all labels are of that kind."""
    binary = ops.reduce_all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    return ops.where(binary, 2.0 * y_true - 1.0, y_true)


@register("loss")
@on_symbols
def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``mean(max(1 - y_true * y_pred, 0))`` over the last axis.

    Args:
        y_true: -1 and 1, or 0 and 1, which are converted to -1 and 1.
        y_pred: predictions of the same shape.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.hinge([[0.0, 1.0]], [[-0.5, 2.0]]).numpy())
    [0.25]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.reduce_mean(ops.maximum(1.0 - _signs(y_true) * y_pred, 0.0), axis=-1)


@register("loss")
@on_symbols
def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``mean(max(1 - y_true * y_pred, 0) ** 2)`` over the last axis; labels as for `hinge`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.squared_hinge([[0.0, 1.0]], [[-0.5, 2.0]]).numpy())
    [0.125]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.reduce_mean(ops.square(ops.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), axis=-1)


@register("loss")
@on_symbols
def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``max(1 + largest score of a wrong class - score of the true class, 0)`` for one-hot labels.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.categorical_hinge([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]]).numpy())
    [0.75]
    """
    y_true, y_pred = pair(y_true, y_pred)
    right = ops.reduce_sum(y_true * y_pred, axis=-1)
    wrong = ops.reduce_max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(wrong - right + 1.0, 0.0)
