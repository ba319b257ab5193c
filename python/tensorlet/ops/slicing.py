"""Slicing tensors: slice, reverse, roll and ``tensor[key]``."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError, TracingError
from tensorlet.ops import indexing
from tensorlet.ops.arguments import resolve_axes, resolve_axis, static_integer, static_integers
from tensorlet.ops.movement import reshape
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert, functions, operation
from tensorlet.ops.samples import booleans, integers, real

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike

#: In a key: a new axis of length 1.
newaxis = None


# --- slice -----------------------------------------------------------------------------


def _infer_slice(x: Spec, *, begin: tuple[int, ...], size: tuple[int, ...], strides: tuple[int, ...]) -> Spec:
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
                f"tf.slice: {count} elements from position {first} exceed axis {axis} of a tensor of shape "
                f"{list(x.shape)}, which has {x.shape[axis]} elements. Use a smaller size; -1 means up to the end."
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
    """Puts ``g`` back where the slice was taken, with zeros around it and in between."""
    for axis, stride in enumerate(strides):
        if stride < 0:
            g = reverse_axis(g, axis)
        if abs(stride) > 1 and size[axis] > 1:
            g = _spread(g, axis, abs(stride))
    # With a negative stride, the first position is that of the last element.
    first = [
        start if stride > 0 or not count else start + (count - 1) * stride
        for start, count, stride in zip(begin, size, strides, strict=True)
    ]
    after = [length - start - own for length, start, own in zip(x.shape, first, g.shape, strict=True)]
    return (pad_with_zeros(g, tuple(first), tuple(after)),)


def pad_with_zeros(x: Tensor, before: tuple[int, ...], after: tuple[int, ...]) -> Tensor:
    """Pads a tensor with zeros before and after it on each axis."""
    if not any(before) and not any(after):
        return x
    return operation("pad")(x, np.zeros((), x.dtype.numpy), before=before, after=after)


def _spread(g: Tensor, axis: int, stride: int) -> Tensor:
    """Inserts ``stride - 1`` zeros between the elements along an axis."""
    before, length, behind = g.shape[:axis], g.shape[axis], g.shape[axis + 1 :]
    columns = reshape(g, (*before, length, 1, *behind))
    after = [0] * len(columns.shape)
    after[axis + 1] = stride - 1
    spread = pad_with_zeros(columns, (0,) * len(columns.shape), tuple(after))
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


def slice(input_: TensorLike, begin: TensorLike, size: TensorLike, name: str | None = None) -> Tensor:
    """Extracts a block of a tensor.

    Args:
        input_: any shape and dtype.
        begin: the first position on each axis. In a ``tf.function`` it may be computed.
        size: the number of positions on each axis; -1 means up to the end.
        name: ignored.

    Raises:
        ShapeError: if the block is not inside the tensor.

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
            f"tf.slice: begin has {len(starts)} numbers and size has {len(counts)}, but the tensor has shape "
            f"{list(x.shape)}. Pass {len(x.shape)} of each, one per axis."
        )
    for axis, start in enumerate(starts):
        if not isinstance(start, int):
            if counts[axis] < 0:
                raise InvalidArgumentError(
                    f"tf.slice: with a computed begin, the size on axis {axis} must be given; -1 cannot be "
                    "resolved."
                )
            x = indexing.gather(x, start + np.arange(counts[axis], dtype=start.dtype.numpy), axis=axis)
    known = tuple(start if isinstance(start, int) else 0 for start in starts)
    lengths = tuple(
        length - start if count == -1 else count
        for length, start, count in zip(x.shape, known, counts, strict=True)
    )
    return _slice(x, begin=known, size=lengths, strides=(1,) * len(lengths))


def cut(x: Tensor, axis: int, start: int, count: int, stride: int = 1) -> Tensor:
    """``count`` positions of one axis, from ``start`` on; all of the other axes."""
    rank = len(x.shape)
    begin, size, strides = [0] * rank, list(x.shape), [1] * rank
    begin[axis], size[axis], strides[axis] = start, count, stride
    return _slice(x, begin=tuple(begin), size=tuple(size), strides=tuple(strides))


def reverse_axis(x: Tensor, axis: int) -> Tensor:
    """Reverses an axis."""
    length = x.shape[axis]
    return cut(x, axis, max(length - 1, 0), length, -1)


