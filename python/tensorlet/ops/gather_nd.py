"""Gathering and scattering by multi-dimensional indices: gather_nd, scatter_nd and variants."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import int64
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import indexing, sorting
from tensorlet.ops.arguments import require_dtype, resolve_shape
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.movement import broadcast_to, reshape
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike


def linear_positions(
    function: str, indices: Tensor, shape: tuple[int, ...]
) -> tuple[Tensor, tuple[int, ...]]:
    """Converts indices into the first k axes of a shape to positions in these axes, flattened.

    Args:
        function: public name of the function, for messages.
        indices: ``[..., k]`` integers.
        shape: a shape with at least ``k`` axes.

    Returns:
        The positions (int64 ``[...]``; -1 where an index is out of range) and the lengths of the k axes.
    """
    require_dtype(function, "indices", indices, "integer")
    depth = indices.shape[-1] if indices.shape else 0
    if not indices.shape or depth > len(shape):
        raise ShapeError(
            f"{function}: the last axis of indices holds the index of an element in a tensor of shape "
            f"{list(shape)}, so its length must be at most {len(shape)}, but indices has shape "
            f"{list(indices.shape)}."
        )
    lengths = shape[:depth]
    points = functions.cast(indices, int64)
    flat = broadcast_to(convert(np.zeros((), np.int64)), indices.shape[:-1])
    outside = broadcast_to(convert(np.zeros((), np.bool_)), indices.shape[:-1])
    for axis, length in enumerate(lengths):
        along = points[..., axis]
        indexing.check_if_known(function, along, length, axis, (axis,))
        outside = functions.logical_or(outside, functions.logical_or(along < 0, along >= length))
        flat = flat * np.int64(length) + along
    return functions.where(outside, np.int64(-1), flat), lengths


def gather_nd(
    params: TensorLike, indices: TensorLike, batch_dims: int = 0, name: str | None = None
) -> Tensor:
    """Gathers elements (or slices) of a tensor at the given indices.

    Args:
        params: any dtype.
        indices: integers ``[..., k]``: each row is an index into the first k axes.
        batch_dims: must be 0; use `tf.gather` for other values.
        name: ignored.

    Returns:
        Shape ``indices.shape[:-1] + params.shape[k:]``.

    Raises:
        OutOfRangeError: if an index is out of range.
        ShapeError: if k is larger than the rank of ``params``.

    >>> import tensorlet as tf
    >>> tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy()
    array([2, 3], dtype=int32)
    """
    if batch_dims:
        raise InvalidArgumentError(
            f"tf.gather_nd: batch_dims={batch_dims} is not supported. Use tf.gather with batch_dims, or include "
            "the batch index in indices."
        )
    x = convert(params)
    shape = tuple(x.shape)
    positions, lengths = linear_positions("tf.gather_nd", convert(indices), shape)
    return indexing.take(reshape(x, (math.prod(lengths), *shape[len(lengths) :])), positions, axis=0)


def scatter_nd(indices: TensorLike, updates: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """Adds elements (or slices) to a tensor of zeros at the given indices; repeated indices accumulate.

    Args:
        indices: integers ``[..., k]``: each row is an index into the first k axes of the result.
        updates: numbers of shape ``indices.shape[:-1] + shape[k:]``.
        shape: of the result.
        name: ignored.

    Raises:
        OutOfRangeError: if an index is out of range.
        ShapeError: if the shape of the updates does not match.

    >>> import tensorlet as tf
    >>> tf.scatter_nd([[1], [3], [1]], [10, 20, 5], [4]).numpy()
    array([ 0, 15,  0, 20], dtype=int32)
    """
    lengths = resolve_shape("tf.scatter_nd", shape)
    positions, front = linear_positions("tf.scatter_nd", convert(indices), lengths)
    laid_flat = (math.prod(front), *lengths[len(front) :])
    return reshape(indexing.scatter_add(positions, convert(updates), shape=laid_flat), lengths)


def tensor_scatter_nd_add(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """Returns a tensor with elements (or slices) added at the given indices.

    Args:
        tensor: numbers.
        indices: integers ``[..., k]``.
        updates: shape ``indices.shape[:-1] + tensor.shape[k:]``.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.tensor_scatter_nd_add([1, 1, 1], [[0], [0]], [5, 6]).numpy()
    array([12,  1,  1], dtype=int32)
    """
    x, values = convert_together([tensor, updates])
    return x + scatter_nd(indices, values, x.shape)


def tensor_scatter_nd_sub(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """A tensor with elements (or slices) subtracted at given indices; see `tensor_scatter_nd_add`.

    >>> import tensorlet as tf
    >>> tf.tensor_scatter_nd_sub([1, 1, 1], [[2]], [5]).numpy()
    array([ 1,  1, -4], dtype=int32)
    """
    x, values = convert_together([tensor, updates])
    return x - scatter_nd(indices, values, x.shape)


def tensor_scatter_nd_update(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """A tensor with elements (or slices) replaced at given indices.

    Args:
        tensor: any shape and dtype.
        indices: integers ``[..., k]``; if an index is repeated, its last update wins.
        updates: shape ``indices.shape[:-1] + tensor.shape[k:]``, of the tensor's dtype.
        name: ignored.

    Raises:
        OutOfRangeError: if an index is out of range.
        ShapeError: if the shape of the updates does not match.

    >>> import tensorlet as tf
    >>> tf.tensor_scatter_nd_update([1, 2, 3], [[0], [2]], [7, 8]).numpy()
    array([7, 2, 8], dtype=int32)
    """
    x, values = convert_together([tensor, updates])
    if x.dtype.is_bool:
        as_numbers = [functions.cast(one, "int32") for one in (x, values)]
        return functions.cast(tensor_scatter_nd_update(as_numbers[0], indices, as_numbers[1]), "bool")
    positions, front = linear_positions("tf.tensor_scatter_nd_update", convert(indices), tuple(x.shape))
    rest = tuple(x.shape[len(front) :])
    wanted = (*positions.shape, *rest)
    if tuple(values.shape) != wanted:
        raise ShapeError(
            f"tf.tensor_scatter_nd_update: for indices of shape {[*positions.shape, len(front)]} into a "
            f"tensor of shape {list(x.shape)} the updates should have shape {list(wanted)}, but they have "
            f"shape {list(values.shape)}."
        )
    count = math.prod(positions.shape)
    # After sorting, the last of several equal positions is followed by a different one.
    order = sorting.argsort(reshape(positions, [count]), stable=True)
    positions = indexing.take(reshape(positions, [count]), order, axis=0)
    values = indexing.take(reshape(values, (count, *rest)), order, axis=0)
    following = indexing.take(positions, np.minimum(np.arange(1, count + 1), max(count - 1, 0)), axis=0)
    stays = functions.logical_or(functions.not_equal(positions, following), np.arange(count) == count - 1)
    stays = reshape(stays, (count,) + (1,) * len(rest))
    flat = (math.prod(front), *rest)
    kept = functions.where(stays, values, np.zeros((), x.dtype.numpy))
    placed = indexing.scatter_add(positions, kept, shape=flat)
    hits = indexing.scatter_add(positions, np.ones(count, np.int32), shape=flat[:1])
    replaced = reshape(functions.greater(hits, 0), (flat[0],) + (1,) * len(rest))
    return reshape(functions.where(replaced, placed, reshape(x, flat)), x.shape)
