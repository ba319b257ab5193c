"""New tensors, and tensors in other shapes and orders."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.ops.promotion import float_dtype, result_dtype, tensor, together
from tensorlet.ops.arguments import resolve_axis
from tensorlet.ops.registry import Tensor, TensorLike

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike


def array(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """The value as a tensor."""
    return tensor(x, dtype)


def copy(x: TensorLike) -> Tensor:
    """The value as a new tensor."""
    return ops.identity(tensor(x))


def zeros(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """Zeros of a shape."""
    return ops.zeros(shape, float_dtype() if dtype is None else dtype)


def ones(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """Ones of a shape."""
    return ops.ones(shape, float_dtype() if dtype is None else dtype)


def empty(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """A tensor of a shape; zeros, since memory is never left as it is."""
    return zeros(shape, dtype)


def full(shape: ShapeLike, fill_value: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """One number in a shape."""
    found = tensor(fill_value, float_dtype() if dtype is None else dtype)
    return ops.broadcast_to(found, [shape] if isinstance(shape, int) else shape)


def zeros_like(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Zeros of another tensor's shape."""
    return ops.zeros_like(tensor(x), dtype)


empty_like = zeros_like


def ones_like(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Ones of another tensor's shape."""
    return ops.ones_like(tensor(x), dtype)


def full_like(x: TensorLike, fill_value: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """One number in another tensor's shape."""
    found = tensor(x)
    return ops.broadcast_to(tensor(fill_value, found.dtype if dtype is None else dtype), found.shape)


def eye(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Ones on a diagonal, ``k`` above the main one."""
    return tensor(np.eye(N, M, k, as_dtype(dtype or float_dtype()).numpy))


def identity(n: int, dtype: DTypeLike | None = None) -> Tensor:
    """A square matrix with ones on its diagonal."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Ones on and below a diagonal."""
    return tensor(np.tri(N, M, k, as_dtype(dtype or float_dtype()).numpy))


def arange(start: TensorLike, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> Tensor:
    """Numbers from ``start`` (or 0) up to but not including ``stop``."""
    step = 1 if step is None else step
    first, last = (0, start) if stop is None else (start, stop)
    wanted = (
        as_dtype(dtype)
        if dtype is not None
        else result_dtype(*[x for x in (start, stop, step) if x is not None])
    )
    ends: list[Any] = [np.asarray(one) for one in (first, last, step)]
    return tensor(np.arange(*ends).astype(wanted.numpy))


def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Any:
    """Evenly spaced numbers."""
    first, last = together(start, stop, floats=True)
    parts = (num - 1 if endpoint else num) or 1
    step = (last - first) / float(parts)
    shape = [1] * (len(first.shape) + 1)
    shape[axis] = num
    places = ops.reshape(tensor(np.arange(num), first.dtype), shape)
    values = ops.expand_dims(first, axis) + places * ops.expand_dims(step, axis)
    values = values if dtype is None else ops.cast(values, as_dtype(dtype))
    return (values, step) if retstep else values


def geomspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Tensor:
    """Numbers with equal quotients: `linspace` of the logarithms, with the sign of ``start``.

    >>> import tensorlet as tf
    >>> tf.keras.ops.geomspace(1.0, 100.0, 3).numpy().round(3)
    array([  1.,  10., 100.], dtype=float32)
    """
    first, last = together(start, stop, floats=True)
    logarithms = linspace(ops.log(ops.abs(first)), ops.log(ops.abs(last)), num, endpoint, axis=axis)
    found = ops.exp(logarithms) * ops.expand_dims(ops.sign(first), axis)
    return found if dtype is None else ops.cast(found, as_dtype(dtype))


def logspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Tensor:
    """Powers of ``base`` whose exponents are `linspace`."""
    powers = linspace(start, stop, num, endpoint, axis=axis)
    found = ops.pow(tensor(float(base), powers.dtype), powers)
    return found if dtype is None else ops.cast(found, as_dtype(dtype))


def meshgrid(*x: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of a grid."""
    return list(ops.meshgrid(*[tensor(one) for one in x], indexing=indexing))


def reshape(x: TensorLike, newshape: int | Sequence[int]) -> Tensor:
    """The same numbers in another shape.

    >>> import tensorlet as tf
    >>> tf.keras.ops.reshape([[1, 2], [3, 4]], (-1,)).numpy()
    array([1, 2, 3, 4], dtype=int32)
    """
    return ops.reshape(tensor(x), [newshape] if isinstance(newshape, int) else list(newshape))


def ravel(x: TensorLike) -> Tensor:
    """Flattens all axes into one."""
    return ops.reshape(tensor(x), [-1])


def transpose(x: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in another order; by default reversed."""
    return ops.transpose(tensor(x), axes)


def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged."""
    found = tensor(x)
    rank = len(found.shape)
    order = list(range(rank))
    first, second = resolve_axis("swapaxes", axis1, rank), resolve_axis("swapaxes", axis2, rank)
    order[first], order[second] = second, first
    return ops.transpose(found, order)


def moveaxis(x: TensorLike, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Moves axes to other positions; the others keep their order."""
    found = tensor(x)
    rank = len(found.shape)
    sources, places = (
        [resolve_axis("moveaxis", one, rank) for one in ([axes] if isinstance(axes, int) else axes)]
        for axes in (source, destination)
    )
    order = [axis for axis in range(rank) if axis not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return ops.transpose(found, order)


def expand_dims(x: TensorLike, axis: int | Sequence[int]) -> Tensor:
    """New axes of the length 1."""
    found = tensor(x)
    axes = [axis] if isinstance(axis, int) else list(axis)
    rank = len(found.shape) + len(axes)
    if len({one % rank for one in axes}) != len(axes):
        raise InvalidArgumentError(f"expand_dims: axis={axis!r} contains an axis twice. Give each axis once.")
    for one in sorted(one % rank for one in axes):
        found = ops.expand_dims(found, one)
    return found


def squeeze(x: TensorLike, axis: int | Sequence[int] | None = None) -> Tensor:
    """Removes axes of length 1."""
    return ops.squeeze(tensor(x), axis)


def broadcast_to(x: TensorLike, shape: ShapeLike) -> Tensor:
    """Repeated to fill a shape."""
    return ops.broadcast_to(tensor(x), shape)


def concatenate(xs: Sequence[TensorLike], axis: int | None = 0) -> Tensor:
    """Concatenates tensors along an axis."""
    found = together(*xs)
    return ops.concat([ravel(one) for one in found], 0) if axis is None else ops.concat(found, axis)


def append(x1: TensorLike, x2: TensorLike, axis: int | None = None) -> Tensor:
    """The second after the first; both flattened if no axis is given."""
    return concatenate([x1, x2], axis)


def stack(x: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Stacks tensors of one shape along a new axis."""
    return ops.stack(together(*x), axis)


def _at_least(x: TensorLike, rank: int) -> Tensor:
    found = tensor(x)
    return (
        ops.reshape(found, [1] * (rank - len(found.shape)) + list(found.shape))
        if len(found.shape) < rank
        else found
    )


def vstack(xs: Sequence[TensorLike]) -> Tensor:
    """Rows below each other."""
    return concatenate([_at_least(x, 2) for x in xs], 0)


def hstack(xs: Sequence[TensorLike]) -> Tensor:
    """Concatenates along the second axis, or along the only one."""
    found = [_at_least(x, 1) for x in xs]
    return concatenate(found, 0 if len(found[0].shape) == 1 else 1)


def dstack(xs: Sequence[TensorLike]) -> Tensor:
    """Along the third axis."""
    found = [_at_least(x, 2) for x in xs]
    return concatenate([one if len(one.shape) > 2 else ops.expand_dims(one, 2) for one in found], 2)


def split(x: TensorLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Splits an axis into equal parts, or at given indices."""
    found = tensor(x)
    if isinstance(indices_or_sections, int):
        return list(ops.split(found, indices_or_sections, axis))
    return _cut(found, [int(place) for place in indices_or_sections], axis)


def _cut(found: Tensor, places: list[int], axis: int) -> list[Tensor]:
    length = int(found.shape[axis])
    ends = [0, *[min(place if place >= 0 else place + length, length) for place in places], length]
    return [ops.gather(found, np.arange(a, b), axis=axis) for a, b in itertools.pairwise(ends)]


def array_split(x: TensorLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Parts along an axis, of which the first may be longer by one."""
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    found, count = tensor(x), indices_or_sections
    each, longer = divmod(int(found.shape[axis]), count)
    sizes = [each + 1] * longer + [each] * (count - longer)
    return _cut(found, np.cumsum(sizes)[:-1].tolist(), axis)


def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """The parts along an axis, without it."""
    return list(ops.unstack(tensor(x), num, axis))


def tile(x: TensorLike, repeats: TensorLike) -> Tensor:
    """The tensor side by side with itself, so many times along each axis."""
    counts = [repeats] if isinstance(repeats, int) else list(repeats)
    found = _at_least(x, len(counts))
    return ops.tile(found, [1] * (len(found.shape) - len(counts)) + counts)


def repeat(x: TensorLike, repeats: TensorLike, axis: int | None = None) -> Tensor:
    """Repeats each element or slice; the tensor is flattened if no axis is given."""
    found = tensor(x)
    return ops.repeat(ravel(found), repeats, 0) if axis is None else ops.repeat(found, repeats, axis)


def flip(x: TensorLike, axis: int | Sequence[int] | None = None) -> Tensor:
    """Reverses some axes, or all."""
    found = tensor(x)
    axes = list(range(len(found.shape))) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    return ops.reverse(found, axes)


def fliplr(x: TensorLike) -> Tensor:
    """Reverses the second axis."""
    return flip(x, 1)


def flipud(x: TensorLike) -> Tensor:
    """Reverses the first axis."""
    return flip(x, 0)


def roll(x: TensorLike, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
    """Shifts the elements along an axis; those that leave at one end enter at the other."""
    found = tensor(x)
    if axis is None:
        return ops.reshape(ops.roll(ravel(found), shift, 0), found.shape)
    if isinstance(shift, int) and not isinstance(axis, int):
        shift = [shift] * len(axis)
    return ops.roll(found, shift, axis)


def rot90(array: TensorLike, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """Turned by ``k`` right angles in the plane of two axes."""
    found, (first, second) = tensor(array), axes
    if len(found.shape) < 2 or first % len(found.shape) == second % len(found.shape):
        raise InvalidArgumentError(
            f"rot90: Invalid axes: {axes} for a tensor of shape {tuple(found.shape)}. Axes must be different, and the "
            "tensor must have at least two."
        )
    for _ in range(k % 4):
        found = flip(swapaxes(found, first, second), first)
    return found


def pad(x: TensorLike, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    """Pads each axis at both ends."""
    found = tensor(x)
    if constant_values is not None and mode != "constant":
        raise InvalidArgumentError(
            f"pad: Argument `constant_values` can only be provided when `mode == 'constant'`, but it is "
            f"{constant_values!r} and mode={mode!r}, which fills with numbers of the "
            "array. Leave it out, or use mode='constant'."
        )
    widths = np.broadcast_to(np.asarray(pad_width), (len(found.shape), 2)).tolist()
    nothing = False if found.dtype.is_bool else 0
    return ops.pad(found, widths, mode.upper(), nothing if constant_values is None else constant_values)
