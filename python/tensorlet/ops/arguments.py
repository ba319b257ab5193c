"""Converts axis, shape and count arguments to plain integers.

The attributes of an operation are canonical: axes are not negative, and shapes are
tuples of ints. The public functions use these helpers to normalize their arguments;
the helpers raise errors that explain how to fix the call.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import DType, string
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError, TracingError
from tensorlet.ops.registry import Spec, Tensor

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, ShapeLike


def static_array(function: str, argument: str, value: object, fix: str = "") -> np.ndarray:
    """Returns the value as a NumPy array; it must be known even while tracing.

    Raises:
        TracingError: if the value is a tensor that is only computed when the graph runs.
    """
    try:
        return np.asarray(value)
    except TracingError as error:
        raise TracingError(
            f"{function}: '{argument}' must be known while the tf.function is traced, because shapes are "
            f"fixed during tracing, but it is computed by the traced code. "
            f"{fix or 'Use Python numbers or x.shape, or compute it outside the function.'}"
        ) from error


def static_integer(function: str, argument: str, value: object, fix: str = "") -> int:
    """Returns a Python int from an int, a NumPy integer or a scalar integer tensor whose value is known."""
    if type(value) is int:
        return value
    if isinstance(value, (bool, float)):
        raise InvalidArgumentError(
            f"{function}: '{argument}' must be an integer, but is {value!r}. Convert it with int(...)."
        )
    try:
        return operator.index(value)  # type: ignore[arg-type]  # raises TypeError without __index__
    except TypeError:
        pass
    array = static_array(function, argument, value, fix)
    if array.size != 1 or array.dtype.kind not in "iu":
        raise InvalidArgumentError(
            f"{function}: '{argument}' must be a single integer, but is {value!r}. Pass a Python int."
        )
    return int(array.reshape(()))


def static_integers(function: str, argument: str, value: object, fix: str = "") -> tuple[int, ...]:
    """Returns a tuple of ints from an int, a sequence (possibly of tensors) or an integer tensor."""
    if isinstance(value, (int, np.integer)):
        return (static_integer(function, argument, value, fix),)
    if isinstance(value, (tuple, list, range)):
        return tuple(static_integer(function, argument, element, fix) for element in value)
    array = static_array(function, argument, value, fix)
    if array.ndim > 1 or (array.size and array.dtype.kind not in "iu"):
        raise InvalidArgumentError(
            f"{function}: '{argument}' must be an integer or a list of integers, but is {value!r}."
        )
    return tuple(int(element) for element in array.reshape(-1))


def resolve_axis(function: str, axis: AxisLike, rank: int, argument: str = "axis") -> int:
    """Returns the axis as a non-negative integer.

    Raises:
        ShapeError: if the axis is out of range for a tensor of that rank.
    """
    axis = static_integer(function, argument, axis)
    if not -rank <= axis < rank:
        if rank == 0:
            allowed = "The tensor is a scalar, which has no axes"
        else:
            allowed = (
                f"The tensor has {rank} {'axis' if rank == 1 else 'axes'}, so the valid values are "
                f"{_interval(0, rank - 1)}, or {_interval(-rank, -1)} counted from the end"
            )
        raise ShapeError(
            f"{function}: {argument}={axis} is out of range: {argument} {axis} is out of bounds. {allowed}."
        )
    return axis + rank if axis < 0 else axis


def _interval(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def resolve_axes(function: str, axis: AxisLike, rank: int) -> tuple[int, ...]:
    """Returns the axes as non-negative integers in increasing order; None means all axes.

    Raises:
        ShapeError: if an axis is out of range or given twice.
    """
    if axis is None:
        return tuple(range(rank))
    axes = sorted(resolve_axis(function, one, rank) for one in static_integers(function, "axis", axis))
    if len(set(axes)) != len(axes):
        raise ShapeError(f"{function}: axis={axis!r} contains an axis twice. Give each axis once.")
    return tuple(axes)


def resolve_shape(function: str, shape: ShapeLike, argument: str = "shape") -> tuple[int, ...]:
    """Returns a shape as a tuple of non-negative ints.

    Raises:
        ShapeError: if a length is negative.
        InvalidArgumentError: if a length is not an integer.
    """
    lengths = static_integers(function, argument, shape)
    if any(length < 0 for length in lengths):
        raise ShapeError(
            f"{function}: {argument}={list(lengths)} has a negative length. Each length must be 0 or more."
        )
    return lengths


def shape_vector(function: str, shape: ShapeLike) -> tuple[int, ...]:
    """`resolve_shape`, but a single number is refused, as in TensorFlow: `normal(2, 3)` is not a matrix of [2, 3].

    Raises:
        InvalidArgumentError: for a single number.
    """
    if isinstance(shape, int | np.integer):
        raise InvalidArgumentError(
            f"{function}: shape={shape} is a number, but a list of lengths is expected. Write {function}(({shape},)) "
            f"for one axis, {function}(({shape}, 3)) for two."
        )
    return resolve_shape(function, shape)


#: Predicates that tell whether a dtype belongs to a kind, by the name of the kind.
KINDS: dict[str, Callable[[DType], bool]] = {
    "float": lambda dtype: dtype.is_floating,
    "number": lambda dtype: dtype.is_floating or dtype.is_integer,
    "number or text": lambda dtype: not dtype.is_bool,
    "integer": lambda dtype: dtype.is_integer,
    "bool": lambda dtype: dtype.is_bool,
    "any": lambda dtype: True,
}


def require_dtype(function: str, argument: str, spec: Spec | Tensor, allowed: str) -> None:
    """Raises an error if a dtype is not of the allowed kind.

    Args:
        function: public name of the function, for the message.
        argument: name of the argument, for the message.
        spec: the argument that was passed.
        allowed: one of ``"float"``, ``"number"``, ``"integer"``, ``"bool"``.

    Raises:
        DTypeError: if the dtype is not of the allowed kind.
    """
    dtype = spec.dtype
    if not KINDS[allowed](dtype):
        wanted, target = {
            "float": ("a float dtype (float16, float32 or float64)", "float32"),
            "number": ("a numeric dtype", "float32"),
            "number or text": ("a numeric dtype", "float32"),
            "integer": ("an integer dtype, such as int32 or int64,", "int32"),
            "bool": ("bool", "bool"),
        }[allowed]
        fix = (
            f"tf.cast({argument}, tf.{target})"
            if dtype is not string
            else f"tf.strings.to_number({argument})"
        )
        raise DTypeError(f"{function}: '{argument}' is {dtype.name}, but {wanted} is expected. Write {fix}.")
