"""Creates tensors: zeros, ranges, grids, one-hot vectors and masks."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.dtypes import DType, as_dtype, float32, int32, int64, string
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.arguments import (
    require_dtype,
    resolve_axis,
    resolve_shape,
    static_array,
    static_integer,
)
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.movement import broadcast_to, expand_dims, reshape
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, DTypeLike, ShapeLike


def zeros(shape: ShapeLike, dtype: DTypeLike = float32, name: str | None = None) -> Tensor:
    """A tensor of zeros (of False for bool).

    Args:
        shape: the lengths of the axes.
        dtype: the dtype of the result.
        name: ignored.

    Raises:
        ShapeError: if a length is negative.

    >>> import tensorlet as tf
    >>> tf.zeros([2]).numpy()
    array([0., 0.], dtype=float32)
    """
    return _filled("tf.zeros", shape, 0, as_dtype(dtype))


def ones(shape: ShapeLike, dtype: DTypeLike = float32, name: str | None = None) -> Tensor:
    """A tensor of ones (of True for bool).

    Args:
        shape: the lengths of the axes.
        dtype: the dtype of the result.
        name: ignored.

    Raises:
        ShapeError: if a length is negative.

    >>> import tensorlet as tf
    >>> tf.ones([2], tf.int32).numpy()
    array([1, 1], dtype=int32)
    """
    return _filled("tf.ones", shape, 1, as_dtype(dtype))


def _filled(function: str, shape: ShapeLike, value: int, dtype: DType) -> Tensor:
    # Broadcasting one element avoids storing a full array of equal values in the graph.
    lengths = resolve_shape(function, shape)
    element = np.array(b"" if dtype is string else value, dtype.numpy)
    return broadcast_to(convert(element), lengths)


def zeros_like(input: TensorLike, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A tensor of zeros with the shape of another tensor.

    Args:
        input: any shape and dtype.
        dtype: the dtype of the result; by default the input's.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.zeros_like([1, 2]).numpy()
    array([0, 0], dtype=int32)
    """
    x = convert(input)
    return _filled("tf.zeros_like", tuple(x.shape), 0, x.dtype if dtype is None else as_dtype(dtype))


