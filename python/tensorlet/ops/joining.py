"""Joining and splitting tensors: pad, concat, stack, unstack and split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import float32
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import indexing, shape_rules, slicing
from tensorlet.ops.arguments import (
    resolve_axis,
    static_array,
    static_integer,
    static_integers,
)
from tensorlet.ops.conversion import convert_together, holds_tensors, to_array
from tensorlet.ops.movement import expand_dims, reshape
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert, functions
from tensorlet.ops.samples import booleans, integers, real

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike, AxisLike

# --- pad -------------------------------------------------------------------------------


def _infer_pad(x: Spec, value: Spec, *, before: tuple[int, ...], after: tuple[int, ...]) -> Spec:
    if not len(before) == len(after) == x.rank:
        raise ShapeError(
            f"tf.pad: paddings should have one pair for each of the {x.rank} axes of a tensor of shape "
            f"{list(x.shape)}, but has {len(before)}. Write [0, 0] for an axis without padding."
        )
    if min((*before, *after), default=0) < 0:
        raise ShapeError(
            f"tf.pad: paddings must not be negative, but are {list(zip(before, after, strict=True))}. "
            "To shorten a tensor use tf.slice."
        )
    if value.rank or value.dtype is not x.dtype:
        raise InvalidArgumentError(
            f"tf.pad: constant_values should be a scalar of the tensor's dtype, {x.dtype.name}, but is "
            f"{value}."
        )
    return Spec(tuple(b + n + a for b, n, a in zip(before, x.shape, after, strict=True)), x.dtype)


def _pad_reference(
    x: np.ndarray, value: np.ndarray, before: tuple[int, ...], after: tuple[int, ...]
) -> np.ndarray:
    padded = np.full([b + n + a for b, n, a in zip(before, x.shape, after, strict=True)], value, x.dtype)
    padded[tuple(slice(b, b + n) for b, n in zip(before, x.shape, strict=True))] = x
    return padded


def _pad_gradient(
    g: Tensor, output: Tensor, x: Tensor, value: Tensor, before: tuple[int, ...], after: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    inner = slicing.block(g, before, tuple(x.shape))
    return inner, functions.reduce_sum(g) - functions.reduce_sum(inner)


_pad = Operation(
    "pad",
    infer=_infer_pad,
    reference=_pad_reference,
    gradient=_pad_gradient,
    together=(0, 1),
    samples=lambda: [
        Sample(real(2, 3), real(), before=(1, 0), after=(0, 2)),
        Sample(real(3, dtype="float64"), real(dtype="float64"), before=(2,), after=(1,)),
        Sample(real(), real(), before=(), after=()),
        Sample(real(1), real(), before=(0,), after=(0,)),
        Sample(real(0, 2), real(), before=(1, 0), after=(1, 0)),
        Sample(real(2), np.array(np.inf, np.float32), before=(1,), after=(1,), differentiable=()),
        Sample(integers(2, 2), integers(), before=(1, 1), after=(1, 1)),
        Sample(booleans(2), booleans(), before=(1,), after=(1,)),
    ],
)


def pad(
    tensor: TensorLike,
    paddings: TensorLike,
    mode: str = "CONSTANT",
    constant_values: TensorLike = 0,
    name: str | None = None,
) -> Tensor:
    """Pads a tensor before and after its elements.

    Args:
        tensor: any dtype.
        paddings: ``[rank, 2]`` integers: how many elements to add before and after, for each axis.
        mode: ``"CONSTANT"``; ``"REFLECT"`` mirrors at the border element, ``"SYMMETRIC"``
            mirrors at the border itself, so that the border element appears twice.
        constant_values: the scalar to pad with.
        name: ignored.

    Raises:
        ShapeError: if there is not one pair per axis.
        InvalidArgumentError: for an unknown mode, or for more mirrored elements than the axis has.

    >>> import tensorlet as tf
    >>> tf.pad([1, 2, 3], [[1, 2]]).numpy()
    array([0, 1, 2, 3, 0, 0], dtype=int32)
    >>> tf.pad([1, 2, 3], [[2, 1]], mode="REFLECT").numpy()
    array([3, 2, 1, 2, 3, 2], dtype=int32)
    """
    x = convert(tensor)
    pairs = static_array("tf.pad", "paddings", paddings)
    if pairs.shape != (len(x.shape), 2) and not (pairs.size == 0 and not x.shape):
        raise ShapeError(
            f"tf.pad: paddings should have shape [{len(x.shape)}, 2], one pair for each axis of a tensor of "
            f"shape {list(x.shape)}, but has shape {list(pairs.shape)}. Write [0, 0] for an axis that stays."
        )
    before = tuple(int(pair[0]) for pair in pairs)
    after = tuple(int(pair[1]) for pair in pairs)
    kind = mode.upper()
    if kind == "CONSTANT":
        return _pad(x, convert(constant_values, x.dtype), before=before, after=after)
    if kind not in ("REFLECT", "SYMMETRIC"):
        raise InvalidArgumentError(
            f"tf.pad: mode {mode!r} is not supported. Use 'CONSTANT', 'REFLECT' or 'SYMMETRIC'."
        )
    for axis, (left, right) in enumerate(zip(before, after, strict=True)):
        if left or right:
            x = indexing.gather(x, _mirrored(x.shape[axis], left, right, kind, axis), axis=axis)
    return x


def _mirrored(length: int, left: int, right: int, kind: str, axis: int) -> np.ndarray:
    """The indices that mirrored padding reads."""
    most = length - 1 if kind == "REFLECT" else length
    if max(left, right) > most or min(left, right) < 0:
        raise InvalidArgumentError(
            f"tf.pad: mode '{kind}' can add 0 to {max(most, 0)} elements at each end of axis {axis}, "
            f"which has {length}, but paddings asks for {left} and {right}."
        )
    return np.pad(np.arange(length, dtype=np.int32), (left, right), mode=kind.lower())  # type: ignore[call-overload]


# --- concat ----------------------------------------------------------------------------


def _infer_concat(*inputs: Spec, axis: int) -> Spec:
    if not inputs:
        raise InvalidArgumentError("tf.concat: the list of tensors is empty. Pass at least one tensor.")
    first = inputs[0]
    for number, spec in enumerate(inputs):
        shape_rules.same_dtype("tf.concat", ("values[0]", f"values[{number}]"), (first, spec))
        if _without(spec.shape, axis) != _without(first.shape, axis) or spec.rank != first.rank:
            raise ShapeError(
                f"tf.concat: values[0] has shape {list(first.shape)} and values[{number}] has "
                f"{list(spec.shape)}; "
                f"all lengths must be equal except on axis {axis}, along which they are joined. "
                "Use tf.stack to join along a new axis."
            )
    total = sum(spec.shape[axis] for spec in inputs)
    return Spec((*first.shape[:axis], total, *first.shape[axis + 1 :]), first.dtype)


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


def _concat_gradient(g: Tensor, output: Tensor, *inputs: Tensor, axis: int) -> list[Tensor]:
    gradients, start = [], 0
    for x in inputs:
        gradients.append(slicing.cut(g, axis, start, x.shape[axis]))
        start += x.shape[axis]
    return gradients


_concat = Operation(
    "concat",
    infer=_infer_concat,
    reference=lambda *inputs, axis: np.concatenate(inputs, axis=axis),
    gradient=_concat_gradient,
    variadic=True,
    samples=lambda: [
        Sample(real(2, 3), real(1, 3), axis=0),
        Sample(real(2, 1), real(2, 2), real(2, 3), axis=1),
        Sample(real(1), axis=0),
        Sample(real(0, 2), real(2, 2), axis=0),
        Sample(real(0), real(0), axis=0),
        Sample(real(2, 2, 1, dtype="float64"), real(2, 1, 1, dtype="float64"), axis=1),
        Sample(integers(2, dtype="uint8"), integers(3, dtype="uint8"), axis=0),
        Sample(booleans(2), booleans(1), axis=0),
    ],
)


def concat(values: Sequence[TensorLike] | Tensor, axis: AxisLike, name: str | None = None) -> Tensor:
    """Joins tensors along an existing axis.

    Args:
        values: a list of tensors of the same dtype and rank, whose shapes differ only on ``axis``.
        axis: the axis; a negative one counts from the end.
        name: ignored.

    Raises:
        ShapeError: if the shapes do not match, or the tensors are scalars.
        DTypeError: if the dtypes differ.

    >>> import tensorlet as tf
    >>> tf.concat([[[1, 2]], [[3, 4], [5, 6]]], axis=0).numpy()
    array([[1, 2],
           [3, 4],
           [5, 6]], dtype=int32)
    """
    tensors = convert_together(list(values))
    if tensors and not tensors[0].shape:
        raise ShapeError("tf.concat: scalars cannot be concatenated, as they have no axes. Use tf.stack.")
    rank = len(tensors[0].shape) if tensors else 1
    return _concat(*tensors, axis=resolve_axis("tf.concat", axis, rank))


# --- composites ------------------------------------------------------------------------


def stack(values: Sequence[TensorLike] | Tensor, axis: AxisLike = 0, name: str | None = None) -> Tensor:
    """Joins tensors of the same shape along a new axis.

    Args:
        values: a list of tensors of the same shape and dtype.
        axis: the position of the new axis in the result.
        name: ignored.

    Raises:
        ShapeError: if the shapes differ.
        DTypeError: if the dtypes differ.

    >>> import tensorlet as tf
    >>> tf.stack([[1, 2], [3, 4]], axis=1).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    values = list(values)
    tensors = convert_together(values if not values or holds_tensors(values) else _floats_if_any(values))
    if not tensors:
        raise InvalidArgumentError("tf.stack: the list of tensors is empty. Pass at least one tensor.")
    for number, tensor in enumerate(tensors):
        if tuple(tensor.shape) != tuple(tensors[0].shape):
            raise ShapeError(
                f"tf.stack: values[0] has shape {list(tensors[0].shape)} and values[{number}] has "
                f"{list(tensor.shape)}; all shapes must be equal. To join along an existing axis use tf.concat."
            )
    place = resolve_axis("tf.stack", axis, len(tensors[0].shape) + 1)
    return _concat(*[expand_dims(tensor, place) for tensor in tensors], axis=place)


