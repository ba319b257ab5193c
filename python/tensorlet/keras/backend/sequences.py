"""Loops over the steps of sequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.nest import flatten, map_structure
from tensorlet.keras.layers.sequences.loops import Settings, Stepper, recur
from tensorlet.ops.registry import Tensor, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import TensorLike


def rnn(
    step_function: Callable[[Any, list[Any]], tuple[Any, Any]],
    inputs: Any,
    initial_states: Sequence[TensorLike],
    go_backwards: bool = False,
    mask: TensorLike | None = None,
    constants: Sequence[TensorLike] | None = None,
    unroll: bool = False,
    input_length: object = None,
    time_major: bool = False,
    zero_output_for_mask: bool = False,
    return_all_outputs: bool = True,
) -> tuple[Any, Any, list[Tensor]]:
    """Applies a function to the steps of sequences, one after the other.

    Args:
        step_function: from the inputs of a step, of shape (examples, ...), and the list of the states and constants to
            the output of the step and the list of the next states.
        inputs: sequences of shape (examples, steps, ...).
        initial_states: the first states, of shape (examples, ...).
        go_backwards: whether the steps are taken from the last to the first.
        mask: of shape (examples, steps); where it is False, a step is left out.
        constants: tensors that each step gets after the states.
        unroll: whether each step becomes a part of the graph of its own.
        input_length: the number of steps, which is known from the shape.
        time_major: whether the steps are the first axis of inputs and outputs.
        zero_output_for_mask: whether the output of a masked step is 0 instead of the output before it.
        return_all_outputs: whether all outputs are returned; otherwise the second result has only the last one.

    Returns:
        The last output, the outputs of shape (examples, steps, ...), and the last states.

    >>> import tensorlet as tf
    >>> def step(x, states):
    ...     total = states[0] + x
    ...     return total, [total]
    >>> last, outputs, states = tf.keras.backend.rnn(step, tf.constant([[[1.0], [2.0]]]), [tf.zeros([1, 1])])
    >>> last.numpy(), outputs[0, :, 0].numpy()
    (array([[3.]], dtype=float32), array([1., 3.], dtype=float32))
    """
    more = [convert(one) for one in constants or ()]

    def advance(x: Any, states: Any) -> tuple[Any, list[Tensor]]:
        output, following = step_function(x, [*states, *more])
        return output, flatten(following)

    def swapped(sequences: Tensor) -> Tensor:
        return sequences if time_major else ops.transpose(sequences, [1, 0, *range(2, len(sequences.shape))])

    steps = map_structure(lambda one: swapped(convert(one)), inputs)
    settings = Settings(go_backwards, unroll, zero_output_for_mask, return_all_outputs)
    states = [convert(state) for state in initial_states]
    marks = None if mask is None else swapped(convert(mask))
    marks = ops.squeeze(marks, 2) if marks is not None and len(marks.shape) == 3 else marks
    last, outputs, final = recur(Stepper(lambda x: x, advance), steps, states, settings, marks)
    if not return_all_outputs:
        outputs = map_structure(lambda one: ops.expand_dims(one, 0), last)
    return last, map_structure(swapped, outputs), final
