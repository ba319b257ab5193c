"""Functions of neural networks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import activations, losses
from tensorlet.keras.ops.promotion import floating, tensor, together, unary
from tensorlet.ops.registry import Tensor, TensorLike

relu = unary("relu", ops.relu, "The larger of ``x`` and 0.")
relu6 = unary("relu6", ops.relu6, "``x``, not less than 0 and not greater than 6.")
sigmoid = unary("sigmoid", ops.sigmoid, "``1 / (1 + exp(-x))``.")
silu = swish = unary("silu", ops.silu, "``x * sigmoid(x)``.")
softplus = unary("softplus", ops.softplus, "``log(1 + exp(x))``.")
softsign = unary("softsign", ops.softsign, "``x / (1 + |x|)``.")
log_sigmoid = unary("log_sigmoid", ops.log_sigmoid, "``log(sigmoid(x))``.")
selu = unary("selu", ops.selu, "The scaled exponential linear unit.")
mish = unary("mish", ops.mish, "``x * tanh(softplus(x))``.")
hard_sigmoid = unary("hard_sigmoid", lambda x: ops.relu6(x + 3.0) / 6.0, "``relu6(x + 3) / 6``.")
hard_silu = hard_swish = unary(
    "hard_silu", lambda x: x * ops.relu6(x + 3.0) / 6.0, "``x * hard_sigmoid(x)``."
)
hard_tanh = unary("hard_tanh", activations.hard_tanh, "``x``, limited to the interval from -1 to 1.")
tanh_shrink = unary("tanh_shrink", activations.tanh_shrink, "``x - tanh(x)``.")


def squareplus(x: TensorLike, b: float = 4) -> Tensor:
    """``(x + sqrt(x² + b)) / 2``."""
    return activations.squareplus(floating(x), b)


def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)``."""
    return ops.celu(floating(x), alpha)


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``x`` above 0, ``alpha * (exp(x) - 1)`` below."""
    found = floating(x)
    return ops.where(found > 0, found, alpha * ops.expm1(ops.minimum(found, 0.0)))


def gelu(x: TensorLike, approximate: bool = True) -> Tensor:
    """``x`` times the probability that a normal number is less than ``x``; with tanh by default."""
    return ops.gelu(floating(x), approximate)


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """``x`` above 0, ``negative_slope * x`` below."""
    return ops.leaky_relu(floating(x), negative_slope)


def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """The first half of an axis, multiplied by the sigmoid of the second half."""
    return activations.glu(floating(x), axis)


def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """``x`` where ``|x|`` exceeds the threshold, 0 elsewhere."""
    return activations.hard_shrink(floating(x), threshold)


def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """``x`` moved towards 0 by the threshold; 0 where ``|x|`` is below it."""
    return activations.soft_shrink(floating(x), threshold)


def threshold(x: TensorLike, threshold: float, default_value: float) -> Tensor:
    """``x`` where it exceeds the threshold, ``default_value`` elsewhere."""
    return activations.threshold(floating(x), threshold, default_value)


def sparse_plus(x: TensorLike) -> Tensor:
    """0 below -1, ``(x + 1)² / 4`` up to 1, ``x`` above."""
    return activations.sparse_plus(floating(x))


def sparse_sigmoid(x: TensorLike) -> Tensor:
    """0 below -1, ``(x + 1) / 2`` up to 1, 1 above."""
    return activations.sparse_sigmoid(floating(x))


def softmax(x: TensorLike, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Positive numbers that add up to 1 along an axis.

    >>> import tensorlet as tf
    >>> tf.keras.ops.softmax([0.0, 0.0]).numpy()
    array([0.5, 0.5], dtype=float32)
    """
    found = floating(x)
    if axis is None:
        return ops.reshape(ops.softmax(ops.reshape(found, [-1])), found.shape)
    if isinstance(axis, int):
        if -len(found.shape) <= axis < len(found.shape) and found.shape[axis] == 1:
            warnings.warn(
                f"softmax over axis {axis} of a tensor of shape {tuple(found.shape)}: the axis has one element, so "
                "that all results are 1. For a single probability use sigmoid.",
                stacklevel=3,
            )
        return ops.softmax(found, axis)
    powers = ops.exp(found - ops.reduce_max(found, list(axis), True))
    return powers / ops.reduce_sum(powers, list(axis), True)


def log_softmax(x: TensorLike, axis: int | Sequence[int] | None = -1) -> Tensor:
    """The logarithm of `softmax`."""
    found = floating(x)
    if axis is None:
        return ops.reshape(ops.log_softmax(ops.reshape(found, [-1])), found.shape)
    if isinstance(axis, int):
        return ops.log_softmax(found, axis)
    return found - ops.reduce_logsumexp(found, list(axis), True)


def sparsemax(x: TensorLike, axis: int = -1) -> Tensor:
    """The nearest row of probabilities; many of them are 0.

    Source: A. Martins and R. Astudillo, "From softmax to sparsemax", ICML 2016.
    """
    return activations.sparsemax(floating(x), axis)


def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = False) -> Tensor:
    """The cross-entropy of each number, without a mean."""
    labels, given = together(target, output, floats=True)
    if from_logits:
        return ops.sigmoid_cross_entropy_with_logits(labels=labels, logits=given)
    given = ops.clip_by_value(given, 1e-7, 1.0 - 1e-7)
    return -(labels * ops.log(given) + (1.0 - labels) * ops.log(1.0 - given))


