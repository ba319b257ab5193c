"""Activation functions: what a layer does with its sums, element by element (softmax: row by row)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.keras.lazy import explain_missing
from tensorlet.keras.registry import Registry
from tensorlet.ops.registry import Tensor, TensorLike, convert

REGISTRY = Registry("activation", "keras.activations", on_symbols=True)


def _floats(x: TensorLike) -> Tensor:
    """A float tensor of the value; whole numbers become float32."""
    tensor = convert(x)
    return tensor if tensor.dtype.is_floating else ops.cast(tensor, "float32")


@REGISTRY.register("linear")
def linear(x: TensorLike) -> Any:
    """``x`` itself.

    >>> import tensorlet as tf
    >>> tf.keras.activations.linear(tf.constant([-1.0, 2.0])).numpy()
    array([-1.,  2.], dtype=float32)
    """
    return x


@REGISTRY.register("sigmoid")
def sigmoid(x: TensorLike) -> Tensor:
    """``1 / (1 + exp(-x))``: between 0 and 1, as a probability.

    >>> import tensorlet as tf
    >>> tf.keras.activations.sigmoid(tf.constant([0.0])).numpy()
    array([0.5], dtype=float32)
    """
    return ops.sigmoid(_floats(x))


@REGISTRY.register("hard_sigmoid")
def hard_sigmoid(x: TensorLike) -> Tensor:
    """``x / 6 + 1 / 2``, kept between 0 and 1: straight lines in place of the sigmoid.

    This is the definition of Keras 3; Keras 2 had ``x / 5 + 1 / 2``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.hard_sigmoid(tf.constant([-4.0, 0.0, 1.5])).numpy()
    array([0.  , 0.5 , 0.75], dtype=float32)
    """
    return ops.minimum(1, ops.maximum(0, _floats(x) / 6 + 0.5))


@REGISTRY.register("hard_silu", "hard_swish")
def hard_silu(x: TensorLike) -> Tensor:
    """``x * hard_sigmoid(x)``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.hard_silu(tf.constant([-4.0, 1.5])).numpy()
    array([-0.   ,  1.125], dtype=float32)
    """
    x = _floats(x)
    return x * hard_sigmoid(x)


hard_swish = hard_silu


@REGISTRY.register("tanh")
def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent, between -1 and 1.

    >>> import tensorlet as tf
    >>> tf.keras.activations.tanh(tf.constant([0.0, 100.0])).numpy()
    array([0., 1.], dtype=float32)
    """
    return ops.tanh(_floats(x))


@REGISTRY.register("relu", "ReLU")
def relu(
    x: TensorLike,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
    alpha: float | None = None,
) -> Tensor:
    """``max(x, 0)``, with three ways to bend it.

    Args:
        x: any shape.
        negative_slope: the slope below the threshold: ``negative_slope * (x - threshold)``.
        max_value: larger values become this one.
        threshold: smaller values count as negative.
        alpha: Keras 2's name for ``negative_slope``.

    >>> import tensorlet as tf
    >>> x = tf.constant([-10.0, -1.0, 0.5, 8.0])
    >>> tf.keras.activations.relu(x).numpy()
    array([0. , 0. , 0.5, 8. ], dtype=float32)
    >>> tf.keras.activations.relu(x, negative_slope=0.1, max_value=6.0).numpy()
    array([-1. , -0.1,  0.5,  6. ], dtype=float32)
    """
    x = _floats(x)
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


@REGISTRY.register("relu6", "ReLU6")
def relu6(x: TensorLike) -> Tensor:
    """``min(max(x, 0), 6)``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.relu6(tf.constant([-2.0, 3.0, 8.0])).numpy()
    array([0., 3., 6.], dtype=float32)
    """
    return ops.relu6(_floats(x))


@REGISTRY.register("leaky_relu", "LeakyReLU")
def leaky_relu(x: TensorLike, negative_slope: float = 0.2, alpha: float | None = None) -> Tensor:
    """``x`` where positive, ``negative_slope * x`` elsewhere; ``alpha`` is Keras 2's name of the slope.

    >>> import tensorlet as tf
    >>> tf.keras.activations.leaky_relu(tf.constant([-2.0, 3.0])).numpy()
    array([-0.4,  3. ], dtype=float32)
    """
    return ops.leaky_relu(_floats(x), negative_slope if alpha is None else alpha)


@REGISTRY.register("elu", "ELU")
def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``x`` where positive, ``alpha * (exp(x) - 1)`` elsewhere.

    >>> import tensorlet as tf
    >>> tf.keras.activations.elu(tf.constant([-1.0, 2.0]), alpha=2.0).numpy().round(4)
    array([-1.2642,  2.    ], dtype=float32)
    """
    x = _floats(x)
    return ops.elu(x) if alpha == 1 else ops.where(x > 0, x, ops.expm1(ops.minimum(x, 0)) * alpha)


@REGISTRY.register("selu")
def selu(x: TensorLike) -> Tensor:
    """A scaled `elu` that keeps mean 0 and variance 1 from layer to layer (use ``lecun_normal`` weights).

    >>> import tensorlet as tf
    >>> tf.keras.activations.selu(tf.constant([-1.0, 2.0])).numpy().round(4)
    array([-1.1113,  2.1014], dtype=float32)
    """
    return ops.selu(_floats(x))


@REGISTRY.register("celu")
def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``x`` where positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere.

    >>> import tensorlet as tf
    >>> tf.keras.activations.celu(tf.constant([-1.0, 2.0]), alpha=2.0).numpy().round(4)
    array([-0.7869,  2.    ], dtype=float32)
    """
    return ops.celu(_floats(x), alpha)


