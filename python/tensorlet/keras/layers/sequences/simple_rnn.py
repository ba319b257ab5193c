"""The simplest recurrent layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.keras.layers.sequences.cells import RecurrentCell
from tensorlet.keras.layers.sequences.dropout import Masks
from tensorlet.keras.layers.sequences.rnn import LayerOfCell, cell_options
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier

#: The arguments of the cell, in the order of Keras's configurations.
ARGUMENTS = (
    "units", "activation", "use_bias", "kernel_initializer", "recurrent_initializer", "bias_initializer",
    "kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "kernel_constraint",
    "recurrent_constraint", "bias_constraint", "dropout", "recurrent_dropout",
)  # fmt: skip


@register("layer")
class SimpleRNNCell(RecurrentCell):
    """The computation of one step of a `SimpleRNN`: ``h = activation(x @ kernel + h @ recurrent_kernel + bias)``.

    Args:
        units: the length of h.
        activation: a name or a function.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: the initial weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout: the fraction of the inputs that is dropped in training.
        recurrent_dropout: the fraction of h that is dropped in training before the product.
        options: of every layer, and ``seed`` of the dropout.

    Source: J. Elman, "Finding structure in time", 1990.

    >>> import tensorlet as tf
    >>> cell = tf.keras.layers.SimpleRNNCell(1, activation="linear", kernel_initializer="ones",
    ...                                      recurrent_initializer="ones")
    >>> output, states = cell(tf.constant([[2.0]]), [tf.constant([[3.0]])])
    >>> output.numpy()
    array([[5.]], dtype=float32)
    """

    config_names = ARGUMENTS

    def __init__(
        self,
        units: int,
        activation: Identifier | None = "tanh",
        use_bias: bool = True,
        kernel_initializer: Identifier | None = "glorot_uniform",
        recurrent_initializer: Identifier | None = "orthogonal",
        bias_initializer: Identifier | None = "zeros",
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

    def advancing(self, masks: Masks) -> Callable[[Tensor, list[Tensor]], list[Tensor]]:
        """Returns the function from the projected inputs and the states to the next states."""
        activation, kernel = self.activation, self.recurrent_kernel
        return lambda x, states: [activation(x + ops.matmul(masks.on(states[0]), kernel))]


@register("layer", "SimpleRNN")
class SimpleRNN(LayerOfCell):
    """A fully connected recurrent layer, whose output is fed back to it; see `SimpleRNNCell`.

    Inputs of shape ``(examples, steps, features)`` become ``(examples, units)``, or with ``return_sequences``
    ``(examples, steps, units)``.

    Args:
        units: the length of the output.
        activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer,
            recurrent_regularizer, bias_regularizer: as for `SimpleRNNCell`.
        activity_regularizer: a penalty on the outputs, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: as for `SimpleRNNCell`.
        dropout, recurrent_dropout: as for `SimpleRNNCell`; the dropped elements are the same in all steps of a call.
        return_sequences, return_state, go_backwards, stateful: as for `RNN`.
        options: ``time_major``, ``unroll`` and ``zero_output_for_mask`` as for `RNN`, ``seed`` of the dropout, and
            those of every layer.

    Raises:
        InvalidArgumentError: for arguments outside of their range.
        ShapeError: when called, for inputs that are not sequences.

    Source: J. Elman, "Finding structure in time", 1990.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.SimpleRNN(1, activation="linear", kernel_initializer="ones",
    ...                                   recurrent_initializer="ones", return_sequences=True)
    >>> layer(tf.constant([[[1.0], [2.0], [4.0]]]))[0, :, 0].numpy()
    array([1., 3., 7.], dtype=float32)
    """

    of_cell = ARGUMENTS

    def __init__(
        self,
        units: int,
        activation: Identifier | None = "tanh",
        use_bias: bool = True,
        kernel_initializer: Identifier | None = "glorot_uniform",
        recurrent_initializer: Identifier | None = "orthogonal",
        bias_initializer: Identifier | None = "zeros",
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
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout,
            **cell_options("simple_rnn_cell", options),
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful,
            activity_regularizer=activity_regularizer, **options,
        )  # fmt: skip
