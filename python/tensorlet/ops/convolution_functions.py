"""`tf.nn.conv2d` and its relatives: everything that is made of the operations in `convolution`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import ShapeError
from tensorlet.ops import convolution
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.convolution import reach
from tensorlet.ops.picture_arguments import (
    Padding,
    Windows,
    as_pair,
    as_pictures,
    channels_first,
    like_input,
    move_channels,
    pictures,
    place_windows,
    spatial,
)
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike


def inputs_of_convolution(function: str, x: TensorLike, w: TensorLike, rank: int) -> tuple[Tensor, Tensor]:
    x, w = convert_together((x, w))
    x = pictures(function, "input", x, rank)
    if len(w.shape) != rank:
        axes = "[height, width, input channels, output channels]"
        raise ShapeError(
            f"{function}: 'filters' has shape {list(w.shape)}, but {rank} axes are expected"
            f"{': ' + axes if rank == 4 else ''}."
        )
    return x, w


def _within_reach(x: Tensor, windows: Windows, taps: tuple[int, int]) -> tuple[Tensor, Windows]:
    """Pads the pictures first if a window could lie entirely in the padding."""
    lengths, pads, before = tuple(x.shape[1:3]), [], []
    for axis in (0, 1):
        low, size = windows.before[axis], windows.size[axis]
        furthest = (taps[axis] - 1) * windows.dilations[axis]
        last = (size - 1) * windows.strides[axis]
        if low <= furthest and last < lengths[axis] + low:
            pads.append((0, 0))
            before.append(low)
        else:
            needed = reach(size, windows.strides[axis], taps[axis], windows.dilations[axis])
            pads.append((low, max(0, needed - low - lengths[axis])))
            before.append(0)
    if any(pair != (0, 0) for pair in pads):
        x = functions.pad(x, [(0, 0), *pads, (0, 0)])
    return x, windows._replace(before=(before[0], before[1]))


def convolve(
    function: str,
    x: Tensor,
    w: Tensor,
    strides: ShapeLike | None,
    padding: Padding,
    data_format: str | None,
    dilations: ShapeLike | None,
    depthwise: bool = False,
) -> Tensor:
    """Convolution of one or two spatial axes, for the functions and layers.

    Args:
        function: for messages.
        x: as many axes as ``w``.
        w: filters; with ``depthwise`` they are ``[..., channels, multiplier]``.
        strides, padding, data_format, dilations: as for `conv2d`.
        depthwise: each channel has filters of its own.
    """
    rank = len(x.shape)
    first = channels_first(function, data_format, rank)
    x = move_channels(x, last=True) if first else x
    channels = x.shape[-1]
    *taps, filter_channels, count = w.shape
    if filter_channels == 0 or channels % filter_channels or (depthwise and channels != filter_channels):
        raise ShapeError(
            f"{function}: the input channels must match the kernel: the input has {channels} channels, but the "
            f"filters of shape {list(w.shape)} are for {filter_channels}. Their axis -2 must be {channels}"
            f"{'' if depthwise else ', or divide it (a convolution in groups)'}."
        )
    windows = place_windows(
        function, padding, x.shape[1:-1], taps,
        spatial(function, "strides", strides, rank - 2, first),
        spatial(function, "dilations", dilations, rank - 2, first), first,
    )  # fmt: skip
    groups = channels if depthwise else channels // filter_channels
    shape = [*as_pair(taps), 1 if depthwise else filter_channels, count * (channels if depthwise else 1)]
    if shape != list(w.shape):
        w = functions.reshape(w, shape)
    x, windows = _within_reach(as_pictures(x), windows, as_pair(taps))
    y = like_input(convolution.conv2d(x, w, **windows._asdict(), groups=groups), rank)
    return move_channels(y, last=False) if first else y


def conv2d(
    input: TensorLike,
    filters: TensorLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = "NHWC",
    dilations: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Convolution: moves filters over pictures, and sums up filter times picture at every place.

    ``output[b, y, x, f] = sum over i, j, c of input[b, y * stride + i, x * stride + j, c] * filters[i, j, c, f]``

    Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Args:
        input: a float tensor ``[batch, height, width, channels]``.
        filters: ``[height, width, channels, filters]``, of the dtype of ``input``. If the third axis is a divisor of
            the channels, these are convolved in groups.
        strides: how far a filter moves at each step: one number, or one for height and width.
        padding: ``"VALID"``: filters stay inside of the pictures; ``"SAME"``: with stride 1 the output is as large as
            the input, with zeros around it; or ``[before, after]`` zeros for each of the four axes.
        data_format: ``"NHWC"``, or ``"NCHW"`` for ``[batch, channels, height, width]``.
        dilations: from one tap of a filter to the next: one number, or one for height and width.
        name: ignored.

    Returns:
        A tensor ``[batch, height, width, filters]``.

    Raises:
        ShapeError: if the shapes do not fit, or the filters are larger than the pictures.
        DTypeError: if the dtypes differ or are not float.

    >>> import tensorlet as tf
    >>> picture = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.nn.conv2d(picture, tf.ones([2, 2, 1, 1]), strides=1, padding="VALID")[0, :, :, 0].numpy()
    array([[ 8., 12.],
           [20., 24.]], dtype=float32)
    """
    x, w = inputs_of_convolution("tf.nn.conv2d", input, filters, 4)
    return convolve("tf.nn.conv2d", x, w, strides, padding, data_format, dilations)


