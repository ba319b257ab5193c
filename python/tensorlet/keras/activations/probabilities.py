"""Activations that compute class probabilities along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core.logits import with_logits
from tensorlet.keras.activations.floats import floats
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register


@register("activation", "softmax", "Softmax")
def softmax(x: TensorLike, axis: int | Sequence[int] = -1) -> Any:
    """``exp(x) / sum(exp(x))`` along an axis: positive numbers that sum to 1, such as class probabilities.

    Args:
        x: logits, any shape.
        axis: the axis of the classes, or several.

    >>> import tensorlet as tf
    >>> tf.keras.activations.softmax(tf.constant([[0.0, 0.0], [1000.0, 0.0]])).numpy()
    array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """
    logits = floats(x)
    if not isinstance(axis, int):
        powers = ops.exp(logits - ops.reduce_max(logits, list(axis), True))
        return powers / ops.reduce_sum(powers, list(axis), True)
    found = ops.softmax(logits, axis)
    return with_logits(found, logits) if axis in (-1, len(logits.shape) - 1) else found


@register("activation", "log_softmax")
def log_softmax(x: TensorLike, axis: int | Sequence[int] = -1) -> Tensor:
    """The logarithm of `softmax`, finite where the softmax underflows.

    >>> import tensorlet as tf
    >>> tf.keras.activations.log_softmax(tf.constant([1000.0, 0.0])).numpy()
    array([    0., -1000.], dtype=float32)
    """
    logits = floats(x)
    if not isinstance(axis, int):
        return logits - ops.reduce_logsumexp(logits, list(axis), True)
    return ops.log_softmax(logits, axis)
