"""Building blocks of gradient rules, composed of operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet.ops.registry import Tensor, functions


def sum_to(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Undoes broadcasting: sums the axes along which ``shape`` was repeated to become ``g.shape``."""
    shape = tuple(shape)
    given = tuple(g.shape)
    if given == shape:
        return g
    extra = len(given) - len(shape)
    repeated = [extra + axis for axis, length in enumerate(shape) if length == 1 and given[extra + axis] != 1]
    total = functions.reduce_sum(g, axis=[*range(extra), *repeated])
    return total if tuple(total.shape) == shape else functions.reshape(total, shape)


def kept_shape(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with the reduced axes kept at length 1."""
    return tuple(1 if axis in axes else length for axis, length in enumerate(shape))


def keep(reduced: Tensor, shape: tuple[int, ...], axes: tuple[int, ...]) -> Tensor:
    """Restores the reduced axes, with length 1, so that the tensor broadcasts against ``shape``."""
    kept = kept_shape(shape, axes)
    return reduced if tuple(reduced.shape) == kept else functions.reshape(reduced, kept)


def spread(g: Tensor, shape: tuple[int, ...], axes: tuple[int, ...]) -> Tensor:
    """Repeats the gradient of a reduction along the reduced axes, back to ``shape``."""
    kept = keep(g, shape, axes)
    return kept if tuple(kept.shape) == tuple(shape) else functions.broadcast_to(kept, shape)


def unary_gradient(slope: Callable[[Any, Any], Any]) -> Callable[..., tuple[Tensor]]:
    """The gradient rule of an element-wise operation with the derivative ``slope(output, x)``."""

    def gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
        return (g * slope(output, x),)

    return gradient
