"""What layers for sequences expect of their inputs, and advice for other inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.errors import ShapeError
from tensorlet.keras.layers.input_spec import InputSpec
from tensorlet.keras.layers.keras_tensor import KerasTensor

if TYPE_CHECKING:
    from tensorlet.keras.layers.base import Layer

_RESHAPE = (
    "Reshape the data to (examples, steps, features): x[..., None] makes each number a step of one feature, and "
    "x[:, None, :] makes each row a sequence of one step."
)


class SequenceSpec(InputSpec):
    """Requirements on sequences; the advice says how to reshape data to them."""

    def advice(self, shape: Sequence[int | None]) -> str:
        """What to do about inputs of a shape that does not fit."""
        if self.ndim is not None and len(shape) == self.ndim - 1:
            return _RESHAPE
        expected = None if not self.shape else self.shape[0]
        if expected is not None and len(shape) == self.ndim and shape[0] not in (None, expected):
            return (
                f"The layer is stateful and was built for batches of {expected} examples: pass batch_size={expected}, "
                "and leave out the examples that do not fill a batch."
            )
        return super().advice(shape)


def refuse_rows(layer: Layer, shape: Any, inputs: object = None) -> None:
    """Raises an error for inputs that have no axis of steps.

    Args:
        layer: the recurrent layer.
        shape: the shape of its inputs; None if it is not known.
        inputs: the inputs, which may be the output of another recurrent layer.

    Raises:
        ShapeError: names both layers if ``return_sequences`` is missing, and says otherwise how to reshape the data.
    """
    if shape is None or len(shape) > 2:
        return
    kind, before = type(layer).__name__, None
    if isinstance(inputs, KerasTensor):
        before = inputs.node.layer
    if before is not None and getattr(before, "return_sequences", None) is False and inputs.position == 0:  # type: ignore[attr-defined]
        raise ShapeError(
            f'{kind} layer "{layer.name}" takes sequences, but the layer before it, "{before.name}" '
            f"({type(before).__name__}), returns only the output of its last step, of shape {tuple(shape)}. Pass "
            f'return_sequences=True to "{before.name}".'
        )
    raise ShapeError(
        f'Input 0 of layer "{layer.name}" is incompatible with the layer: expected ndim=3, found ndim={len(shape)}. '
        f"Full shape received: {tuple(shape)}. {_RESHAPE} If the layer before this one is recurrent, pass "
        "return_sequences=True to it."
    )
