"""Arguments of functions that move windows over pictures: strides, padding and the order of the axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.arguments import require_dtype, static_integers
from tensorlet.ops.convolution import Pair
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike

#: "SAME", "VALID", or numbers of zeros: ``[before, after]`` for each axis of the pictures.
Padding: TypeAlias = str | Sequence[Sequence[int]]

#: Formats with the channels on the last axis, and on the second, by the number of axes.
LAST = {3: "NWC", 4: "NHWC"}
FIRST = {3: "NCW", 4: "NCHW"}


class Windows(NamedTuple):
    """Where windows lie over pictures, along height and width; see `tensorlet.ops.convolution`."""

    strides: Pair
    dilations: Pair
    before: Pair
    size: Pair


def channels_first(function: str, data_format: str | None, rank: int) -> bool:
    """Whether the channels are on the second axis of a tensor of so many axes.

    Raises:
        InvalidArgumentError: for an unknown format.
    """
    if data_format in (None, "", LAST[rank], "channels_last"):
        return False
    if data_format in (FIRST[rank], "channels_first"):
        return True
    raise InvalidArgumentError(
        f"{function}: data_format={data_format!r}, but '{LAST[rank]}' (channels last) or '{FIRST[rank]}' (channels "
        "first) is expected."
    )


def pictures(function: str, argument: str, value: TensorLike, rank: int) -> Tensor:
    """The value as a float tensor of so many axes.

    Raises:
        ShapeError: for another number of axes; the message says which one is likely missing.
        DTypeError: if it is not float.
    """
    x = convert(value)
    if len(x.shape) != rank:
        axes = "[batch, height, width, channels]" if rank == 4 else "[batch, steps, channels]"
        fix = "Reshape it."
        if len(x.shape) == rank - 1:
            fix = (
                f"If the channel axis is missing, write {argument}[..., None]; if it is a single example, write "
                f"{argument}[None]."
            )
        raise ShapeError(
            f"{function}: '{argument}' has shape {list(x.shape)}, but {rank} axes are expected: {axes}. {fix}"
        )
    require_dtype(function, argument, x, "float")
    return x


def spatial(
    function: str, argument: str, value: ShapeLike | None, count: int, first: bool = False
) -> tuple[int, ...]:
    """One number for each spatial axis, from one for all, one for each, or one for each axis of the tensor.

    Args:
        function, argument: for messages.
        value: None means 1.
        count: the number of spatial axes.
        first: the channels are on the second axis.

    Raises:
        InvalidArgumentError: for other forms, and for numbers below 1.
    """
    numbers = static_integers(function, argument, 1 if value is None else value)
    if len(numbers) == count + 2:
        outer = numbers[:2] if first else (numbers[0], numbers[-1])
        numbers = numbers[2:] if first else numbers[1:-1]
        if outer != (1, 1):
            raise InvalidArgumentError(
                f"{function}: {argument}={value!r}, but the numbers for the batch and the channels must be 1."
            )
    if len(numbers) == 1:
        numbers *= count
    if len(numbers) != count or min(numbers) < 1:
        raise InvalidArgumentError(
            f"{function}: {argument}={value!r}, but integers of at least 1 are expected: one for all axes, or one "
            f"for each of the {count} spatial axes."
        )
    return numbers


def as_pair(numbers: Sequence[int], fill: int = 1) -> Pair:
    """Numbers for one or two axes as a pair; one axis is a picture of height 1."""
    return (fill, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])


def place_windows(
    function: str,
    padding: Padding,
    lengths: Sequence[int],
    taps: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    first: bool = False,
) -> Windows:
    """Where windows lie, for one or two axes of such lengths.

    "SAME" has as many windows as strides fit, with the zeros shared out to both sides and the odd one after;
    "VALID" has all windows that lie inside.

    Raises:
        ShapeError: if the windows are larger than the pictures.
        InvalidArgumentError: for another padding.
    """
    before, size = [], []
    explicit = _explicit(function, padding, len(lengths), first)
    for axis, (length, count, stride, dilation) in enumerate(
        zip(lengths, taps, strides, dilations, strict=True)
    ):
        reach = (count - 1) * dilation + 1
        if padding == "SAME":
            outputs = -(-length // stride)
            zeros = max((outputs - 1) * stride + reach - length, 0)
            before.append(zeros // 2)
        else:
            low, high = explicit[axis]
            outputs = max(0, (length + low + high - reach) // stride + 1)
            before.append(low)
            if length + low + high < reach and length:
                raise _too_large(function, lengths, taps, dilations)
        size.append(outputs)
    pairs = (as_pair(strides), as_pair(dilations), as_pair(before, 0), as_pair(size))
    return Windows(*pairs)


def _explicit(function: str, padding: Padding, count: int, first: bool) -> list[tuple[int, int]]:
    """Zeros before and after each spatial axis."""
    if isinstance(padding, str):
        if padding not in ("SAME", "VALID"):
            raise InvalidArgumentError(
                f"{function}: padding={padding!r}, but 'SAME', 'VALID', or a list with [before, after] for each axis "
                "is expected."
            )
        return [(0, 0)] * count
    pairs = [tuple(static_integers(function, "padding", one)) for one in padding]
    if len(pairs) == count + 2:
        pairs = pairs[2:] if first else pairs[1:-1]
    if len(pairs) != count or any(len(one) != 2 or min(one) < 0 for one in pairs):
        raise InvalidArgumentError(
            f"{function}: padding={padding!r}, but [before, after] is expected for each of the {count + 2} axes."
        )
    return [(low, high) for low, high in pairs]


def _too_large(
    function: str, lengths: Sequence[int], taps: Sequence[int], dilations: Sequence[int]
) -> ShapeError:
    def shown(numbers: Sequence[int]) -> str:
        return " x ".join(map(str, numbers))

    spread = "" if set(dilations) == {1} else f" with dilation {shown(dilations)}"
    return ShapeError(
        f"{function}: a window of {shown(taps)}{spread} is larger than what it moves over: {shown(lengths)}. "
        "Computed output size would be zero or negative. Use a smaller window, padding='same', or fewer layers that "
        "make pictures smaller."
    )


def move_channels(x: Tensor, last: bool) -> Tensor:
    """The channels from the second axis to the last one, or back."""
    rank = len(x.shape)
    order = [0, *range(2, rank), 1] if last else [0, rank - 1, *range(1, rank - 1)]
    return functions.transpose(x, order)


def as_pictures(x: Tensor) -> Tensor:
    """Sequences ``[batch, steps, channels]`` as pictures of height 1; pictures as they are."""
    if len(x.shape) == 4:
        return x
    batch, steps, channels = x.shape
    return functions.reshape(x, [batch, 1, steps, channels])


def like_input(y: Tensor, rank: int) -> Tensor:
    """The way back from `as_pictures`."""
    if rank == 4:
        return y
    batch, _, steps, channels = y.shape
    return functions.reshape(y, [batch, steps, channels])
