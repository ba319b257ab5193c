"""`tf.nn.max_pool2d` and its relatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError
from tensorlet.ops import pooling
from tensorlet.ops.picture_arguments import (
    Padding,
    as_pair,
    as_pictures,
    channels_first,
    like_input,
    move_channels,
    pictures,
    place_windows,
    spatial,
)
from tensorlet.ops.registry import Operation, Tensor, TensorLike, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike


def pool_windows(
    function: str,
    record: Operation,
    x: TensorLike,
    ksize: ShapeLike,
    strides: ShapeLike | None,
    padding: Padding,
    data_format: str | None,
    rank: int,
) -> Tensor:
    """Pooling along the one or two spatial axes of a tensor of ``rank`` axes, for the functions and layers."""
    x = pictures(function, "input", x, rank)
    first = channels_first(function, data_format, rank)
    x = move_channels(x, last=True) if first else x
    window = spatial(function, "ksize", ksize, rank - 2, first)
    steps = window if strides is None else spatial(function, "strides", strides, rank - 2, first)
    windows = place_windows(function, padding, x.shape[1:-1], window, steps, (1,) * (rank - 2), first)
    y = record(
        as_pictures(x),
        window=as_pair(window),
        strides=windows.strides,
        before=windows.before,
        size=windows.size,
    )
    y = like_input(y, rank)
    return move_channels(y, last=False) if first else y


def max_pool2d(
    input: TensorLike,
    ksize: ShapeLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = "NHWC",
    name: str | None = None,
) -> Tensor:
    """The maximum of each window, for each channel.

    Args:
        input: a float tensor ``[batch, height, width, channels]``.
        ksize: height and width of a window: one number for both, two, or one for each of the four axes.
        strides: from one window to the next, in the same forms.
        padding: ``"VALID"``: windows stay inside of the pictures; ``"SAME"``: as many windows as strides fit; what
            they cover outside does not count.
        data_format: ``"NHWC"``, or ``"NCHW"`` for ``[batch, channels, height, width]``.
        name: ignored.

    Returns:
        A tensor ``[batch, height, width, channels]`` with a number for each window; NaN where one was in it.

    Raises:
        ShapeError: if the windows are larger than the pictures.

    >>> import tensorlet as tf
    >>> picture = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
    >>> tf.nn.max_pool2d(picture, 2, 2, "VALID")[0, :, :, 0].numpy()
    array([[ 5.,  7.],
           [13., 15.]], dtype=float32)
    """
    return pool_windows(
        "tf.nn.max_pool2d", pooling.max_pool2d, input, ksize, strides, padding, data_format, 4
    )


def avg_pool2d(
    input: TensorLike,
    ksize: ShapeLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = "NHWC",
    name: str | None = None,
) -> Tensor:
    """The mean of each window, for each channel; arguments and errors as for `max_pool2d`.

    >>> import tensorlet as tf
    >>> picture = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
    >>> tf.nn.avg_pool2d(picture, 2, 2, "VALID")[0, :, :, 0].numpy()
    array([[ 2.5,  4.5],
           [10.5, 12.5]], dtype=float32)
    """
    return pool_windows(
        "tf.nn.avg_pool2d", pooling.avg_pool2d, input, ksize, strides, padding, data_format, 4
    )


def max_pool1d(
    input: TensorLike,
    ksize: ShapeLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = "NWC",
    name: str | None = None,
) -> Tensor:
    """The maximum of each window of steps, of ``[batch, steps, channels]``; otherwise as `max_pool2d`.

    >>> import tensorlet as tf
    >>> tf.nn.max_pool1d(tf.reshape([1.0, 3.0, 2.0, 0.0], [1, 4, 1]), 2, 2, "VALID")[0, :, 0].numpy()
    array([3., 2.], dtype=float32)
    """
    return pool_windows(
        "tf.nn.max_pool1d", pooling.max_pool2d, input, ksize, strides, padding, data_format, 3
    )


def avg_pool1d(
    input: TensorLike,
    ksize: ShapeLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = "NWC",
    name: str | None = None,
) -> Tensor:
    """The mean of each window of steps, of ``[batch, steps, channels]``; otherwise as `avg_pool2d`.

    >>> import tensorlet as tf
    >>> tf.nn.avg_pool1d(tf.reshape([1.0, 3.0, 2.0, 0.0], [1, 4, 1]), 2, 2, "VALID")[0, :, 0].numpy()
    array([2., 1.], dtype=float32)
    """
    return pool_windows(
        "tf.nn.avg_pool1d", pooling.avg_pool2d, input, ksize, strides, padding, data_format, 3
    )


def _any_rank(
    function: str,
    record: Operation,
    x: TensorLike,
    ksize: ShapeLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None,
) -> Tensor:
    rank = 3 if len(convert(x).shape) == 3 else 4
    return pool_windows(function, record, x, ksize, strides, padding, data_format, rank)


def max_pool(
    input: TensorLike,
    ksize: ShapeLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """`max_pool1d` or `max_pool2d`, by the number of axes of ``input``; arguments and errors as there.

    >>> import tensorlet as tf
    >>> tf.nn.max_pool(tf.ones([1, 4, 4, 3]), ksize=2, strides=2, padding="SAME").shape
    TensorShape([1, 2, 2, 3])
    """
    return _any_rank("tf.nn.max_pool", pooling.max_pool2d, input, ksize, strides, padding, data_format)


def avg_pool(
    input: TensorLike,
    ksize: ShapeLike,
    strides: ShapeLike,
    padding: Padding,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """`avg_pool1d` or `avg_pool2d`, by the number of axes of ``input``; arguments and errors as there.

    >>> import tensorlet as tf
    >>> tf.nn.avg_pool(tf.ones([1, 4, 4, 3]), ksize=2, strides=2, padding="SAME").shape
    TensorShape([1, 2, 2, 3])
    """
    return _any_rank("tf.nn.avg_pool", pooling.avg_pool2d, input, ksize, strides, padding, data_format)


def pool(
    input: TensorLike,
    window_shape: ShapeLike,
    pooling_type: str,
    strides: ShapeLike | None = None,
    padding: Padding = "VALID",
    data_format: str | None = None,
    dilations: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`max_pool` or `avg_pool`, by ``pooling_type``: ``"MAX"`` or ``"AVG"``.

    Args:
        input, padding, data_format: as there.
        window_shape: as ``ksize`` there.
        pooling_type: ``"MAX"`` or ``"AVG"``.
        strides: from one window to the next; None for 1.
        dilations: must be None or 1.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.nn.pool(tf.ones([1, 4, 4, 3]), [2, 2], "MAX", strides=[2, 2]).shape
    TensorShape([1, 2, 2, 3])
    """
    kinds = {"MAX": pooling.max_pool2d, "AVG": pooling.avg_pool2d}
    if pooling_type not in kinds:
        raise InvalidArgumentError(
            f"tf.nn.pool: pooling_type={pooling_type!r}, but 'MAX' or 'AVG' is expected."
        )
    if dilations is not None and set(spatial("tf.nn.pool", "dilations", dilations, 2)) != {1}:
        raise InvalidArgumentError(f"tf.nn.pool: dilations={dilations!r} is not supported. Leave it out.")
    steps = 1 if strides is None else strides
    return _any_rank("tf.nn.pool", kinds[pooling_type], input, window_shape, steps, padding, data_format)
