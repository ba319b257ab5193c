"""Layers that convolve: `Conv1D` and `Conv2D`, and what all layers with filters have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import activations, constraints, initializers, regularizers
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.low_rank import LowRank, adapted
from tensorlet.keras.layers.picture_options import (
    PictureSpec,
    count_of,
    format_name,
    known_channels,
    numbers,
    padding_name,
)
from tensorlet.ops.convolution_functions import convolve
from tensorlet.ops.picture_arguments import Padding
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier

Lengths = int | Sequence[int]


class Filters(Layer):
    """What all layers with filters have in common: the arguments on how filters move, the bias and the activation."""

    #: The number of axes that filters move along.
    spatial_axes: ClassVar[int] = 2
    #: The paddings that the layer takes.
    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")

    def __init__(
        self,
        kernel_size: Lengths,
        strides: Lengths,
        padding: str,
        data_format: str | None,
        dilation_rate: Lengths,
        activation: Identifier | None,
        use_bias: bool,
        bias: tuple[Identifier | None, Identifier | None, Identifier | None],
        activity_regularizer: Identifier | None,
        **options: Any,
    ) -> None:
        groups = options.pop("groups", 1)
        super().__init__(activity_regularizer=activity_regularizer, **options)
        kind, count = type(self).__name__, self.spatial_axes
        self.kernel_size = numbers(kind, "kernel_size", kernel_size, count)
        self.strides = numbers(kind, "strides", strides, count)
        self.padding = padding_name(kind, padding, self.paddings)
        self.data_format = format_name(kind, data_format)
        self.dilation_rate = numbers(kind, "dilation_rate", dilation_rate, count)
        self.groups = count_of(kind, "groups", groups)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(bias[0])
        self.bias_regularizer = regularizers.get(bias[1])
        self.bias_constraint = constraints.get(bias[2])
        self.bias: Variable | None = None
        self.input_spec = PictureSpec(ndim=count + 2)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidArgumentError(
                f"{kind}: strides={self.strides} and dilation_rate={self.dilation_rate} are both larger than 1. Only "
                "one of the two may be: set the other to 1."
            )

    @property
    def channels_axis(self) -> int:
        """The axis of the channels."""
        return 1 if self.data_format == "channels_first" else self.spatial_axes + 1

    def take_channels(self, input_shape: TensorShape) -> int:
        """The number of channels of the inputs, which are from now on expected to have as many."""
        axis = self.channels_axis
        channels = known_channels(type(self).__name__, self.name, input_shape, axis)
        self.input_spec = PictureSpec(ndim=self.spatial_axes + 2, axes={axis: channels})
        return channels

    def add_bias(self, count: int) -> None:
        """Creates the bias, if one is used."""
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", (count,), initializer=self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip

    def finish(self, sums: Tensor) -> Tensor:
        """Adds the bias and applies the activation."""
        if self.bias is not None:
            bias: Any = self.bias
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, [-1, *[1] * self.spatial_axes])
            sums = sums + bias
        return sums if self.activation is None else self.activation(sums)

    def padding_of_steps(self) -> Padding:
        """The padding as the operations take it; "causal" has all zeros before the steps."""
        if self.padding == "causal":
            return [[self.dilation_rate[0] * (self.kernel_size[0] - 1), 0]]
        return self.padding.upper()

    def as_floats(self, inputs: Tensor) -> Tensor:
        """Converts integers, such as the bytes of pictures, to floats."""
        return inputs if inputs.dtype.name == self.dtype else ops.cast(inputs, self.dtype)


class Convolution(LowRank, Filters):
    """Base class of `Conv1D` and `Conv2D`."""

    kernel = adapted("kernel")
    config_names: tuple[str, ...] = (
        "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "activation",
        "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer",
        "activity_regularizer", "kernel_constraint", "bias_constraint",
    )  # fmt: skip

    def __init__(
        self,
        filters: int,
        kernel_size: Lengths,
        strides: Lengths = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Lengths = 1,
        groups: int = 1,
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
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            (bias_initializer, bias_regularizer, bias_constraint), activity_regularizer, groups=groups, **options,
        )  # fmt: skip
        kind = type(self).__name__
        self.filters = count_of(kind, "filters", filters)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        if self.filters % self.groups:
            raise InvalidArgumentError(
                f"{kind}: filters={self.filters} cannot be divided into groups={self.groups} equal groups."
            )

    def build(self, input_shape: TensorShape) -> None:
        """Creates the filters, of shape (*kernel_size, channels / groups, filters), and the bias."""
        channels = self.take_channels(input_shape)
        if channels % self.groups:
            raise InvalidArgumentError(
                f'{type(self).__name__} layer "{self.name}": its input has {channels} channels, which cannot be '
                f"divided into groups={self.groups} equal groups."
            )
        self.kernel = self.add_weight(
            "kernel", (*self.kernel_size, channels // self.groups, self.filters),
            initializer=self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        self.add_bias(self.filters)
        self.adapt_if_asked()

    def call(self, inputs: Tensor) -> Tensor:
        """Convolves the inputs with the filters, adds the bias and applies the activation."""
        sums = convolve(
            type(self).__name__, self.as_floats(inputs), self.kernel, self.strides, self.padding_of_steps(),
            self.data_format, self.dilation_rate,
        )  # fmt: skip
        return self.finish(sums)


@register("layer")
class Conv2D(Convolution):
    """Convolution: moves filters over pictures; each output is a filter times the window that it lies over.

    Inputs of shape ``(examples, height, width, channels)`` become ``(examples, height, width, filters)``; the kernel
    has the shape ``(*kernel_size, channels / groups, filters)``, the bias ``(filters,)``.

    Args:
        filters: the number of filters.
        kernel_size: height and width of a filter; one number for both.
        strides: from one window to the next.
        padding: ``"valid"``: filters stay inside of the picture; ``"same"``: with zeros around it, so that with
            ``strides=1`` the output is as large as the input.
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``, which is transposed there and
            back; None for the setting of `tf.keras.backend.set_image_data_format`.
        dilation_rate: from one tap of a filter to the next.
        groups: the channels are cut into so many groups, each with filters of its own.
        activation: a name or a function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the initial weights.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: applied after each update.
        options: of every layer.

    Raises:
        InvalidArgumentError: for sizes that are not integers of at least 1.
        ShapeError: when called, if the filters are larger than the pictures.

    Source: Y. LeCun and others, "Gradient-based learning applied to document recognition", 1998.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Conv2D(1, 2, kernel_initializer="ones")
    >>> layer(tf.reshape(tf.range(9.0), [1, 3, 3, 1]))[0, :, :, 0].numpy()
    array([[ 8., 12.],
           [20., 24.]], dtype=float32)
    """

    spatial_axes = 2


@register("layer")
class Conv1D(Convolution):
    """Convolution along the steps of sequences ``(examples, steps, channels)``; arguments as for `Conv2D`.

    ``padding="causal"`` has all zeros before the first step, so that no output depends on later steps.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Conv1D(1, 2, padding="causal", kernel_initializer="ones")
    >>> layer(tf.reshape([1.0, 2.0, 4.0], [1, 3, 1]))[0, :, 0].numpy()
    array([1., 3., 6.], dtype=float32)
    """

    spatial_axes = 1
    paddings = ("valid", "same", "causal")