def _floats_if_any(values: list[ArrayLike]) -> list[ArrayLike]:
    """Numbers, lists and arrays to stack: an integer before a float becomes a float, as in ``[1, 2.5]``."""
    first, *others = [to_array(value) for value in values]
    if first.dtype.kind in "iu" and any(other.dtype.kind == "f" for other in others):
        return [to_array(value, float32) for value in values]
    return values


def unstack(
    value: TensorLike, num: int | None = None, axis: AxisLike = 0, name: str | None = None
) -> list[Tensor]:
    """Splits a tensor along an axis into slices without that axis.

    Args:
        value: any dtype; at least one axis.
        num: the number of slices; checked if it is given.
        axis: the axis.
        name: ignored.

    Raises:
        ShapeError: if the axis is out of range, or its length is not ``num``.

    >>> import tensorlet as tf
    >>> [row.numpy().tolist() for row in tf.unstack([[1, 2], [3, 4]])]
    [[1, 2], [3, 4]]
    """
    x = convert(value)
    place = resolve_axis("tf.unstack", axis, len(x.shape))
    length = x.shape[place]
    if num is not None and num != length:
        raise ShapeError(f"tf.unstack: num={num}, but axis {place} has length {length}. Omit num.")
    shape = (*x.shape[:place], *x.shape[place + 1 :])
    return [reshape(slicing.cut(x, place, position, 1), shape) for position in range(length)]


