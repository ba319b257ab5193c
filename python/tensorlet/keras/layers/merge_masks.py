"""The masks of layers with several inputs, by the rules of Keras 2 and Keras 3.

In Keras 2, a step of the result is masked if one of the inputs masks it, and inputs without a mask do not count. In
Keras 3, it is masked if all inputs mask it, and a result with an input without a mask has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.generations import keras_generation
from tensorlet.ops.registry import Tensor


def require_lists(layer: str, inputs: object, masks: object) -> None:
    """Refuses anything but a list of inputs and a list of as many masks.

    Raises:
        InvalidArgumentError: says which is not a list, or that the lengths differ.
    """
    for name, given in (("mask", masks), ("inputs", inputs)):
        if not isinstance(given, list | tuple):
            raise InvalidArgumentError(
                f"{layer}.compute_mask: `{name}` should be a list. Received a {type(given).__name__}; give one item "
                "for each input of the layer, None for an input without a mask."
            )
    counts = len(inputs), len(masks)  # type: ignore[arg-type]  # lists, see above
    if counts[0] != counts[1]:
        raise InvalidArgumentError(
            f"{layer}.compute_mask: there are {counts[0]} inputs but {counts[1]} masks; the two lists should have the "
            "same length. Use None for an input without a mask."
        )


def joint_mask(masks: Sequence[Any]) -> Any:
    """The mask of a result that combines its inputs element by element; None for none."""
    if keras_generation() == 3:
        return None if any(one is None for one in masks) else _joined(ops.logical_or, masks)
    given = [one for one in masks if one is not None]
    return _joined(ops.logical_and, given) if given else None


def _joined(join: Callable[..., Tensor], masks: Sequence[Any]) -> Any:
    found, *others = (ops.cast(one, "bool") for one in masks)
    for one in others:
        found = join(found, one)
    return found


def without_masked(
    combine: Callable[[Tensor, Tensor], Tensor], inputs: Sequence[Tensor], masks: Sequence[Any] | None
) -> Tensor:
    """Combines the inputs one after the other; in Keras 3, without what their masks mark as padding.

    Args:
        combine: such as `ops.maximum`.
        inputs: tensors of the same rank.
        masks: the mask of each input, or None. What all inputs mask becomes 0.
    """
    known = list(masks) if masks is not None and keras_generation() == 3 else [None] * len(inputs)
    valid = [None if mask is None else _like(mask, x) for mask, x in zip(known, inputs, strict=True)]
    total, kept = inputs[0], valid[0]
    for x, own in zip(inputs[1:], valid[1:], strict=True):
        both = combine(total, x)
        both = both if own is None else ops.where(own, both, total)
        total = both if kept is None else ops.where(kept, both, x)
        kept = None if own is None or kept is None else ops.logical_or(kept, own)
    return total if kept is None else ops.where(kept, total, ops.zeros_like(total))


def _like(mask: Any, x: Tensor) -> Tensor:
    """A mask with as many axes as what it masks."""
    found = ops.cast(mask, "bool")
    while len(found.shape) < len(x.shape):
        found = ops.expand_dims(found, -1)
    return found
