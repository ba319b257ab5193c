"""Operations that change the shape of a tensor or the order of its axes.

The gradient of each is another one of them, or a sum over what was repeated.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import ShapeError, warn_user
from tensorlet.ops import gradient_tools
from tensorlet.ops.arguments import resolve_axes, resolve_axis, resolve_shape, static_integers
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert, functions
from tensorlet.ops.samples import booleans, integers, real

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, ShapeLike

# --- reshape ---------------------------------------------------------------------------


def _infer_reshape(x: Spec, *, shape: tuple[int, ...]) -> Spec:
    if math.prod(shape) != x.size:
        raise ShapeError(
            f"tf.reshape: a tensor of shape {list(x.shape)} has {x.size} elements, but shape {list(shape)} "
            f"has {math.prod(shape)}. Choose lengths whose product is {x.size}, or set one of them to -1."
        )
    return Spec(shape, x.dtype)


_reshape = Operation(
    "reshape",
    infer=_infer_reshape,
    reference=lambda x, shape: x.reshape(shape),
    gradient=lambda g, output, x, shape: (reshape(g, x.shape),),
    samples=lambda: [
        Sample(real(2, 3), shape=(3, 2)),
        Sample(real(6), shape=(1, 2, 3, 1)),
        Sample(real(1), shape=()),
        Sample(real(), shape=(1, 1)),
        Sample(real(0, 3), shape=(3, 0, 2)),
        Sample(real(4, dtype="float64"), shape=(2, 2)),
        Sample(integers(4, dtype="int64"), shape=(2, 2)),
        Sample(booleans(4), shape=(4, 1)),
    ],
)


def reshape(tensor: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """Changes the shape of a tensor; its elements keep their order (the last axis varies fastest).

    Args:
        tensor: any shape and dtype.
        shape: the new shape; one length may be -1, and is then computed from the others.
        name: ignored.

    Returns:
        A tensor of that shape and of the input's dtype.

    Raises:
        ShapeError: if the number of elements would change.

    >>> import tensorlet as tf
    >>> tf.reshape([1, 2, 3, 4, 5, 6], [2, -1]).numpy()
    array([[1, 2, 3],
           [4, 5, 6]], dtype=int32)
    """
    third: object = name
    if isinstance(third, int):
        warn_user(
            f"tf.reshape: the third argument, name={name}, is ignored. If it is the length of an axis, put all "
            f"lengths in one argument: tf.reshape(tensor, ({shape}, {name}))."
        )
    x = convert(tensor)
    lengths = static_integers("tf.reshape", "shape", shape)
    if any(length < 0 for length in lengths):
        lengths = _fill_in(lengths, tuple(x.shape))
    return x if lengths == tuple(x.shape) else _reshape(x, shape=lengths)


def _fill_in(lengths: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Replaces the -1 in a shape by the length that it means."""
    size = math.prod(shape)
    unknown = [axis for axis, length in enumerate(lengths) if length < 0]
    if len(unknown) > 1 or lengths[unknown[0]] != -1:
        raise ShapeError(
            f"tf.reshape: shape={list(lengths)} must have at most one -1 and no other negative length. "
            "Write out the other lengths."
        )
    known = math.prod(length for length in lengths if length >= 0)
    if known == 0 and size == 0:
        missing = 0
    elif known == 0 or size % known:
        raise ShapeError(
            f"tf.reshape: a tensor of shape {list(shape)} has {size} elements, which do not fit "
            f"shape={list(lengths)}: the product of the other lengths is {known}, and {size} is not a multiple of it."
        )
    else:
        missing = size // known
    return (*lengths[: unknown[0]], missing, *lengths[unknown[0] + 1 :])


# --- broadcast_to ----------------------------------------------------------------------


def _infer_broadcast(x: Spec, *, shape: tuple[int, ...]) -> Spec:
    fits = x.rank <= len(shape) and all(
        own in (1, wanted) for own, wanted in zip(reversed(x.shape), reversed(shape), strict=False)
    )
    if not fits:
        raise ShapeError(
            f"tf.broadcast_to: shape {list(x.shape)} does not broadcast to {list(shape)}. Counted from the "
            "last axis, each length must be 1 or the wanted length. Insert axes of length 1 with "
            "tf.expand_dims, or use tf.tile."
        )
    return Spec(shape, x.dtype)


