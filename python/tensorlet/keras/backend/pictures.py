"""Convolution, pooling and resizing under the names and with the arguments of ``tf.keras.backend``."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import config
from tensorlet.ops import convolution_functions as convolutions
from tensorlet.ops import image_resizing, pooling_functions, transposed_convolutions
from tensorlet.ops.picture_arguments import Padding, move_channels
from tensorlet.ops.registry import Tensor, TensorLike, convert

Pair = int | Sequence[int]


def _format(data_format: str | None) -> str:
    return config.image_data_format() if data_format is None else data_format


def _padding(padding: str) -> str:
    return padding.upper() if isinstance(padding, str) else padding


def conv1d(
    x: TensorLike,
    kernel: TensorLike,
    strides: int = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int = 1,
) -> Tensor:
    """`tf.nn.conv1d`; ``padding`` may be ``"causal"``.

    >>> from tensorlet.keras import backend as K
    >>> K.conv1d(K.ones((1, 4, 1)), K.ones((2, 1, 1))).shape
    TensorShape([1, 3, 1])
    """
    zeros: Padding = _padding(padding)
    if padding == "causal":
        zeros = [[dilation_rate * (convert(kernel).shape[0] - 1), 0]]
    return convolutions.conv1d(x, kernel, strides, zeros, _format(data_format), dilation_rate)


def conv2d(
    x: TensorLike,
    kernel: TensorLike,
    strides: Pair = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Pair = (1, 1),
) -> Tensor:
    """`tf.nn.conv2d`.

    >>> from tensorlet.keras import backend as K
    >>> K.conv2d(K.ones((1, 4, 4, 1)), K.ones((2, 2, 1, 3))).shape
    TensorShape([1, 3, 3, 3])
    """
    return convolutions.conv2d(x, kernel, strides, _padding(padding), _format(data_format), dilation_rate)


def conv2d_transpose(
    x: TensorLike,
    kernel: TensorLike,
    output_shape: Sequence[int],
    strides: Pair = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Pair = (1, 1),
) -> Tensor:
    """`tf.nn.conv2d_transpose`.

    >>> from tensorlet.keras import backend as K
    >>> K.conv2d_transpose(K.ones((1, 2, 2, 1)), K.ones((2, 2, 3, 1)), (1, 4, 4, 3), 2).shape
    TensorShape([1, 4, 4, 3])
    """
    return transposed_convolutions.conv2d_transpose(
        x, kernel, output_shape, strides, _padding(padding), _format(data_format), dilation_rate
    )


def depthwise_conv2d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    strides: Pair = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Pair = (1, 1),
) -> Tensor:
    """`tf.nn.depthwise_conv2d`.

    >>> from tensorlet.keras import backend as K
    >>> K.depthwise_conv2d(K.ones((1, 4, 4, 2)), K.ones((2, 2, 2, 1))).shape
    TensorShape([1, 3, 3, 2])
    """
    return convolutions.depthwise_conv2d(
        x, depthwise_kernel, strides, _padding(padding), _format(data_format), dilation_rate
    )


def separable_conv2d(
    x: TensorLike,
    depthwise_kernel: TensorLike,
    pointwise_kernel: TensorLike,
    strides: Pair = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Pair = (1, 1),
) -> Tensor:
    """`tf.nn.separable_conv2d`.

    >>> from tensorlet.keras import backend as K
    >>> K.separable_conv2d(K.ones((1, 4, 4, 2)), K.ones((2, 2, 2, 1)), K.ones((1, 1, 2, 5))).shape
    TensorShape([1, 3, 3, 5])
    """
    return convolutions.separable_conv2d(
        x, depthwise_kernel, pointwise_kernel, strides, _padding(padding), _format(data_format), dilation_rate
    )


def pool2d(
    x: TensorLike,
    pool_size: Pair,
    strides: Pair = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> Tensor:
    """`tf.nn.max_pool2d`, or with ``pool_mode="avg"`` `tf.nn.avg_pool2d`.

    >>> from tensorlet.keras import backend as K
    >>> K.pool2d(K.ones((1, 4, 4, 2)), (2, 2), (2, 2)).shape
    TensorShape([1, 2, 2, 2])
    """
    kinds = {"max": pooling_functions.max_pool2d, "avg": pooling_functions.avg_pool2d}
    if pool_mode not in kinds:
        raise InvalidArgumentError(f"pool2d: pool_mode={pool_mode!r}, but 'max' or 'avg' is expected.")
    return kinds[pool_mode](x, pool_size, strides, _padding(padding), _format(data_format))


def resize_images(
    x: TensorLike, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> Tensor:
    """Pictures that are larger by whole factors; see `tf.image.resize`.

    >>> from tensorlet.keras import backend as K
    >>> K.resize_images(K.ones((1, 2, 2, 3)), 2, 3, "channels_last").shape
    TensorShape([1, 4, 6, 3])
    """
    tensor = convert(x)
    first = data_format == "channels_first"
    tensor = move_channels(tensor, last=True) if first else tensor
    size = [tensor.shape[1] * height_factor, tensor.shape[2] * width_factor]
    larger = image_resizing.resize(tensor, size, interpolation)
    return move_channels(larger, last=False) if first else larger


def temporal_padding(x: TensorLike, padding: Sequence[int] = (1, 1)) -> Tensor:
    """Zeros before and after the steps of ``[batch, steps, channels]``.

    >>> from tensorlet.keras import backend as K
    >>> K.temporal_padding(K.ones((1, 2, 3))).shape
    TensorShape([1, 4, 3])
    """
    return ops.pad(convert(x), [(0, 0), tuple(padding), (0, 0)])


def spatial_2d_padding(
    x: TensorLike, padding: Sequence[Sequence[int]] = ((1, 1), (1, 1)), data_format: str | None = None
) -> Tensor:
    """Zeros around pictures.

    >>> from tensorlet.keras import backend as K
    >>> K.spatial_2d_padding(K.ones((1, 2, 2, 3))).shape
    TensorShape([1, 4, 4, 3])
    """
    margins = [tuple(pair) for pair in padding]
    first = _format(data_format) == "channels_first"
    return ops.pad(convert(x), [(0, 0), (0, 0), *margins] if first else [(0, 0), *margins, (0, 0)])
