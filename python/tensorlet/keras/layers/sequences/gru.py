"""Gated recurrent units."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.keras import activations
from tensorlet.keras.layers.sequences.cells import RecurrentCell, fused_in_keras_2
from tensorlet.keras.layers.sequences.dropout import Masks
from tensorlet.keras.layers.sequences.rnn import LayerOfCell, cell_options
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier

#: The arguments of the cell, in the order of Keras's configurations.
ARGUMENTS = (
    "units", "activation", "recurrent_activation", "use_bias", "kernel_initializer", "recurrent_initializer",
    "bias_initializer", "kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "kernel_constraint",
    "recurrent_constraint", "bias_constraint", "dropout", "recurrent_dropout", "reset_after",
)  # fmt: skip


@register("layer")
class GRUCell(RecurrentCell):
    """The computation of one step of a `GRU`.

    With inputs x, state h of the step before, and three blocks z, r, g of columns of the kernels::

        z, r = recurrent_activation(x @ kernel + h @ recurrent_kernel + bias)     # each with its own block
        g = activation(x @ kernel + (r * h) @ recurrent_kernel + bias)            # reset_after=False
        g = activation(x @ kernel + bias[0] + r * (h @ recurrent_kernel + bias[1]))   # reset_after=True
        h = z * h + (1 - z) * g

    Args:
        units: the length of h.
        activation: of the candidate g.
        recurrent_activation: of the gates z and r.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: the initial weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout: the fraction of the inputs that is dropped in training.
        recurrent_dropout: the fraction of h that is dropped in training before the product; if it is not 0, each gate
            has dropped elements of its own, of the inputs too.
        reset_after: whether the reset gate r is applied after the product with the recurrent kernel. The bias then
            has the shape ``(2, 3 * units)``, otherwise ``(3 * units,)``.
        options: of every layer; ``seed`` of the dropout; ``implementation``: 1 for dropped inputs of each gate's own.

    Source: K. Cho and others, "Learning phrase representations using RNN encoder-decoder for statistical machine
    translation", 2014 (``reset_after=False``: its first version; ``True``: the second).

    >>> import tensorlet as tf
    >>> cell = tf.keras.layers.GRUCell(2)
    >>> output, state = cell(tf.ones([3, 5]), tf.zeros([3, 2]))
    >>> output.shape, bool(tf.reduce_all(output == state))
    (TensorShape([3, 2]), True)
    """

    gates = 3
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
        kernel_regularizer: Identifier | None = None,
        recurrent_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        recurrent_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, (kernel_initializer, recurrent_initializer, bias_initializer),
            (kernel_regularizer, recurrent_regularizer, bias_regularizer),
            (kernel_constraint, recurrent_constraint, bias_constraint), (dropout, recurrent_dropout), **options,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = bool(reset_after)

    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias: with ``reset_after`` one row for the inputs and one for the state."""
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def input_bias(self) -> Any:
        """The bias that is added to the product with the inputs."""
        return self.bias[0] if self.bias is not None and self.reset_after else self.bias

    def is_fused_in_keras_2(self) -> bool:
        """Whether Keras 2 has a fused kernel for the layer: for the defaults, without `recurrent_dropout`."""
        return self.reset_after and fused_in_keras_2(self, self.recurrent_activation)

    def advancing(self, masks: Masks) -> Callable[[Tensor, list[Tensor]], list[Tensor]]:
        """Returns the function from the projected inputs and the states to the next states."""
        return self._after(masks) if self.reset_after else self._before(masks)

    def _after(self, masks: Masks) -> Callable[[Tensor, list[Tensor]], list[Tensor]]:
        gate, activation, units = self.recurrent_activation, self.activation, self.units
        kernel = self.recurrent_kernel
        bias = None if self.bias is None else self.bias[1]

        def advance(x: Tensor, states: list[Tensor]) -> list[Tensor]:
            (state,) = states
            sums = masks.product(state, kernel, ops.matmul, gates=3)
            sums = sums if bias is None else sums + bias
            update = gate(x[:, :units] + sums[:, :units])
            reset = gate(x[:, units : 2 * units] + sums[:, units : 2 * units])
            candidate = activation(x[:, 2 * units :] + reset * sums[:, 2 * units :])
            return [update * state + (1.0 - update) * candidate]

        return advance

    def _before(self, masks: Masks) -> Callable[[Tensor, list[Tensor]], list[Tensor]]:
        gate, activation, units = self.recurrent_activation, self.activation, self.units
        of_gates, of_candidate = self.recurrent_kernel[:, : 2 * units], self.recurrent_kernel[:, 2 * units :]

        def advance(x: Tensor, states: list[Tensor]) -> list[Tensor]:
            (state,) = states
            sums = x[:, : 2 * units] + masks.product(state, of_gates, ops.matmul, gates=2)
            update, reset = gate(sums[:, :units]), gate(sums[:, units:])
            candidate = activation(
                x[:, 2 * units :] + ops.matmul(reset * masks.on(state, gate=2), of_candidate)
            )
            return [update * state + (1.0 - update) * candidate]

        return advance


@register("layer", "GRU")
class GRU(LayerOfCell):
    """Gated recurrent units: a recurrent layer with an update gate and a reset gate; see `GRUCell`.

    Inputs of shape ``(examples, steps, features)`` become ``(examples, units)``, or with ``return_sequences``
    ``(examples, steps, units)``. The kernel has the shape ``(features, 3 * units)``, the recurrent kernel
    ``(units, 3 * units)``.

    Args:
        units: the length of the output.
        activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer: as for `GRUCell`.
        activity_regularizer: a penalty on the outputs, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: as for `GRUCell`.
        dropout, recurrent_dropout: as for `GRUCell`. The dropped elements are the same in all steps of a call; but
            in programs for Keras 2, each step has its own if ``recurrent_dropout`` is 0, and ``activation``,
            ``recurrent_activation``, ``use_bias``, ``reset_after`` and ``unroll`` are the defaults, as Keras 2 does.
        return_sequences, return_state, go_backwards, stateful: as for `RNN`.
        options: ``reset_after`` as for `GRUCell`; ``time_major``, ``unroll`` and ``zero_output_for_mask`` as for
            `RNN`; ``seed`` of the dropout; and those of every layer.

    Raises:
        InvalidArgumentError: for arguments outside of their range.
        ShapeError: when called, for inputs that are not sequences.

    Source: K. Cho and others, "Learning phrase representations using RNN encoder-decoder for statistical machine
    translation", 2014.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.GRU(4)
    >>> layer(tf.ones([2, 5, 3])).shape, [w.shape.as_list() for w in layer.weights]
    (TensorShape([2, 4]), [[3, 12], [4, 12], [2, 12]])
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
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, options.pop("reset_after", True),
            **cell_options("gru_cell", options),
        )  # fmt: skip
        super().__init__(
            cell, return_sequences, return_state, go_backwards, stateful,
            activity_regularizer=activity_regularizer, **options,
        )  # fmt: skip