def ones_like(input: TensorLike, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A tensor of ones with the shape of another tensor.

    Args:
        input: any shape and dtype.
        dtype: the dtype of the result; by default the input's.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.ones_like([1.5, 2.5]).numpy()
    array([1., 1.], dtype=float32)
    """
    x = convert(input)
    return _filled("tf.ones_like", tuple(x.shape), 1, x.dtype if dtype is None else as_dtype(dtype))


def fill(dims: ShapeLike, value: TensorLike, name: str | None = None) -> Tensor:
    """A tensor filled with a scalar value.

    Args:
        dims: the lengths of the axes.
        value: a scalar.
        name: ignored.

    Raises:
        InvalidArgumentError: if the value is not a scalar.

    >>> import tensorlet as tf
    >>> tf.fill([2, 2], 7).numpy()
    array([[7, 7],
           [7, 7]], dtype=int32)
    """
    x = convert(value)
    if x.shape:
        raise InvalidArgumentError(
            f"tf.fill: value should be a scalar, but has shape {list(x.shape)}. Use tf.tile or "
            "tf.broadcast_to."
        )
    return broadcast_to(x, resolve_shape("tf.fill", dims, "dims"))


def eye(
    num_rows: TensorLike,
    num_columns: TensorLike | None = None,
    batch_shape: ShapeLike | None = None,
    dtype: DTypeLike = float32,
    name: str | None = None,
) -> Tensor:
    """The identity matrix, or a batch of them.

    Args:
        num_rows: the number of rows.
        num_columns: the number of columns; by default ``num_rows``.
        batch_shape: the lengths of the batch axes; by default there are none.
        dtype: the dtype of the result.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.eye(2).numpy()
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    (rows,) = resolve_shape("tf.eye", num_rows, "num_rows")
    (columns,) = (rows,) if num_columns is None else resolve_shape("tf.eye", num_columns, "num_columns")
    front = () if batch_shape is None else resolve_shape("tf.eye", batch_shape, "batch_shape")
    return broadcast_to(convert(np.eye(rows, columns, dtype=as_dtype(dtype).numpy)), (*front, rows, columns))


def range(
    start: TensorLike,
    limit: TensorLike | None = None,
    delta: TensorLike = 1,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Evenly spaced numbers from ``start`` up to but not including ``limit``.

    Args:
        start: a scalar; without ``limit``, this is the limit, and the numbers start from 0.
        limit: a scalar.
        delta: the step; may be negative.
        dtype: by default the widest dtype of the arguments: int32, int64, float32 or float64.
        name: ignored.

    Raises:
        InvalidArgumentError: if the step is 0.
        TracingError: if a traced function computes the bounds.

    >>> import tensorlet as tf
    >>> tf.range(3, 18, 5).numpy()
    array([ 3,  8, 13], dtype=int32)
    """
    if limit is None:
        start, limit = 0, start
    given = {"start": start, "limit": limit, "delta": delta}
    bounds = [static_array("tf.range", argument, value) for argument, value in given.items()]
    for (argument, value), bound in zip(given.items(), bounds, strict=True):
        if bound.ndim or bound.dtype.kind not in "iuf":
            raise InvalidArgumentError(f"tf.range: {argument} should be a scalar, but is {value!r}.")
    if bounds[2] == 0:
        raise InvalidArgumentError("tf.range: delta must not be 0. Use 1, or omit it.")
    wanted = _range_dtype([*given.values()]) if dtype is None else as_dtype(dtype)
    work = np.float64 if any(bound.dtype.kind == "f" for bound in bounds) else np.int64
    numbers = np.arange(*[work(bound) for bound in bounds])
    return convert(numbers.astype(wanted.numpy))


def _range_dtype(values: list[Any]) -> DType:
    """The widest dtype among the bounds; Python numbers count as int32 or float32."""
    order = ["int32", "int64", "float32", "float64"]
    found = [convert(value).dtype.name for value in values]
    known = [order.index(one) for one in found if one in order]
    return as_dtype(order[max(known)]) if known else int32


def linspace(
    start: TensorLike, stop: TensorLike, num: TensorLike, name: str | None = None, axis: AxisLike = 0
) -> Tensor:
    """Evenly spaced numbers, both ends included.

    Args:
        start: the first number; any shape. Integers become float64.
        stop: the last number; of the shape and dtype of ``start``.
        num: how many numbers, at least 1; with 1 the result is ``start``.
        name: ignored.
        axis: the axis of the result along which the numbers lie.

    Raises:
        InvalidArgumentError: if ``num`` is less than 1.

    >>> import tensorlet as tf
    >>> tf.linspace(0.0, 1.0, 3).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    count = static_integer("tf.linspace", "num", num)
    if count < 1:
        raise InvalidArgumentError(f"tf.linspace: num is {count}, but must be at least 1.")
    first, last = convert_together([start, stop])
    if not first.dtype.is_floating:
        first, last = functions.cast(first, "float64"), functions.cast(last, "float64")
    place = resolve_axis("tf.linspace", axis, len(first.shape) + 1)
    lengths = [1] * (len(first.shape) + 1)
    lengths[place] = count
    part = (np.arange(count) / max(count - 1, 1)).reshape(lengths)
    first, last = expand_dims(first, place), expand_dims(last, place)
    # The last number is exactly `stop`, however the others are rounded.
    numbers = first + (last - first) * part.astype(first.dtype.numpy)
    return functions.where(part == 1.0, last, numbers) if count > 1 else numbers


def meshgrid(*args: TensorLike, indexing: str = "xy", name: str | None = None) -> list[Tensor]:
    """The coordinates of the points of a grid.

    Args:
        args: the positions along each axis (tensors of one axis).
        indexing: ``"xy"``: the second axis of the results runs along the first
            argument (as in plots); ``"ij"``: the first one does.
        name: ignored.

    Returns:
        As many tensors as arguments, all of the grid's shape.

    >>> import tensorlet as tf
    >>> x, y = tf.meshgrid([1, 2, 3], [4, 5])
    >>> x.numpy()
    array([[1, 2, 3],
           [1, 2, 3]], dtype=int32)
    """
    if indexing not in ("xy", "ij"):
        raise InvalidArgumentError(f"tf.meshgrid: indexing should be 'xy' or 'ij', but is {indexing!r}.")
    axes = [reshape(arg, [-1]) for arg in args]
    places = list(builtins.range(len(axes)))
    if indexing == "xy" and len(axes) > 1:
        places[0], places[1] = 1, 0
    lengths = [0] * len(axes)
    for place, one in zip(places, axes, strict=True):
        lengths[place] = one.shape[0]
    grids = []
    for place, one in zip(places, axes, strict=True):
        column = [1] * len(axes)
        column[place] = one.shape[0]
        grids.append(broadcast_to(reshape(one, column), lengths))
    return grids


def shape(input: TensorLike, out_type: DTypeLike = int32, name: str | None = None) -> Tensor:
    """The lengths of a tensor's axes, as a tensor.

    Args:
        input: any shape and dtype.
        out_type: int32 or int64.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.shape([[1, 2, 3]]).numpy()
    array([1, 3], dtype=int32)
    """
    return convert(np.array(convert(input).shape, as_dtype(out_type).numpy))


def rank(input: TensorLike, name: str | None = None) -> Tensor:
    """The number of a tensor's axes, as an int32 scalar.

    >>> import tensorlet as tf
    >>> print(tf.rank([[1, 2]]).numpy())
    2
    """
    return convert(np.array(len(convert(input).shape), np.int32))


def size(input: TensorLike, out_type: DTypeLike = int32, name: str | None = None) -> Tensor:
    """The number of a tensor's elements, as a scalar of ``out_type``.

    >>> import tensorlet as tf
    >>> print(tf.size([[1, 2]]).numpy())
    2
    """
    return convert(np.array(np.prod(convert(input).shape, dtype=np.int64), as_dtype(out_type).numpy))


def one_hot(
    indices: TensorLike,
    depth: TensorLike,
    on_value: TensorLike | None = None,
    off_value: TensorLike | None = None,
    axis: AxisLike = None,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """One-hot vectors: 1 at the given index and 0 elsewhere.

    Args:
        indices: integers of any shape. An index outside ``0 .. depth - 1`` gives a vector of zeros.
        depth: the length of the vectors.
        on_value: the value at the index; by default 1.
        off_value: the value elsewhere; by default 0.
        axis: the axis of the result along which the vectors lie; by default the last.
        dtype: by default the dtype of the values, or float32.
        name: ignored.

    Returns:
        Shape ``indices.shape`` with ``depth`` inserted.

    Raises:
        DTypeError: if the indices are not integers, or the values are not of the given dtype.

    >>> import tensorlet as tf
    >>> tf.one_hot([0, 2], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    positions = convert(indices)
    require_dtype("tf.one_hot", "indices", positions, "integer")
    length = static_integer("tf.one_hot", "depth", depth)
    if length < 0:
        raise InvalidArgumentError(f"tf.one_hot: depth is {length}, but must be at least 0.")
    rank = len(positions.shape)
    place = rank if axis is None else resolve_axis("tf.one_hot", axis, rank + 1)
    shape = [1] * (rank + 1)
    shape[place] = length
    # Comparing in int64 is right even for a depth that does not fit the dtype of the indices.
    counting = np.arange(length, dtype=np.int64).reshape(shape)
    hits = functions.equal(functions.cast(expand_dims(positions, place), int64), counting)
    if on_value is None and off_value is None:
        return functions.cast(hits, float32 if dtype is None else as_dtype(dtype))
    wanted = None if dtype is None else as_dtype(dtype)
    for value in (on_value, off_value):
        if wanted is None and value is not None:
            wanted = convert(value).dtype
    return functions.where(hits, convert(_or(on_value, 1), wanted), convert(_or(off_value, 0), wanted))


def _or(value: TensorLike | None, default: int) -> TensorLike:
    return default if value is None else value


def sequence_mask(
    lengths: TensorLike,
    maxlen: TensorLike | None = None,
    dtype: DType | str = "bool",
    name: str | None = None,
) -> Tensor:
    """True at the first ``lengths[i]`` positions of row ``i``.

    Args:
        lengths: integers of any shape.
        maxlen: the length of the rows; by default the largest of ``lengths``, which must then be known.
        dtype: the dtype of the result.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.sequence_mask([1, 3], 3).numpy()
    array([[ True, False, False],
           [ True,  True,  True]])
    """
    counts = convert(lengths)
    require_dtype("tf.sequence_mask", "lengths", counts, "integer")
    if maxlen is None:
        known = static_array("tf.sequence_mask", "lengths", counts, "Pass maxlen.")
        maxlen = int(known.max()) if known.size else 0
    (width,) = resolve_shape("tf.sequence_mask", maxlen, "maxlen")
    mask = functions.cast(expand_dims(counts, -1), int64) > np.arange(width, dtype=np.int64)
    return mask if as_dtype(dtype).is_bool else functions.cast(mask, as_dtype(dtype))