def split(
    value: TensorLike,
    num_or_size_splits: TensorLike,
    axis: AxisLike = 0,
    num: int | None = None,
    name: str | None = None,
) -> list[Tensor]:
    """Splits a tensor into pieces along an axis.

    Args:
        value: any dtype; at least one axis.
        num_or_size_splits: the number of equal pieces, or a list of their lengths, one of
            which may be -1 for the rest.
        axis: the axis.
        num: ignored; the number of pieces is always known.
        name: ignored.

    Raises:
        ShapeError: if the lengths of the pieces do not add up to the length of the axis.

    >>> import tensorlet as tf
    >>> [part.numpy().tolist() for part in tf.split([1, 2, 3, 4], 2)]
    [[1, 2], [3, 4]]
    >>> [part.numpy().tolist() for part in tf.split([1, 2, 3, 4], [1, -1])]
    [[1], [2, 3, 4]]
    """
    x = convert(value)
    place = resolve_axis("tf.split", axis, len(x.shape))
    pieces, start = [], 0
    for size in _piece_sizes(num_or_size_splits, x.shape[place], place):
        pieces.append(slicing.cut(x, place, start, size))
        start += size
    return pieces


def _piece_sizes(asked: TensorLike, length: int, axis: int) -> list[int]:
    """The lengths of the pieces that an axis is split into."""
    is_count = isinstance(asked, int) or (not isinstance(asked, (list, tuple)) and np.ndim(asked) == 0)
    if is_count:
        count = static_integer("tf.split", "num_or_size_splits", asked)
        if count < 1 or length % count:
            raise ShapeError(
                f"tf.split: axis {axis} has length {length}, which cannot be split into {count} equal pieces. "
                "Pass a divisor of the length, or a list of lengths."
            )
        return [length // count] * count
    sizes = list(static_integers("tf.split", "num_or_size_splits", asked))
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = length - (sum(sizes) + 1)
    if min(sizes, default=0) < 0 or sum(sizes) != length:
        raise ShapeError(
            f"tf.split: the lengths {asked} do not add up to {length}, the length of axis {axis}. "
            "One of them may be -1, for the rest."
        )
    return sizes
