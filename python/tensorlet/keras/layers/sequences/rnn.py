"""`RNN`: runs a cell over sequences."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.core.nest import flatten, map_structure
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers import serialization
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.layer_config import plain
from tensorlet.keras.layers.sequences.cells import RecurrentCell, build_inside
from tensorlet.keras.layers.sequences.loops import Settings, recur
from tensorlet.keras.layers.sequences.sequence_spec import SequenceSpec, refuse_rows
from tensorlet.keras.layers.sequences.stacked_cells import StackedRNNCells
from tensorlet.keras.layers.sequences.states import KeepsStates
from tensorlet.keras.layers.sequences.steppers import stepper_of
from tensorlet.keras.layers.shape_inference import shape_structure
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Config


@register("layer")
class RNN(KeepsStates):
    """A recurrent layer: runs a cell over the steps of sequences.

    Inputs of shape ``(examples, steps, features)`` become ``(examples, units)``, the output of the last step, or
    with ``return_sequences`` the outputs of all steps, ``(examples, steps, units)``.

    A cell is a layer (or any object) with a method ``call(inputs, states)``, which returns the output of a step and
    the list of the next states, and with an attribute ``state_size``: the length of the state, or a list of lengths.
    It may have an ``output_size`` and a method ``get_initial_state``.

    Args:
        cell: the cell, or a list of cells, each of which takes the output of the one before.
        return_sequences: whether all outputs are returned, instead of the last one.
        return_state: whether the last states are returned after the output.
        go_backwards: whether the steps are taken from the last to the first.
        stateful: whether the states of a batch are the first states of the next batch, until `reset_states`. The
            batch size has to be fixed: ``batch_size`` of `tf.keras.Input`, or ``batch_input_shape`` of the first layer.
        unroll: whether each step becomes a part of the graph of its own.
        time_major: whether inputs and outputs have the shape ``(steps, examples, ...)``.
        zero_output_for_mask: whether the output of a masked step is 0 instead of the output before it.
        options: of every layer.

    Raises:
        InvalidArgumentError: for a cell without ``call`` or ``state_size``, or a stateful layer whose batch size is
            not known.
        ShapeError: when called, for inputs that are not sequences.

    Source: J. Elman, "Finding structure in time", 1990.

    >>> import tensorlet as tf
    >>> class Sum(tf.keras.layers.Layer):
    ...     state_size = 1
    ...     def call(self, inputs, states):
    ...         total = states[0] + inputs
    ...         return total, [total]
    >>> layer = tf.keras.layers.RNN(Sum(), return_sequences=True)
    >>> layer(tf.constant([[[1.0], [2.0], [4.0]]]))[0, :, 0].numpy()
    array([1., 3., 7.], dtype=float32)
    """

    config_names: tuple[str, ...] = (
        "return_sequences", "return_state", "go_backwards", "stateful", "unroll", "time_major",
    )  # fmt: skip
    #: Arguments that belong to the cell, and are attributes of the layer as well.
    of_cell: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in vars(cls).get("of_cell", ()):
            setattr(cls, name, property(attrgetter(f"cell.{name}")))

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        time_major: bool = False,
        zero_output_for_mask: bool = False,
        **options: Any,
    ) -> None:
        steps, features = options.pop("input_length", None), options.pop("input_dim", None)
        if "input_shape" not in options and (steps is not None or features is not None):
            options["input_shape"] = (steps, features)
        constants = options.pop("num_constants", 0)
        super().__init__(stateful, time_major, **options)
        self.cell = _checked(cell)
        self.return_sequences = bool(return_sequences)
        self.return_state = bool(return_state)
        self.go_backwards = bool(go_backwards)
        self.unroll = bool(unroll)
        self.zero_output_for_mask = bool(zero_output_for_mask)
        self.num_constants = int(constants)

    # Building.

    def build(self, input_shape: Any) -> None:
        """Builds the cell for the inputs of a step, and creates the states of a stateful layer."""
        input_shape = shape_structure(input_shape)
        if isinstance(input_shape, TensorShape):
            refuse_rows(self, input_shape)
            self.input_spec = SequenceSpec(shape=self._any_length(input_shape))
        if isinstance(self.cell, Layer):
            self._build_cell(self._step_shape(input_shape))
        first = input_shape
        while not isinstance(first, TensorShape):
            first = next(iter(first.values() if isinstance(first, dict) else first))
        if self.stateful:
            self._create_states(first[self.batch_axis])

    def _build_cell(self, shape: Any) -> None:
        build_inside(self, self.cell, shape)

    def _any_length(self, shape: TensorShape) -> list[int | None]:
        lengths = list(shape)
        lengths[1 - self.batch_axis] = None
        if not self.stateful:
            lengths[self.batch_axis] = None
        return lengths

    def _step_shape(self, shape: Any) -> Any:
        if isinstance(shape, dict):
            return {key: self._step_shape(one) for key, one in shape.items()}
        if not isinstance(shape, TensorShape):
            return [self._step_shape(one) for one in shape]
        return TensorShape([shape[self.batch_axis], *shape[2:]])

    # Calls.

    def __call__(self, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any) -> Any:
        """Calls the layer.

        Args:
            inputs: sequences; a list contains also the first states and the constants.
            initial_state: the first states: tensors, arrays or `KerasTensor`s; by default zeros.
            constants: tensors that the cell gets in every step.
            kwargs: ``mask`` of shape (examples, steps), False for steps to be left out, and ``training``.

        Raises:
            ShapeError: if the inputs are not sequences, or the number of states is another one.
        """
        if isinstance(inputs, list) and len(inputs) > 1 and initial_state is None:
            end = len(inputs) - self.num_constants
            inputs, initial_state, given = inputs[0], inputs[1:end] or None, inputs[end:]
            constants = given or constants
        elif isinstance(inputs, list) and len(inputs) == 1 and hasattr(inputs[0], "dtype"):
            inputs = inputs[0]
        if initial_state is not None:
            kwargs["initial_state"] = _as_list(initial_state)
        if constants is not None:
            kwargs["constants"] = _as_list(constants)
            self.num_constants = len(kwargs["constants"])
        refuse_rows(self, getattr(inputs, "shape", None), inputs)
        return super().__call__(inputs, **kwargs)

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool | None = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> Any:
        """Runs the cell over the steps.

        Args:
            inputs: of shape (examples, steps, ...).
            mask: of shape (examples, steps).
            training: passed to the cell.
            initial_state: the first states.
            constants: passed to the cell.

        Returns:
            The output; with ``return_state`` a list of the output and the states.
        """
        steps = map_structure(self._steps_first, inputs)
        batch = flatten(steps)[0].shape[1]
        states, fresh = self._first_states(initial_state, batch)
        mask = None if mask is None else flatten(mask)[0]
        if mask is not None and not self.time_major:
            mask = ops.transpose(mask, [1, 0])
        last, outputs, final = recur(
            stepper_of(self.cell, batch, training, constants), steps, states, self._settings(), mask, fresh
        )
        if self.stateful:
            self._keep(final)
        output = map_structure(self._steps_second, outputs) if self.return_sequences else last
        return [output, *final] if self.return_state else output

    def _settings(self) -> Settings:
        return Settings(self.go_backwards, self.unroll, self.zero_output_for_mask, self.return_sequences)

    def _steps_first(self, sequences: Tensor) -> Tensor:
        if not sequences.dtype.is_floating:
            sequences = ops.cast(sequences, self.dtype)
        return sequences if self.time_major else _swapped(sequences)

    def _steps_second(self, sequences: Tensor) -> Tensor:
        return sequences if self.time_major else _swapped(sequences)

    def compute_mask(self, inputs: object, mask: Any = None) -> Any:
        """Returns the mask of the outputs: that of the inputs if all outputs are returned."""
        mask = flatten(mask)[0] if self.return_sequences else None
        return [mask, *[None] * len(self.states)] if self.return_state else mask

    # Configurations.

    def get_config(self) -> Config:
        """Returns the arguments of the constructor."""
        config = super().get_config()
        if self.num_constants:
            config["num_constants"] = self.num_constants
        if self.zero_output_for_mask:
            config["zero_output_for_mask"] = True
        return config | self._config_of_cell()

    def _config_of_cell(self) -> Config:
        return {"cell": serialization.serialize(self.cell)}

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates a layer from the output of `get_config`."""
        if "cell" not in config:
            return cls(**config)
        cell = serialization.deserialize(config["cell"], custom_objects)
        return cls(cell, **{name: value for name, value in config.items() if name != "cell"})