def block(x: Tensor, begin: tuple[int, ...], size: tuple[int, ...]) -> Tensor:
    """The block of that size that starts at ``begin``."""
    return _slice(x, begin=begin, size=size, strides=(1,) * len(begin))


# --- composites ------------------------------------------------------------------------


def reverse(tensor: TensorLike, axis: AxisLike, name: str | None = None) -> Tensor:
    """Reverses the order of the elements along axes.

    Args:
        tensor: any shape and dtype.
        axis: an axis or a list of them.
        name: ignored.

    Raises:
        ShapeError: if the axis is out of range.

    >>> import tensorlet as tf
    >>> tf.reverse([1, 2, 3], [0]).numpy()
    array([3, 2, 1], dtype=int32)
    """
    x = convert(tensor)
    for one in resolve_axes("tf.reverse", axis, len(x.shape)):
        x = reverse_axis(x, one)
    return x


def roll(input: TensorLike, shift: AxisLike, axis: AxisLike, name: str | None = None) -> Tensor:
    """Shifts elements along axes; elements that leave at one end enter at the other.

    Args:
        input: any dtype; at least one axis.
        shift: by how many positions; one integer, or one per axis.
        axis: an axis, or a list of them.
        name: ignored.

    Raises:
        ShapeError: if an axis is out of range, or the lists differ in length.

    >>> import tensorlet as tf
    >>> tf.roll([1, 2, 3, 4], shift=1, axis=0).numpy()
    array([4, 1, 2, 3], dtype=int32)
    """
    x = convert(input)
    shifts = static_integers("tf.roll", "shift", shift)
    axes = static_integers("tf.roll", "axis", axis)
    if len(shifts) != len(axes):
        raise ShapeError(
            f"tf.roll: {len(shifts)} shifts were given for {len(axes)} axes. Pass one shift per axis."
        )
    for by, one in zip(shifts, axes, strict=True):
        place = resolve_axis("tf.roll", one, len(x.shape))
        length = x.shape[place]
        border = -by % length if length else 0
        if border:
            x = functions.concat([cut(x, place, border, length - border), cut(x, place, 0, border)], place)
    return x


# --- tensor[key] -----------------------------------------------------------------------


def strided_slice(
    input_: TensorLike,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: object = None,
    name: str | None = None,
) -> Tensor:
    """``input_[begin:end:strides]`` along the first axes; the masks say by their bits what else a place means.

    Args:
        input_, begin, end, strides: a tensor, and a number for each axis; strides are 1 by default.
        begin_mask, end_mask: axes whose begin or end is left out.
        ellipsis_mask: the position of ``...``.
        new_axis_mask: places that stand for ``tf.newaxis``.
        shrink_axis_mask: axes of which the place ``begin`` alone is taken, without the axis.
        var, name: ignored.

    >>> import tensorlet as tf
    >>> tf.strided_slice([1, 2, 3, 4], [0], [4], [2]).numpy()
    array([1, 3], dtype=int32)
    """
    starts = static_integers("tf.strided_slice", "begin", begin)
    ends = static_integers("tf.strided_slice", "end", end)
    steps = (1,) * len(starts) if strides is None else static_integers("tf.strided_slice", "strides", strides)
    key: list[Any] = []
    for place, (start, stop, step) in enumerate(zip(starts, ends, steps, strict=True)):
        bit = 1 << place
        if ellipsis_mask & bit:
            key.append(...)
        elif new_axis_mask & bit:
            key.append(newaxis)
        else:
            part = builtins.slice(None if begin_mask & bit else start, None if end_mask & bit else stop, step)
            key.append(start if shrink_axis_mask & bit else part)
    return getitem(input_, tuple(key))


