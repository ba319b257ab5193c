"""`StackedRNNCells`: several cells as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers import serialization
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.sequences.cells import StateSize, build_inside, initial_states, is_several
from tensorlet.keras.layers.sequences.loops import Stepper
from tensorlet.keras.layers.sequences.steppers import stepper_of
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Config, DTypeLike


@register("layer")
class StackedRNNCells(Layer):
    """Several cells as one: each takes the output of the one before.

    Args:
        cells: the cells, in order.
        options: of every layer.

    Raises:
        InvalidArgumentError: for a cell without ``call`` or ``state_size``.

    >>> import tensorlet as tf
    >>> cells = [tf.keras.layers.LSTMCell(4), tf.keras.layers.GRUCell(3)]
    >>> layer = tf.keras.layers.RNN(tf.keras.layers.StackedRNNCells(cells))
    >>> layer(tf.ones([2, 5, 1])).shape, layer.cell.state_size
    (TensorShape([2, 3]), ([4, 4], 3))
    """

    def __init__(self, cells: Sequence[Any], **options: Any) -> None:
        options.pop("reverse_state_order", None)
        super().__init__(**options)
        for cell in cells:
            if not hasattr(cell, "call") or "state_size" not in dir(cell):
                raise InvalidArgumentError(
                    f"StackedRNNCells: {cell!r} is not a cell: a method call(inputs, states) and an attribute "
                    "state_size are expected, as in LSTMCell(32)."
                )
        self.cells = list(cells)

    @property
    def state_size(self) -> StateSize:
        """The lengths of the states of each cell."""
        return tuple(cell.state_size for cell in self.cells)

    @property
    def output_size(self) -> StateSize:
        """The length of the output of the last cell."""
        return _output_size(self.cells[-1])

    def get_initial_state(
        self, inputs: Tensor | None = None, batch_size: int | None = None, dtype: DTypeLike | None = None
    ) -> Any:
        """Returns the first states of each cell; see `LSTMCell.get_initial_state`."""
        if inputs is not None:
            batch_size, dtype = inputs.shape[0], inputs.dtype if dtype is None else dtype
        if batch_size is None:
            raise InvalidArgumentError("StackedRNNCells.get_initial_state: pass batch_size, or inputs.")
        return tuple(initial_states(cell, batch_size, dtype or self.dtype)[0] for cell in self.cells)

    def build(self, input_shape: TensorShape) -> None:
        """Builds the cells, each for the output of the one before."""
        shape: Any = input_shape
        for cell in self.cells:
            if isinstance(cell, Layer):
                build_inside(self, cell, shape)
            size = _output_size(cell)
            shape = TensorShape([shape[0], *(size if isinstance(size, list | tuple) else [size])])

    def starting(self, batch: int, training: bool, constants: Any = None) -> Stepper:
        """Returns the computation of a step; see `LSTMCell`."""
        takers = [_takes_constants(cell) for cell in self.cells]
        steppers = [
            stepper_of(cell, batch, training, constants if takes else None)
            for cell, takes in zip(self.cells, takers, strict=True)
        ]

        def advance(inputs: Any, states: Any) -> tuple[Any, list[Tensor]]:
            following: list[Tensor] = []
            output = inputs
            for number, (stepper, own) in enumerate(zip(steppers, states, strict=True)):
                given = stepper.project(output) if number else output
                output, new = stepper.advance(given, list(own) if isinstance(own, list | tuple) else [own])
                following += flatten(new)
            return output, following

        return Stepper(steppers[0].project, advance)

    def call(self, inputs: Tensor, states: Any, constants: Any = None, training: bool | None = None) -> Any:
        """Computes one step.

        Args:
            inputs: of shape (examples, features).
            states: those of all cells, in the structure of ``state_size``.
            constants: passed to the cells that take them.
            training: passed to the cells.

        Returns:
            The output of the last cell, and the next states in the structure of ``state_size``.
        """
        step = self.starting(inputs.shape[0], bool(training), constants)
        output, following = step.advance(step.project(inputs), pack_like(self.state_size, flatten(states)))
        return output, pack_like(self.state_size, following)

    def get_config(self) -> Config:
        """Returns the configurations of the cells."""
        return {**super().get_config(), "cells": [serialization.serialize(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates the layer from the output of `get_config`."""
        cells = [serialization.deserialize(cell, custom_objects) for cell in config["cells"]]
        return cls(cells, **{name: value for name, value in config.items() if name != "cells"})


def _output_size(cell: Any) -> StateSize:
    """The length of the output of a cell: by default that of its first state."""
    size = getattr(cell, "output_size", None)
    if size is not None:
        return size
    return cell.state_size[0] if is_several(cell.state_size) else cell.state_size


def _takes_constants(cell: Any) -> bool:
    return "constants" in getattr(getattr(cell.call, "__code__", None), "co_varnames", ())
