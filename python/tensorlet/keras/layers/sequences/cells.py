"""What the cells of recurrent layers have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.nest import flatten
from tensorlet.core.shape import TensorShape
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import activations, constraints, initializers, regularizers
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.core import positive_integer
from tensorlet.keras.layers.sequences.dropout import Masks
from tensorlet.keras.layers.sequences.loops import Stepper
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, Identifier

#: The shape of a state without the axis of the examples: one length, a shape, or several of these.
StateSize = Any


def is_several(state_size: StateSize) -> bool:
    """Whether a cell has several states, rather than one."""
    return isinstance(state_size, list | tuple) and not isinstance(state_size, TensorShape)


def shapes_of_states(state_size: StateSize, batch: int) -> Any:
    """Returns the shapes of the states of a batch, in the structure of ``state_size``."""
    if isinstance(state_size, TensorShape):
        return TensorShape([batch, *state_size])
    if isinstance(state_size, list | tuple):
        return [shapes_of_states(one, batch) for one in state_size]
    return TensorShape([batch, int(state_size)])


def zero_states(state_size: StateSize, batch: int, dtype: DTypeLike) -> Any:
    """Returns states of 0, in the structure of ``state_size``.

    >>> from tensorlet.keras.layers.sequences.cells import zero_states
    >>> [state.shape.as_list() for state in zero_states([2, 3], 4, "float32")]
    [[4, 2], [4, 3]]
    """
    shapes = shapes_of_states(state_size, batch)

    def filled(shape: Any) -> Any:
        return (
            ops.zeros(list(shape), dtype)
            if isinstance(shape, TensorShape)
            else [filled(one) for one in shape]
        )

    return filled(shapes)


def initial_states(cell: Any, batch: int, dtype: DTypeLike) -> tuple[Any, bool]:
    """Returns the states with which a cell begins, and whether they are known to be 0.

    Args:
        cell: any cell. Its ``get_initial_state`` takes ``inputs``, ``batch_size`` and ``dtype`` in Keras 2, and
            ``batch_size`` in Keras 3.
        batch: the number of examples.
        dtype: of the states.
    """
    make = getattr(cell, "get_initial_state", None)
    if make is None or _makes_zeros(cell):
        return zero_states(cell.state_size, batch, dtype), True
    known = inspect.signature(make).parameters
    takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known.values())
    options = {"inputs": None, "batch_size": batch, "dtype": dtype}
    return make(**{name: value for name, value in options.items() if takes_all or name in known}), False


def build_inside(outer: Layer, inner: Layer, input_shape: Any) -> None:
    """Builds a layer inside another one, whose name comes first in the names of its weights."""
    if not inner.built:
        inner._own.path = f"{outer.weight_prefix}{inner.name}/"
        inner.build_for(input_shape)


def _makes_zeros(cell: Any) -> bool:
    return getattr(type(cell), "get_initial_state", None) in (
        RecurrentCell.get_initial_state, AbstractRNNCell.get_initial_state,
    )  # fmt: skip


class RecurrentCell(Layer):
    """Base class of the cells defined here, whose inputs are multiplied with the kernel for all steps at once."""

    #: Columns of the kernel for each unit.
    gates = 1
    #: Whether a layer of this cell, such as `LSTM`, runs it without writing each step out.
    in_loop_of_layer = False

    def __init__(
        self,
        units: int,
        activation: Identifier | None,
        use_bias: bool,
        initial: Sequence[Identifier | None],
        penalties: Sequence[Identifier | None],
        limits: Sequence[Identifier | None],
        rates: tuple[float, float],
        **options: Any,
    ) -> None:
        self.seed = options.pop("seed", None)
        given = options.pop("implementation", 2)
        self.implementation = 1 if rates[1] or given == 1 else 2
        super().__init__(**options)
        kind = type(self).__name__
        self.units = positive_integer(kind, "units", units)
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer, self.recurrent_initializer, self.bias_initializer = map(
            initializers.get, initial
        )
        self.kernel_regularizer, self.recurrent_regularizer, self.bias_regularizer = map(
            regularizers.get, penalties
        )
        self.kernel_constraint, self.recurrent_constraint, self.bias_constraint = map(constraints.get, limits)
        self.dropout = rate_of(kind, "dropout", rates[0])
        self.recurrent_dropout = rate_of(kind, "recurrent_dropout", rates[1])
        self.bias: Variable | None = None

    @property
    def state_size(self) -> StateSize:
        """The lengths of the states."""
        return self.units

    @property
    def output_size(self) -> int:
        """The length of the output."""
        return self.units

    def build(self, input_shape: TensorShape) -> None:
        """Creates the kernel of shape (features, gates * units), the recurrent kernel, and the bias."""
        features = input_shape[-1]
        if features is None:
            raise ShapeError(
                f'{type(self).__name__} "{self.name}": the last axis of its input has no fixed length (shape '
                f"{tuple(input_shape)}). Give the number of features: input_shape=(steps, features)."
            )
        width = self.gates * self.units
        self.kernel = self.add_weight(
            "kernel", (features, width), initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel", (self.units, width), initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer, constraint=self.recurrent_constraint,
        )  # fmt: skip
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", self.bias_shape(), initializer=self.initial_bias(), regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip

    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""
        return (self.gates * self.units,)

    def initial_bias(self) -> Any:
        """The initializer of the bias."""
        return self.bias_initializer

    def get_initial_state(
        self, inputs: Tensor | None = None, batch_size: int | None = None, dtype: DTypeLike | None = None
    ) -> Any:
        """Returns states of 0.

        Args:
            inputs: a batch, whose length and dtype are taken where the other two are missing.
            batch_size: the number of examples.
            dtype: of the states.
        """
        return _zeros_for(self, inputs, batch_size, dtype)

    def starting(self, batch: int, training: bool, constants: object = None) -> Stepper:
        """Returns the computation of a step, with the dropout of this call.

        Args:
            batch: the number of examples.
            training: whether elements are dropped.
            constants: not taken by these cells.
        """
        advance = self.advancing(self._masks(self.recurrent_dropout, [batch, self.units], training))
        each_step = self.in_loop_of_layer and keras_generation() == 2 and self.is_fused_in_keras_2()
        masks = None if each_step else self._masks(self.dropout, [batch, self.kernel.shape[0]], training)

        def project(inputs: Tensor) -> Tensor:
            if masks is not None:
                return self.projected(inputs, masks)
            drawn = Masks.drawn(self.dropout, inputs.shape, 1, self.dtype, self.seed, training)
            return self.projected(inputs, drawn)

        return Stepper(project, lambda x, states: _with_output(advance(x, states)), gives_state=True)

    def _masks(self, rate: float, shape: list[int], training: bool) -> Masks:
        count = self.gates if self.implementation == 1 else 1
        return Masks.drawn(rate, shape, count, self.dtype, self.seed, training)

    def is_fused_in_keras_2(self) -> bool:
        """Whether Keras 2 has a fused kernel for the layer of this cell, in which each step has a mask of its own."""
        return False

    def projected(self, inputs: Tensor, masks: Masks) -> Tensor:
        """Returns ``inputs @ kernel + bias``, for one step or for all at once.

        Args:
            inputs: of shape (..., features).
            masks: of the dropout.
        """
        sums = masks.product(inputs, self.kernel, _product_of_rows, gates=self.gates)
        bias = self.input_bias()
        return sums if bias is None else sums + bias

    def input_bias(self) -> Any:
        """The bias that is added to the product with the inputs; None for no bias."""
        return self.bias

    def advancing(self, masks: Masks) -> Callable[[Tensor, list[Tensor]], list[Tensor]]:
        """Returns the function from the projected inputs of a step, and the states, to the next states.

        Args:
            masks: applied to the state that is multiplied with the recurrent kernel.
        """
        raise NotImplementedError

    def call(self, inputs: Tensor, states: Any, training: bool | None = None) -> tuple[Tensor, Any]:
        """Computes one step.

        Args:
            inputs: of shape (examples, features).
            states: the states, a list; for a cell with one state also the state itself.
            training: whether elements are dropped.

        Returns:
            The output and the next states, in the structure of ``states``.
        """
        if not inputs.dtype.is_floating:
            inputs = ops.cast(inputs, self.dtype)
        step = self.starting(inputs.shape[0], bool(training))
        output, following = step.advance(step.project(inputs), [self._state(one) for one in flatten(states)])
        return output, following if isinstance(states, list | tuple) else following[0]

    def _state(self, value: object) -> Tensor:
        return ops.cast(value, self.dtype)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        config = super().get_config()
        if self.implementation == 1 and not self.recurrent_dropout:
            config["implementation"] = 1
        return config if self.seed is None else config | {"seed": self.seed}


def _product_of_rows(inputs: Tensor, kernel: Tensor) -> Tensor:
    """The matrix product of inputs of shape (..., features) with a kernel."""
    leading = list(inputs.shape[:-1])
    rows = inputs if len(leading) == 1 else ops.reshape(inputs, [-1, inputs.shape[-1]])
    sums: Tensor = ops.matmul(rows, kernel)
    return sums if len(leading) == 1 else ops.reshape(sums, [*leading, sums.shape[-1]])


def _with_output(states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    return states[0], states


def fused_in_keras_2(cell: RecurrentCell, recurrent_activation: object) -> bool:
    """Whether a cell has the activations and options for which Keras 2 has a fused kernel."""
    return (
        cell.activation is activations.tanh
        and recurrent_activation is activations.sigmoid
        and cell.use_bias
        and not cell.recurrent_dropout
    )


def rate_of(layer: str, argument: str, value: object) -> float:
    """Checks that a rate is a number from 0 to 1, and returns it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidArgumentError(
            f"{layer}: {argument}={value!r}, but a number from 0 to 1 is expected: the fraction of elements to drop."
        )
    return value