def getitem(tensor: TensorLike, key: object) -> Tensor:
    """Evaluates ``tensor[key]``.

    Args:
        tensor: any shape and dtype.
        key: integers, slices (negative steps too), ``tf.newaxis``, ``...``, scalar integer
            tensors, a tuple of these, or one boolean mask (`tf.boolean_mask`).

    Raises:
        OutOfRangeError: if an index is out of range.
        InvalidArgumentError: for other keys.

    >>> import tensorlet as tf
    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> x[1, ::-1].numpy()
    array([6, 5, 4], dtype=int32)
    >>> x[:, tf.newaxis, 0].shape
    TensorShape([2, 1])
    """
    x = convert(tensor)
    if _is_mask(key):
        return indexing.boolean_mask(x, key)
    parts = _expand(key if isinstance(key, tuple) else (key,), tuple(x.shape))
    begin, size, strides, shape, computed = [], [], [], [], []
    axis = 0
    for part in parts:
        if part is None:
            shape.append(1)
            continue
        length = x.shape[axis]
        if isinstance(part, builtins.slice):
            start, count, step = _resolve_slice(part, length)
            shape.append(count)
        else:
            index = _resolve_index(part, length, axis, x)
            if not isinstance(index, int):
                # The index is known only when the graph runs: keep the axis now, gather from it below.
                computed.append((len(shape), index))
                shape.append(length)
                start, count, step = 0, length, 1
            else:
                start, count, step = index, 1, 1
        begin.append(start)
        size.append(count)
        strides.append(step)
        axis += 1
    if tuple(size) != tuple(x.shape) or any(step != 1 for step in strides):
        x = _slice(x, begin=tuple(begin), size=tuple(size), strides=tuple(strides))
    x = reshape(x, shape)
    for place, index in reversed(computed):
        x = indexing.gather(x, index, axis=place)
    return x


def _is_mask(key: object) -> bool:
    if isinstance(key, list):
        return bool(key) and isinstance(key[0], (bool, np.bool_))
    return hasattr(key, "dtype") and as_dtype(key.dtype).is_bool


def _expand(parts: tuple[Any, ...], shape: tuple[int, ...]) -> list[Any]:
    """The parts of a key, with ``...`` and omitted trailing axes written as full slices."""
    used = sum(part is not None and part is not Ellipsis for part in parts)
    if used > len(shape):
        raise InvalidArgumentError(
            f"tensor[...]: the key has {used} indices, but the tensor has shape {list(shape)}, that is, "
            f"{len(shape)} axes. Remove some of the indices."
        )
    whole = [builtins.slice(None)] * (len(shape) - used)
    places = [place for place, part in enumerate(parts) if part is Ellipsis]
    if len(places) > 1:
        raise InvalidArgumentError(
            "tensor[...]: a key may contain only one '...'. Write ':' for the other axes."
        )
    if places:
        return [*parts[: places[0]], *whole, *parts[places[0] + 1 :]]
    return [*parts, *whole]


def _resolve_slice(part: builtins.slice, length: int) -> tuple[int, int, int]:
    """First position, number of positions and step."""
    try:
        bounds = [
            None if bound is None else static_integer("tensor[...]", "a bound of a slice", bound)
            for bound in (part.start, part.stop, part.step)
        ]
    except TracingError as error:
        raise TracingError(
            "tensor[a:b]: the bounds are computed by the traced code, so the number of elements is not known "
            "while the tf.function is traced, when shapes must be fixed. For a fixed number n of elements write "
            "tf.gather(tensor, a + tf.range(n)) or tf.slice(tensor, begin, size)."
        ) from error
    if bounds[2] == 0:
        raise InvalidArgumentError("tensor[a:b:0]: the step of a slice must not be 0. Use 1, or omit it.")
    positions = range(*builtins.slice(*bounds).indices(length))
    return (positions.start if len(positions) else 0), len(positions), positions.step


def _resolve_index(part: Any, length: int, axis: int, x: Tensor) -> Any:
    """A position counted from the front: an int, or a tensor if it is computed."""
    if getattr(part, "shape", ()) or isinstance(part, (list, tuple)):
        raise InvalidArgumentError(
            f"tensor[...]: a list or array of indices ({part!r}) is not a valid key. For rows write "
            f"tf.gather(tensor, indices, axis={axis}), for single elements tf.gather_nd or tensor[i, j]."
        )
    if isinstance(part, (bool, float, str)):
        raise InvalidArgumentError(
            f"tensor[...]: {part!r} is not a valid index. Use integers, slices, '...', tf.newaxis or a mask."
        )
    try:
        index = static_integer("tensor[...]", "an index", part)
    except TracingError:
        return indexing.from_the_front(convert(part), length)
    if not -length <= index < length:
        allowed = f"0 to {length - 1}, or -{length} to -1 from the end" if length else "the axis is empty"
        raise OutOfRangeError(
            f"tensor[...]: index {index} is outside axis {axis} of a tensor of shape {list(x.shape)}: "
            f"{allowed}."
        )
    return index + length if index < 0 else index
