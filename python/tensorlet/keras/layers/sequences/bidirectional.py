"""`Bidirectional`: a recurrent layer that runs in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers import serialization
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.einsum_dense import Wrapper
from tensorlet.keras.layers.sequences.cells import build_inside
from tensorlet.keras.layers.sequences.sequence_spec import refuse_rows
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.type_aliases import ArrayLike, Config

_MODES = ("concat", "sum", "mul", "ave", None)
#: What both directions must have in common.
_SHARED = ("stateful", "return_sequences", "return_state")


@register("layer")
class Bidirectional(Wrapper):
    """Runs a recurrent layer over the steps from the first to the last, and a second one from the last to the first.

    The outputs of both belong to the same step: those of the second layer are put back into the order of the steps.

    Args:
        layer: a recurrent layer, such as an `LSTM`. Both directions get new layers with its arguments.
        merge_mode: how the two outputs become one: ``"concat"`` (along the last axis), ``"sum"``, ``"mul"``,
            ``"ave"`` (their mean), or None for a list of both.
        weights: initial values, as arrays: those of the first layer, then those of the second.
        backward_layer: the second layer, which must have ``go_backwards=True``.
        options: of every layer.

    Raises:
        InvalidArgumentError: for an unknown ``merge_mode``, something that is not a recurrent layer, or two layers
            that do not belong together.

    Source: M. Schuster and K. Paliwal, "Bidirectional recurrent neural networks", 1997.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(4, return_sequences=True))
    >>> layer(tf.ones([2, 5, 3])).shape, layer.forward_layer.name, len(layer.weights)
    (TensorShape([2, 5, 8]), 'forward_lstm', 6)
    """

    supports_masking = True
    #: The layer that was passed is not used.
    _not_parts: ClassVar[frozenset[str]] = frozenset({"layer"})

    def __init__(
        self,
        layer: Layer,
        merge_mode: str | None = "concat",
        weights: Sequence[ArrayLike] | None = None,
        backward_layer: Layer | None = None,
        **options: Any,
    ) -> None:
        constants = options.pop("num_constants", 0)
        if isinstance(layer, Layer):
            options.setdefault("trainable", layer.trainable)
        super().__init__(layer, **options)
        _check(layer, backward_layer, merge_mode)
        self.merge_mode = merge_mode
        self.forward_layer = _copy(layer, "forward")
        self._is_given = backward_layer is not None
        self.backward_layer = (
            _copy(layer, "backward", turned=True)
            if backward_layer is None
            else _named(backward_layer, "backward")
        )
        self._check_directions()
        for direction in (self.forward_layer, self.backward_layer):
            if hasattr(direction, "zero_output_for_mask"):
                direction.zero_output_for_mask = direction.return_sequences
        if weights is not None:
            half = len(weights) // 2
            self.forward_layer._own.initial_weights = weights[:half]
            self.backward_layer._own.initial_weights = weights[half:]
        self.stateful: bool = self.forward_layer.stateful
        self.return_sequences: bool = self.forward_layer.return_sequences
        self.return_state: bool = self.forward_layer.return_state
        self.num_constants = int(constants)
        self.looks_at_values = self.stateful

    def _check_directions(self) -> None:
        first, second = self.forward_layer, self.backward_layer
        if first.go_backwards == second.go_backwards:
            raise InvalidArgumentError(
                f"Bidirectional: both layers have go_backwards={first.go_backwards}. One of the two must have True: "
                "Bidirectional(LSTM(8), backward_layer=LSTM(8, go_backwards=True))."
            )
        for name in _SHARED:
            if getattr(first, name) != getattr(second, name):
                raise InvalidArgumentError(
                    f"Bidirectional: {name} is {getattr(first, name)} in the layer and {getattr(second, name)} in "
                    "backward_layer. It must be the same in both."
                )

    def build(self, input_shape: TensorShape | None = None) -> None:
        """Builds both layers."""
        refuse_rows(self, input_shape)
        for layer in (self.forward_layer, self.backward_layer):
            build_inside(self, layer, input_shape)

    def __call__(self, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any) -> Any:
        """Calls both layers.

        Args:
            inputs: sequences; a list contains also the first states.
            initial_state: the first states of the first layer, then those of the second.
            constants: tensors that the cells get in every step.
            kwargs: ``mask`` and ``training``, as for `RNN`.
        """
        if isinstance(inputs, list) and len(inputs) > 1 and initial_state is None:
            end = len(inputs) - self.num_constants
            inputs, initial_state, given = inputs[0], inputs[1:end] or None, inputs[end:]
            constants = given or constants
        if initial_state is not None:
            if not isinstance(initial_state, list | tuple) or len(initial_state) % 2:
                raise InvalidArgumentError(
                    f'Bidirectional "{self.name}": initial_state must be a list of the states of the first layer, '
                    "followed by those of the second, such as [h, c, h, c] for an LSTM."
                )
            kwargs["initial_state"] = list(initial_state)
        if constants is not None:
            kwargs["constants"] = constants
        refuse_rows(self, getattr(inputs, "shape", None), inputs)
        return super().__call__(inputs, **kwargs)

    def call(
        self,
        inputs: Tensor,
        training: bool | None = None,
        mask: Any = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> Any:
        """Runs both layers and merges their outputs."""
        half = len(initial_state) // 2 if initial_state is not None else 0
        options: dict[str, Any] = {"training": training, "mask": mask}
        if constants is not None:
            options["constants"] = constants
        found = [
            layer(inputs, initial_state=states, **options)
            for layer, states in (
                (self.forward_layer, initial_state[:half] if half else None),
                (self.backward_layer, initial_state[half:] if half else None),
            )
        ]
        first, second = (one[0] if self.return_state else one for one in found)
        if self.return_sequences:
            second = ops.reverse(second, [0 if self.forward_layer.time_major else 1])
        merged = _merged(self.merge_mode, first, second)
        if not self.return_state:
            return merged
        outputs = merged if isinstance(merged, list) else [merged]
        return [*outputs, *found[0][1:], *found[1][1:]]

    def compute_mask(self, inputs: object, mask: Any = None) -> Any:
        """Returns the mask of the outputs: that of the inputs if all outputs are returned."""
        mask = mask[0] if isinstance(mask, list) else mask
        own = mask if self.return_sequences else None
        masks = [own, own] if self.merge_mode is None else own
        if not self.return_state:
            return masks
        return [
            *(masks if isinstance(masks, list) else [masks]),
            *[None] * 2 * len(self.forward_layer.states),
        ]

    def reset_states(self, states: Sequence[ArrayLike] | None = None) -> None:
        """Sets the states of both layers; see `RNN.reset_states`."""
        half = 0 if states is None else len(states) // 2
        self.forward_layer.reset_states(None if states is None else states[:half])
        self.backward_layer.reset_states(None if states is None else states[half:])

    reset_state = reset_states  # Keras 3's name

    def get_config(self) -> Config:
        """Returns the arguments of the constructor."""
        config = super().get_config() | {"merge_mode": self.merge_mode}
        if self._own.batch_input_shape is not None:
            config["batch_input_shape"] = self._own.batch_input_shape
        if self.num_constants:
            config["num_constants"] = self.num_constants
        if self._is_given:
            config["backward_layer"] = serialization.serialize(self.backward_layer)
        return config

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates a layer from the output of `get_config`."""
        inside = {
            name: serialization.deserialize(config[name], custom_objects)
            for name in ("layer", "backward_layer")
            if config.get(name) is not None
        }
        return cls(**{**config, **inside})


