"""Segment reductions (over groups of rows), and partitioning and stitching of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from tensorlet.ops.arguments import static_array
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

_STATIC = "It determines the shape of the result: compute it with NumPy, outside the tf.function."


def _ids(function: str, name: str, ids: TensorLike) -> np.ndarray:
    """The group of each row as a NumPy array, since the number of groups is part of the result's shape."""
    return static_array(function, name, convert(ids), _STATIC).astype(np.int64)


def _check_sorted(function: str, ids: np.ndarray) -> None:
    if ids.ndim != 1:
        raise ShapeError(
            f"{function}: segment_ids has shape {list(ids.shape)}. Expected one integer per row of data."
        )
    if ids.size and (ids[0] < 0 or (np.diff(ids) < 0).any()):
        raise InvalidArgumentError(
            f"{function}: segment_ids must be sorted and non-negative, but are {ids[:8].tolist()}... "
            f"Use {function.replace('segment', 'unsorted_segment')} for ids in any order."
        )


def _sums(data: Tensor, ids: np.ndarray, count: int) -> Tensor:
    shape = [count, *[int(length) for length in data.shape[ids.ndim :]]]
    kept = np.flatnonzero(ids.reshape(-1) >= 0)
    rows = functions.reshape(data, [-1, *shape[1:]])
    if len(kept) < ids.size:  # a negative id drops its row
        rows = functions.gather(rows, kept)
    return functions.scatter_nd(ids.reshape(-1)[kept, None], rows, shape)


def _checked(function: str, data: TensorLike, ids: np.ndarray, count: int) -> Tensor:
    data = convert(data)
    if tuple(data.shape[: ids.ndim]) != ids.shape:
        raise ShapeError(
            f"{function}: data has shape {list(data.shape)} and segment_ids has shape {list(ids.shape)}. The shape "
            "of data must begin with the shape of segment_ids."
        )
    if ids.size and ids.max() >= count:
        raise OutOfRangeError(f"{function}: segment_ids go up to {ids.max()}, but num_segments is {count}.")
    return data


