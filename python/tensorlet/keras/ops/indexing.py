"""Parts of tensors, and changes of parts; order and sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.ops.promotion import floating, keeping_truth, numbers, tensor, together
from tensorlet.ops.arguments import resolve_axis
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.ops.scatter_extremes import tensor_scatter_nd_max, tensor_scatter_nd_min

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike


def take(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """The parts at some places of an axis, or of the flattened tensor; negative places count from the end."""
    found = tensor(x)
    if axis is None:
        found, axis = ops.reshape(found, [-1]), 0
    places = tensor(indices)
    axis = resolve_axis("take", axis, len(found.shape))
    length = int(found.shape[axis])
    return ops.gather(found, ops.where(places < 0, places + length, places), axis=axis)


def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """The numbers at places that differ from row to row, such as those of `argsort`."""
    found, places = tensor(x), ops.cast(tensor(indices), "int64")
    if axis is None:
        return take(found, ops.reshape(places, [-1]))
    rank = len(found.shape)
    axis = resolve_axis("take_along_axis", axis, rank)
    shape = [max(int(a), int(b)) for a, b in zip(found.shape, places.shape, strict=True)]
    shape[axis] = int(places.shape[axis])
    places = ops.broadcast_to(places, shape)
    places = ops.where(places < 0, places + int(found.shape[axis]), places)
    wide = [int(length) for length in shape]
    wide[axis] = int(found.shape[axis])
    found = ops.broadcast_to(found, wide)
    grid = [
        places
        if one == axis
        else tensor(np.broadcast_to(_along(np.arange(shape[one]), one, rank), shape).copy())
        for one in range(rank)
    ]
    return ops.gather_nd(found, ops.stack(grid, -1))


def _along(numbers: np.ndarray, axis: int, rank: int) -> np.ndarray:
    return numbers.reshape([-1 if one == axis else 1 for one in range(rank)])


def get_item(x: TensorLike, key: object) -> Tensor:
    """``x[key]``."""
    return tensor(x)[key]


def select(
    condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: TensorLike = 0
) -> Tensor:
    """Of each place the first choice whose condition holds."""
    *choices, result = together(*choicelist, default)
    for condition, choice in reversed(list(zip(condlist, choices, strict=True))):
        result = ops.where(condition, choice, result)
    return result


def sort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """Sorts along an axis, or the flattened tensor, in ascending order."""
    found = ops.reshape(tensor(x), [-1]) if axis is None else tensor(x)
    return keeping_truth(lambda values: ops.sort(values, axis=0 if axis is None else axis), found)


def argsort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """The places of the numbers in ascending order, int32."""
    found = numbers(x)
    found, axis = (ops.reshape(found, [-1]), 0) if axis is None else (found, axis)
    return ops.cast(ops.argsort(found, axis=axis, stable=True), "int32")


def argpartition(x: TensorLike, kth: int, axis: int = -1) -> Tensor:
    """The places of the numbers, those of the ``kth + 1`` smallest first; they are all in order here."""
    length = int(tensor(x).shape[axis])
    if not -length <= kth < length:
        raise InvalidArgumentError(
            f"argpartition: kth={kth} is out of bounds for axis {axis} of length {length}."
        )
    return argsort(x, axis)


def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = "left") -> Tensor:
    """Where values belong in a sorted sequence, int32."""
    sequence, wanted = together(sorted_sequence, values)
    flat = ops.searchsorted(sequence, ops.reshape(wanted, [-1]), side=side)
    return ops.reshape(ops.cast(flat, "int32"), wanted.shape)


def digitize(x: TensorLike, bins: TensorLike) -> Tensor:
    """The number of the interval that each number lies in, int32; intervals contain their lower ends."""
    return searchsorted(numbers(bins), numbers(x), side="right")


def isin(x1: TensorLike, x2: TensorLike, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each element of the first is among those of the second."""
    a, b = together(x1, x2)
    found = ops.reduce_any(ops.equal(ops.expand_dims(a, -1), ops.reshape(b, [-1])), -1)
    return ops.logical_not(found) if invert else found


