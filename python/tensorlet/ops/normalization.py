"""Dropout, moments, normalization and biases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import random
from tensorlet.ops.arguments import require_dtype, resolve_shape, static_array, static_integer
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, ShapeLike


def dropout(
    x: TensorLike,
    rate: TensorLike,
    noise_shape: ShapeLike | None = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Sets a random fraction of the elements to 0, and scales the others to preserve the expected sum.

    Source: N. Srivastava and others, "Dropout: a simple way to prevent neural networks from
    overfitting", 2014.

    Args:
        x: a float tensor.
        rate: the fraction of elements set to 0: from 0 up to but not including 1, known while tracing.
        noise_shape: the shape of the random mask, which is broadcast to the shape of ``x``: along
            axes of length 1, all elements are kept or dropped together.
        seed: see `tf.random.set_seed`.
        name: ignored.

    Raises:
        InvalidArgumentError: if the rate is out of range.

    >>> import tensorlet as tf
    >>> print(tf.nn.dropout([1.0, 2.0], rate=0.0).numpy())
    [1. 2.]
    """
    x = convert(x)
    require_dtype("tf.nn.dropout", "x", x, "float")
    part = float(static_array("tf.nn.dropout", "rate", rate))
    if not 0 <= part < 1:
        raise InvalidArgumentError(
            f"tf.nn.dropout: rate={part}, but a number from 0 up to but not including 1 is expected: the "
            "fraction of the elements that is set to 0."
        )
    if part == 0:
        return x
    shape = x.shape if noise_shape is None else resolve_shape("tf.nn.dropout", noise_shape, "noise_shape")
    kept = random.uniform(shape, dtype=x.dtype, seed=seed) >= part
    return functions.where(kept, x * (1 / (1 - part)), 0)


