"""The loop over the steps of sequences, which all recurrent layers share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tensorlet import ops
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.recurrent_loop import scan
from tensorlet.errors import ShapeError
from tensorlet.ops.registry import Tensor

#: From the states and the inputs of a step to the next states and the outputs of the step.
Body = Callable[[list[Tensor], list[Tensor]], tuple[list[Tensor], list[Tensor]]]


class Settings(NamedTuple):
    """How a loop runs.

    Attributes:
        go_backwards: whether it begins with the last step; its outputs have the order in which they are computed.
        unroll: whether each step becomes a part of the graph of its own.
        zero_output_for_mask: whether the output of a masked step is 0 instead of the output before it.
        return_all_outputs: whether all outputs are needed, rather than the last one.
    """

    go_backwards: bool = False
    unroll: bool = False
    zero_output_for_mask: bool = False
    return_all_outputs: bool = True


class Stepper(NamedTuple):
    """The computation of a cell, split into what can be done for all steps at once and the rest.

    Attributes:
        project: from inputs of shape (..., features) to what `advance` takes.
        advance: from what `project` returned for a step, and the states, to the output and the next states.
        gives_state: whether the output is the first of the next states.
    """

    project: Callable[[Any], Any]
    advance: Callable[[Any, list[Tensor]], tuple[Any, list[Tensor]]]
    gives_state: bool = False


class _State(threading.local):
    def __init__(self) -> None:
        self.written_out = 1


_state = _State()


class written_out:  # noqa: N801 - reads as a statement: with written_out(8)
    """A ``with`` block in which short loops become one part of the graph for each step, as drawings need them.

    Args:
        most: the number of steps up to which a loop is written out.
    """

    def __init__(self, most: int) -> None:
        self._most = most

    def __enter__(self) -> None:
        self._before, _state.written_out = _state.written_out, self._most

    def __exit__(self, *_: object) -> None:
        _state.written_out = self._before


def over_steps(
    body: Body, states: Sequence[Tensor], inputs: Sequence[Tensor], settings: Settings
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Applies ``body`` to one step after the other.

    Args:
        body: from the states and the inputs of a step to the next states, of the same shapes, and the outputs.
        states: the first states.
        inputs: tensors of shape (steps, ...).
        settings: in which direction, and whether each step becomes a part of the graph of its own.

    Returns:
        The last states; the outputs of the step that comes last; and all outputs in the order in which they are
        computed, with the steps as their first axis.
    """
    count, backwards = inputs[0].shape[0], settings.go_backwards
    if not settings.unroll and count > _state.written_out:
        final, outputs = scan(body, states, inputs, reverse=backwards)
        last = [one[0 if backwards else -1] for one in outputs]
        return final, last, [ops.reverse(one, [0]) for one in outputs] if backwards else outputs
    current, columns = list(states), []
    for step in range(count)[:: -1 if backwards else 1]:
        current, found = body(current, [one[step] for one in inputs])
        columns.append(found)
    return current, columns[-1], [ops.stack(list(column)) for column in zip(*columns, strict=True)]


def recur(
    stepper: Stepper,
    inputs: Any,
    states: Any,
    settings: Settings,
    mask: Tensor | None = None,
    fresh: bool = False,
) -> tuple[Any, Any, Any]:
    """Runs a cell over sequences.

    Args:
        stepper: the computation of the cell.
        inputs: tensors of shape (steps, examples, ...), in any structure.
        states: the first states, in any structure.
        settings: how the loop runs.
        mask: of shape (steps, examples); where it is False, the states stay as they are.
        fresh: whether the first states are 0.

    Returns:
        The last output, all outputs of shape (steps, examples, ...), and the last states in their structure.

    Raises:
        ShapeError: if there are no steps.
    """
    projected = stepper.project(inputs)
    columns = flatten(projected)
    if not columns[0].shape[0]:
        raise ShapeError(
            "The sequences have no steps. Expected at least one step, in the shape (examples, steps, ...)."
        )

    def advance(given: list[Tensor], xs: list[Tensor]) -> tuple[Any, list[Tensor]]:
        output, following = stepper.advance(pack_like(projected, xs), pack_like(states, given))
        return output, flatten(following)

    loop = (
        _Masked(advance, settings, stepper.gives_state)
        if mask is not None
        else _Plain(advance, settings, stepper)
    )
    if mask is not None:
        columns.append(ops.cast(mask, "bool"))
    last, outputs, final = loop.run(flatten(states), columns, fresh)
    return last, outputs, pack_like(states, final)


Advance = Callable[[list[Tensor], list[Tensor]], tuple[Any, list[Tensor]]]


class _Plain:
    """A loop without a mask.

    Args:
        advance: from the states and the inputs of a step to the output and the next states.
        settings: how the loop runs.
        stepper: says whether the output is the first state.
    """

    def __init__(self, advance: Advance, settings: Settings, stepper: Stepper) -> None:
        self.advance = advance
        self.settings = settings
        self.only_state = stepper.gives_state and not settings.return_all_outputs

    def run(self, states: list[Tensor], columns: list[Tensor], fresh: bool) -> tuple[Any, Any, list[Tensor]]:
        """Returns the last output, all outputs, and the last states."""
        structure: list[Any] = []

        def body(given: list[Tensor], xs: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
            output, following = self.advance(given, xs)
            structure[:] = [output]
            return following, [] if self.only_state else flatten(output)

        final, last, outputs = over_steps(body, states, columns, self.settings)
        if self.only_state:
            return final[0], None, final
        return pack_like(structure[0], last), pack_like(structure[0], outputs), final


class _Masked:
    """A loop with a mask, the last of its inputs: masked steps keep the states, and repeat the output before them.

    Args:
        advance: from the states and the inputs of a step to the output and the next states.
        settings: how the loop runs.
        gives_state: whether the output is the first of the next states.
    """

    def __init__(self, advance: Advance, settings: Settings, gives_state: bool) -> None:
        self.advance = advance
        self.settings = settings
        self.gives_state = gives_state

    def run(self, states: list[Tensor], columns: list[Tensor], fresh: bool) -> tuple[Any, Any, list[Tensor]]:
        """Returns the last output, all outputs, and the last states."""
        example, _ = self.advance(states, [one[0] for one in columns[:-1]])
        zeros = [ops.zeros_like(one) for one in flatten(example)]
        to_zero = self.settings.zero_output_for_mask
        # The output before the first step is 0; so is the first state, unless it is given.
        repeats_state = self.gives_state and fresh and not to_zero
        count = len(states)

        def body(given: list[Tensor], xs: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
            old, before = given[:count], given[count:] or zeros
            output, following = self.advance(old, xs[:-1])
            new = [_kept(xs[-1], one, other) for one, other in zip(following, old, strict=True)]
            if repeats_state:
                return new, [new[0]]
            found = [_kept(xs[-1], one, other) for one, other in zip(flatten(output), before, strict=True)]
            return [*new, *([] if to_zero else found)], found

        carried = [] if to_zero or repeats_state else zeros
        final, last, outputs = over_steps(body, [*states, *carried], columns, self.settings)
        return pack_like(example, last), pack_like(example, outputs), final[:count]


def _kept(mask: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """Returns ``new`` for examples whose mask is True, otherwise ``old``."""
    return ops.where(ops.reshape(mask, [mask.shape[0], *[1] * (len(new.shape) - 1)]), new, old)