def unique(
    x: TensorLike, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,
    return_counts: bool = False, axis: int | None = None, size: int | None = None, fill_value: Any = None,
) -> Any:  # fmt: skip
    """The distinct elements, in ascending order; not in compiled functions."""
    different: Any = np.unique
    found = different(np.asarray(tensor(x)), return_index, return_inverse, return_counts, axis)
    several = found if isinstance(found, tuple) else (found,)
    results = [several[0], *[one.astype(np.int32) for one in several[1:]]]
    if size is not None:
        results[0] = _to_size(results[0], size, axis or 0, fill_value)
        if return_index:
            results[1] = _to_size(results[1], size, 0, None)
        if return_counts:
            results[-1] = _to_size(results[-1], size, 0, 0)
    tensors = [tensor(one) for one in results]
    return tuple(tensors) if len(tensors) > 1 else tensors[0]


def _to_size(array: np.ndarray, size: int, axis: int, filler: Any) -> np.ndarray:
    """The first parts along an axis; where there are fewer, more of the filler, or of the first part."""
    kept = np.take(array, np.arange(min(size, array.shape[axis])), axis)
    missing = size - kept.shape[axis]
    if missing <= 0:
        return kept
    shape = list(kept.shape)
    shape[axis] = missing
    if filler is None and kept.size:
        more = np.repeat(np.take(kept, [0], axis), missing, axis)
    else:
        more = np.full(shape, 0 if filler is None else filler, kept.dtype)
    return np.concatenate([kept, more], axis)


def unravel_index(indices: TensorLike, shape: Sequence[int]) -> tuple[Tensor, ...]:
    """Places in the flattened tensor as places on each axis."""
    found, results = tensor(indices), []
    for length in reversed(list(shape)):
        results.append(ops.floormod(found, tensor(length, found.dtype)))
        found = ops.floordiv(found, tensor(length, found.dtype))
    return tuple(reversed(results))


def scatter(indices: TensorLike, values: TensorLike, shape: ShapeLike) -> Tensor:
    """Zeros of a shape, to which values are added at some places.

    >>> import tensorlet as tf
    >>> tf.keras.ops.scatter([[0], [2]], [1.0, 5.0], (3,)).numpy()
    array([1., 0., 5.], dtype=float32)
    """
    return ops.scatter_nd(tensor(indices), tensor(values), shape)


def scatter_update(
    inputs: TensorLike, indices: TensorLike, updates: TensorLike, reduction: str | None = None
) -> Tensor:
    """The tensor with other values at some places.

    Args:
        inputs: a tensor.
        indices: [updates, axes]: the places.
        updates: the new values.
        reduction: None to replace the old values; or how they and the new ones become one: ``"add"``, ``"mul"``,
            ``"max"`` or ``"min"``.

    Raises:
        InvalidArgumentError: for another reduction.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.scatter_update([2.0, 3.0], [[0], [0]], [3.0, 5.0], "mul").numpy())
    [30.  3.]
    """
    found, places = tensor(inputs), tensor(indices)
    new = tensor(updates, found.dtype)
    if reduction == "mul":
        return found * _products(found, places, new)
    changes = {
        None: ops.tensor_scatter_nd_update, "add": ops.tensor_scatter_nd_add,
        "max": tensor_scatter_nd_max, "min": tensor_scatter_nd_min,
    }  # fmt: skip
    if reduction not in changes:
        raise InvalidArgumentError(
            f"scatter_update: reduction is {reduction!r}, expected None, 'add', 'mul', 'max' or 'min'."
        )
    return changes[reduction](found, places, new)


def _products(found: Tensor, places: Tensor, new: Tensor) -> Tensor:
    """The products of the updates of each place, 1 where there are none."""
    axes = int(places.shape[-1])
    lengths = [int(length) for length in found.shape]
    steps = np.cumprod([1, *lengths[:axes][::-1]])[:-1][::-1]
    numbers_of_places = ops.reduce_sum(ops.cast(places, "int64") * tensor(steps.astype(np.int64)), -1)
    rows = ops.reshape(new, [-1, *lengths[axes:]])
    count = int(np.prod(lengths[:axes]))
    return ops.reshape(ops.unsorted_segment_prod(rows, ops.reshape(numbers_of_places, [-1]), count), lengths)


