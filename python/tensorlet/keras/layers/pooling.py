"""Layers that reduce the steps of a sequence to one."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_spec import InputSpec
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


class _OverSteps(Layer):
    """Base class: ``(examples, steps, features)`` becomes ``(examples, features)``."""

    config_names = ("data_format", "keepdims")

    def __init__(self, data_format: str = "channels_last", keepdims: bool = False, **options: Any) -> None:
        super().__init__(**options)
        if data_format not in ("channels_last", "channels_first", None):
            raise InvalidArgumentError(
                f"{type(self).__name__}: data_format={data_format!r}, but 'channels_last' or 'channels_first' is "
                "expected."
            )
        self.data_format = data_format or "channels_last"
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=3)

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
