"""Cutting tensors: slice, reverse, and ``tensor[key]``."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError, TracingError
from tensorlet.ops import indexing, joining
from tensorlet.ops.arguments import resolve_axes, resolve_axis, static_integer, static_integers
from tensorlet.ops.movement import reshape
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert
from tensorlet.ops.samples import booleans, integers, real

__all__ = ["getitem", "newaxis", "reverse", "roll", "slice"]

#: In a key, a new axis of length 1.
newaxis = None


# --- slice -----------------------------------------------------------------------------


def _infer_slice(
    x: Spec, *, begin: tuple[int, ...], size: tuple[int, ...], strides: tuple[int, ...]
) -> Spec:
    if not len(begin) == len(size) == len(strides) == x.rank:
        raise ShapeError(
            f"tf.slice: begin={list(begin)} and size={list(size)} should have one number for each of the "
            f"{x.rank} axes of a tensor of shape {list(x.shape)}."
        )
    for axis, (first, count, stride) in enumerate(zip(begin, size, strides, strict=True)):
        last = first + (count - 1) * stride
        inside = 0 <= first < x.shape[axis] and 0 <= last < x.shape[axis] and stride
        if count < 0 or (count and not inside):
            raise ShapeError(
                f"tf.slice: {count} elements from position {first} on do not fit axis {axis} of a tensor of shape "
                f"{list(x.shape)}, which has {x.shape[axis]}. Use a smaller size; -1 means up to the end."
            )
    return Spec(size, x.dtype)


def _slice_reference(
    x: np.ndarray, begin: tuple[int, ...], size: tuple[int, ...], strides: tuple[int, ...]
) -> np.ndarray:
    for axis, (first, count, stride) in enumerate(zip(begin, size, strides, strict=True)):
        x = x.take(first + stride * np.arange(count), axis=axis)
    return x


def _slice_gradient(
    g: Tensor,
    output: Tensor,
    x: Tensor,
    begin: tuple[int, ...],
    size: tuple[int, ...],
    strides: tuple[int, ...],
) -> tuple[Tensor]:
    """Puts ``g`` back where it was cut out, with zeros around it and between."""
    for axis, stride in enumerate(strides):
        if stride < 0:
            g = reverse_axis(g, axis)
        if abs(stride) > 1 and size[axis] > 1:
            g = _spread(g, axis, abs(stride))
    # With a negative stride the first place is where the last element was cut.
    first = [
        start if stride > 0 or not count else start + (count - 1) * stride
        for start, count, stride in zip(begin, size, strides, strict=True)
    ]
    after = [
        length - start - own for length, start, own in zip(x.shape, first, g.shape, strict=True)
    ]
    return (joining.pad_with_zeros(g, tuple(first), tuple(after)),)


def _spread(g: Tensor, axis: int, stride: int) -> Tensor:
    """Puts ``stride - 1`` zeros between the elements along an axis."""
    before, length, behind = g.shape[:axis], g.shape[axis], g.shape[axis + 1 :]
    columns = reshape(g, (*before, length, 1, *behind))
    after = [0] * len(columns.shape)
    after[axis + 1] = stride - 1
    spread = joining.pad_with_zeros(columns, (0,) * len(columns.shape), tuple(after))
    flat = reshape(spread, (*before, length * stride, *behind))
    return cut(flat, axis, 0, (length - 1) * stride + 1)


_slice = Operation(
    "slice",
    infer=_infer_slice,
    reference=_slice_reference,
    gradient=_slice_gradient,
    samples=lambda: [
        Sample(real(5), begin=(1,), size=(3,), strides=(1,)),
        Sample(real(3, 4), begin=(1, 0), size=(2, 2), strides=(1, 3)),
        Sample(real(3, 4), begin=(2, 3), size=(3, 2), strides=(-1, -2)),
        Sample(real(7, dtype="float64"), begin=(0,), size=(3,), strides=(3,)),
        Sample(real(2, 3, 4), begin=(0, 1, 2), size=(2, 1, 2), strides=(1, 1, 1)),
        Sample(real(), begin=(), size=(), strides=()),
        Sample(real(1), begin=(0,), size=(1,), strides=(-1,)),
        Sample(real(3, 2), begin=(1, 0), size=(0, 2), strides=(1, 1)),
        Sample(real(0, 2), begin=(0, 0), size=(0, 1), strides=(-1, 1)),
        Sample(integers(4, dtype="int64"), begin=(3,), size=(4,), strides=(-1,)),
        Sample(booleans(4), begin=(1,), size=(2,), strides=(2,)),
    ],
)


def slice(input_: TensorLike, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """Cuts a block out of a tensor.

    Args:
        input_: any shape and dtype.
        begin: the first position on each axis. In a ``tf.function`` it may be computed.
        size: how many positions on each axis; -1 means up to the end.
        name: ignored.

    Raises:
        ShapeError: if the block does not lie inside the tensor.

    >>> import tensorlet as tf
    >>> tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, -1]).numpy()
    array([[2, 3],
           [5, 6]], dtype=int32)
    """
    x = convert(input_)
    counts = static_integers("tf.slice", "size", size)
    starts = indexing.static_or_tensors(begin)
    if len(starts) != len(x.shape) or len(counts) != len(x.shape):
        raise ShapeError(
            f"tf.slice: begin has {len(starts)} and size {len(counts)} numbers, but the tensor has shape "
            f"{list(x.shape)}. Give both {len(x.shape)}, one for each axis."
        )
    for axis, start in enumerate(starts):
        if not isinstance(start, int):
            if counts[axis] < 0:
                raise InvalidArgumentError(
                    f"tf.slice: with a computed begin, the size on axis {axis} must be given; -1 cannot be resolved."
                )
            x = indexing.gather(x, start + np.arange(counts[axis], dtype=start.dtype.numpy), axis=axis)
    known = tuple(start if isinstance(start, int) else 0 for start in starts)
    lengths = tuple(
        length - start if count == -1 else count
        for length, start, count in zip(x.shape, known, counts, strict=True)
    )
    return _slice(x, begin=known, size=lengths, strides=(1,) * len(lengths))


def cut(x: Tensor, axis: int, start: int, count: int, stride: int = 1) -> Tensor:
    """``count`` positions of one axis, from ``start`` on; the other axes whole."""
    rank = len(x.shape)
    begin, size, strides = [0] * rank, list(x.shape), [1] * rank
    begin[axis], size[axis], strides[axis] = start, count, stride
    return _slice(x, begin=tuple(begin), size=tuple(size), strides=tuple(strides))


def reverse_axis(x: Tensor, axis: int) -> Tensor:
    """The axis turned round."""
    length = x.shape[axis]
    return cut(x, axis, max(length - 1, 0), length, -1)


def block(x: Tensor, begin: tuple[int, ...], size: tuple[int, ...]) -> Tensor:
    """The block of that size that starts at ``begin``."""
    return _slice(x, begin=begin, size=size, strides=(1,) * len(begin))


