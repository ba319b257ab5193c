"""Activations that saturate on both sides."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.core.logits import with_logits
from tensorlet.keras.activations.floats import floats
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register


@register("activation", "sigmoid")
def sigmoid(x: TensorLike) -> Any:
    """``1 / (1 + exp(-x))``, between 0 and 1, such as a probability.

    >>> import tensorlet as tf
    >>> tf.keras.activations.sigmoid(tf.constant([0.0])).numpy()
    array([0.5], dtype=float32)
    """
    logits = floats(x)
    return with_logits(ops.sigmoid(logits), logits)


@register("activation", "log_sigmoid")
def log_sigmoid(x: TensorLike) -> Tensor:
    """The logarithm of `sigmoid`, finite where the sigmoid underflows.

    >>> import tensorlet as tf
    >>> tf.keras.activations.log_sigmoid(tf.constant([0.0, -1000.0])).numpy().round(4)
    array([-6.931e-01, -1.000e+03], dtype=float32)
    """
    return ops.log_sigmoid(floats(x))


@register("activation", "hard_sigmoid")
def hard_sigmoid(x: TensorLike) -> Tensor:
    """``x / 6 + 1 / 2``, clipped to the range from 0 to 1: a piecewise linear sigmoid.

    This is the definition of Keras 3. In programs and files of Keras 2 it is ``x / 5 + 1 / 2``; see
    `tensorlet.keras.generations`.

    >>> import tensorlet as tf
    >>> tf.keras.activations.get("keras3_hard_sigmoid")(tf.constant([-4.0, 0.0, 1.5])).numpy()
    array([0.  , 0.5 , 0.75], dtype=float32)
    """
    return ops.minimum(1, ops.maximum(0, floats(x) / 6 + 0.5))


@register("activation", "tanh")
def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent, between -1 and 1.

    >>> import tensorlet as tf
    >>> tf.keras.activations.tanh(tf.constant([0.0, 100.0])).numpy()
    array([0., 1.], dtype=float32)
    """
    return ops.tanh(floats(x))


@register("activation", "softsign")
def softsign(x: TensorLike) -> Tensor:
    """``x / (1 + |x|)``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.softsign(tf.constant([-1.0, 3.0])).numpy()
    array([-0.5 ,  0.75], dtype=float32)
    """
    return ops.softsign(floats(x))