def slice(inputs: TensorLike, start_indices: TensorLike, shape: ShapeLike) -> Tensor:
    """The part of a shape that begins at a place."""
    return ops.slice(tensor(inputs), start_indices, shape)


def slice_update(inputs: TensorLike, start_indices: TensorLike, updates: TensorLike) -> Tensor:
    """The tensor with another part, which begins at a place."""
    found, part = tensor(inputs), tensor(updates)
    starts = ops.cast(ops.reshape(tensor(start_indices), [-1]), "int64")
    offsets = np.stack(np.meshgrid(*[np.arange(length) for length in part.shape], indexing="ij"), -1)
    places = tensor(offsets.astype(np.int64)) + starts
    return ops.tensor_scatter_nd_update(found, places, ops.cast(part, found.dtype))


def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The largest elements along the last axis, and their indices."""
    return ops.top_k(numbers(x), k, sorted)


def in_top_k(targets: TensorLike, predictions: TensorLike, k: int) -> Tensor:
    """Whether each target is among the ``k`` largest predictions."""
    return ops.in_top_k(tensor(targets), floating(predictions), k)


def one_hot(
    x: TensorLike, num_classes: int, axis: int = -1, dtype: DTypeLike | None = None, sparse: bool = False
) -> Tensor:
    """Converts integers to one-hot rows."""
    found = ops.cast(tensor(x), "int64")
    return ops.one_hot(found, num_classes, axis=axis, dtype=as_dtype(dtype or "float32"))


def multi_hot(
    inputs: TensorLike, num_classes: int, axis: int = -1, dtype: DTypeLike | None = None, sparse: bool = False
) -> Tensor:
    """Converts several integers to one multi-hot row."""
    rows = one_hot(inputs, num_classes, axis, "float32")
    last = len(rows.shape)
    return ops.cast(ops.reduce_max(rows, 1 if last > 2 else 0), as_dtype(dtype or "float32"))


def segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The sums of the rows that have the same id."""
    return _segments("sum", data, segment_ids, num_segments, sorted)


def segment_max(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The largest of the rows that have the same id."""
    return _segments("max", data, segment_ids, num_segments, sorted)


def segment_min(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The smallest of the rows that have the same id.

    >>> import tensorlet as tf
    >>> tf.keras.ops.segment_min([3, 1, 2], [0, 0, 1]).numpy()
    array([1, 2], dtype=int32)
    """
    return _segments("min", data, segment_ids, num_segments, sorted)


def segment_prod(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The products of the rows that have the same id.

    >>> import tensorlet as tf
    >>> tf.keras.ops.segment_prod([3, 2, 5], [0, 0, 1]).numpy()
    array([6, 5], dtype=int32)
    """
    return _segments("prod", data, segment_ids, num_segments, sorted)


def _segments(name: str, data: TensorLike, ids: TensorLike, count: int | None, sorted: bool) -> Tensor:
    places, rows = tensor(ids), tensor(data)
    if len(places.shape) != 1:
        raise ShapeError(
            f"segment_{name}: Argument `segment_ids` should be an 1-D vector, but its shape is {tuple(places.shape)}. "
            "Give one number for each row of `data`."
        )
    if not rows.shape or rows.shape[0] != places.shape[0]:
        raise ShapeError(
            f"segment_{name}: `segment_ids` of shape {tuple(places.shape)} and `data` of shape "
            f"{tuple(rows.shape)} should have the same leading dimension."
        )
    if sorted and count is not None:
        raise InvalidArgumentError(
            f"segment_{name}: num_segments={count} and sorted=True exclude each other. Leave one of them out."
        )
    count = int(np.asarray(places).max(initial=-1)) + 1 if count is None else count
    return getattr(ops, f"unsorted_segment_{name}")(rows, places, count)