def conv1d(
    input: TensorLike,
    filters: TensorLike,
    stride: ShapeLike,
    padding: Padding,
    data_format: str | None = "NWC",
    dilations: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Convolution along one axis: of sequences ``[batch, steps, channels]``. Otherwise as `conv2d`.

    Args:
        input: a float tensor ``[batch, steps, channels]``.
        filters: ``[width, channels, filters]``.
        stride: how far a filter moves at each step.
        padding: ``"VALID"`` or ``"SAME"``, or ``[before, after]`` zeros for each axis.
        data_format: ``"NWC"``, or ``"NCW"`` for ``[batch, channels, steps]``.
        dilations: from one tap to the next.
        name: ignored.

    >>> import tensorlet as tf
    >>> steps = tf.reshape([1.0, 2.0, 4.0, 8.0], [1, 4, 1])
    >>> tf.nn.conv1d(steps, tf.reshape([-1.0, 1.0], [2, 1, 1]), stride=1, padding="VALID")[0, :, 0].numpy()
    array([1., 2., 4.], dtype=float32)
    """
    x, w = inputs_of_convolution("tf.nn.conv1d", input, filters, 3)
    return convolve("tf.nn.conv1d", x, w, stride, padding, data_format, dilations)


def convolution_of_any_rank(
    input: TensorLike,
    filters: TensorLike,
    strides: ShapeLike | None = None,
    padding: Padding = "VALID",
    data_format: str | None = None,
    dilations: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`conv1d` or `conv2d`, by the number of axes of ``input``; arguments as there.

    Raises:
        ShapeError: for another number of axes.

    >>> import tensorlet as tf
    >>> tf.nn.convolution(tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1])).shape
    TensorShape([1, 2, 2, 1])
    """
    rank = 3 if len(convert(input).shape) == 3 else 4
    x, w = inputs_of_convolution("tf.nn.convolution", input, filters, rank)
    return convolve("tf.nn.convolution", x, w, strides, padding, data_format, dilations)


def atrous_conv2d(
    value: TensorLike, filters: TensorLike, rate: int, padding: Padding, name: str | None = None
) -> Tensor:
    """`conv2d` with stride 1 and dilation ``rate``; arguments and errors as there.

    >>> import tensorlet as tf
    >>> tf.nn.atrous_conv2d(tf.ones([1, 5, 5, 1]), tf.ones([2, 2, 1, 1]), rate=2, padding="VALID").shape
    TensorShape([1, 3, 3, 1])
    """
    x, w = inputs_of_convolution("tf.nn.atrous_conv2d", value, filters, 4)
    return convolve("tf.nn.atrous_conv2d", x, w, 1, padding, None, rate)


def depthwise_conv(
    function: str,
    x: TensorLike,
    w: TensorLike,
    strides: ShapeLike | None,
    padding: Padding,
    data_format: str | None,
    dilations: ShapeLike | None,
) -> Tensor:
    """Depthwise convolution of one or two spatial axes, for the functions and layers."""
    rank = len(convert(x).shape)
    x, w = inputs_of_convolution(function, x, w, rank if rank in (3, 4) else 4)
    return convolve(function, x, w, strides, padding, data_format, dilations, depthwise=True)


def depthwise_conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = None,
    dilations: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Convolution of each channel with filters of its own.

    Source: L. Sifre, "Rigid-motion scattering for image classification", 2014.

    Args:
        input: a float tensor ``[batch, height, width, channels]``.
        filter: ``[height, width, channels, multiplier]``; filter ``m`` of channel ``c`` gives the output channel
            ``c * multiplier + m``.
        strides, padding, data_format, dilations: as for `conv2d`.
        name: ignored.

    Returns:
        A tensor ``[batch, height, width, channels * multiplier]``.

    >>> import tensorlet as tf
    >>> x = tf.constant([[[[1.0, 10.0], [2.0, 20.0]]]])
    >>> tf.nn.depthwise_conv2d(x, tf.ones([1, 2, 2, 1]), [1, 1, 1, 1], "VALID").numpy()
    array([[[[ 3., 30.]]]], dtype=float32)
    """
    return depthwise_conv("tf.nn.depthwise_conv2d", input, filter, strides, padding, data_format, dilations)


def separable_conv2d(
    input: TensorLike,
    depthwise_filter: TensorLike,
    pointwise_filter: TensorLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = None,
    dilations: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`depthwise_conv2d`, and then a convolution of 1 x 1 that mixes the channels.

    Source: F. Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.

    Args:
        input: a float tensor ``[batch, height, width, channels]``.
        depthwise_filter: ``[height, width, channels, multiplier]``.
        pointwise_filter: ``[1, 1, channels * multiplier, filters]``.
        strides, padding, data_format, dilations: as for `conv2d`.
        name: ignored.

    >>> import tensorlet as tf
    >>> x = tf.constant([[[[1.0, 10.0], [2.0, 20.0]]]])
    >>> tf.nn.separable_conv2d(x, tf.ones([1, 2, 2, 1]), tf.ones([1, 1, 2, 1]), [1, 1, 1, 1], "VALID").numpy()
    array([[[[33.]]]], dtype=float32)
    """
    function = "tf.nn.separable_conv2d"
    y = depthwise_conv(function, input, depthwise_filter, strides, padding, data_format, dilations)
    y, w = inputs_of_convolution(function, y, pointwise_filter, 4)
    return convolve(function, y, w, 1, "VALID", data_format, 1)
