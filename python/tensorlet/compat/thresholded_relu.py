"""A layer of Keras 2 that was removed in Keras 3."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.compat.deprecation import warn_legacy
from tensorlet.keras.layers.base import Layer
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


@register("layer")
class ThresholdedReLU(Layer):
    """``x`` if it is greater than ``theta``, otherwise 0.

    Args:
        theta: the threshold.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.ThresholdedReLU(1.0)(tf.constant([0.5, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    supports_masking = True
    config_names = ("theta",)

    def __init__(self, theta: float = 1.0, **options: Any) -> None:
        warn_legacy("layers.ThresholdedReLU(theta)", "layers.ReLU(threshold=theta)")
        super().__init__(**options)
        self.theta = float(theta)

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the threshold."""
        return ops.where(inputs > self.theta, inputs, 0.0)