class LayerOfCell(RNN):
    """Base class of the layers that have a cell of their own: their configuration lists its arguments."""

    def __init__(self, cell: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(cell, *arguments, **options)
        if isinstance(cell, RecurrentCell):
            cell.in_loop_of_layer = not self.unroll

    def _config_of_cell(self) -> Config:
        config = self.cell.get_config()
        shared = ("activity_regularizer",) if self.activity_regularizer is not None else ()
        found = {name: config[name] for name in (*self.of_cell, "implementation", "seed") if name in config}
        return found | {name: plain(name, getattr(self, name)) for name in shared}


def _checked(cell: Any) -> Any:
    if isinstance(cell, list | tuple):
        return StackedRNNCells(cell)
    if not hasattr(cell, "call") or "state_size" not in dir(cell):
        raise InvalidArgumentError(
            f"RNN: cell={cell!r} is not a cell: a method call(inputs, states) and an attribute state_size are "
            "expected, as in RNN(LSTMCell(32))."
        )
    return cell


def _as_list(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def _swapped(sequences: Tensor) -> Tensor:
    """Swaps the first two axes."""
    return ops.transpose(sequences, [1, 0, *range(2, len(sequences.shape))])


def cell_options(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Takes the arguments of a cell from those of its layer, and removes arguments without effect.

    Args:
        name: the name of the cell.
        options: the arguments of the layer.
    """
    options.pop("use_cudnn", None)
    return {
        "name": name,
        "dtype": options.get("dtype"),
        "seed": options.pop("seed", None),
        "implementation": options.pop("implementation", 2),
    }
