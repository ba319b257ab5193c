"""Convolutions, pooling, and functions of the windows of pictures and sequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import config
from tensorlet.keras.ops.promotion import floating, tensor, together
from tensorlet.ops import convolution_functions as convolutions
from tensorlet.ops import pooling_functions
from tensorlet.ops.image_geometry import extract_patches as patches_of_pictures
from tensorlet.ops.picture_arguments import move_channels
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.ops.transposed_convolutions import transposed

#: One number, or one for each spatial axis.
Each = int | Sequence[int]


def _format(data_format: str | None) -> str:
    return config.image_data_format() if data_format is None else data_format


def _padding(function: str, padding: str) -> str:
    if not isinstance(padding, str) or padding.lower() not in ("valid", "same"):
        raise InvalidArgumentError(f"{function}: padding is {padding!r}, expected 'valid' or 'same'.")
    return padding.upper()


def _each(value: Each, count: int) -> list[int]:
    """One number for each spatial axis."""
    return [value] * count if isinstance(value, int) else [int(one) for one in value]


def _plane(function: str, inputs: TensorLike, kernel: TensorLike) -> list[Tensor]:
    """Inputs and kernel of one dtype, for sequences or pictures."""
    x, w = together(inputs, kernel, floats=True)
    if len(x.shape) not in (3, 4) or len(w.shape) != len(x.shape):
        raise ShapeError(
            f"{function}: inputs have shape {tuple(x.shape)} and kernel {tuple(w.shape)}. Expected three axes of both, "
            "or four; volumes (3D) are not supported."
        )
    return [x, w]


def conv(
    inputs: TensorLike, kernel: TensorLike, strides: Each = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Each = 1,
) -> Tensor:  # fmt: skip
    """Convolution of sequences or pictures.

    Args:
        inputs: [batch, steps, channels] or [batch, height, width, channels].
        kernel: [width, channels, filters] or [height, width, channels, filters]; fewer channels that divide those of
            the inputs mean groups.
        strides, dilation_rate: one number, or one for each spatial axis.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"`` or ``"channels_first"``; that of `keras.config` by default.

    Raises:
        ShapeError: if the channels do not fit.

    >>> import tensorlet as tf
    >>> tf.keras.ops.conv(tf.ones([1, 4, 1]), tf.ones([2, 1, 3])).shape
    TensorShape([1, 3, 3])
    """
    x, w = _plane("conv", inputs, kernel)
    zeros = _padding("conv", padding)
    return convolutions.convolve("conv", x, w, strides, zeros, _format(data_format), dilation_rate)


def depthwise_conv(
    inputs: TensorLike, kernel: TensorLike, strides: Each = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Each = 1,
) -> Tensor:  # fmt: skip
    """Convolution in which each channel has filters of its own.

    Args:
        inputs: as for `conv`.
        kernel: [..., channels, multiplier]; the result has channels * multiplier channels.
        strides, padding, data_format, dilation_rate: as for `conv`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.depthwise_conv(tf.ones([1, 4, 2]), tf.ones([2, 2, 3])).shape
    TensorShape([1, 3, 6])
    """
    x, w = _plane("depthwise_conv", inputs, kernel)
    form, zeros = _format(data_format), _padding("depthwise_conv", padding)
    return convolutions.convolve("depthwise_conv", x, w, strides, zeros, form, dilation_rate, depthwise=True)


def separable_conv(
    inputs: TensorLike, depthwise_kernel: TensorLike, pointwise_kernel: TensorLike, strides: Each = 1,
    padding: str = "valid", data_format: str | None = None, dilation_rate: Each = 1,
) -> Tensor:  # fmt: skip
    """`depthwise_conv`, then a `conv` of width 1 that mixes the channels.

    >>> import tensorlet as tf
    >>> tf.keras.ops.separable_conv(tf.ones([1, 4, 2]), tf.ones([2, 2, 1]), tf.ones([1, 2, 5])).shape
    TensorShape([1, 3, 5])
    """
    alone = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(alone, pointwise_kernel, data_format=data_format)


def conv_transpose(
    inputs: TensorLike, kernel: TensorLike, strides: Each = 1, padding: str = "valid",
    output_padding: Each | None = None, data_format: str | None = None, dilation_rate: Each = 1,
) -> Tensor:  # fmt: skip
    """The gradient of `conv` for its inputs: each number is spread over a window of the result.

    Args:
        inputs: as for `conv`.
        kernel: [..., filters, channels].
        strides: from one window of the result to the next.
        padding: ``"valid"``, or ``"same"`` for a result that is ``strides`` times as long.
        output_padding: how much longer the result is at its end; None for what the other arguments say.
        data_format, dilation_rate: as for `conv`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.conv_transpose(tf.ones([1, 3, 1]), tf.ones([2, 4, 1]), strides=2).shape
    TensorShape([1, 6, 4])
    """
    x, w = _plane("conv_transpose", inputs, kernel)
    form, zeros = _format(data_format), _padding("conv_transpose", padding)
    count = len(x.shape) - 2
    lengths = x.shape[2:] if form == "channels_first" else x.shape[1:-1]
    steps, gaps = _each(strides, count), _each(dilation_rate, count)
    extras = [None] * count if output_padding is None else _each(output_padding, count)
    reaches = [(int(taps) - 1) * gap + 1 for taps, gap in zip(w.shape, gaps, strict=False)]
    size = [
        _transposed_length(int(length), reach, step, extra, zeros)
        for length, reach, step, extra in zip(lengths, reaches, steps, extras, strict=True)
    ]
    return transposed("conv_transpose", x, w, tuple(size), steps, zeros, form, gaps)


def _transposed_length(length: int, reach: int, stride: int, extra: int | None, padding: str) -> int:
    """The length of the result of `conv_transpose` along one axis."""
    if extra is None:
        return length * stride if padding == "SAME" else length * stride + max(reach - stride, 0)
    return (length - 1) * stride + extra + (reach % 2 if padding == "SAME" else reach)


def max_pool(
    inputs: TensorLike, pool_size: Each, strides: Each | None = None, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """The largest number of each window of sequences or pictures.

    Args:
        inputs: as for `conv`.
        pool_size: the size of a window.
        strides: from one window to the next; ``pool_size`` by default.
        padding, data_format: as for `conv`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.max_pool(tf.reshape(tf.range(4.0), [1, 4, 1]), 2).numpy().ravel()
    array([1., 3.], dtype=float32)
    """
    zeros = _padding("max_pool", padding)
    steps = pool_size if strides is None else strides
    return pooling_functions.max_pool(
        floating(inputs), pool_size, steps, zeros, _channels(inputs, data_format)
    )


def average_pool(
    inputs: TensorLike, pool_size: Each, strides: Each | None = None, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """The mean of each window of sequences or pictures; arguments as for `max_pool`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.average_pool(tf.reshape(tf.range(4.0), [1, 4, 1]), 2).numpy().ravel()
    array([0.5, 2.5], dtype=float32)
    """
    zeros = _padding("average_pool", padding)
    steps = pool_size if strides is None else strides
    return pooling_functions.avg_pool(
        floating(inputs), pool_size, steps, zeros, _channels(inputs, data_format)
    )


def _channels(inputs: TensorLike, data_format: str | None) -> str:
    """TensorFlow's name of a format."""
    letters = "NCHW" if _format(data_format) == "channels_first" else "NHWC"
    return letters.replace("H", "") if len(tensor(inputs).shape) == 3 else letters


