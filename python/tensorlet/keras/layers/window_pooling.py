"""Layers that bring each window of a picture or sequence down to one number a channel."""

from __future__ import annotations

from typing import Any, ClassVar

from tensorlet import ops
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.convolution import Lengths
from tensorlet.keras.layers.picture_options import PictureSpec, format_name, numbers, padding_name
from tensorlet.ops.pooling_functions import pool_windows
from tensorlet.ops.registry import Operation, Tensor
from tensorlet.registry import register


class _Windows(Layer):
    """What all of them have in common."""

    config_names = ("pool_size", "padding", "strides", "data_format")
    spatial_axes: ClassVar[int] = 2
    operation: ClassVar[Operation]

    def __init__(
        self,
        pool_size: Lengths = 2,
        strides: Lengths | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        kind, count = type(self).__name__, self.spatial_axes
        self.pool_size = numbers(kind, "pool_size", pool_size, count)
        self.strides = self.pool_size if strides is None else numbers(kind, "strides", strides, count)
        self.padding = padding_name(kind, padding)
        self.data_format = format_name(kind, data_format)
        self.input_spec = PictureSpec(ndim=count + 2)

    def call(self, inputs: Tensor) -> Tensor:
        """One number for each window and channel."""
        return pool_windows(
            type(self).__name__, self.operation, inputs, self.pool_size, self.strides, self.padding.upper(),
            self.data_format, self.spatial_axes + 2,
        )  # fmt: skip


@register("layer")
class MaxPooling2D(_Windows):
    """The maximum of each window, for each channel.

    Inputs of shape ``(examples, height, width, channels)`` become smaller by ``strides``.

    Args:
        pool_size: height and width of a window; one number for both.
        strides: from one window to the next; None for the size of a window.
        padding: ``"valid"``: windows stay inside of the picture; ``"same"``: the last ones may stand out.
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``.
        options: of every layer.

    Raises:
        InvalidArgumentError: for sizes that are not integers of at least 1.
        ShapeError: when called, if the windows are larger than the pictures.

    >>> import tensorlet as tf
    >>> tf.keras.layers.MaxPooling2D()(tf.reshape(tf.range(16.0), [1, 4, 4, 1]))[0, :, :, 0].numpy()
    array([[ 5.,  7.],
           [13., 15.]], dtype=float32)
    """

    operation = ops.max_pool2d


@register("layer")
class AveragePooling2D(_Windows):
    """The mean of each window, for each channel; arguments and errors as for `MaxPooling2D`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.AveragePooling2D()(tf.reshape(tf.range(16.0), [1, 4, 4, 1]))[0, :, :, 0].numpy()
    array([[ 2.5,  4.5],
           [10.5, 12.5]], dtype=float32)
    """

    operation = ops.avg_pool2d


@register("layer")
class MaxPooling1D(_Windows):
    """The maximum of each window of steps, of ``(examples, steps, channels)``; otherwise as `MaxPooling2D`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.MaxPooling1D()(tf.reshape([1.0, 3.0, 2.0, 0.0], [1, 4, 1]))[0, :, 0].numpy()
    array([3., 2.], dtype=float32)
    """

    config_names = ("strides", "pool_size", "padding", "data_format")
    spatial_axes = 1
    operation = ops.max_pool2d


@register("layer")
class AveragePooling1D(_Windows):
    """The mean of each window of steps, of ``(examples, steps, channels)``; otherwise as `MaxPooling2D`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.AveragePooling1D()(tf.reshape([1.0, 3.0, 2.0, 0.0], [1, 4, 1]))[0, :, 0].numpy()
    array([2., 1.], dtype=float32)
    """

    config_names = ("strides", "pool_size", "padding", "data_format")
    spatial_axes = 1
    operation = ops.avg_pool2d
