"""Sorting and searching: sort, argsort, top_k, searchsorted, unique."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tensorlet.dtypes import as_dtype, int32
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import indexing
from tensorlet.ops.arguments import (
    require_dtype,
    resolve_axis,
    static_array,
    static_integer,
)
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.long_sorts import LONG, distinct, order_of_long
from tensorlet.ops.movement import expand_dims, transpose
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Spec, Tensor, TensorLike, convert, functions
from tensorlet.ops.samples import integers, real

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, DTypeLike

# --- the primitives: along the last axis -----------------------------------------------


def _infer_order(name: str, x: Spec) -> None:
    require_dtype(name, "values", x, "number")
    if not x.rank:
        raise ShapeError(f"{name}: a scalar has no axis to sort along. Pass a tensor with at least one axis.")


def _infer_sort(x: Spec, *, descending: bool) -> Spec:
    _infer_order("tf.sort", x)
    return x


def _infer_argsort(x: Spec, *, descending: bool) -> Spec:
    _infer_order("tf.argsort", x)
    return Spec(x.shape, int32)


def _argsort_reference(x: np.ndarray, descending: bool) -> np.ndarray:
    """Equal elements keep their order and NaN comes last, whichever the direction."""
    if descending:
        # Reverses the order without overflow: -x for floats, inverted bits for integers.
        x = -x if x.dtype.kind == "f" else ~x
    if x.dtype.name in ("float32", "int32") and x.shape[-1] >= LONG:
        rows = x.reshape(-1, x.shape[-1])
        return np.array([order_of_long(row) for row in rows], np.int32).reshape(x.shape)
    return np.argsort(x, axis=-1, kind="stable").astype(np.int32)


def _infer_largest(x: Spec, *, k: int) -> Spec:
    _infer_order("tf.math.top_k", x)
    return Spec((*x.shape[:-1], k), int32)


def _largest_reference(x: np.ndarray, k: int) -> np.ndarray:
    """The places of the k largest elements, the largest first; equal elements keep their order."""
    if not k or 8 * k > x.shape[-1]:
        return _argsort_reference(x, True)[..., :k]
    rows = x.reshape(-1, x.shape[-1])
    keys = -rows if x.dtype.kind == "f" else ~rows
    borders = np.partition(keys, k - 1, axis=-1)[:, k - 1 : k]
    within = keys <= borders
    if len(rows) > 1 and np.count_nonzero(within) == k * len(rows) and (within.sum(-1) == k).all():
        # No other element is as large as the last one of a row: all rows are sorted at once.
        places = np.nonzero(within)[1].reshape(-1, k)
        order = np.argsort(np.take_along_axis(keys, places, -1), axis=-1, kind="stable")
        found = np.take_along_axis(places, order, -1)
    else:
        found = np.array([_largest_of_row(row, k) for row in rows])
    return found.astype(np.int32).reshape(*x.shape[:-1], k)


def _largest_of_row(row: np.ndarray, k: int) -> np.ndarray:
    """A partition finds the smallest of the k; only those that are at least as large are sorted."""
    keys = -row if row.dtype.kind == "f" else ~row
    border = np.partition(keys, k - 1)[k - 1]
    if border != border:  # NaN: fewer than k numbers
        return _argsort_reference(row, True)[:k]
    before, equal = np.flatnonzero(keys < border), np.flatnonzero(keys == border)
    places = np.sort(np.concatenate([before, equal[: k - len(before)]]))
    return places[np.argsort(keys[places], kind="stable")]


def _sort_reference(x: np.ndarray, descending: bool) -> np.ndarray:
    return np.take_along_axis(x, _argsort_reference(x, descending), axis=-1)


def _sort_gradient(g: Tensor, output: Tensor, x: Tensor, descending: bool) -> tuple[Tensor]:
    # The inverse permutation, which says where each input went.
    went = _argsort(_argsort(x, descending=descending), descending=False)
    return (indexing.gather(g, went, batch_dims=len(x.shape) - 1),)


_EXTREMES = np.array([np.inf, 1.0, -np.inf, np.nan, 0.0, -0.0, 1.0], np.float32)

_sort = Operation(
    "sort",
    infer=_infer_sort,
    reference=_sort_reference,
    gradient=_sort_gradient,
    samples=lambda: [
        Sample(real(5), descending=False),
        Sample(real(2, 4), descending=True),
        Sample(real(2, 2, 3, dtype="float64"), descending=False),
        Sample(real(1), descending=True),
        Sample(real(2, 0), descending=False),
        Sample(integers(6), descending=True),
        Sample(np.array([-(2**63), 2**63 - 1, 0], np.int64), descending=True),
        Sample(np.array([3, 255, 0, 3], np.uint8), descending=True),
        Sample(_EXTREMES, descending=False, differentiable=()),
        Sample(_EXTREMES, descending=True, differentiable=()),
    ],
    elsewhere=Elsewhere(stacked="last axis"),
)

_argsort = Operation(
    "argsort",
    infer=_infer_argsort,
    reference=_argsort_reference,
    samples=lambda: [
        Sample(real(5), descending=False),
        Sample(real(2, 4), descending=True),
        Sample(real(2, 3, dtype="float64"), descending=True),
        Sample(real(1), descending=False),
        Sample(real(0), descending=True),
        Sample(np.array([2, 1, 2, 1, 2], np.int32), descending=False),
        Sample(np.array([2, 1, 2, 1, 2], np.int64), descending=True),
        Sample(_EXTREMES, descending=False),
        Sample(_EXTREMES, descending=True),
    ],
    elsewhere=Elsewhere(stacked="last axis"),
)


_largest = Operation(
    "top_k",
    doc="The places of the k largest elements along the last axis, the largest first.",
    infer=_infer_largest,
    reference=_largest_reference,
    samples=lambda: [
        Sample(real(40), k=3),
        Sample(real(3, 20), k=2),
        Sample(real(2, 3, dtype="float64"), k=3),
        Sample(real(1), k=1),
        Sample(real(2, 0), k=0),
        Sample(real(20), k=0),
        Sample(np.array([2, 1, 2, 1, 2] * 8, np.int32), k=4),
        Sample(np.array([-(2**63), 2**63 - 1, 0] * 9, np.int64), k=3),
        Sample(np.tile(_EXTREMES, 4), k=2),
        Sample(np.array([np.nan] * 15 + [1.0], np.float32), k=2),
    ],
    elsewhere=Elsewhere(stacked="last axis"),
)


# --- composites ------------------------------------------------------------------------


def _is_descending(function: str, direction: str) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise InvalidArgumentError(
            f"{function}: direction should be 'ASCENDING' or 'DESCENDING', but is {direction!r}."
        )
    return direction == "DESCENDING"


def _along_last(operation: Operation, x: Tensor, axis: int, descending: bool) -> Tensor:
    """Applies an operation of this file along any axis."""
    last = len(x.shape) - 1
    if axis == last:
        return operation(x, descending=descending)
    order = list(range(last + 1))
    order[axis], order[last] = last, axis
    return transpose(operation(transpose(x, order), descending=descending), order)


def sort(
    values: TensorLike, axis: AxisLike = -1, direction: str = "ASCENDING", name: str | None = None
) -> Tensor:
    """Sorts along an axis. NaN comes last.

    Args:
        values: numbers; at least one axis.
        axis: the axis.
        direction: ``"ASCENDING"`` or ``"DESCENDING"``.
        name: ignored.

    Raises:
        ShapeError: for a scalar, or if the axis is out of range.

    >>> import tensorlet as tf
    >>> tf.sort([3, 1, 2], direction="DESCENDING").numpy()
    array([3, 2, 1], dtype=int32)
    """
    x = convert(values)
    descending = _is_descending("tf.sort", direction)
    return _along_last(_sort, x, resolve_axis("tf.sort", axis, len(x.shape)), descending)


def argsort(
    values: TensorLike,
    axis: AxisLike = -1,
    direction: str = "ASCENDING",
    stable: bool = False,
    name: str | None = None,
) -> Tensor:
    """The indices that would sort an axis. NaN comes last; equal elements keep their order.

    Args:
        values: numbers; at least one axis.
        axis: the axis.
        direction: ``"ASCENDING"`` or ``"DESCENDING"``.
        stable: ignored; the order is always stable.
        name: ignored.

    Returns:
        int32, the shape of ``values``.

    >>> import tensorlet as tf
    >>> tf.argsort([3, 1, 2]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    x = convert(values)
    descending = _is_descending("tf.argsort", direction)
    return _along_last(_argsort, x, resolve_axis("tf.argsort", axis, len(x.shape)), descending)


class TopKV2(NamedTuple):
    """The result of `top_k`."""

    values: Tensor
    indices: Tensor


def top_k(
    input: TensorLike,
    k: TensorLike = 1,
    sorted: bool = True,
    index_type: DTypeLike = int32,
    name: str | None = None,
) -> TopKV2:
    """The k largest elements along the last axis, and their indices.

    Args:
        input: numbers; at least one axis.
        k: the number of elements, from 0 to the length of the last axis.
        sorted: ignored; the largest always comes first.
        index_type: int32 or int64.
        name: ignored.

    Returns:
        ``values`` and ``indices``, both of shape ``input.shape[:-1] + [k]``. Equal
        elements keep their order.

    Raises:
        InvalidArgumentError: if the last axis has fewer than k elements.

    >>> import tensorlet as tf
    >>> values, indices = tf.math.top_k([1.0, 9.0, 5.0], k=2)
    >>> values.numpy(), indices.numpy()
    (array([9., 5.], dtype=float32), array([1, 2], dtype=int32))
    """
    x = convert(input)
    count = static_integer("tf.math.top_k", "k", k)
    length = x.shape[resolve_axis("tf.math.top_k", -1, len(x.shape))]
    if not 0 <= count <= length:
        raise InvalidArgumentError(
            f"tf.math.top_k: k is {count}, but the last axis of a tensor of shape {list(x.shape)} has "
            f"{length} elements. Use a k from 0 to {length}."
        )
    last = len(x.shape) - 1
    indices = _largest(x, k=count)
    values = indexing.gather(x, indices, batch_dims=last)
    return TopKV2(values, indices if as_dtype(index_type) is int32 else functions.cast(indices, index_type))


def searchsorted(
    sorted_sequence: TensorLike,
    values: TensorLike,
    side: str = "left",
    out_type: DTypeLike = int32,
    name: str | None = None,
) -> Tensor:
    """The indices at which values would be inserted into sorted rows.

    Args:
        sorted_sequence: ``[..., n]``, in ascending order along the last axis.
        values: ``[..., m]``, with the same leading axes.
        side: ``"left"`` counts the elements below a value, ``"right"`` those not above it.
        out_type: int32 or int64.
        name: ignored.

    Returns:
        The shape of ``values``.

    Raises:
        InvalidArgumentError: for an unknown side.

    >>> import tensorlet as tf
    >>> tf.searchsorted([1, 3, 5], [0, 3, 9]).numpy()
    array([0, 1, 3], dtype=int32)
    """
    if side not in ("left", "right"):
        raise InvalidArgumentError(f"tf.searchsorted: side should be 'left' or 'right', but is {side!r}.")
    rows, wanted = convert_together([sorted_sequence, values])
    compare = functions.less if side == "left" else functions.less_equal
    before = compare(expand_dims(rows, -2), expand_dims(wanted, -1))
    return functions.reduce_sum(functions.cast(before, out_type), axis=-1)


class Unique(NamedTuple):
    """The result of `unique`."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """The result of `unique_with_counts`."""

    y: Tensor
    idx: Tensor
    count: Tensor


def unique(x: TensorLike, out_idx: DTypeLike = int32, name: str | None = None) -> Unique:
    """The distinct elements, in order of first appearance.

    The values must be known while a ``tf.function`` is traced, since they determine the shape of the result.

    Args:
        x: a tensor of one axis.
        out_idx: dtype of ``idx``.
        name: ignored.

    Returns:
        ``y``, the distinct elements, and ``idx``, with ``y[idx[i]] == x[i]``.

    Raises:
        ShapeError: if ``x`` does not have one axis.

    >>> import tensorlet as tf
    >>> y, idx = tf.unique([5, 3, 5])
    >>> y.numpy(), idx.numpy()
    (array([5, 3], dtype=int32), array([0, 1, 0], dtype=int32))
    """
    y, idx, _ = unique_with_counts(x, out_idx)
    return Unique(y, idx)


def unique_with_counts(
    x: TensorLike, out_idx: DTypeLike = int32, name: str | None = None
) -> UniqueWithCounts:
    """The distinct elements, in order of first appearance, and how often each occurs; see `unique`.

    >>> import tensorlet as tf
    >>> tf.unique_with_counts([5, 3, 5]).count.numpy()
    array([2, 1], dtype=int32)
    """
    array = static_array("tf.unique", "x", convert(x))
    if array.ndim != 1:
        raise ShapeError(
            f"tf.unique: x should have one axis, but has shape {list(array.shape)}. Use tf.reshape(x, [-1])."
        )
    values, first, inverse, counts = distinct(array)
    kind = as_dtype(out_idx).numpy
    order = np.argsort(first)
    rank = np.empty(len(order), kind)
    rank[order] = np.arange(len(order))
    idx = rank[inverse.reshape(-1)] if array.size else inverse.astype(kind)
    return UniqueWithCounts(convert(values[order]), convert(idx), convert(counts[order].astype(kind)))
