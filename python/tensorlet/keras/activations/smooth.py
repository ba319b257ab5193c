"""Smooth activations that are unbounded on the positive side."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.keras.activations.floats import floats
from tensorlet.keras.activations.sigmoids import hard_sigmoid
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register


@register("activation", "linear")
def linear(x: TensorLike) -> Any:
    """Returns ``x`` unchanged.

    >>> import tensorlet as tf
    >>> tf.keras.activations.linear(tf.constant([-1.0, 2.0])).numpy()
    array([-1.,  2.], dtype=float32)
    """
    return x


@register("activation", "exponential")
def exponential(x: TensorLike) -> Tensor:
    """``exp(x)``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.exponential(tf.constant([0.0, 1.0])).numpy().round(4)
    array([1.    , 2.7183], dtype=float32)
    """
    return ops.exp(floats(x))


@register("activation", "softplus")
def softplus(x: TensorLike) -> Tensor:
    """``log(1 + exp(x))``, a smooth version of ReLU.

    >>> import tensorlet as tf
    >>> tf.keras.activations.softplus(tf.constant([0.0, 100.0])).numpy().round(4)
    array([  0.6931, 100.    ], dtype=float32)
    """
    return ops.softplus(floats(x))


@register("activation", "gelu")
def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """``x`` times the probability that a standard normal variable is below ``x``.

    Args:
        x: an array of any shape.
        approximate: whether to use the hyperbolic tangent instead of the error function.

    Source: D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016.

    >>> import tensorlet as tf
    >>> tf.keras.activations.gelu(tf.constant([-1.0, 2.0])).numpy().round(4)
    array([-0.1587,  1.9545], dtype=float32)
    """
    return ops.gelu(floats(x), approximate)


@register("activation", "silu", "swish")
def silu(x: TensorLike) -> Tensor:
    """``x * sigmoid(x)``, also known as swish.

    Source: P. Ramachandran, B. Zoph, Q. Le, "Searching for activation functions", 2017.

    >>> import tensorlet as tf
    >>> tf.keras.activations.silu(tf.constant([0.0, 2.0])).numpy().round(4)
    array([0.    , 1.7616], dtype=float32)
    """
    return ops.silu(floats(x))


@register("activation", "hard_silu", "hard_swish")
def hard_silu(x: TensorLike) -> Tensor:
    """``x * hard_sigmoid(x)``.

    Source: A. Howard et al., "Searching for MobileNetV3", 2019.

    >>> import tensorlet as tf
    >>> tf.keras.activations.hard_silu(tf.constant([-4.0, 1.5])).numpy()
    array([-0.   ,  1.125], dtype=float32)
    """
    x = floats(x)
    return x * hard_sigmoid(x)


@register("activation", "mish")
def mish(x: TensorLike) -> Tensor:
    """``x * tanh(softplus(x))``.

    Source: D. Misra, "Mish: a self regularized non-monotonic activation function", 2019.

    >>> import tensorlet as tf
    >>> tf.keras.activations.mish(tf.constant([0.0, 1.0])).numpy().round(4)
    array([0.    , 0.8651], dtype=float32)
    """
    return ops.mish(floats(x))
