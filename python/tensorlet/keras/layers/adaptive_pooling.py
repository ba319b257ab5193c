"""Pooling to a given size: as many windows as wanted, of nearly the same length."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from tensorlet import ops
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.picture_options import PictureSpec, format_name, numbers
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


def pooled(x: Tensor, size: Sequence[int], first: int, reduce: Callable[..., Tensor]) -> Tensor:
    """Reduces axes to given lengths; of ``n`` places, window ``i`` of ``m`` has those from ``i*n/m`` to ``(i+1)*n/m``.

    The beginning is rounded down and the end up, so that windows may overlap.

    Args:
        x: the inputs.
        size: the new lengths of the axes, from axis ``first`` on.
        first: the first axis.
        reduce: `ops.reduce_mean` or `ops.reduce_max`.
    """
    for axis, count in enumerate(size, first):
        length = x.shape[axis]
        if length % count == 0:
            shape = [*x.shape[:axis], count, length // count, *x.shape[axis + 1 :]]
            x = reduce(ops.reshape(x, shape), axis + 1)
            continue
        bounds = [(i * length // count, math.ceil((i + 1) * length / count)) for i in range(count)]
        windows = [
            reduce(ops.gather(x, list(range(begin, end)), axis=axis), axis, keepdims=True)
            for begin, end in bounds
        ]
        x = ops.concat(windows, axis)
    return x


class _Adaptive(Layer):
    """What all of them have in common."""

    config_names = ("output_size", "data_format")
    spatial_axes: ClassVar[int] = 2
    reduce: ClassVar[Callable[..., Tensor]]

    def __init__(
        self, output_size: int | Sequence[int], data_format: str | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        kind = type(self).__name__
        self.output_size = numbers(kind, "output_size", output_size, self.spatial_axes)
        self.data_format = format_name(kind, data_format)
        self.input_spec = PictureSpec(ndim=self.spatial_axes + 2)

    def call(self, inputs: Tensor) -> Tensor:
        """One number for each window and channel."""
        first = 2 if self.data_format == "channels_first" else 1
        return pooled(inputs, self.output_size, first, type(self).reduce)


@register("layer")
class AdaptiveAveragePooling1D(_Adaptive):
    """The mean of each of ``output_size`` windows of steps: ``(examples, steps, channels)`` gets as many steps.

    The windows cover all steps, and are chosen for the length of the input. If ``output_size`` does not divide it,
    neighboring windows overlap.

    Args:
        output_size: the number of windows.
        data_format: ``"channels_first"`` for ``(examples, channels, steps)``.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: for sizes that are not integers of at least 1.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.AdaptiveAveragePooling1D(2)
    >>> layer(tf.reshape([1.0, 2.0, 6.0], [1, 3, 1]))[0, :, 0].numpy()
    array([1.5, 4. ], dtype=float32)
    """

    spatial_axes = 1
    reduce = staticmethod(ops.reduce_mean)


@register("layer")
class AdaptiveMaxPooling1D(_Adaptive):
    """The maximum of each of ``output_size`` windows of steps; otherwise as `AdaptiveAveragePooling1D`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.AdaptiveMaxPooling1D(2)
    >>> layer(tf.reshape([1.0, 2.0, 6.0], [1, 3, 1]))[0, :, 0].numpy()
    array([2., 6.], dtype=float32)
    """

    spatial_axes = 1
    reduce = staticmethod(ops.reduce_max)


@register("layer")
class AdaptiveAveragePooling2D(_Adaptive):
    """The mean of each of ``output_size`` windows: ``(examples, height, width, channels)`` gets that height and width.

    Args:
        output_size: the height and width of the result; one number for both.
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: for sizes that are not integers of at least 1.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.AdaptiveAveragePooling2D((1, 2))
    >>> layer(tf.reshape(tf.range(8.0), [1, 2, 4, 1]))[0, :, :, 0].numpy()
    array([[2.5, 4.5]], dtype=float32)
    """

    reduce = staticmethod(ops.reduce_mean)


@register("layer")
class AdaptiveMaxPooling2D(_Adaptive):
    """The maximum of each of ``output_size`` windows of pictures; otherwise as `AdaptiveAveragePooling2D`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.AdaptiveMaxPooling2D((1, 2))
    >>> layer(tf.reshape(tf.range(8.0), [1, 2, 4, 1]))[0, :, :, 0].numpy()
    array([[5., 7.]], dtype=float32)
    """

    reduce = staticmethod(ops.reduce_max)