_broadcast_to = Operation(
    "broadcast_to",
    infer=_infer_broadcast,
    reference=lambda x, shape: np.broadcast_to(x, shape).copy(),
    gradient=lambda g, output, x, shape: (gradient_tools.sum_to(g, x.shape),),
    samples=lambda: [
        Sample(real(3), shape=(2, 3)),
        Sample(real(2, 1), shape=(2, 4)),
        Sample(real(), shape=(2, 2)),
        Sample(real(1), shape=(1, 1)),
        Sample(real(1, 3), shape=(0, 3)),
        Sample(real(2, 1, 2, dtype="float64"), shape=(3, 2, 2, 2)),
        Sample(integers(2), shape=(2, 2)),
        Sample(booleans(1, 2), shape=(2, 2)),
    ],
)


def broadcast_to(input: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """Broadcasts a tensor to a shape: repeats it along axes of length 1 and along new leading axes.

    Args:
        input: any dtype.
        shape: the new shape. Counted from the last axis, each length must be that of the
            input, or the length of the input must be 1.
        name: ignored.

    Raises:
        ShapeError: if the input does not broadcast to that shape.

    >>> import tensorlet as tf
    >>> tf.broadcast_to([1, 2, 3], [2, 3]).numpy()
    array([[1, 2, 3],
           [1, 2, 3]], dtype=int32)
    """
    x = convert(input)
    lengths = resolve_shape("tf.broadcast_to", shape)
    return x if lengths == tuple(x.shape) else _broadcast_to(x, shape=lengths)


# --- transpose -------------------------------------------------------------------------


def _infer_transpose(x: Spec, *, perm: tuple[int, ...]) -> Spec:
    if sorted(perm) != list(range(x.rank)):
        raise ShapeError(
            f"tf.transpose: perm={list(perm)} does not list each axis of a tensor of shape {list(x.shape)} "
            f"once. It must be a permutation of {list(range(x.rank))}."
        )
    return Spec(tuple(x.shape[axis] for axis in perm), x.dtype)


_transpose = Operation(
    "transpose",
    infer=_infer_transpose,
    reference=lambda x, perm: x.transpose(perm).copy(),
    gradient=lambda g, output, x, perm: (transpose(g, np.argsort(perm)),),
    samples=lambda: [
        Sample(real(2, 3), perm=(1, 0)),
        Sample(real(2, 3, 4), perm=(2, 0, 1)),
        Sample(real(2, 1, 3, 2, dtype="float64"), perm=(0, 2, 1, 3)),
        Sample(real(3), perm=(0,)),
        Sample(real(), perm=()),
        Sample(real(1, 1), perm=(1, 0)),
        Sample(real(0, 3), perm=(1, 0)),
        Sample(integers(2, 3, dtype="uint8"), perm=(1, 0)),
        Sample(booleans(2, 2), perm=(1, 0)),
    ],
)


def transpose(
    a: TensorLike, perm: AxisLike = None, conjugate: bool = False, name: str | None = None
) -> Tensor:
    """Permutes the axes.

    Args:
        a: any shape and dtype.
        perm: where each axis of the result comes from: ``result.shape[i] == a.shape[perm[i]]``.
            By default the order of the axes is reversed.
        conjugate: ignored; complex numbers are not supported.
        name: ignored.

    Raises:
        ShapeError: if ``perm`` is not a permutation of the axes.

    >>> import tensorlet as tf
    >>> tf.transpose([[1, 2, 3], [4, 5, 6]]).numpy()
    array([[1, 4],
           [2, 5],
           [3, 6]], dtype=int32)
    """
    x = convert(a)
    rank = len(x.shape)
    if perm is None:
        return _transpose(x, perm=tuple(reversed(range(rank))))
    axes = static_integers("tf.transpose", "perm", perm)
    return _transpose(
        x, perm=tuple(resolve_axis("tf.transpose", axis, rank, "axis in perm") for axis in axes)
    )


# --- composites ------------------------------------------------------------------------


def expand_dims(input: TensorLike, axis: AxisLike, name: str | None = None) -> Tensor:
    """Inserts an axis of length 1.

    Args:
        input: any shape and dtype.
        axis: the position of the new axis in the result; -1 is last.
        name: ignored.

    Raises:
        ShapeError: if the axis is out of range for the result.

    >>> import tensorlet as tf
    >>> tf.expand_dims([1, 2, 3], -1).shape
    TensorShape([3, 1])
    """
    x = convert(input)
    place = resolve_axis("tf.expand_dims", axis, len(x.shape) + 1)
    return _reshape(x, shape=(*x.shape[:place], 1, *x.shape[place:]))


def squeeze(input: TensorLike, axis: AxisLike = None, name: str | None = None) -> Tensor:
    """Removes axes of length 1.

    Args:
        input: any shape and dtype.
        axis: an axis or a list of them; by default all axes of length 1.
        name: ignored.

    Raises:
        ShapeError: if a given axis does not have length 1.

    >>> import tensorlet as tf
    >>> tf.squeeze([[[1], [2]]]).shape
    TensorShape([2])
    >>> tf.squeeze([[[1], [2]]], axis=0).shape
    TensorShape([2, 1])
    """
    x = convert(input)
    shape = tuple(x.shape)
    if axis is None or axis == []:
        return reshape(x, [length for length in shape if length != 1])
    axes = resolve_axes("tf.squeeze", axis, len(shape))
    for one in axes:
        if shape[one] != 1:
            raise ShapeError(
                f"tf.squeeze: axis {one} of a tensor of shape {list(shape)} has length {shape[one]}; only "
                "axes of length 1 can be removed. Pass another axis, or use tf.reshape."
            )
    return reshape(x, [length for place, length in enumerate(shape) if place not in axes])


def tile(input: TensorLike, multiples: ShapeLike, name: str | None = None) -> Tensor:
    """Repeats a tensor along its axes.

    Args:
        input: any shape and dtype.
        multiples: the number of copies along each axis.
        name: ignored.

    Raises:
        ShapeError: if there is not one count per axis.

    >>> import tensorlet as tf
    >>> tf.tile([[1, 2]], [2, 2]).numpy()
    array([[1, 2, 1, 2],
           [1, 2, 1, 2]], dtype=int32)
    """
    x = convert(input)
    shape = tuple(x.shape)
    counts = resolve_shape("tf.tile", multiples, "multiples")
    if len(counts) != len(shape):
        raise ShapeError(
            f"tf.tile: multiples={list(counts)} should have one count for each of the {len(shape)} axes of a "
            f"tensor of shape {list(shape)}. Write 1 for an axis that is not repeated."
        )
    split, wide = [], []
    for count, length in zip(counts, shape, strict=True):
        split += [1, length]
        wide += [count, length]
    repeated = broadcast_to(reshape(x, split), wide)
    return reshape(repeated, [count * length for count, length in zip(counts, shape, strict=True)])


def repeat(input: TensorLike, repeats: ShapeLike, axis: AxisLike = None, name: str | None = None) -> Tensor:
    """Repeats the elements along an axis.

    Args:
        input: any shape and dtype.
        repeats: how often; one integer, or one per element of the axis.
        axis: the axis; by default the tensor is flattened first.
        name: ignored.

    Raises:
        ShapeError: if there is neither one count nor one per element.

    >>> import tensorlet as tf
    >>> tf.repeat([1, 2], 2).numpy()
    array([1, 1, 2, 2], dtype=int32)
    >>> tf.repeat([[1, 2], [3, 4]], [1, 2], axis=0).numpy()
    array([[1, 2],
           [3, 4],
           [3, 4]], dtype=int32)
    """
    x = convert(input)
    if axis is None:
        x, axis = reshape(x, [-1]), 0
    place = resolve_axis("tf.repeat", axis, len(x.shape))
    counts = resolve_shape("tf.repeat", repeats, "repeats")
    length = x.shape[place]
    if len(counts) not in (1, length):
        raise ShapeError(
            f"tf.repeat: repeats has {len(counts)} counts, but axis {place} has {length} elements. "
            "Pass one count, or one per element."
        )
    if len(counts) == 1:
        shape = tuple(x.shape)
        stretched = broadcast_to(
            expand_dims(x, place + 1), (*shape[: place + 1], counts[0], *shape[place + 1 :])
        )
        return reshape(stretched, (*shape[:place], length * counts[0], *shape[place + 1 :]))
    return functions.gather(x, np.repeat(np.arange(length, dtype=np.int32), counts), axis=place)
