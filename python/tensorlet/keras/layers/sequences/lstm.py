"""Long short-term memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.keras import activations
from tensorlet.keras.layers.sequences.cells import RecurrentCell, StateSize, fused_in_keras_2
from tensorlet.keras.layers.sequences.dropout import Masks
from tensorlet.keras.layers.sequences.rnn import LayerOfCell, cell_options
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, Identifier

#: The arguments of the cell, in the order of Keras's configurations.
ARGUMENTS = (
    "units", "activation", "recurrent_activation", "use_bias", "kernel_initializer", "recurrent_initializer",
    "bias_initializer", "unit_forget_bias", "kernel_regularizer", "recurrent_regularizer", "bias_regularizer",
    "kernel_constraint", "recurrent_constraint", "bias_constraint", "dropout", "recurrent_dropout",
)  # fmt: skip


def forgetting_bias(others: Callable[..., Any], units: int) -> Callable[..., Any]:
    """Returns the initializer of a bias whose second quarter, that of the forget gate, is 1.

    Args:
        others: the initializer of the other quarters.
        units: the length of a quarter.
    """

    def initial(shape: Any, dtype: DTypeLike | None = None) -> np.ndarray:
        first = np.asarray(others((units,), dtype=dtype))
        last = np.asarray(others((2 * units,), dtype=dtype))
        return np.concatenate([first, np.ones_like(first), last])

    return initial


@register("layer")
class LSTMCell(RecurrentCell):
    """The computation of one step of an `LSTM`.

    With inputs x, output h and memory c of the step before, and four blocks i, f, g, o of columns of the kernels::

        i, f, o = recurrent_activation(x @ kernel + h @ recurrent_kernel + bias)   # each with its own block
        g = activation(x @ kernel + h @ recurrent_kernel + bias)
        c = f * c + i * g
        h = o * activation(c)

    Args:
        units: the length of h and of c.
        activation: of g and of the memory.
        recurrent_activation: of the gates i, f and o.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: the initial weights.
        unit_forget_bias: whether the bias of the forget gate f starts at 1 (R. Jozefowicz and others, 2015).
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout: the fraction of the inputs that is dropped in training.
        recurrent_dropout: the fraction of h that is dropped in training before the product; if it is not 0, each gate
            has dropped elements of its own, of the inputs too.
        options: of every layer; ``seed`` of the dropout; ``implementation``: 1 for dropped inputs of each gate's own.

    Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory", 1997; F. Gers and others, 2000.

    >>> import tensorlet as tf
    >>> cell = tf.keras.layers.LSTMCell(2)
    >>> output, (h, c) = cell(tf.ones([3, 5]), cell.get_initial_state(batch_size=3))
    >>> output.shape, bool(tf.reduce_all(output == h))
    (TensorShape([3, 2]), True)
    """

    gates = 4
    config_names = ARGUMENTS

    def __init__(
        self,
        units: int,
        activation: Identifier | None = "tanh",
        recurrent_activation: Identifier | None = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Identifier | None = "glorot_uniform",
        recurrent_initializer: Identifier | None = "orthogonal",
        bias_initializer: Identifier | None = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Identifier | None = None,
        recurrent_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        recurrent_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, (kernel_initializer, recurrent_initializer, bias_initializer),
            (kernel_regularizer, recurrent_regularizer, bias_regularizer),
            (kernel_constraint, recurrent_constraint, bias_constraint), (dropout, recurrent_dropout), **options,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = bool(unit_forget_bias)

    @property
    def state_size(self) -> StateSize:
        """The lengths of the output and of the memory."""
        return [self.units, self.units]

    def initial_bias(self) -> Any:
        """The initializer of the bias: 1 for the forget gate, if wanted."""
        return (
            forgetting_bias(self.bias_initializer, self.units)
            if self.unit_forget_bias
            else self.bias_initializer
        )

    def is_fused_in_keras_2(self) -> bool:
        """Whether Keras 2 has a fused kernel for the layer: for the defaults, without `recurrent_dropout`."""
        return fused_in_keras_2(self, self.recurrent_activation)

    def advancing(self, masks: Masks) -> Callable[[Tensor, list[Tensor]], list[Tensor]]:
        """Returns the function from the projected inputs and the states to the next states."""
        gate, activation, units = self.recurrent_activation, self.activation, self.units
        kernel = self.recurrent_kernel

        def advance(x: Tensor, states: list[Tensor]) -> list[Tensor]:
            hidden, memory = states
            sums = x + masks.product(hidden, kernel, ops.matmul, gates=4)
            kept = gate(sums[:, units : 2 * units]) * memory
            memory = kept + gate(sums[:, :units]) * activation(sums[:, 2 * units : 3 * units])
            return [gate(sums[:, 3 * units :]) * activation(memory), memory]

        return advance


@register("layer", "LSTM")
class LSTM(LayerOfCell):
    """Long short-term memory: a recurrent layer whose memory is changed through gates; see `LSTMCell`.

    Inputs of shape ``(examples, steps, features)`` become ``(examples, units)``, or with ``return_sequences``
    ``(examples, steps, units)``. The kernel has the shape ``(features, 4 * units)``, the recurrent kernel
    ``(units, 4 * units)`` and the bias ``(4 * units,)``.

    Args:
        units: the length of the output.
        activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer: as for `LSTMCell`.
        activity_regularizer: a penalty on the outputs, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: as for `LSTMCell`.
        dropout, recurrent_dropout: as for `LSTMCell`. The dropped elements are the same in all steps of a call; but
            in programs for Keras 2, each step has its own if ``recurrent_dropout`` is 0, and ``activation``,
            ``recurrent_activation``, ``use_bias`` and ``unroll`` are the defaults, as Keras 2 does.
        return_sequences, return_state, go_backwards, stateful: as for `RNN`.
        options: ``time_major``, ``unroll`` and ``zero_output_for_mask`` as for `RNN`, ``seed`` of the dropout, and
            those of every layer.

    Raises:
        InvalidArgumentError: for arguments outside of their range.
        ShapeError: when called, for inputs that are not sequences.

    Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory", 1997; dropout as in Y. Gal and
    Z. Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks", 2016.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.LSTM(4, return_sequences=True, return_state=True)
    >>> outputs, hidden, memory = layer(tf.ones([2, 5, 3]))
    >>> outputs.shape, memory.shape, [w.shape.as_list() for w in layer.weights]
    (TensorShape([2, 5, 4]), TensorShape([2, 4]), [[3, 16], [4, 16], [16]])
    >>> bool(tf.reduce_all(outputs[:, -1] == hidden))
    True
    """

    of_cell = ARGUMENTS

    def __init__(
        self,
        units: int,
        activation: Identifier | None = "tanh",
        recurrent_activation: Identifier | None = "sigmoid",
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **options: Any,
    ) -> None:
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout,
            **cell_options("lstm_cell", options),
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful,
            activity_regularizer=activity_regularizer, **options,
        )  # fmt: skip
