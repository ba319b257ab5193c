"""Long short-term memory with convolutions: `ConvLSTM1D` and `ConvLSTM2D`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import activations, constraints, initializers, regularizers
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.convolution import Lengths
from tensorlet.keras.layers.core import positive_integer
from tensorlet.keras.layers.input_spec import InputSpec
from tensorlet.keras.layers.picture_options import format_name, known_channels, numbers, padding_name
from tensorlet.keras.layers.sequences.cells import StateSize, rate_of
from tensorlet.keras.layers.sequences.dropout import Masks
from tensorlet.keras.layers.sequences.loops import Stepper
from tensorlet.keras.layers.sequences.lstm import forgetting_bias
from tensorlet.keras.layers.sequences.rnn import LayerOfCell
from tensorlet.ops.convolution_functions import convolve
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Config, Identifier

#: The arguments of the cell, in the order of Keras's configurations.
ARGUMENTS = (
    "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "activation",
    "recurrent_activation", "use_bias", "kernel_initializer", "recurrent_initializer", "bias_initializer",
    "unit_forget_bias", "kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "kernel_constraint",
    "recurrent_constraint", "bias_constraint", "dropout", "recurrent_dropout",
)  # fmt: skip


class ConvLSTMCell(Layer):
    """The computation of one step of a `ConvLSTM2D`.

    Args:
        axes: the number of axes that the filters move along.
        arguments: those of the layer that belong to the cell, by name.
        options: of every layer.
    """

    config_names = ARGUMENTS

    def __init__(self, axes: int, arguments: dict[str, Any], **options: Any) -> None:
        self.seed = options.pop("seed", None)
        super().__init__(**options)
        kind = f"ConvLSTM{axes}D"
        self.axes = axes
        self.filters = positive_integer(kind, "filters", arguments["filters"])
        self.kernel_size = numbers(kind, "kernel_size", arguments["kernel_size"], axes)
        self.strides = numbers(kind, "strides", arguments["strides"], axes)
        self.padding = padding_name(kind, arguments["padding"])
        self.data_format = format_name(kind, arguments["data_format"])
        self.dilation_rate = numbers(kind, "dilation_rate", arguments["dilation_rate"], axes)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidArgumentError(
                f"{kind}: strides={self.strides} and dilation_rate={self.dilation_rate} are both larger than 1. Only "
                "one of the two may be: set the other to 1."
            )
        self.activation = activations.get(arguments["activation"])
        self.recurrent_activation = activations.get(arguments["recurrent_activation"])
        self.use_bias = bool(arguments["use_bias"])
        self.unit_forget_bias = bool(arguments["unit_forget_bias"])
        self.dropout = rate_of(kind, "dropout", arguments["dropout"])
        self.recurrent_dropout = rate_of(kind, "recurrent_dropout", arguments["recurrent_dropout"])
        for name in ARGUMENTS:
            for ending, module in (
                ("initializer", initializers), ("regularizer", regularizers), ("constraint", constraints),
            ):  # fmt: skip
                if name.endswith(ending):
                    setattr(self, name, module.get(arguments[name]))
        self.bias: Variable | None = None
        #: The shape of a state without the examples; known once the layer has been called.
        self._state_shape = TensorShape([self.filters])

    @property
    def channels_axis(self) -> int:
        """The axis of the channels in the inputs of a step."""
        return 1 if self.data_format == "channels_first" else self.axes + 1

    @property
    def state_size(self) -> StateSize:
        """The shapes of the output and of the memory."""
        return [self._state_shape, self._state_shape]

    def build(self, input_shape: TensorShape) -> None:
        """Creates the kernels, of shape (*kernel_size, channels, 4 * filters), and the bias."""
        channels = known_channels(f"ConvLSTM{self.axes}D", self.name, input_shape, self.channels_axis)
        self.kernel = self._weight("kernel", "kernel", (*self.kernel_size, channels, 4 * self.filters))
        self.recurrent_kernel = self._weight(
            "recurrent_kernel", "recurrent", (*self.kernel_size, self.filters, 4 * self.filters)
        )
        if self.use_bias:
            self.bias = self._weight("bias", "bias", (4 * self.filters,))

    def _weight(self, name: str, part: str, shape: tuple[int, ...]) -> Variable:
        initializer = getattr(self, f"{part}_initializer")
        if name == "bias" and self.unit_forget_bias:
            initializer = forgetting_bias(initializer, self.filters)
        return self.add_weight(
            name, shape, initializer=initializer, regularizer=getattr(self, f"{part}_regularizer"),
            constraint=getattr(self, f"{part}_constraint"),
        )  # fmt: skip

    def take_steps(self, steps: Tensor) -> None:
        """Finds the shape of the states for inputs of shape (steps, examples, ...)."""
        self._state_shape = TensorShape(self._part(self._convolved(steps[0], self.kernel), 0).shape[1:])

    def _part(self, sums: Tensor, number: int) -> Tensor:
        """One of the four blocks of channels."""
        part = slice(number * self.filters, (number + 1) * self.filters)
        return sums[:, part] if self.data_format == "channels_first" else sums[..., part]

    def _convolved(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """The convolution of the inputs of a step, or of inputs of shape (steps, examples, ...)."""
        leading = list(inputs.shape[: -self.axes - 1])
        rows = inputs if len(leading) == 1 else ops.reshape(inputs, [-1, *inputs.shape[-self.axes - 1 :]])
        sums = convolve(
            f"ConvLSTM{self.axes}D", rows, kernel, self.strides, self.padding.upper(), self.data_format,
            self.dilation_rate,
        )  # fmt: skip
        return sums if len(leading) == 1 else ops.reshape(sums, [*leading, *sums.shape[1:]])

    def starting(self, batch: int, training: bool, constants: object = None) -> Stepper:
        """Returns the computation of a step, with the dropout of this call; see `LSTMCell`."""
        axis = -self.axes - 1 if self.data_format == "channels_first" else -1
        masks = self._masks(self.recurrent_dropout, [batch, *self._state_shape], training)
        gate, activation = self.recurrent_activation, self.activation
        same_place = [1] * self.axes

        def project(steps: Tensor) -> Tensor:
            drawn = self._masks(self.dropout, steps.shape[1:], training)
            sums = drawn.product(steps, self.kernel, self._convolved, gates=4, axis=axis)
            shape = [-1, *[1] * self.axes] if self.data_format == "channels_first" else [-1]
            return sums if self.bias is None else sums + ops.reshape(self.bias, shape)

        def of_state(hidden: Tensor, kernel: Tensor) -> Tensor:
            return convolve(
                f"ConvLSTM{self.axes}D", hidden, kernel, same_place, "SAME", self.data_format, same_place
            )

        def advance(x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
            hidden, memory = states
            sums = x + masks.product(hidden, self.recurrent_kernel, of_state, gates=4, axis=axis)
            kept = gate(self._part(sums, 1)) * memory
            memory = kept + gate(self._part(sums, 0)) * activation(self._part(sums, 2))
            hidden = gate(self._part(sums, 3)) * activation(memory)
            return hidden, [hidden, memory]

        return Stepper(project, advance, gives_state=True)

    def _masks(self, rate: float, shape: Sequence[int], training: bool) -> Masks:
        """The masks of a call: one for each gate."""
        return Masks.drawn(rate, shape, 4, self.dtype, self.seed, training)

    def call(self, inputs: Tensor, states: Any, training: bool | None = None) -> tuple[Tensor, list[Tensor]]:
        """Computes one step."""
        step = self.starting(inputs.shape[0], bool(training))
        output, following = step.advance(step.project(inputs[None])[0], list(states))
        return output, following


#: The default of the activation of the gates: "hard_sigmoid" in Keras 2, "sigmoid" in Keras 3.
OF_THE_GENERATION = "default of the generation"


class ConvLSTM(LayerOfCell):
    """Base class of `ConvLSTM1D` and `ConvLSTM2D`."""

    #: The number of axes that filters move along.
    spatial_axes: ClassVar[int] = 2
    of_cell = ARGUMENTS

    def __init__(
        self,
        filters: int,
        kernel_size: Lengths,
        strides: Lengths = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Lengths = 1,
        activation: Identifier | None = "tanh",
        recurrent_activation: Identifier | None = OF_THE_GENERATION,
        use_bias: bool = True,
        kernel_initializer: Identifier | None = "glorot_uniform",
        recurrent_initializer: Identifier | None = "orthogonal",
        bias_initializer: Identifier | None = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Identifier | None = None,
        recurrent_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        recurrent_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **options: Any,
    ) -> None:
        if isinstance(recurrent_activation, str) and recurrent_activation == OF_THE_GENERATION:
            recurrent_activation = "sigmoid" if keras_generation() == 3 else "hard_sigmoid"
        given = locals()
        arguments = {name: given[name] for name in ARGUMENTS}
        cell = ConvLSTMCell(
            self.spatial_axes,
            arguments,
            name="cell",
            dtype=options.get("dtype"),
            seed=options.pop("seed", None),
        )
        super().__init__(cell, activity_regularizer=activity_regularizer, **options)
        self.input_spec = InputSpec(ndim=self.spatial_axes + 3)

    def _build_cell(self, shape: Any) -> None:
        self.cell._own.path = self.weight_prefix
        self.cell.build_for(shape)

    def _create_states(self, batch: int | None) -> None:
        if batch is None:
            super()._create_states(batch)  # raises the error
        # The shape of the states is known when the layer is called.

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool | None = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> Any:
        """Runs the cell over the steps; see `RNN.call`."""
        self.cell.take_steps(self._steps_first(inputs))
        if self.stateful and self._states is None:
            super()._create_states(inputs.shape[self.batch_axis])
        return super().call(inputs, mask, training, initial_state)

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates a layer from the output of `get_config`."""
        return cls(**config)


