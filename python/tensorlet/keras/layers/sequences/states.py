"""The states of recurrent layers, which stateful layers keep from batch to batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.effects import is_silenced
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.shape import TensorShape
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.call_context import eagerly
from tensorlet.keras.layers.sequences.cells import initial_states, shapes_of_states
from tensorlet.keras.layers.shape_inference import flat_shapes
from tensorlet.keras.variables import named_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.type_aliases import ArrayLike


class KeepsStates(Layer):
    """Base class of recurrent layers: their first states, and those that a stateful layer keeps.

    Args:
        stateful: whether the last states of a batch are the first ones of the next.
        time_major: whether the steps are the first axis of the inputs.
        options: of every layer.
    """

    supports_masking = True
    #: The states do not belong to the weights.
    _not_parts = frozenset({"_states"})
    cell: Any

    def __init__(self, stateful: bool, time_major: bool, **options: Any) -> None:
        super().__init__(**options)
        self.stateful = bool(stateful)
        self.time_major = bool(time_major)
        self._states: list[Variable] | None = None
        #: The calls of a stateful layer change variables, so they are not compiled.
        self.looks_at_values = self.stateful

    @property
    def batch_axis(self) -> int:
        """The axis of the examples in the inputs."""
        return 1 if self.time_major else 0

    @property
    def states(self) -> list[Any]:
        """The states of a stateful layer, as variables; None for each state of another layer."""
        if self._states is None:
            return flatten(_leaves_marked(_listed(shapes_of_states(self.cell.state_size, 1))))
        return list(self._states)

    def get_initial_state(self, inputs: Any) -> list[Any]:
        """Returns the states with which a batch begins, unless others are given.

        Args:
            inputs: sequences, or the number of examples.
        """
        batch = inputs if isinstance(inputs, int) else flatten(inputs)[0].shape[self.batch_axis]
        return _listed(initial_states(self.cell, batch, self.dtype)[0])

    def reset_states(self, states: Sequence[ArrayLike] | None = None) -> None:
        """Sets the states of a stateful layer.

        Args:
            states: an array for each state; by default zeros.

        Raises:
            InvalidArgumentError: if the layer is not stateful, or its batch size is not known.
            ShapeError: if the number of states or a shape differs.
        """
        if not self.stateful:
            raise InvalidArgumentError(
                f'reset_states: layer "{self.name}" keeps no states. Create it with stateful=True.'
            )
        if self._states is None:
            if states is None and not self.built:
                return
            raise InvalidArgumentError(self._no_batch_size())
        arrays = (
            [np.zeros(one.shape) for one in self._states] if states is None else list(map(np.asarray, states))
        )
        shapes = [tuple(one.shape) for one in self._states]
        if [one.shape for one in arrays] != shapes:
            raise ShapeError(
                f'reset_states: layer "{self.name}" has states of shapes {shapes}, but got '
                f"{[one.shape for one in arrays]}."
            )
        with eagerly():
            for state, array in zip(self._states, arrays, strict=True):
                state.assign(array.astype(state.dtype.numpy))

    def reset_state(self) -> None:
        """Sets the states of a stateful layer to 0; the name in Keras 3 of `reset_states`."""
        if self.stateful:
            self.reset_states()

    def _no_batch_size(self) -> str:
        return (
            f'Layer "{self.name}" is stateful, so its batch size has to be fixed. Pass batch_input_shape=(batch, '
            "steps, features) to the first layer of the model, or batch_size to tf.keras.Input."
        )

    def _create_states(self, batch: int | None) -> None:
        if batch is None:
            raise InvalidArgumentError(self._no_batch_size())
        values = flatten(_listed(initial_states(self.cell, batch, self.dtype)[0]))
        self._states = [
            named_variable(f"{self.weight_prefix}state_{number}", value, trainable=False, dtype=self.dtype)
            for number, value in enumerate(values)
        ]

    def _first_states(self, given: Any, batch: int) -> tuple[Any, bool]:
        """Returns the first states in the structure of the cell, and whether they are known to be 0."""
        if given is None and self._states is None:
            states, are_zero = initial_states(self.cell, batch, self.dtype)
            return _listed(states), are_zero
        expected = _listed(shapes_of_states(self.cell.state_size, batch))
        structure = _leaves_marked(expected)
        values = [ops.cast(value, self.dtype) for value in flatten(self._kept_or(given))]
        shapes = flat_shapes(expected)
        if [tuple(value.shape) for value in values] != [tuple(shape) for shape in shapes]:
            raise ShapeError(
                f'Layer "{self.name}" begins with states of shapes {[tuple(shape) for shape in shapes]}, but '
                f"initial_state has {[tuple(value.shape) for value in values]}. Pass a list with one tensor for each "
                "state: [h, c] for an LSTM, [h] for a GRU."
            )
        return pack_like(structure, values), False

    def _kept_or(self, given: Any) -> Any:
        """Returns the kept states, unless they are all 0 and others are given, as in Keras 2."""
        if given is None:
            return self._states
        if self._states is None:
            return given
        counts = [ops.reduce_any(ops.not_equal(one, 0)) for one in self._states]
        any_kept = ops.reduce_any(ops.stack(counts))
        pairs = zip(self._states, flatten(given), strict=False)
        return [ops.where(any_kept, kept, ops.cast(value, kept.dtype)) for kept, value in pairs]

    @property
    def mixes_rows(self) -> bool:
        """Whether a row of the output may depend on other rows of the input, or on other batches."""
        return self.stateful or self.time_major or not isinstance(self.cell, Layer)

    def _keep(self, states: Any) -> None:
        if is_silenced():  # the layer is called to be built
            return
        for variable, state in zip(self._states or (), flatten(states), strict=True):
            variable.assign(state)


def _listed(states: Any) -> list[Any]:
    several = isinstance(states, list | tuple) and not isinstance(states, TensorShape)
    return list(states) if several else [states]


def _leaves_marked(shapes: Any) -> Any:
    """Replaces each shape by a leaf."""
    if isinstance(shapes, list):
        return [_leaves_marked(one) for one in shapes]
    return None