def _check(layer: Layer, backward_layer: object, merge_mode: object) -> None:
    if merge_mode not in _MODES:
        raise InvalidArgumentError(
            f"Bidirectional: merge_mode={merge_mode!r}, but one of {', '.join(map(repr, _MODES))} is expected."
        )
    for one in (layer, backward_layer):
        if one is not None and not hasattr(one, "go_backwards"):
            raise InvalidArgumentError(
                f"Bidirectional: {one!r} is not a recurrent layer. Expected one such as LSTM(8)."
            )


def _copy(layer: Layer, direction: str, turned: bool = False) -> Any:
    """Returns a new layer with the same arguments, in the same or in the other direction."""
    described = serialization.serialize(layer)
    config = described["config"]
    if turned:
        config["go_backwards"] = not config["go_backwards"]
    config.pop("batch_input_shape", None)
    known: dict[str, Any] = {type(layer).__name__: type(layer)}
    for cell in _cells(layer):
        known[type(cell).__name__] = type(cell)
    return _named(serialization.deserialize(described, known), direction)


def _cells(layer: Layer) -> list[Any]:
    cell = getattr(layer, "cell", None)
    return [] if cell is None else [cell, *getattr(cell, "cells", [])]


def _named(layer: Any, direction: str) -> Any:
    layer.name = f"{direction}_{layer.name.removeprefix(f'{direction}_')}"
    return layer


def _merged(mode: str | None, first: Tensor, second: Tensor) -> Any:
    if mode == "concat":
        return ops.concat([first, second], -1)
    if mode == "sum":
        return first + second
    if mode == "ave":
        return (first + second) / 2.0
    return first * second if mode == "mul" else [first, second]
