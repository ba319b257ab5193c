"""Layers with filters for each channel by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.core.shape import TensorShape
from tensorlet.core.variable import Variable
from tensorlet.keras import constraints, initializers, regularizers
from tensorlet.keras.layers.convolution import Filters, Lengths
from tensorlet.keras.layers.picture_options import count_of
from tensorlet.ops.convolution_functions import convolve, depthwise_conv
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier


class _Depthwise(Filters):
    """Base class of the depthwise layers."""

    config_names = (
        "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "activation", "use_bias",
        "bias_initializer", "bias_regularizer", "activity_regularizer", "bias_constraint", "depth_multiplier",
        "depthwise_initializer", "depthwise_regularizer", "depthwise_constraint",
    )  # fmt: skip

    def __init__(
        self,
        kernel_size: Lengths,
        strides: Lengths = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Lengths = 1,
        activation: Identifier | None = None,
        use_bias: bool = True,
        depthwise_initializer: Identifier | None = "glorot_uniform",
        bias_initializer: Identifier | None = "zeros",
        depthwise_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        depthwise_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            (bias_initializer, bias_regularizer, bias_constraint), activity_regularizer, **options,
        )  # fmt: skip
        self.depth_multiplier = count_of(type(self).__name__, "depth_multiplier", depth_multiplier)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)

    def build(self, input_shape: TensorShape) -> None:
        """Creates the filters, of shape (*kernel_size, channels, depth_multiplier), and the bias."""
        channels = self.take_channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer, regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )  # fmt: skip
        self.add_bias(channels * self.depth_multiplier)

    @property
    def kernel(self) -> Variable:
        """Keras 3's name of ``depthwise_kernel``."""
        return self.depthwise_kernel

    def call(self, inputs: Tensor) -> Tensor:
        """Convolves each channel with its filters, adds the bias and applies the activation."""
        sums = depthwise_conv(
            type(self).__name__, self.as_floats(inputs), self.depthwise_kernel, self.strides,
            self.padding_of_steps(), self.data_format, self.dilation_rate,
        )  # fmt: skip
        return self.finish(sums)


@register("layer")
class DepthwiseConv2D(_Depthwise):
    """Convolution of each channel with filters of its own.

    Inputs of shape ``(examples, height, width, channels)`` become ``(examples, height, width, channels *
    depth_multiplier)``; the depthwise kernel has the shape ``(*kernel_size, channels, depth_multiplier)``.

    Args:
        kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias: as for `Conv2D`.
        depth_multiplier: filters for each channel.
        depthwise_initializer, bias_initializer: the initial weights.
        depthwise_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        depthwise_constraint, bias_constraint: applied after each update.
        options: of every layer.

    Source: L. Sifre, "Rigid-motion scattering for image classification", 2014.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.DepthwiseConv2D((1, 2), depthwise_initializer="ones")
    >>> layer(tf.constant([[[[1.0, 10.0], [2.0, 20.0]]]])).numpy()
    array([[[[ 3., 30.]]]], dtype=float32)
    """

    spatial_axes = 2


@register("layer")
class DepthwiseConv1D(_Depthwise):
    """`DepthwiseConv2D` for sequences ``(examples, steps, channels)``.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.DepthwiseConv1D(2, depthwise_initializer="ones")
    >>> layer(tf.constant([[[1.0, 10.0], [2.0, 20.0]]])).numpy()
    array([[[ 3., 30.]]], dtype=float32)
    """

    spatial_axes = 1


class _Separable(Filters):
    """Base class of the separable layers."""

    config_names = (
        "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "activation",
        "use_bias", "bias_initializer", "bias_regularizer", "activity_regularizer", "bias_constraint",
        "depth_multiplier", "depthwise_initializer", "pointwise_initializer", "depthwise_regularizer",
        "pointwise_regularizer", "depthwise_constraint", "pointwise_constraint",
    )  # fmt: skip

    def __init__(
        self,
        filters: int,
        kernel_size: Lengths,
        strides: Lengths = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Lengths = 1,
        depth_multiplier: int = 1,
        activation: Identifier | None = None,
        use_bias: bool = True,
        depthwise_initializer: Identifier | None = "glorot_uniform",
        pointwise_initializer: Identifier | None = "glorot_uniform",
        bias_initializer: Identifier | None = "zeros",
        depthwise_regularizer: Identifier | None = None,
        pointwise_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        depthwise_constraint: Identifier | None = None,
        pointwise_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **options: Any,
    ) -> None:
        for unused in ("kernel_initializer", "kernel_regularizer", "kernel_constraint"):  # in Keras's files
            options.pop(unused, None)
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            (bias_initializer, bias_regularizer, bias_constraint), activity_regularizer, **options,
        )  # fmt: skip
        kind = type(self).__name__
        self.filters = count_of(kind, "filters", filters)
        self.depth_multiplier = count_of(kind, "depth_multiplier", depth_multiplier)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.pointwise_constraint = constraints.get(pointwise_constraint)

    def build(self, input_shape: TensorShape) -> None:
        """Creates the depthwise and the pointwise filters, and the bias."""
        channels = self.take_channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer, regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )  # fmt: skip
        ones = (1,) * self.spatial_axes
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel", (*ones, channels * self.depth_multiplier, self.filters),
            initializer=self.pointwise_initializer, regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )  # fmt: skip
        self.add_bias(self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        """Convolves each channel with its filters, then mixes the channels at each position."""
        kind, x = type(self).__name__, self.as_floats(inputs)
        x = depthwise_conv(
            kind, x, self.depthwise_kernel, self.strides, self.padding_of_steps(), self.data_format,
            self.dilation_rate,
        )  # fmt: skip
        return self.finish(convolve(kind, x, self.pointwise_kernel, 1, "VALID", self.data_format, 1))


@register("layer")
class SeparableConv2D(_Separable):
    """`DepthwiseConv2D`, followed by a convolution of 1 x 1 that mixes the channels, with one bias and activation.

    Args:
        filters: the number of outputs of each place.
        kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias: as for `Conv2D`.
        depth_multiplier: depthwise filters for each channel.
        depthwise_initializer, pointwise_initializer, bias_initializer: the initial weights.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer: penalties added to the
            loss.
        depthwise_constraint, pointwise_constraint, bias_constraint: applied after each update.
        options: of every layer.

    Source: F. Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.SeparableConv2D(
    ...     1, (1, 2), depthwise_initializer="ones", pointwise_initializer="ones"
    ... )
    >>> layer(tf.constant([[[[1.0, 10.0], [2.0, 20.0]]]])).numpy()
    array([[[[33.]]]], dtype=float32)
    """

    spatial_axes = 2


@register("layer")
class SeparableConv1D(_Separable):
    """`SeparableConv2D` for sequences ``(examples, steps, channels)``; ``padding`` may be ``"causal"``.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.SeparableConv1D(1, 2, depthwise_initializer="ones", pointwise_initializer="ones")
    >>> layer(tf.constant([[[1.0, 10.0], [2.0, 20.0]]])).numpy()
    array([[[33.]]], dtype=float32)
    """

    spatial_axes = 1
    paddings = ("valid", "same", "causal")