def moments(
    x: TensorLike, axes: AxisLike, shift: AxisLike = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance (the mean squared deviation) over the axes.

    Args:
        x: a float tensor.
        axes: the axes to reduce.
        shift: ignored.
        keepdims: keep the axes, with length 1.
        name: ignored.

    >>> import tensorlet as tf
    >>> mean, variance = tf.nn.moments(tf.constant([1.0, 2.0, 3.0, 6.0]), axes=[0])
    >>> print(mean.numpy(), variance.numpy())
    3.0 3.5
    """
    x = convert(x)
    require_dtype("tf.nn.moments", "x", x, "float")
    return functions.reduce_mean(x, axes, keepdims), functions.reduce_variance(x, axes, keepdims)


def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset: TensorLike | None,
    scale: TensorLike | None,
    variance_epsilon: TensorLike,
    name: str | None = None,
) -> Tensor:
    """``scale * (x - mean) / sqrt(variance + variance_epsilon) + offset``.

    Source: S. Ioffe and C. Szegedy, "Batch normalization", 2015.

    Args:
        x: a float tensor.
        mean: broadcasts against ``x``, as do the next three arguments.
        variance: non-negative.
        offset: None means 0.
        scale: None means 1.
        variance_epsilon: a small number that avoids division by zero.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.nn.batch_normalization([1.0, 5.0], 3.0, 4.0, 10.0, 2.0, 0.0).numpy())
    [ 8. 12.]
    """
    x = convert(x)
    variance = convert(variance) if hasattr(variance, "dtype") else convert(variance, x.dtype)
    factor = functions.rsqrt(functions.add(variance, variance_epsilon))
    if scale is not None:
        factor = functions.multiply(factor, scale)
    result = functions.subtract(x, mean) * factor
    return result if offset is None else functions.add(result, offset)


def bias_add(
    value: TensorLike, bias: TensorLike, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """Adds a bias to each channel.

    Args:
        value: a numeric tensor of at least two axes.
        bias: of shape ``[channels]``.
        data_format: ``"NHWC"`` (also None): channels on the last axis; ``"NCHW"``: on the second.
        name: ignored.

    Raises:
        ShapeError: if the numbers of channels differ.
        InvalidArgumentError: for an unknown format.

    >>> import tensorlet as tf
    >>> print(tf.nn.bias_add([[1.0, 2.0], [3.0, 4.0]], [10.0, 20.0]).numpy())
    [[11. 22.]
     [13. 24.]]
    """
    x = convert(value)
    bias = convert(bias) if hasattr(bias, "dtype") else convert(bias, x.dtype)
    formats = (None, "N...C", "NHWC", "NWC", "NDHWC", "NC...", "NCHW", "NCW", "NCDHW")
    if data_format not in formats:
        raise InvalidArgumentError(
            f"tf.nn.bias_add: data_format={data_format!r}, but 'NHWC' (channels last) or 'NCHW' is expected."
        )
    rank = len(x.shape)
    second = data_format is not None and data_format.startswith("NC")
    axis = 1 if second else rank - 1
    if rank < 2 or len(bias.shape) != 1 or bias.shape[0] != x.shape[axis]:
        raise ShapeError(
            f"tf.nn.bias_add: 'value' has shape {tuple(x.shape)} and 'bias' has shape {tuple(bias.shape)}, "
            f"but one bias per channel, on {'axis 1' if second else 'the last axis'}, is expected."
        )
    if second and rank > 2:
        bias = functions.reshape(bias, [bias.shape[0]] + [1] * (rank - 2))
    return functions.add(x, bias)


def l2_normalize(
    x: TensorLike,
    axis: AxisLike = None,
    epsilon: float = 1e-12,
    name: str | None = None,
    dim: AxisLike = None,
) -> Tensor:
    """``x`` divided by its Euclidean norm over the axes.

    Args:
        x: a float tensor.
        axis: the axes over which the norm is taken; None for all.
        epsilon: a lower bound of the squared norm, so that zeros stay zeros.
        name: ignored.
        dim: the legacy name of ``axis``.

    >>> import tensorlet as tf
    >>> print(tf.nn.l2_normalize([3.0, 4.0]).numpy())
    [0.6 0.8]
    """
    x = convert(x)
    require_dtype("tf.nn.l2_normalize", "x", x, "float")
    squares = functions.reduce_sum(functions.square(x), dim if axis is None else axis, keepdims=True)
    return x * functions.rsqrt(functions.maximum(squares, epsilon))


def weighted_moments(
    x: TensorLike,
    axes: AxisLike,
    frequency_weights: TensorLike,
    keepdims: bool = False,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The weighted mean, and the weighted mean of the squared deviations from it, over the axes.

    Args:
        x: a float tensor.
        axes: the axes to reduce.
        frequency_weights: weights of a shape that broadcasts to that of ``x``.
        keepdims: keep the axes, with length 1.
        name: ignored.

    >>> import tensorlet as tf
    >>> mean, variance = tf.nn.weighted_moments(tf.constant([1.0, 3.0]), [0], tf.constant([1.0, 3.0]))
    >>> print(mean.numpy(), variance.numpy())
    2.5 0.75
    """
    x = convert(x)
    require_dtype("tf.nn.weighted_moments", "x", x, "float")
    weights = functions.broadcast_to(convert(frequency_weights, x.dtype), x.shape)
    total = functions.reduce_sum(weights, axes, True)
    mean = functions.reduce_sum(weights * x, axes, True) / total
    variance = functions.reduce_sum(weights * functions.square(x - mean), axes, True) / total
    if keepdims:
        return mean, variance
    return functions.reduce_sum(mean, axes), functions.reduce_sum(variance, axes)


def local_response_normalization(
    input: TensorLike, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Divides each number by a power of the sum of squares of the channels near its own, as AlexNet does.

    ``input / (bias + alpha * sum) ** beta``, where the sum has the channels at most ``depth_radius`` away.

    Args:
        input: float, [batch, height, width, channels].
        depth_radius: half the width of the window of channels.
        bias, alpha, beta: numbers.
        name: ignored.

    Raises:
        ShapeError: if ``input`` does not have four axes.

    Source: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural networks",
    2012, 3.3.

    >>> import tensorlet as tf
    >>> tf.nn.lrn(tf.constant([[[[3.0, 4.0]]]]), depth_radius=1, bias=0.0).numpy()
    array([[[[0.6, 0.8]]]], dtype=float32)
    """
    x = convert(input)
    require_dtype("tf.nn.local_response_normalization", "input", x, "float")
    if len(x.shape) != 4:
        raise ShapeError(
            f"tf.nn.local_response_normalization: input should be [batch, height, width, channels], but has shape "
            f"{list(x.shape)}."
        )
    channels, radius = (
        x.shape[3],
        static_integer("tf.nn.local_response_normalization", "depth_radius", depth_radius),
    )
    squares = functions.pad(functions.square(x), [[0, 0], [0, 0], [0, 0], [radius, radius]])
    total = squares[..., :channels]
    for shift in range(1, 2 * radius + 1):
        total = total + squares[..., shift : shift + channels]
    return x / functions.pow(bias + alpha * total, beta)