def adaptive_average_pool(inputs: TensorLike, output_size: Each, data_format: str | None = None) -> Tensor:
    """The means of as many windows as the result is to have.

    Args:
        inputs: as for `conv`.
        output_size: the lengths of the result. Window i of n along an axis goes from ``floor(i * length / n)`` to
            ``ceil((i + 1) * length / n)``.
        data_format: as for `conv`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.adaptive_average_pool(tf.reshape(tf.range(6.0), [1, 6, 1]), 2).numpy().ravel()
    array([1., 4.], dtype=float32)
    """
    return _adaptive(ops.reduce_mean, inputs, output_size, data_format)


def adaptive_max_pool(inputs: TensorLike, output_size: Each, data_format: str | None = None) -> Tensor:
    """The largest numbers of as many windows as the result is to have; see `adaptive_average_pool`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.adaptive_max_pool(tf.reshape(tf.range(6.0), [1, 6, 1]), 2).numpy().ravel()
    array([2., 5.], dtype=float32)
    """
    return _adaptive(ops.reduce_max, inputs, output_size, data_format)


def _adaptive(
    reduce: Callable[..., Tensor], inputs: TensorLike, output_size: Each, data_format: str | None
) -> Tensor:
    x = floating(inputs)
    first = 2 if _format(data_format) == "channels_first" else 1
    for axis, wanted in enumerate(_each(output_size, len(x.shape) - 2), first):
        length = int(x.shape[axis])
        if wanted < 1:
            raise InvalidArgumentError(
                f"Adaptive pooling: output_size is {output_size}, expected at least 1."
            )
        windows = [(i * length // wanted, -(-(i + 1) * length // wanted)) for i in range(wanted)]
        parts = [reduce(ops.gather(x, np.arange(low, high), axis=axis), axis, True) for low, high in windows]
        x = ops.concat(parts, axis)
    return x


def depth_to_space(x: TensorLike, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    """Moves channels into blocks: [batch, height, width, channels * n²] -> [batch, height * n, width * n, channels].

    Args:
        x: four axes.
        block_size: n, at least 2.
        data_format: as for `conv`.

    Source: W. Shi et al., "Real-time single image and video super-resolution", 2016.

    >>> import tensorlet as tf
    >>> tf.keras.ops.depth_to_space(tf.reshape(tf.range(4), [1, 1, 1, 4]), 2)[0, :, :, 0].numpy().tolist()
    [[0, 1], [2, 3]]
    """
    _check_block_size("depth_to_space", block_size)
    found, n, first = tensor(x), block_size, _format(data_format) == "channels_first"
    if first:
        batch, channels, height, width = found.shape
        parts = ops.reshape(found, [batch, n, n, channels // n**2, height, width])
        return ops.reshape(
            ops.transpose(parts, [0, 3, 4, 1, 5, 2]), [batch, channels // n**2, height * n, width * n]
        )
    batch, height, width, channels = found.shape
    parts = ops.reshape(found, [batch, height, width, n, n, channels // n**2])
    return ops.reshape(
        ops.transpose(parts, [0, 1, 3, 2, 4, 5]), [batch, height * n, width * n, channels // n**2]
    )


def space_to_depth(x: TensorLike, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    """Moves blocks into channels; the inverse of `depth_to_space`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.space_to_depth(tf.reshape(tf.range(4), [1, 2, 2, 1]), 2).numpy().ravel()
    array([0, 1, 2, 3], dtype=int32)
    """
    _check_block_size("space_to_depth", block_size)
    found, n, first = tensor(x), block_size, _format(data_format) == "channels_first"
    if first:
        batch, channels, height, width = found.shape
        parts = ops.reshape(found, [batch, channels, height // n, n, width // n, n])
        return ops.reshape(
            ops.transpose(parts, [0, 3, 5, 1, 2, 4]), [batch, channels * n**2, height // n, width // n]
        )
    batch, height, width, channels = found.shape
    parts = ops.reshape(found, [batch, height // n, n, width // n, n, channels])
    return ops.reshape(
        ops.transpose(parts, [0, 1, 3, 2, 4, 5]), [batch, height // n, width // n, channels * n**2]
    )


def _check_block_size(function: str, block_size: int) -> None:
    if block_size < 2:
        raise InvalidArgumentError(
            f"{function}: `block_size` must be at least 2. Received: block_size={block_size}."
        )


def unfold(
    x: TensorLike, kernel_size: Each, dilation: Each = 1, padding: Each = 0, stride: Each = 1
) -> Tensor:
    """The windows of pictures, as columns.

    Args:
        x: [batch, channels, height, width].
        kernel_size: the size of a window.
        dilation: from one number of a window to the next.
        padding: zeros at both ends of the height and the width.
        stride: from one window to the next.

    Returns:
        [batch, channels * size of a window, number of windows].

    >>> import tensorlet as tf
    >>> tf.keras.ops.unfold(tf.reshape(tf.range(4.0), [1, 1, 2, 2]), (1, 2)).numpy().tolist()
    [[[0.0, 2.0], [1.0, 3.0]]]
    """
    found = tensor(x)
    if len(found.shape) != 4:
        raise ShapeError(f"unfold: Input must be a 4D tensor. Received a shape of {tuple(found.shape)}.")
    (top, left), size = _each(padding, 2), _each(kernel_size, 2)
    found = ops.pad(found, [[0, 0], [0, 0], [top, top], [left, left]])
    batch, channels = found.shape[:2]
    parts = patches_of_pictures(
        move_channels(found, last=True),
        [1, *size, 1],
        [1, *_each(stride, 2), 1],
        [1, *_each(dilation, 2), 1],
        "VALID",
    )
    count = int(parts.shape[1]) * int(parts.shape[2])
    windows = ops.reshape(parts, [batch, count, size[0] * size[1], channels])
    return ops.reshape(ops.transpose(windows, [0, 3, 2, 1]), [batch, channels * size[0] * size[1], count])


def fold(
    x: TensorLike,
    output_size: Each,
    kernel_size: Each,
    dilation: Each = 1,
    padding: Each = 0,
    stride: Each = 1,
) -> Tensor:
    """The sum of windows in their places; `unfold` made the windows.

    Args:
        x: [batch, channels * size of a window, number of windows].
        output_size: height and width of the result, [batch, channels, height, width].
        kernel_size, dilation, padding, stride: as for `unfold`.

    >>> import tensorlet as tf
    >>> columns = tf.keras.ops.unfold(tf.ones([1, 1, 1, 3]), (1, 2))
    >>> tf.keras.ops.fold(columns, (1, 3), (1, 2)).numpy().ravel()  # the middle is in two windows
    array([1., 2., 1.], dtype=float32)
    """
    found = tensor(x)
    if len(found.shape) != 3:
        raise ShapeError(f"fold: Input must be a 3D tensor. Received a shape of {tuple(found.shape)}.")
    size, (top, left) = _each(kernel_size, 2), _each(padding, 2)
    height, width = (a + 2 * b for a, b in zip(_each(output_size, 2), (top, left), strict=True))
    places = _places_of_windows(height, width, size, _each(dilation, 2), _each(stride, 2))
    batch, count = int(found.shape[0]), size[0] * size[1]
    if found.shape[1] % count or int(found.shape[2]) != places.shape[1]:
        raise ShapeError(
            f"fold: x has shape {tuple(found.shape)}, but windows of {count} numbers, {places.shape[1]} of them, are "
            "expected for this output_size. Pass the arguments that unfold was given."
        )
    channels = int(found.shape[1]) // count
    numbers = ops.transpose(ops.reshape(found, [batch * channels, -1]), [1, 0])
    sums = ops.scatter_nd(places.reshape(-1, 1), numbers, [height * width, batch * channels])
    whole = ops.reshape(ops.transpose(sums, [1, 0]), [batch, channels, height, width])
    return whole[:, :, top : height - top, left : width - left]


def _places_of_windows(
    height: int, width: int, size: Sequence[int], dilation: Sequence[int], stride: Sequence[int]
) -> np.ndarray:
    """The places of the numbers of the windows in a flattened picture, [size of a window, windows]."""
    starts: list[Any] = []
    taps: list[Any] = []
    for length, reach, gap, step in zip((height, width), size, dilation, stride, strict=True):
        starts.append(np.arange(0, length - (reach - 1) * gap, step))
        taps.append(np.arange(reach) * gap)
    rows = taps[0][:, None, None, None] + starts[0][None, None, :, None]
    columns = taps[1][None, :, None, None] + starts[1][None, None, None, :]
    return (rows * width + columns).reshape(size[0] * size[1], -1)