def _zeros_for(cell: Any, inputs: Any, batch_size: int | None, dtype: DTypeLike | None) -> Any:
    if inputs is not None:
        batch_size, dtype = inputs.shape[0], inputs.dtype if dtype is None else dtype
    if batch_size is None:
        raise InvalidArgumentError(
            f"{type(cell).__name__}.get_initial_state: batch_size is missing. Pass the number of examples, or inputs."
        )
    return zero_states(cell.state_size, batch_size, cell.dtype if dtype is None else dtype)


@register("layer")
class AbstractRNNCell(Layer):
    """Base class for cells of the user's own.

    A subclass defines ``call(inputs, states)``, which returns the output of a step and the next states, and the
    properties ``state_size`` and ``output_size``. `RNN` runs it over sequences. Any layer with these works as well.

    >>> import tensorlet as tf
    >>> class Sum(tf.keras.layers.AbstractRNNCell):
    ...     state_size = output_size = 2
    ...     def call(self, inputs, states):
    ...         total = states[0] + inputs
    ...         return total, [total]
    >>> tf.keras.layers.RNN(Sum())(tf.constant([[[1.0, 2.0], [3.0, 4.0]]])).numpy()
    array([[4., 6.]], dtype=float32)
    """

    state_size: StateSize
    output_size: StateSize

    def get_initial_state(
        self, inputs: Tensor | None = None, batch_size: int | None = None, dtype: DTypeLike | None = None
    ) -> Any:
        """Returns states of 0; see `LSTMCell.get_initial_state`."""
        return _zeros_for(self, inputs, batch_size, dtype)