def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """The cross-entropy of rows of probabilities."""
    labels, given = together(target, output, floats=True)
    return losses.categorical_crossentropy(labels, given, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """The cross-entropy of classes."""
    return losses.sparse_categorical_crossentropy(
        tensor(target), floating(output), from_logits=from_logits, axis=axis
    )


def moments(
    x: TensorLike, axes: int | Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:
    """The mean and the variance."""
    return ops.moments(floating(x), [axes] if isinstance(axes, int) else list(axes), keepdims=keepdims)


def normalize(x: TensorLike, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    """Rows of the size 1.

    Args:
        x: numbers.
        axis: of the rows.
        order: of the size: 2 is the Euclidean one.
        epsilon: what sizes are at least.

    Raises:
        InvalidArgumentError: if ``order`` is not a whole number of at least 1.
    """
    if not isinstance(order, int) or isinstance(order, bool) or order < 1:
        raise InvalidArgumentError(
            f"normalize: Argument `order` must be an int >= 1. Received: order={order!r}."
        )
    found = floating(x)
    size = ops.pow(ops.reduce_sum(ops.pow(ops.abs(found), float(order)), axis, True), 1.0 / order)
    return found / ops.maximum(size, 1e-7 if epsilon is None else epsilon)


def batch_normalization(
    x: TensorLike, mean: TensorLike, variance: TensorLike, axis: int, offset: TensorLike | None = None,
    scale: TensorLike | None = None, epsilon: float = 1e-3,
) -> Tensor:  # fmt: skip
    """Numbers less their mean, over their deviation, times ``scale`` plus ``offset``."""
    found = floating(x)
    shape = [-1 if one == axis % len(found.shape) else 1 for one in range(len(found.shape))]
    length = found.shape[axis]
    given = {"mean": mean, "variance": variance, "offset": offset, "scale": scale}
    for name, value in given.items():
        if value is not None and tuple(tensor(value).shape) != (length,):
            raise ShapeError(
                f"batch_normalization: `{name}` must be a vector of length {length}, as axis {axis} of `x`. "
                f"Received: shape {tuple(tensor(value).shape)}."
            )
    center, spread = ops.reshape(tensor(mean), shape), ops.reshape(tensor(variance), shape)
    factor = ops.rsqrt(spread + epsilon)
    factor = factor if scale is None else factor * ops.reshape(tensor(scale), shape)
    result = (found - center) * factor
    return result if offset is None else result + ops.reshape(tensor(offset), shape)


def layer_normalization(
    x: TensorLike, gamma: TensorLike | None = None, beta: TensorLike | None = None, axis: int | Sequence[int] = -1,
    epsilon: float | None = None, rms_scaling: bool = False,
) -> Tensor:  # fmt: skip
    """Normalizes rows to mean 0 and variance 1, then multiplies by ``gamma`` and adds ``beta``."""
    if rms_scaling:
        warnings.warn(
            "layer_normalization: `rms_scaling=True` is deprecated: it divides by the standard deviation. To divide by "
            "the root mean square, use rms_normalization.",
            stacklevel=2,
        )
    found = floating(x)
    axes = axis if isinstance(axis, int) else list(axis)
    center, spread = ops.reduce_mean(found, axes, True), ops.reduce_variance(found, axes, True)
    result = (found - (0.0 if rms_scaling else center)) * ops.rsqrt(
        spread + (1e-7 if epsilon is None else epsilon)
    )
    result = result if gamma is None else result * tensor(gamma, found.dtype)
    return result if beta is None else result + tensor(beta, found.dtype)


def rms_normalization(
    x: TensorLike, scale: TensorLike = 1, axis: int = -1, epsilon: float | None = None
) -> Tensor:
    """Divides rows by their root mean square, and multiplies by ``scale``."""
    found = floating(x)
    square = ops.reduce_mean(found * found, axis, True)
    return found * ops.rsqrt(square + (1e-7 if epsilon is None else epsilon)) * tensor(scale, found.dtype)


def dot_product_attention(
    query: TensorLike, key: TensorLike, value: TensorLike, bias: TensorLike | None = None,
    mask: TensorLike | None = None, scale: float | None = None, is_causal: bool = False, **ignored: Any,
) -> Tensor:  # fmt: skip
    """Attention of queries to keys, [batch, time, heads, features].

    Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017.
    """
    q, k, v = together(query, key, value, floats=True)
    heads, shared = int(q.shape[2]), int(k.shape[2])
    if heads != shared:  # several queries share a key
        if heads % shared or int(v.shape[2]) != shared:
            raise ShapeError(
                f"dot_product_attention: query has {heads} heads, key {shared} and value {v.shape[2]}. Those of key "
                "and value must be as many, and divide those of query."
            )
        k, v = ops.repeat(k, heads // shared, 2), ops.repeat(v, heads // shared, 2)
    scale = 1.0 / float(np.sqrt(int(q.shape[-1]))) if scale is None else scale
    logits = ops.einsum("btnh,bsnh->bnts", q, k) * scale
    logits = logits if bias is None else logits + tensor(bias, logits.dtype)
    if mask is not None:
        logits = ops.where(tensor(mask), logits, logits.dtype.min * 0.7)
    if is_causal:
        allowed = np.tri(int(q.shape[1]), int(k.shape[1]), dtype=bool)
        logits = ops.where(allowed, logits, logits.dtype.min * 0.7)
    return ops.einsum("bnts,bsnh->btnh", ops.softmax(logits), v)


def psnr(x1: TensorLike, x2: TensorLike, max_val: float) -> Tensor:
    """The ratio of the largest value to the error, in decibels."""
    a, b = together(x1, x2, floats=True)
    if tuple(a.shape) != tuple(b.shape):
        raise ShapeError(f"psnr: the shapes of x1 {tuple(a.shape)} and x2 {tuple(b.shape)} must be equal.")
    error = ops.reduce_mean(ops.square(a - b))
    return (20.0 * float(np.log10(max_val))) - 10.0 * ops.log(error) / float(np.log(10.0))
