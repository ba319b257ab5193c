"""`tf.nn.conv2d_transpose` and its relatives: the gradients of convolutions for their inputs, as functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import convolution
from tensorlet.ops.arguments import static_integers
from tensorlet.ops.convolution_functions import inputs_of_convolution
from tensorlet.ops.picture_arguments import (
    Padding,
    as_pair,
    as_pictures,
    channels_first,
    like_input,
    move_channels,
    place_windows,
    spatial,
)
from tensorlet.ops.registry import Tensor, TensorLike, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike


def transposed(
    function: str,
    x: TensorLike,
    filters: TensorLike,
    size: tuple[int, ...],
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None,
    dilations: ShapeLike | None,
) -> Tensor:
    """The gradient of a convolution of one or two spatial axes, whose pictures have the size ``size``.

    Raises:
        ShapeError: if a convolution of such pictures does not give something of the size of ``x``.
    """
    rank = len(size) + 2
    x, w = inputs_of_convolution(function, x, filters, rank)
    first = channels_first(function, data_format, rank)
    x = move_channels(x, last=True) if first else x
    *taps, channels, filter_count = w.shape
    if filter_count != x.shape[-1]:
        raise ShapeError(
            f"{function}: the input channels must match the kernel: the input has {x.shape[-1]} channels, but the "
            f"filters of shape {list(w.shape)} are for {filter_count}: they are [..., output channels, input channels]."
        )
    steps = spatial(function, "strides", strides, rank - 2, first)
    gaps = spatial(function, "dilations", dilations, rank - 2, first)
    windows = place_windows(function, padding, size, taps, steps, gaps, first)
    if windows.size != as_pair(x.shape[1:-1]):
        made = " x ".join(map(str, windows.size[4 - rank :]))
        given = " x ".join(map(str, x.shape[1:-1]))
        raise ShapeError(
            f"{function}: an output of {' x '.join(map(str, size))} would come from an input of {made}, but the input "
            f"has {given}. Change output_shape, strides or padding."
        )
    w = functions.reshape(w, [*as_pair(taps), channels, filter_count])
    attributes = {**windows._asdict(), "size": as_pair(size)}
    y = like_input(convolution.conv2d_input_gradient(as_pictures(x), w, **attributes, groups=1), rank)
    return move_channels(y, last=False) if first else y


def conv2d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: ShapeLike,
    padding: Padding = "SAME",
    data_format: str | None = "NHWC",
    dilations: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv2d` for its input: each number is spread over a window of the result.

    It makes pictures larger where a convolution with the same strides makes them smaller. (Also called deconvolution,
    which it is not.)

    Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Args:
        input: a float tensor ``[batch, height, width, channels]``.
        filters: ``[height, width, output channels, channels]``.
        output_shape: the shape of the result; only its height and width are used.
        strides, padding, data_format, dilations: as for `conv2d`.
        name: ignored.

    Raises:
        ShapeError: if the shapes do not fit.

    >>> import tensorlet as tf
    >>> x = tf.reshape([1.0, 2.0], [1, 1, 2, 1])
    >>> tf.nn.conv2d_transpose(x, tf.ones([1, 2, 1, 1]), [1, 1, 4, 1], strides=[1, 2])[0, 0, :, 0].numpy()
    array([1., 1., 2., 2.], dtype=float32)
    """
    function = "tf.nn.conv2d_transpose"
    shape = static_integers(function, "output_shape", output_shape)
    if len(shape) not in (2, 4):
        raise InvalidArgumentError(
            f"{function}: output_shape={output_shape!r}, but four numbers are expected."
        )
    if len(shape) == 4:
        shape = shape[2:] if channels_first(function, data_format, 4) else shape[1:3]
    return transposed(function, input, filters, shape, strides, padding, data_format, dilations)


def conv1d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: ShapeLike,
    padding: Padding = "SAME",
    data_format: str | None = "NWC",
    dilations: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv1d` for its input; arguments and errors as for `conv2d_transpose`.

    Args:
        input: a float tensor ``[batch, steps, channels]``.
        filters: ``[width, output channels, channels]``.
        output_shape: the shape of the result; only its number of steps is used.
        strides, padding, data_format, dilations: as for `conv1d`.
        name: ignored.

    >>> import tensorlet as tf
    >>> x = tf.reshape([1.0, 2.0], [1, 2, 1])
    >>> tf.nn.conv1d_transpose(x, tf.ones([2, 1, 1]), [1, 4, 1], strides=2)[0, :, 0].numpy()
    array([1., 1., 2., 2.], dtype=float32)
    """
    function = "tf.nn.conv1d_transpose"
    shape = static_integers(function, "output_shape", output_shape)
    if len(shape) not in (1, 3):
        raise InvalidArgumentError(
            f"{function}: output_shape={output_shape!r}, but three numbers are expected."
        )
    if len(shape) == 3:
        shape = shape[2:] if channels_first(function, data_format, 3) else shape[1:2]
    return transposed(function, input, filters, shape, strides, padding, data_format, dilations)
