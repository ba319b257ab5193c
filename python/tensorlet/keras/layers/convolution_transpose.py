"""Layers that run a convolution backwards: from small pictures to large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.convolution import Convolution, Lengths
from tensorlet.keras.layers.picture_options import numbers
from tensorlet.ops.registry import Tensor
from tensorlet.ops.transposed_convolutions import transposed
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier


class _Transposed(Convolution):
    """Base class of the transposed layers."""

    config_names = (*Convolution.config_names, "output_padding")
    can_be_adapted = False

    def __init__(
        self,
        filters: int,
        kernel_size: Lengths,
        strides: Lengths = 1,
        padding: str = "valid",
        output_padding: Lengths | None = None,
        data_format: str | None = None,
        dilation_rate: Lengths = 1,
        activation: Identifier | None = None,
        use_bias: bool = True,
        kernel_initializer: Identifier | None = "glorot_uniform",
        bias_initializer: Identifier | None = "zeros",
        kernel_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, options.pop("groups", 1), activation,
            use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
            activity_regularizer, kernel_constraint, bias_constraint, **options,
        )  # fmt: skip
        self.output_padding: tuple[int, ...] | None = None
        kind = type(self).__name__
        if self.groups != 1:
            raise InvalidArgumentError(f"{kind}: groups={self.groups}, but it has no groups. Leave it out.")
        if output_padding is None:
            return
        self.output_padding = numbers(kind, "output_padding", output_padding, self.spatial_axes, least=0)
        for stride, extra in zip(self.strides, self.output_padding, strict=True):
            if extra >= stride:
                raise InvalidArgumentError(
                    f"{kind}: output_padding={self.output_padding}, but `output_padding` must be strictly less than "
                    f"`strides`, which are {self.strides}."
                )

    def build(self, input_shape: TensorShape) -> None:
        """Creates the filters, of shape (*kernel_size, filters, channels), and the bias."""
        channels = self.take_channels(input_shape)
        self.kernel = self.add_weight(
            "kernel", (*self.kernel_size, self.filters, channels), initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.add_bias(self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        """Spreads each number over a window of the output, adds the bias and applies the activation."""
        first = self.channels_axis == 1
        lengths = inputs.shape[2:] if first else inputs.shape[1:-1]
        extras = self.output_padding or (None,) * self.spatial_axes
        axes = zip(lengths, self.kernel_size, self.strides, self.dilation_rate, extras, strict=True)
        size = tuple(
            self._length(length, (taps - 1) * dilation + 1, stride, extra)
            for length, taps, stride, dilation, extra in axes
        )
        sums = transposed(
            type(self).__name__, self.as_floats(inputs), self.kernel, size, self.strides, self.padding.upper(),
            self.data_format, self.dilation_rate,
        )  # fmt: skip
        return self.finish(sums)

    def _length(self, length: int, reach: int, stride: int, extra: int | None) -> int:
        """The length of the output along one axis."""
        if extra is None:
            return length * stride if self.padding == "same" else length * stride + max(reach - stride, 0)
        start = (length - 1) * stride + reach
        return start + extra - (2 * (reach // 2) if self.padding == "same" else 0)


@register("layer")
class Conv2DTranspose(_Transposed):
    """The gradient of a convolution as a layer: each number is spread over a window of a larger picture.

    Inputs of shape ``(examples, height, width, channels)`` become about ``strides`` times larger: with
    ``padding="same"`` exactly so. The kernel has the shape ``(*kernel_size, filters, channels)``.

    Args:
        filters: the number of channels of the output.
        kernel_size: height and width of a window.
        strides: from one window to the next, in the output.
        padding: ``"valid"``, or ``"same"`` for an output that is ``strides`` times as large as the input.
        output_padding: how much larger the output is at its end; None for what the other arguments say.
        data_format, dilation_rate, activation, use_bias: as for `Conv2D`.
        kernel_initializer, bias_initializer: the initial weights.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: applied after each update.
        options: of every layer.

    Source: M. Zeiler and others, "Deconvolutional networks", 2010.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Conv2DTranspose(1, 2, strides=2, kernel_initializer="ones")
    >>> layer(tf.reshape([1.0, 2.0], [1, 1, 2, 1]))[0, :, :, 0].numpy()
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.]], dtype=float32)
    """

    spatial_axes = 2


@register("layer")
class Conv1DTranspose(_Transposed):
    """`Conv2DTranspose` for sequences ``(examples, steps, channels)``.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Conv1DTranspose(1, 2, strides=2, kernel_initializer="ones")
    >>> layer(tf.reshape([1.0, 2.0], [1, 2, 1]))[0, :, 0].numpy()
    array([1., 1., 2., 2.], dtype=float32)
    """

    spatial_axes = 1
