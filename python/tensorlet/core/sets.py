"""`tf.sets`: the rows along the last axis of tensors as sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.core.sparse_tensor import SparseTensor
from tensorlet.dtypes import int32
from tensorlet.errors import DTypeError, ShapeError

if TYPE_CHECKING:
    from tensorlet.core.tensor import EagerTensor
    from tensorlet.dtypes import DType
    from tensorlet.ops.registry import TensorLike

#: The elements of a row, without repetition.
_Set = set[Any]


def _rows(function: str, value: SparseTensor | TensorLike) -> tuple[list[int], list[_Set], DType]:
    """The lengths of all axes but the last, the sets in their order, and the dtype."""
    if isinstance(value, SparseTensor):
        lengths = [int(length or 0) for length in value.shape.as_list()[:-1]]
        sets: list[_Set] = [set() for _ in range(int(np.prod(lengths)))]
        places = value.indices.numpy()
        numbers = np.zeros(len(places), int)
        if lengths:
            numbers = np.asarray(np.ravel_multi_index(tuple(places[:, :-1].T), lengths))
        for number, element in zip(numbers, value.values.numpy().tolist(), strict=True):
            sets[int(number)].add(element)
        return lengths, sets, value.dtype
    tensor = EAGER.convert(value)
    if not len(tensor.shape):
        raise ShapeError(
            f"tf.sets.{function}: a tensor with at least one axis is expected, but got one number."
        )
    lengths = list(tensor.numpy().shape[:-1])
    rows = tensor.numpy().reshape(-1, tensor.shape[-1]).tolist()
    return lengths, [set(row) for row in rows], tensor.dtype


def _combined(
    function: str,
    combine: Callable[[_Set, _Set], _Set],
    a: SparseTensor | TensorLike,
    b: SparseTensor | TensorLike,
) -> SparseTensor:
    lengths, first, dtype = _rows(function, a)
    others, second, other = _rows(function, b)
    if lengths != others:
        raise ShapeError(
            f"tf.sets.{function}: all axes but the last must have equal lengths, but those of a are {lengths} and "
            f"those of b are {others}."
        )
    if dtype is not other:
        raise DTypeError(
            f"tf.sets.{function}: a is {dtype.name} and b is {other.name}. Write tf.cast(b, a.dtype)."
        )
    results = [sorted(combine(one, two)) for one, two in zip(first, second, strict=True)]
    places, values = [], []
    for number, result in enumerate(results):
        front = np.unravel_index(number, lengths) if lengths else ()
        places += [[*front, position] for position in range(len(result))]
        values += result
    array = np.array(values, dtype.numpy) if values else np.zeros(0, dtype.numpy)
    most = max(map(len, results), default=0)
    return SparseTensor(np.array(places, np.int64).reshape(-1, len(lengths) + 1), array, [*lengths, most])


def union(
    a: SparseTensor | TensorLike, b: SparseTensor | TensorLike, validate_indices: bool = True
) -> SparseTensor:
    """What is in a row of ``a`` or in the same row of ``b``.

    Args:
        a, b: tensors or sparse tensors, which may differ in the length of the last axis.
        validate_indices: ignored.

    Returns:
        A sparse tensor with the elements of each row in ascending order.

    Raises:
        ShapeError: if the tensors have other numbers of rows.

    >>> import tensorlet as tf
    >>> tf.sparse.to_dense(tf.sets.union([[1, 2, 2]], [[5, 1, 0]])).numpy()
    array([[0, 1, 2, 5]], dtype=int32)
    """
    return _combined("union", set.union, a, b)


def intersection(
    a: SparseTensor | TensorLike, b: SparseTensor | TensorLike, validate_indices: bool = True
) -> SparseTensor:
    """What is in a row of ``a`` and in the same row of ``b``; arguments as for `union`.

    >>> import tensorlet as tf
    >>> tf.sets.intersection([[1, 2, 2]], [[5, 1, 0]]).values.numpy()
    array([1], dtype=int32)
    """
    return _combined("intersection", set.intersection, a, b)


def difference(
    a: SparseTensor | TensorLike,
    b: SparseTensor | TensorLike,
    aminusb: bool = True,
    validate_indices: bool = True,
) -> SparseTensor:
    """What is in a row of ``a`` and not in the same row of ``b``; arguments as for `union`.

    Args:
        a, b: tensors or sparse tensors.
        aminusb: False exchanges ``a`` and ``b``.
        validate_indices: ignored.

    >>> import tensorlet as tf
    >>> tf.sets.difference([[1, 2, 2]], [[5, 1, 0]]).values.numpy()
    array([2], dtype=int32)
    """
    return _combined("difference", set.difference, *((a, b) if aminusb else (b, a)))


def size(a: SparseTensor, validate_indices: bool = True) -> EagerTensor:
    """The number of different elements in each row.

    Args:
        a: a sparse tensor.
        validate_indices: ignored.

    >>> import tensorlet as tf
    >>> tf.sets.size(tf.sparse.from_dense([[1, 1, 2], [0, 0, 3]])).numpy()
    array([2, 1], dtype=int32)
    """
    if not isinstance(a, SparseTensor):
        raise TypeError(
            f"tf.sets.size: a SparseTensor is expected, but got {type(a).__name__}. Write tf.sparse.from_dense(a)."
        )
    lengths, sets, _ = _rows("size", a)
    return EAGER.convert(np.array([len(one) for one in sets], int32.numpy).reshape(lengths))