@register("layer", "ConvLSTM2D")
class ConvLSTM2D(ConvLSTM):
    """An `LSTM` for sequences of pictures, whose products are convolutions.

    Inputs of shape ``(examples, steps, height, width, channels)`` become the output of the last step,
    ``(examples, height, width, filters)``, or with ``return_sequences`` those of all steps. The convolution of the
    state keeps its size: zeros are added around it.

    Args:
        filters: the number of filters, and of channels of the output.
        kernel_size, strides, padding, data_format, dilation_rate: of the convolution of the inputs, as for `Conv2D`.
        activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout: as for `LSTM`;
            each gate has dropped elements of its own.
        options: ``return_sequences``, ``return_state``, ``go_backwards`` and ``stateful`` as for `RNN`, ``seed`` of
            the dropout, and those of every layer.

    Raises:
        InvalidArgumentError: for arguments outside of their range.
        ShapeError: when called, for inputs with another number of axes.

    Source: X. Shi and others, "Convolutional LSTM network: a machine learning approach for precipitation
    nowcasting", 2015.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.ConvLSTM2D(4, 3, padding="same", return_sequences=True)
    >>> layer(tf.ones([2, 5, 6, 7, 1])).shape, [w.shape.as_list() for w in layer.weights]
    (TensorShape([2, 5, 6, 7, 4]), [[3, 3, 1, 16], [3, 3, 4, 16], [16]])
    """

    spatial_axes = 2


@register("layer", "ConvLSTM1D")
class ConvLSTM1D(ConvLSTM):
    """An `LSTM` for sequences of rows ``(examples, steps, rows, channels)``; arguments as for `ConvLSTM2D`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.ConvLSTM1D(4, 3)(tf.ones([2, 5, 8, 1])).shape
    TensorShape([2, 6, 4])
    """

    spatial_axes = 1