@REGISTRY.register("gelu")
def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """``x`` times the probability that a standard normal number is below ``x``.

    Args:
        x: any shape.
        approximate: use the hyperbolic tangent in place of the error function.

    >>> import tensorlet as tf
    >>> tf.keras.activations.gelu(tf.constant([-1.0, 2.0])).numpy().round(4)
    array([-0.1587,  1.9545], dtype=float32)
    """
    return ops.gelu(_floats(x), approximate)


@REGISTRY.register("silu", "swish")
def silu(x: TensorLike) -> Tensor:
    """``x * sigmoid(x)``, also known as swish.

    >>> import tensorlet as tf
    >>> tf.keras.activations.silu(tf.constant([0.0, 2.0])).numpy().round(4)
    array([0.    , 1.7616], dtype=float32)
    """
    return ops.silu(_floats(x))


swish = silu


@REGISTRY.register("softplus")
def softplus(x: TensorLike) -> Tensor:
    """``log(1 + exp(x))``: a smooth relu.

    >>> import tensorlet as tf
    >>> tf.keras.activations.softplus(tf.constant([0.0, 100.0])).numpy().round(4)
    array([  0.6931, 100.    ], dtype=float32)
    """
    return ops.softplus(_floats(x))


@REGISTRY.register("softsign")
def softsign(x: TensorLike) -> Tensor:
    """``x / (1 + |x|)``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.softsign(tf.constant([-1.0, 3.0])).numpy()
    array([-0.5 ,  0.75], dtype=float32)
    """
    return ops.softsign(_floats(x))


@REGISTRY.register("exponential")
def exponential(x: TensorLike) -> Tensor:
    """``exp(x)``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.exponential(tf.constant([0.0, 1.0])).numpy().round(4)
    array([1.    , 2.7183], dtype=float32)
    """
    return ops.exp(_floats(x))


@REGISTRY.register("softmax", "Softmax")
def softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """``exp(x) / sum(exp(x))`` along an axis: positive numbers whose sum is 1, the probabilities of classes.

    >>> import tensorlet as tf
    >>> tf.keras.activations.softmax(tf.constant([[0.0, 0.0], [1000.0, 0.0]])).numpy()
    array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """
    return ops.softmax(_floats(x), axis)


@REGISTRY.register("log_softmax")
def log_softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """The logarithm of `softmax`, finite where the softmax underflows.

    >>> import tensorlet as tf
    >>> tf.keras.activations.log_softmax(tf.constant([1000.0, 0.0])).numpy()
    array([    0., -1000.], dtype=float32)
    """
    return ops.log_softmax(_floats(x), axis)


@REGISTRY.register("log_sigmoid")
def log_sigmoid(x: TensorLike) -> Tensor:
    """The logarithm of `sigmoid`, finite where the sigmoid underflows.

    >>> import tensorlet as tf
    >>> tf.keras.activations.log_sigmoid(tf.constant([0.0, -1000.0])).numpy().round(4)
    array([-6.931e-01, -1.000e+03], dtype=float32)
    """
    return ops.log_sigmoid(_floats(x))


@REGISTRY.register("mish")
def mish(x: TensorLike) -> Tensor:
    """``x * tanh(softplus(x))``.

    Source: D. Misra, "Mish: a self regularized non-monotonic activation function", 2019.

    >>> import tensorlet as tf
    >>> tf.keras.activations.mish(tf.constant([0.0, 1.0])).numpy().round(4)
    array([0.    , 0.8651], dtype=float32)
    """
    return ops.mish(_floats(x))


def get(identifier: Any = None) -> Callable[..., Any]:
    """The activation function of a name; None means `linear`.

    Args:
        identifier: a name, a function, an object, a configuration, or None.

    Raises:
        InvalidArgumentError: for an unknown name; near names are listed.

    >>> import tensorlet as tf
    >>> tf.keras.activations.get("relu") is tf.keras.activations.relu
    True
    """
    return linear if identifier is None else REGISTRY.get(identifier)


def serialize(activation: Any, use_legacy_format: bool = False) -> Any:
    """The name of an activation function.

    >>> import tensorlet as tf
    >>> tf.keras.activations.serialize(tf.keras.activations.silu)
    'silu'
    """
    return REGISTRY.serialize(activation)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Callable[..., Any]:
    """The activation function that `serialize` named.

    >>> import tensorlet as tf
    >>> tf.keras.activations.deserialize("silu") is tf.keras.activations.silu
    True
    """
    return linear if config is None else REGISTRY.deserialize(config, custom_objects)


explain_missing(__name__)
