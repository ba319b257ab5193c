"""Layers that reduce the steps of a sequence, or the places of a picture, to one."""

from __future__ import annotations

from typing import Any, ClassVar

from tensorlet import ops
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.picture_options import PictureSpec, format_name
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


class _Global(Layer):
    """Base class: the axes between the batch axis and the channels are reduced."""

    config_names = ("data_format", "keepdims")
    spatial_axes: ClassVar[int] = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = format_name(type(self).__name__, data_format)
        self.keepdims = keepdims
        self.input_spec = PictureSpec(ndim=self.spatial_axes + 2)

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes that go away."""
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + self.spatial_axes))


class _OverSteps(_Global):
    """``(examples, steps, features)`` becomes ``(examples, features)``."""

    @property
    def steps_axis(self) -> int:
        """The axis that is reduced."""
        return 1 if self.data_format == "channels_last" else 2


@register("layer")
class GlobalAveragePooling1D(_OverSteps):
    """The mean of all steps: ``(examples, steps, features)`` becomes ``(examples, features)``.

    Steps that an `Embedding` with ``mask_zero=True`` marks as padding are ignored.

    Args:
        data_format: ``"channels_first"`` for ``(examples, features, steps)``.
        keepdims: whether to keep the axis of steps, with length 1.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.GlobalAveragePooling1D()
    >>> layer([[[1.0, 10.0], [3.0, 30.0]]]).numpy()
    array([[ 2., 20.]], dtype=float32)
    >>> layer([[[1.0, 10.0], [3.0, 30.0]]], mask=[[True, False]]).numpy()
    array([[ 1., 10.]], dtype=float32)
    """

    supports_masking = True

    def compute_mask(self, inputs: object, mask: Any = None) -> None:
        """Returns None: the steps are gone."""

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Returns the means."""
        if mask is None:
            return ops.reduce_mean(inputs, self.steps_axis, keepdims=self.keepdims)
        kept = ops.expand_dims(ops.cast(mask, inputs.dtype), 3 - self.steps_axis)
        total = ops.reduce_sum(inputs * kept, self.steps_axis, keepdims=self.keepdims)
        return total / ops.reduce_sum(kept, self.steps_axis, keepdims=self.keepdims)


@register("layer")
class GlobalMaxPooling1D(_OverSteps):
    """The maximum of each feature: ``(examples, steps, features)`` becomes ``(examples, features)``.

    Args:
        data_format: ``"channels_first"`` for ``(examples, features, steps)``.
        keepdims: whether to keep the axis of steps, with length 1.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.GlobalMaxPooling1D()([[[1.0, 30.0], [3.0, 10.0]]]).numpy()
    array([[ 3., 30.]], dtype=float32)
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the maxima."""
        return ops.reduce_max(inputs, self.steps_axis, keepdims=self.keepdims)


@register("layer")
class GlobalAveragePooling2D(_Global):
    """The mean of each channel: ``(examples, height, width, channels)`` becomes ``(examples, channels)``.

    Args:
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``.
        keepdims: keep the axes of height and width, with length 1.
        options: of every layer.

    Source: M. Lin and others, "Network in network", 2014.

    >>> import tensorlet as tf
    >>> tf.keras.layers.GlobalAveragePooling2D()(tf.constant([[[[1.0, 10.0], [3.0, 30.0]]]])).numpy()
    array([[ 2., 20.]], dtype=float32)
    """

    spatial_axes = 2

    def call(self, inputs: Tensor) -> Tensor:
        """The means."""
        return ops.reduce_mean(inputs, self.axes, keepdims=self.keepdims)


@register("layer")
class GlobalMaxPooling2D(_Global):
    """The maximum of each channel; arguments as for `GlobalAveragePooling2D`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.GlobalMaxPooling2D()(tf.constant([[[[1.0, 10.0], [3.0, 30.0]]]])).numpy()
    array([[ 3., 30.]], dtype=float32)
    """

    spatial_axes = 2

    def call(self, inputs: Tensor) -> Tensor:
        """The largest numbers."""
        return ops.reduce_max(inputs, self.axes, keepdims=self.keepdims)
