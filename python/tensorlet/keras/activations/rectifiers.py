"""Activations that keep positive values and reduce negative ones."""

from __future__ import annotations

from tensorlet import ops
from tensorlet.keras.activations.floats import floats
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register


@register("activation", "relu", "ReLU")
def relu(
    x: TensorLike,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
    alpha: float | None = None,
) -> Tensor:
    """``max(x, 0)``, with an optional slope, upper bound and threshold.

    Args:
        x: an array of any shape.
        negative_slope: the slope below the threshold: ``negative_slope * (x - threshold)``.
        max_value: the upper bound of the result.
        threshold: values up to this one are treated as negative.
        alpha: an alias of ``negative_slope``.

    >>> import tensorlet as tf
    >>> x = tf.constant([-10.0, -1.0, 0.5, 8.0])
    >>> tf.keras.activations.relu(x).numpy()
    array([0. , 0. , 0.5, 8. ], dtype=float32)
    >>> tf.keras.activations.relu(x, negative_slope=0.1, max_value=6.0).numpy()
    array([-1. , -0.1,  0.5,  6. ], dtype=float32)
    """
    x = floats(x)
    slope = negative_slope if alpha is None else alpha
    if threshold == 0:
        positive = ops.relu(x)
    else:
        positive = ops.where(x > threshold, x, 0)
    if max_value is not None:
        positive = ops.minimum(max_value, positive)
    if slope == 0:
        return positive
    return positive - slope * ops.relu(threshold - x)


@register("activation", "relu6", "ReLU6")
def relu6(x: TensorLike) -> Tensor:
    """``min(max(x, 0), 6)``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.relu6(tf.constant([-2.0, 3.0, 8.0])).numpy()
    array([0., 3., 6.], dtype=float32)
    """
    return ops.relu6(floats(x))


@register("activation", "leaky_relu", "LeakyReLU")
def leaky_relu(x: TensorLike, negative_slope: float = 0.2, alpha: float | None = None) -> Tensor:
    """``x`` if positive, ``negative_slope * x`` otherwise; ``alpha`` is an alias of the slope.

    >>> import tensorlet as tf
    >>> tf.keras.activations.leaky_relu(tf.constant([-2.0, 3.0])).numpy()
    array([-0.4,  3. ], dtype=float32)
    """
    return ops.leaky_relu(floats(x), negative_slope if alpha is None else alpha)


@register("activation", "elu", "ELU")
def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``x`` if positive, ``alpha * (exp(x) - 1)`` otherwise.

    Source: D. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning by exponential
    linear units", 2016.

    >>> import tensorlet as tf
    >>> tf.keras.activations.elu(tf.constant([-1.0, 2.0]), alpha=2.0).numpy().round(4)
    array([-1.2642,  2.    ], dtype=float32)
    """
    x = floats(x)
    return ops.elu(x) if alpha == 1 else ops.where(x > 0, x, ops.expm1(ops.minimum(x, 0)) * alpha)


@register("activation", "selu")
def selu(x: TensorLike) -> Tensor:
    """A scaled `elu` that preserves mean 0 and variance 1 from layer to layer (use ``lecun_normal`` weights).

    Source: G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-normalizing neural networks", 2017.

    >>> import tensorlet as tf
    >>> tf.keras.activations.selu(tf.constant([-1.0, 2.0])).numpy().round(4)
    array([-1.1113,  2.1014], dtype=float32)
    """
    return ops.selu(floats(x))


@register("activation", "celu")
def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``x`` if positive, ``alpha * (exp(x / alpha) - 1)`` otherwise.

    Source: J. Barron, "Continuously differentiable exponential linear units", 2017.

    >>> import tensorlet as tf
    >>> tf.keras.activations.celu(tf.constant([-1.0, 2.0]), alpha=2.0).numpy().round(4)
    array([-0.7869,  2.    ], dtype=float32)
    """
    return ops.celu(floats(x), alpha)
