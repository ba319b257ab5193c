"""Arguments of layers that work on pictures ``(examples, height, width, channels)`` and sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from tensorlet.keras import config
from tensorlet.keras.layers.input_spec import InputSpec


def numbers(layer: str, argument: str, value: object, count: int, least: int = 1) -> tuple[int, ...]:
    """One integer for each spatial axis; a single one is used for all.

    Raises:
        InvalidArgumentError: names the layer and its argument.
        ArgumentTypeError: one of these, if something is not an integer.
    """
    given: list[Any] = (
        list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value] * count
    )
    whole = [int(one) if isinstance(one, float) and one.is_integer() else one for one in given]
    are_numbers = all(hasattr(one, "__index__") and not isinstance(one, bool) for one in whole)
    if len(whole) != count or not are_numbers or any(int(one) < least for one in whole):
        wanted = "a positive integer" if least else "an integer of at least 0"
        several = "" if count == 1 else f", or {count} of them"
        if not are_numbers:
            raise ArgumentTypeError(
                f"{layer}: {argument}={value!r}. Expected an integer value for `{argument}`{several}: it should be "
                f"{wanted}."
            )
        wrong = {int(one) for one in whole if int(one) < least}
        detail = (
            f" It has {count} integers, including values {wrong} that do not satisfy `value > {least - 1}`."
            if wrong and count > 1
            else ""
        )
        raise InvalidArgumentError(
            f"{layer}: {argument}={value!r}, but it should be {wanted}{several}.{detail}"
        )
    return tuple(int(one) for one in whole)


def pairs(layer: str, argument: str, value: object, count: int) -> tuple[tuple[int, int], ...]:
    """(before, after) for each spatial axis, from one number for all, one for each, or pairs.

    Raises:
        InvalidArgumentError: names the layer and its argument.
    """
    given = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value] * count
    if count == 1 and isinstance(value, Sequence):
        given = [value]
    if len(given) == count:
        return tuple(_pair(layer, argument, one) for one in given)
    raise InvalidArgumentError(
        f"{layer}: {argument}={value!r}, but a number, {count} numbers, or {count} pairs (before, after) are expected."
    )


def _pair(layer: str, argument: str, value: object) -> tuple[int, int]:
    before, after = numbers(layer, argument, value, 2, least=0)
    return before, after


def count_of(layer: str, argument: str, value: object) -> int:
    """A number of filters or groups.

    Raises:
        InvalidArgumentError: for anything but a whole number of at least 1; names the layer and its argument.
    """
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(whole, bool) or not hasattr(whole, "__index__") or int(whole) < 1:
        raise InvalidArgumentError(
            f"{layer}: Invalid value for argument `{argument}`. Expected a strictly positive value. Received "
            f"{argument}={value!r}. Give a whole number of at least 1."
        )
    return int(whole)


def padding_name(layer: str, value: object, allowed: Sequence[str] = ("valid", "same")) -> str:
    """The padding in lower case.

    Raises:
        InvalidArgumentError: if it is not one of those allowed.
    """
    name = value.lower() if isinstance(value, str) else value
    if name not in allowed:
        raise InvalidArgumentError(
            f"{layer}: padding={value!r}, but one of {', '.join(map(repr, allowed))} is expected."
        )
    return str(name)


def format_name(layer: str, value: object) -> str:
    """Where the channels stand; None for the setting of `tf.keras.backend.set_image_data_format`.

    Raises:
        InvalidArgumentError: for anything but ``"channels_last"`` and ``"channels_first"``.
    """
    name = config.image_data_format() if value is None else value
    name = name.lower() if isinstance(name, str) else name
    if name not in ("channels_last", "channels_first"):
        raise InvalidArgumentError(
            f"{layer}: data_format={value!r}, but 'channels_last' or 'channels_first' is expected."
        )
    return str(name)


class PictureSpec(InputSpec):
    """What layers for pictures or sequences expect: so many axes, with the channels on one of them."""

    def advice(self, shape: Sequence[int | None]) -> str:
        """What to do about inputs that do not fit."""
        axes = "(height, width, channels)" if self.ndim == 4 else "(steps, channels)"
        if self.ndim is not None and len(shape) == self.ndim - 1:
            return (
                f"Each example should have the axes {axes}. If the channel axis is missing, as in arrays of grey "
                "pictures, add it: x[..., None]. If it is a single example, add the axis of examples: x[None]."
            )
        return super().advice(shape)


def known_channels(kind: str, name: str, shape: Sequence[int | None], axis: int) -> int:
    """The number of channels of the input.

    Raises:
        ShapeError: if it is not known; names the layer.
    """
    length = shape[axis]
    if length is None:
        raise ShapeError(
            f'{kind} layer "{name}": the axis of channels of its input has no fixed length (input shape '
            f"{tuple(shape)}), but the filters need one. Give the whole input_shape, such as (28, 28, 1)."
        )
    return length
