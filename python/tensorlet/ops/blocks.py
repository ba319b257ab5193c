"""`tf.nn`: blocks of pixels as channels, and channels as blocks of pixels."""

from __future__ import annotations

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions


def _checked(function: str, value: TensorLike, block_size: int, data_format: str) -> Tensor:
    x = convert(value)
    if data_format not in ("NHWC", "NCHW"):
        raise InvalidArgumentError(
            f"{function}: data_format={data_format!r}, but 'NHWC' or 'NCHW' is expected."
        )
    if len(x.shape) != 4:
        axes = (
            "[batch, height, width, channels]"
            if data_format == "NHWC"
            else "[batch, channels, height, width]"
        )
        raise ShapeError(f"{function}: the input has shape {list(x.shape)}, but {axes} is expected.")
    if block_size < 2:
        raise InvalidArgumentError(
            f"{function}: block_size={block_size!r}, but an integer of at least 2 is expected."
        )
    return functions.transpose(x, [0, 2, 3, 1]) if data_format == "NCHW" else x


def depth_to_space(
    input: TensorLike, block_size: int, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """Lays the channels of each pixel out as a block of pixels: more pixels, fewer channels.

    Args:
        input: ``[batch, height, width, channels]``.
        block_size: the height and width of a block; its square divides the number of channels.
        data_format: 'NHWC', or 'NCHW' if the channels come second.
        name: ignored.

    Returns:
        ``[batch, height * block_size, width * block_size, channels / block_size**2]``.

    Raises:
        ShapeError: if the channels cannot be divided so.

    >>> import tensorlet as tf
    >>> tf.nn.depth_to_space(tf.reshape(tf.range(4), [1, 1, 1, 4]), 2)[0, :, :, 0].numpy()
    array([[0, 1],
           [2, 3]], dtype=int32)
    """
    x = _checked("tf.nn.depth_to_space", input, block_size, data_format)
    batch, height, width, channels = x.shape
    if channels % block_size**2:
        raise ShapeError(
            f"tf.nn.depth_to_space: {channels} channels cannot be laid out as blocks of {block_size} x {block_size} "
            f"pixels. Their number must be a multiple of {block_size**2}."
        )
    left = channels // block_size**2
    split = functions.reshape(x, [batch, height, width, block_size, block_size, left])
    moved = functions.transpose(split, [0, 1, 3, 2, 4, 5])
    result = functions.reshape(moved, [batch, height * block_size, width * block_size, left])
    return functions.transpose(result, [0, 3, 1, 2]) if data_format == "NCHW" else result


def space_to_depth(
    input: TensorLike, block_size: int, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """Makes each block of pixels one pixel with more channels; the reverse of `depth_to_space`.

    Args:
        input: ``[batch, height, width, channels]``.
        block_size: the height and width of a block; it divides the height and the width.
        data_format: 'NHWC', or 'NCHW' if the channels come second.
        name: ignored.

    Returns:
        ``[batch, height / block_size, width / block_size, channels * block_size**2]``.

    Raises:
        ShapeError: if the height or the width cannot be divided so.

    >>> import tensorlet as tf
    >>> tf.nn.space_to_depth(tf.reshape(tf.range(4), [1, 2, 2, 1]), 2)[0, 0, 0].numpy()
    array([0, 1, 2, 3], dtype=int32)
    """
    x = _checked("tf.nn.space_to_depth", input, block_size, data_format)
    batch, height, width, channels = x.shape
    if height % block_size or width % block_size:
        raise ShapeError(
            f"tf.nn.space_to_depth: pictures of {height} x {width} pixels cannot be cut into blocks of {block_size} x "
            f"{block_size}. Pad them first, such as with tf.pad."
        )
    tall, wide = height // block_size, width // block_size
    split = functions.reshape(x, [batch, tall, block_size, wide, block_size, channels])
    moved = functions.transpose(split, [0, 1, 3, 2, 4, 5])
    result = functions.reshape(moved, [batch, tall, wide, channels * block_size**2])
    return functions.transpose(result, [0, 3, 1, 2]) if data_format == "NCHW" else result