def _counts(ids: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(ids[ids >= 0].reshape(-1), minlength=count)


def _weights(data: Tensor, numbers: np.ndarray) -> Tensor:
    """One number per group, in a shape that broadcasts against the groups of ``data``."""
    return convert(numbers.reshape(-1, *[1] * (len(data.shape) - 1)), data.dtype)


def _extremes(
    data: Tensor, ids: np.ndarray, count: int, reduce: Callable[..., Tensor], empty: float
) -> Tensor:
    flat = ids.reshape(-1)
    rows = functions.reshape(data, [-1, *[int(length) for length in data.shape[ids.ndim :]]])
    groups = [
        reduce(functions.gather(rows, np.flatnonzero(flat == group)), axis=0)
        if (flat == group).any()
        else functions.fill([int(length) for length in rows.shape[1:]], convert(empty, data.dtype))
        for group in range(count)
    ]
    if not groups:
        return functions.zeros([0, *[int(length) for length in rows.shape[1:]]], dtype=data.dtype)
    return functions.stack(groups)


def _lowest(data: Tensor) -> float:
    dtype = data.dtype.numpy
    return float(np.finfo(dtype).min) if dtype.kind == "f" else int(np.iinfo(dtype).min)


def _highest(data: Tensor) -> float:
    dtype = data.dtype.numpy
    return float(np.finfo(dtype).max) if dtype.kind == "f" else int(np.iinfo(dtype).max)


def _sorted(function: str, data: TensorLike, segment_ids: TensorLike) -> tuple[Tensor, np.ndarray, int]:
    ids = _ids(function, "segment_ids", segment_ids)
    _check_sorted(function, ids)
    count = int(ids[-1]) + 1 if ids.size else 0
    return _checked(function, data, ids, count), ids, count


def segment_sum(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the rows of each group; the rows of a group are adjacent.

    Args:
        data: [rows, ...].
        segment_ids: [rows], integers in ascending order: the group of each row. A group without rows gives 0.
        name: ignored.

    Returns:
        [groups, ...], where the number of groups is the last id plus 1.

    Raises:
        InvalidArgumentError: if the ids are not sorted.

    >>> import tensorlet as tf
    >>> print(tf.math.segment_sum([1.0, 2.0, 5.0], [0, 0, 1]).numpy())
    [3. 5.]
    """
    return _sums(*_sorted("tf.math.segment_sum", data, segment_ids))


def segment_mean(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The mean of the rows of each group; see `segment_sum`.

    >>> import tensorlet as tf
    >>> print(tf.math.segment_mean([1.0, 2.0, 5.0], [0, 0, 1]).numpy())
    [1.5 5. ]
    """
    data, ids, count = _sorted("tf.math.segment_mean", data, segment_ids)
    return _sums(data, ids, count) / _weights(data, np.maximum(_counts(ids, count), 1))


def segment_max(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The maximum of each group; see `segment_sum`. A group without rows gives 0.

    >>> import tensorlet as tf
    >>> print(tf.math.segment_max([1.0, 2.0, 5.0], [0, 0, 1]).numpy())
    [2. 5.]
    """
    data, ids, count = _sorted("tf.math.segment_max", data, segment_ids)
    return _extremes(data, ids, count, functions.reduce_max, 0)


def segment_min(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The minimum of each group; see `segment_sum`. A group without rows gives 0.

    >>> import tensorlet as tf
    >>> print(tf.math.segment_min([1.0, 2.0, 5.0], [0, 0, 1]).numpy())
    [1. 5.]
    """
    data, ids, count = _sorted("tf.math.segment_min", data, segment_ids)
    return _extremes(data, ids, count, functions.reduce_min, 0)


def segment_prod(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The product of the rows of each group; see `segment_sum`. A group without rows gives 1.

    >>> import tensorlet as tf
    >>> print(tf.math.segment_prod([2.0, 3.0, 5.0], [0, 0, 1]).numpy())
    [6. 5.]
    """
    data, ids, count = _sorted("tf.math.segment_prod", data, segment_ids)
    return _extremes(data, ids, count, functions.reduce_prod, 1)


def _unsorted(
    function: str, data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike
) -> tuple[Tensor, np.ndarray, int]:
    ids = _ids(function, "segment_ids", segment_ids)
    count = int(static_array(function, "num_segments", convert(num_segments), _STATIC))
    return _checked(function, data, ids, count), ids, count


def unsorted_segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """The sum of the rows of each group; the rows may be in any order.

    Args:
        data: [..., more axes].
        segment_ids: [...], integers: the group of each element or row; a negative id drops it.
        num_segments: the number of groups. A group without rows gives 0.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.math.unsorted_segment_sum([1.0, 2.0, 5.0], [1, 0, 1], 3).numpy())
    [2. 6. 0.]
    """
    return _sums(*_unsorted("tf.math.unsorted_segment_sum", data, segment_ids, num_segments))


def unsorted_segment_mean(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """The mean of the rows of each group; see `unsorted_segment_sum`.

    >>> import tensorlet as tf
    >>> print(tf.math.unsorted_segment_mean([1.0, 2.0, 5.0], [1, 0, 1], 2).numpy())
    [2. 3.]
    """
    data, ids, count = _unsorted("tf.math.unsorted_segment_mean", data, segment_ids, num_segments)
    return _sums(data, ids, count) / _weights(data, np.maximum(_counts(ids, count), 1))


def unsorted_segment_sqrt_n(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """The sum of the rows of each group divided by the square root of their number; see `unsorted_segment_sum`.

    >>> import tensorlet as tf
    >>> print(tf.math.unsorted_segment_sqrt_n([1.0, 2.0, 5.0, 1.0], [0, 0, 0, 0], 1).numpy())
    [4.5]
    """
    data, ids, count = _unsorted("tf.math.unsorted_segment_sqrt_n", data, segment_ids, num_segments)
    return _sums(data, ids, count) / _weights(data, np.sqrt(np.maximum(_counts(ids, count), 1)))


def unsorted_segment_max(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """The maximum of each group; see `unsorted_segment_sum`. An empty group gives the lowest number of the dtype.

    >>> import tensorlet as tf
    >>> print(tf.math.unsorted_segment_max([1.0, 2.0, 5.0], [1, 0, 1], 2).numpy())
    [2. 5.]
    """
    data, ids, count = _unsorted("tf.math.unsorted_segment_max", data, segment_ids, num_segments)
    return _extremes(data, ids, count, functions.reduce_max, _lowest(data))


def unsorted_segment_min(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """The minimum of each group; see `unsorted_segment_sum`. An empty group gives the highest number of the dtype.

    >>> import tensorlet as tf
    >>> print(tf.math.unsorted_segment_min([1.0, 2.0, 5.0], [1, 0, 1], 2).numpy())
    [2. 1.]
    """
    data, ids, count = _unsorted("tf.math.unsorted_segment_min", data, segment_ids, num_segments)
    return _extremes(data, ids, count, functions.reduce_min, _highest(data))


def unsorted_segment_prod(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, name: str | None = None
) -> Tensor:
    """The product of the rows of each group; see `unsorted_segment_sum`. An empty group gives 1.

    >>> import tensorlet as tf
    >>> print(tf.math.unsorted_segment_prod([1.0, 2.0, 5.0], [1, 0, 1], 2).numpy())
    [2. 5.]
    """
    data, ids, count = _unsorted("tf.math.unsorted_segment_prod", data, segment_ids, num_segments)
    return _extremes(data, ids, count, functions.reduce_prod, 1)


def dynamic_partition(
    data: TensorLike, partitions: TensorLike, num_partitions: int, name: str | None = None
) -> list[Tensor]:
    """Partitions the rows into several tensors.

    Args:
        data: [..., more axes].
        partitions: [...], integers: which tensor each element or row goes to.
        num_partitions: the number of tensors.
        name: ignored.

    Raises:
        OutOfRangeError: if an element of ``partitions`` is out of range.

    >>> import tensorlet as tf
    >>> [one.numpy().tolist() for one in tf.dynamic_partition([1, 2, 3], [0, 1, 0], 2)]
    [[1, 3], [2]]
    """
    ids = _ids("tf.dynamic_partition", "partitions", partitions)
    if ids.size and ids.min() < 0:
        raise OutOfRangeError(
            f"tf.dynamic_partition: partitions contain {ids.min()}. Expected 0 to {num_partitions - 1}."
        )
    data = _checked("tf.dynamic_partition", data, ids, num_partitions)
    rows = functions.reshape(data, [-1, *[int(length) for length in data.shape[ids.ndim :]]])
    return [
        functions.gather(rows, np.flatnonzero(ids.reshape(-1) == group)) for group in range(num_partitions)
    ]


def dynamic_stitch(
    indices: Sequence[TensorLike], data: Sequence[TensorLike], name: str | None = None
) -> Tensor:
    """Merges the rows of several tensors: row ``indices[m][i]`` of the result is ``data[m][i]``.

    If an index is repeated, the last row wins.

    Args:
        indices: for each tensor, the position of each of its rows in the result.
        data: the tensors.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.dynamic_stitch([[0, 2], [1]], [[1.0, 3.0], [2.0]]).numpy())
    [1. 2. 3.]
    """
    places = [_ids("tf.dynamic_stitch", "indices", one) for one in indices]
    parts = []
    for one, ids in zip(data, places, strict=True):
        rows = convert(one)
        parts.append(functions.reshape(rows, [-1, *[int(length) for length in rows.shape[ids.ndim :]]]))
    flat = np.concatenate([ids.reshape(-1) for ids in places])
    source = np.zeros(int(flat.max()) + 1 if flat.size else 0, np.int64)
    source[flat] = np.arange(flat.size)
    return functions.gather(functions.concat(parts, axis=0), source)
