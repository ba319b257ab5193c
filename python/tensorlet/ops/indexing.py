"""Selecting elements by index: gather, its gradient scatter_add, and boolean masks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import int64
from tensorlet.errors import DTypeError, OutOfRangeError, ShapeError, TracingError, warn_user
from tensorlet.ops.arguments import require_dtype, resolve_axis, static_array, static_integer
from tensorlet.ops.movement import reshape, transpose
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert, functions
from tensorlet.ops.samples import booleans, integers, real

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike

# --- gather ----------------------------------------------------------------------------


def _infer_gather(x: Spec, indices: Spec, *, axis: int) -> Spec:
    require_dtype("tf.gather", "indices", indices, "integer")
    if not 0 <= axis < x.rank:
        raise ShapeError(f"tf.gather: axis {axis} is out of range for params of shape {list(x.shape)}.")
    return Spec((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]), x.dtype)


def _gather_reference(x: np.ndarray, indices: np.ndarray, axis: int) -> np.ndarray:
    check_indices("tf.gather", indices, x.shape[axis], axis)
    return np.asarray(x.take(indices, axis=axis), x.dtype)


def check_indices(
    function: str, indices: np.ndarray, length: int, axis: int, column: tuple[int, ...] = ()
) -> None:
    """Raises an error for indices outside ``0 .. length - 1``, which names the first of them.

    Args:
        function: public name of the function, for the message.
        indices: any shape.
        length: the length of the indexed axis.
        axis: the indexed axis, for the message.
        column: the position of these indices in the last axis of the user's array, for the message.

    Raises:
        OutOfRangeError: if an index is out of range.
    """
    wrong = (indices < 0) | (indices >= length)
    if wrong.any():
        place = tuple(int(position) for position in np.argwhere(wrong)[0])
        where = "indices" + (str([*place, *column]) if place or column else "")
        allowed = f"valid indices are 0 to {length - 1}" if length else "the axis is empty"
        raise OutOfRangeError(
            f"{function}: {where} is {indices[place]}, but axis {axis} has length {length}: {allowed}. "
            "As in TensorFlow, negative indices do not count from the end."
        )


def _gather_gradient(
    g: Tensor, output: Tensor, x: Tensor, indices: Tensor, axis: int
) -> tuple[Tensor | None, None]:
    # Scattering adds along the first axis, so the indexed axis is brought to the front and back.
    rank, wide = len(x.shape), len(indices.shape)
    indexed = list(range(axis, axis + wide))
    others = [place for place in range(len(g.shape)) if place not in indexed]
    front = g if axis == 0 else transpose(g, indexed + others)
    shape = (x.shape[axis], *x.shape[:axis], *x.shape[axis + 1 :])
    added = scatter_add(indices, front, shape=shape)
    if axis == 0:
        added._rows = (indices, g)  # see `gradient_rows`
    back = [*range(1, axis + 1), 0, *range(axis + 1, rank)]
    return (added if axis == 0 else transpose(added, back)), None


take = Operation(
    "gather",
    infer=_infer_gather,
    reference=_gather_reference,
    gradient=_gather_gradient,
    samples=lambda: [
        Sample(real(4, 2), np.array([3, 0, 3], np.int32), axis=0),
        Sample(real(2, 4), np.array([[1, 1], [0, 2]], np.int64), axis=1),
        Sample(real(2, 3, 2), np.array([2, 0], np.uint8), axis=1),
        Sample(real(3, dtype="float64"), np.array(1, np.int32), axis=0),
        Sample(real(1), np.array([0], np.int32), axis=0),
        Sample(real(3, 2), np.zeros((0,), np.int32), axis=0),
        Sample(real(2, 0), np.array([1], np.int32), axis=0),
        Sample(integers(3, dtype="int64"), np.array([2, 1], np.int32), axis=0),
        Sample(booleans(3), np.array([2, 1], np.int32), axis=0),
    ],
)


def gather(
    params: TensorLike,
    indices: TensorLike,
    validate_indices: bool | None = None,
    axis: AxisLike = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """Gathers slices of a tensor along an axis, by index.

    Args:
        params: any dtype; at least one axis.
        indices: integers of any shape, from 0 to the length of the axis minus 1.
        validate_indices: ignored; indices are always checked.
        axis: the axis; by default ``batch_dims``.
        batch_dims: the number of leading axes that ``params`` and ``indices`` share:
            each row of ``indices`` selects from its own row of ``params``.
        name: ignored.

    Returns:
        Shape ``params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]``.

    Raises:
        OutOfRangeError: if an index is out of range.
        DTypeError: if the indices are not integers.
        ShapeError: if the axis is out of range, or the batch axes differ.

    >>> import tensorlet as tf
    >>> tf.gather([10, 20, 30], [2, 0, 2]).numpy()
    array([30, 10, 30], dtype=int32)
    >>> tf.gather([[1, 2], [3, 4]], [[1], [0]], batch_dims=1).numpy()
    array([[2],
           [3]], dtype=int32)
    """
    x, positions = convert(params), convert(indices)
    require_dtype("tf.gather", "indices", positions, "integer")
    place = resolve_axis("tf.gather", batch_dims if axis is None else axis, len(x.shape))
    batch = resolve_axis("tf.gather", batch_dims, len(positions.shape) + 1, "batch_dims")
    if batch == 0:
        return take(x, positions, axis=place)
    if place < batch or x.shape[:batch] != positions.shape[:batch]:
        raise ShapeError(
            f"tf.gather: with batch_dims={batch}, the first {batch} lengths of params {list(x.shape)} and "
            f"indices {list(positions.shape)} must be equal, and axis ({place}) must not be one of them."
        )
    return _gather_batched(x, positions, place, batch)


def _gather_batched(x: Tensor, indices: Tensor, axis: int, batch: int) -> Tensor:
    """Flattens the batch axes into one, and offsets the indices to their own row."""
    between = list(range(batch, axis))
    x = transpose(x, [*range(batch), axis, *between, *range(axis + 1, len(x.shape))])
    rows, length, rest = tuple(x.shape[:batch]), x.shape[batch], tuple(x.shape[batch + 1 :])
    count = math.prod(rows)
    chosen = tuple(indices.shape[batch:])
    firsts = (np.arange(count) * length).reshape(rows + (1,) * len(chosen))
    check_if_known("tf.gather", indices, length, axis)
    positions = within_blocks(indices, length, firsts.astype(np.int64))
    picked = take(reshape(x, (count * length, *rest)), positions, axis=0)
    # The order is now: batch, chosen, between, behind. The axes in between move back to the front.
    first = batch + len(chosen)
    middle = list(range(first, first + len(between)))
    order = [*range(batch), *middle, *range(batch, first), *range(first + len(between), len(picked.shape))]
    return transpose(picked, order)


def within_blocks(indices: Tensor, length: int, firsts: np.ndarray) -> Tensor:
    """Converts indices into blocks of ``length`` to indices into all blocks; invalid ones stay invalid."""
    wide = functions.cast(indices, int64)
    outside = functions.logical_or(wide < 0, wide >= length)
    return functions.where(outside, np.int64(-1), wide + firsts)


def check_if_known(
    function: str, indices: Tensor, length: int, axis: int, column: tuple[int, ...] = ()
) -> None:
    """Checks indices at once if their values are known; otherwise they are checked when the program runs."""
    try:
        known = np.asarray(indices)
    except TracingError:
        return
    check_indices(function, known, length, axis, column)


def from_the_front(index: Tensor, length: int) -> Tensor:
    """Converts an index that may be negative (counted from the end) to a non-negative one."""
    return functions.where(index < 0, index + length, index)


def static_or_tensors(value: TensorLike) -> list[int | Tensor]:
    """Python ints where the values are known, scalar tensors where the traced code computes them."""
    if isinstance(value, list | tuple):
        given: Sequence[object] = value
    else:
        try:
            given = np.asarray(value).reshape(-1).tolist()
        except TracingError:
            tensor = convert(value)
            return [tensor[place] for place in range(tensor.shape[0])]
    elements: list[int | Tensor] = []
    for element in given:
        try:
            elements.append(static_integer("tf.slice", "begin", element))
        except TracingError:
            elements.append(convert(element))
    return elements


# --- scatter_add -----------------------------------------------------------------------


def _infer_scatter_add(indices: Spec, updates: Spec, *, shape: tuple[int, ...]) -> Spec:
    require_dtype("tf.scatter_nd", "indices", indices, "integer")
    require_dtype("tf.scatter_nd", "updates", updates, "number")
    if not shape or updates.shape != (*indices.shape, *shape[1:]):
        raise ShapeError(
            f"tf.scatter_nd: for indices {list(indices.shape)} into shape {list(shape)} the updates should "
            f"have shape {[*indices.shape, *shape[1:]]}, but they have shape {list(updates.shape)}."
        )
    return Spec(shape, updates.dtype)


def _scatter_add_reference(indices: np.ndarray, updates: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    check_indices("tf.scatter_nd", indices, shape[0], 0)
    # float16 is only a storage format: sums are computed in float32, as everywhere.
    total = np.zeros(shape, np.float32 if updates.dtype == np.float16 else updates.dtype)
    np.add.at(total, indices, updates)
    return total.astype(updates.dtype)


scatter_add = Operation(
    "scatter_add",
    infer=_infer_scatter_add,
    reference=_scatter_add_reference,
    gradient=lambda g, output, indices, updates, shape: (None, take(g, indices, axis=0)),
    samples=lambda: [
        Sample(np.array([3, 0, 3], np.int32), real(3, 2), shape=(4, 2)),
        Sample(np.array([[1, 1], [0, 2]], np.int64), real(2, 2), shape=(3,)),
        Sample(np.array(1, np.uint8), real(2, dtype="float64"), shape=(3, 2)),
        Sample(np.array([0], np.int32), real(1), shape=(1,)),
        Sample(np.zeros((0,), np.int32), real(0, 2), shape=(3, 2)),
        Sample(np.array([1, 1], np.int32), integers(2, dtype="int64"), shape=(2,)),
    ],
    doc="Adds updates to rows of a tensor of zeros: the gradient of tf.gather.",
)


# --- masks -----------------------------------------------------------------------------


def boolean_mask(
    tensor: TensorLike, mask: TensorLike, axis: AxisLike = None, name: str | None = None
) -> Tensor:
    """The elements where a mask is true.

    The mask must be known while a ``tf.function`` is traced, since it determines the shape of the result.

    Args:
        tensor: any dtype.
        mask: bool; its shape matches consecutive axes of the tensor.
        axis: the first of these axes; by default 0.
        name: ignored.

    Returns:
        The masked axes are merged into one axis, whose length is the number of true elements.

    Raises:
        DTypeError: if the mask is not bool. Numbers are accepted with a warning: all but 0 count as true.
        ShapeError: if the mask does not fit the axes.
        TracingError: if the mask is computed by a traced function.

    >>> import tensorlet as tf
    >>> tf.boolean_mask([1, 2, 3], [True, False, True]).numpy()
    array([1, 3], dtype=int32)
    """
    x = convert(tensor)
    known = static_array(
        "tf.boolean_mask",
        "mask",
        mask,
        "Keep all elements and select with tf.where(mask, x, 0), or multiply by tf.cast(mask, x.dtype).",
    )
    if known.dtype.kind not in "biuf":
        raise DTypeError(
            f"tf.boolean_mask: mask is {known.dtype}, but bool is expected. Compare, as in x > 0."
        )
    if known.dtype != np.bool_:
        warn_user(
            f"tf.boolean_mask: mask is {known.dtype}, not bool; elements where it is not 0 are kept. To be clear, "
            "compare, as in mask != 0."
        )
    place = 0 if axis is None else resolve_axis("tf.boolean_mask", axis, len(x.shape))
    shape, wide = tuple(x.shape), known.ndim
    if wide == 0 or shape[place : place + wide] != known.shape:
        raise ShapeError(
            f"tf.boolean_mask: the mask has shape {list(known.shape)}, but the tensor has shape "
            f"{list(shape)}: from axis {place} on the lengths must be equal, and the mask needs at least one "
            "axis."
        )
    flat = reshape(x, (*shape[:place], known.size, *shape[place + wide :]))
    return take(flat, np.flatnonzero(known), axis=place)
