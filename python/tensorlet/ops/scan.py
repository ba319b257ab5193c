"""Cumulative sums and products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.ops import samples
from tensorlet.ops.arguments import require_dtype, resolve_axis
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Spec, Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike


def _infer(x: Spec, axis: int, exclusive: bool, reverse: bool) -> Spec:
    require_dtype("tf.cumsum", "x", x, "number")
    return x


def _reference(x: np.ndarray, axis: int, exclusive: bool, reverse: bool) -> np.ndarray:
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    turned = np.flip(wide, axis) if reverse else wide
    with np.errstate(all="ignore"):
        total = np.cumsum(turned, axis, dtype=wide.dtype)
    if exclusive:
        # By shifting rather than subtracting: infinity minus infinity would be NaN.
        shifted = np.zeros_like(total)
        np.moveaxis(shifted, axis, 0)[1:] = np.moveaxis(total, axis, 0)[:-1]
        total = shifted
    return np.ascontiguousarray(np.flip(total, axis) if reverse else total).astype(x.dtype, copy=False)


def _gradient(
    g: Tensor, output: Tensor, x: Tensor, axis: int, exclusive: bool, reverse: bool
) -> tuple[Tensor]:
    return (_cumsum(g, axis=axis, exclusive=exclusive, reverse=not reverse),)


def _samples() -> list[Sample]:
    ways = [(exclusive, reverse) for exclusive in (False, True) for reverse in (False, True)]
    found = [
        Sample(samples.real(3, 4), axis=axis, exclusive=exclusive, reverse=reverse)
        for axis in (0, 1)
        for exclusive, reverse in ways
    ]
    plain: dict[str, Any] = {"axis": 0, "exclusive": False, "reverse": False}
    return [
        *found,
        Sample(samples.real(2, 3, 2, dtype="float64"), axis=1, exclusive=True, reverse=True),
        Sample(samples.real(1), **plain),
        Sample(samples.real(0, 2), **plain),
        Sample(samples.real(0), axis=0, exclusive=True, reverse=False),
        Sample(samples.integers(5), **plain),
        Sample(samples.integers(5, dtype="int64"), axis=0, exclusive=True, reverse=True),
        Sample(samples.special(), **plain, differentiable=()),
        Sample(samples.special(), axis=0, exclusive=True, reverse=False, differentiable=()),
    ]


_cumsum = Operation(
    "cumsum",
    infer=_infer,
    reference=_reference,
    gradient=_gradient,
    samples=_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def cumsum(
    x: TensorLike, axis: AxisLike = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The cumulative sums along an axis.

    Args:
        x: a numeric tensor.
        axis: the axis.
        exclusive: exclude the element itself, so that the first sum is 0.
        reverse: sum from the end.
        name: ignored.

    Raises:
        ShapeError: if the axis is out of range.

    >>> import tensorlet as tf
    >>> print(tf.cumsum([1, 2, 3]).numpy(), tf.cumsum([1, 2, 3], exclusive=True).numpy())
    [1 3 6] [0 1 3]
    """
    x = convert(x)
    resolved = resolve_axis("tf.cumsum", axis, len(x.shape))
    return _cumsum(x, axis=resolved, exclusive=bool(exclusive), reverse=bool(reverse))


def cumprod(
    x: TensorLike, axis: AxisLike = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The cumulative products along an axis; arguments as for `cumsum`.

    Source: W. D. Hillis and G. L. Steele, "Data parallel algorithms", 1986: after the round with
    distance d every element is the product of the 2d elements up to it.

    >>> import tensorlet as tf
    >>> print(tf.math.cumprod([1, 2, 3]).numpy(), tf.math.cumprod([1, 2, 3], reverse=True).numpy())
    [1 2 6] [6 6 3]
    """
    x = convert(x)
    require_dtype("tf.math.cumprod", "x", x, "number")
    axis = resolve_axis("tf.math.cumprod", axis, len(x.shape))
    length = x.shape[axis]
    if length and exclusive:
        x = _shifted(x, axis, 1, reverse)
    distance = 1
    while distance < length:
        x = x * _shifted(x, axis, distance, reverse)
        distance *= 2
    return x


def _shifted(x: Tensor, axis: int, distance: int, reverse: bool) -> Tensor:
    """The tensor shifted along the axis (to the front if ``reverse``), with ones shifted in."""
    shape = list(x.shape)
    kept = [slice(None)] * axis
    room = functions.ones([*shape[:axis], distance, *shape[axis + 1 :]], x.dtype)
    if reverse:
        return functions.concat([x[(*kept, slice(distance, None))], room], axis)
    return functions.concat([room, x[(*kept, slice(None, shape[axis] - distance))]], axis)
