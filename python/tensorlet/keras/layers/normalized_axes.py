"""The axes along which layers normalize."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlet.core.shape import TensorShape
from tensorlet.errors import ArgumentTypeError, InvalidArgumentError, ShapeError


def axes_as_given(kind: str, axis: object) -> int | list[int]:
    """Checks an ``axis`` argument: an integer, or a list or tuple of integers, which is returned as a list.

    Raises:
        ArgumentTypeError: for anything else.
    """
    if isinstance(axis, int) and not isinstance(axis, bool):
        return axis
    if isinstance(axis, list | tuple) and all(isinstance(one, int) for one in axis):
        return list(axis)
    raise ArgumentTypeError(
        f"{kind}: axis={axis!r} of type {type(axis).__name__}. Invalid value for `axis` argument: expected an int or a "
        "list/tuple of ints."
    )


def single_axis(kind: str, axis: Sequence[int]) -> int:
    """The axis in a list of one.

    Raises:
        InvalidArgumentError: for several.
    """
    if len(axis) != 1:
        raise InvalidArgumentError(
            f"{kind}: axis={list(axis)}, but one axis is expected. Reshape the features onto one axis."
        )
    return int(axis[0])


def known_length(name: str, kind: str, shape: TensorShape, axis: int) -> int:
    """The length of an axis, which must be known.

    Raises:
        ShapeError: names the layer, if there is no such axis or its length is open.
    """
    rank = len(shape)
    if not -rank <= axis < rank:
        raise ShapeError(
            f'{kind} layer "{name}": axis {axis} is out of bounds for input shape {tuple(shape)}, which has {rank} '
            f"axes. Choose an axis from {-rank} to {rank - 1}."
        )
    length = shape[axis]
    if length is None:
        raise ShapeError(
            f'{kind} layer "{name}": axis {axis} of its input tensor should have a defined dimension but the layer '
            f"received an input with shape {tuple(shape)}; its weights need the length. Specify the whole input shape "
            "of the model."
        )
    return int(length)


def all_axes(kind: str, name: str, axis: int | Sequence[int], rank: int) -> list[int]:
    """The axes, counted from 0, in ascending order.

    Raises:
        ShapeError: if one does not exist.
    """
    axes = [axis] if isinstance(axis, int) else list(axis)
    for one in axes:
        if not -rank <= one < rank:
            raise ShapeError(
                f'{kind} layer "{name}": axis {one} is out of bounds for an input with {rank} axes. Choose an axis '
                f"from {-rank} to {rank - 1}."
            )
    return sorted(one % rank for one in axes)
