"""Turns what a user writes for an axis, a shape or a count into plain integers.

Operations' attributes are canonical: axes are not negative, shapes are tuples of
ints. The public functions get there with the helpers of this file, which raise
the errors that teach.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import DType
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError, TracingError
from tensorlet.ops.registry import Spec, Tensor

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, ShapeLike


def static_array(function: str, argument: str, value: object, mend: str = "") -> np.ndarray:
    """The value as a NumPy array; it must be known now, also while tracing.

    Raises:
        TracingError: if it is a tensor that gets its value only when the graph runs.
    """
    try:
        return np.asarray(value)
    except TracingError as error:
        raise TracingError(
            f"{function}: '{argument}' must be known while the tf.function is traced, because shapes are "
            f"fixed then, but it is computed by the traced code. "
            f"{mend or 'Use Python numbers or x.shape, or compute it outside of the function.'}"
        ) from error


def static_integer(function: str, argument: str, value: object, mend: str = "") -> int:
    """The value as a Python int: from an int, a NumPy integer or a known scalar integer tensor."""
    if type(value) is int:
        return value
    if isinstance(value, (bool, float)):
        raise InvalidArgumentError(
            f"{function}: '{argument}' should be an integer, but is {value!r}. Write int(...) around it."
        )
    try:
        return operator.index(value)  # type: ignore[arg-type]  # what has no index raises
    except TypeError:
        pass
    array = static_array(function, argument, value, mend)
    if array.size != 1 or array.dtype.kind not in "iu":
        raise InvalidArgumentError(
            f"{function}: '{argument}' should be one integer, but is {value!r}. Give it a Python int."
        )
    return int(array.reshape(()))


def static_integers(function: str, argument: str, value: object, mend: str = "") -> tuple[int, ...]:
    """A tuple of ints from an int, a sequence (its elements may be tensors) or an integer tensor."""
    if isinstance(value, (int, np.integer)):
        return (static_integer(function, argument, value, mend),)
    if isinstance(value, (tuple, list, range)):
        return tuple(static_integer(function, argument, element, mend) for element in value)
    array = static_array(function, argument, value, mend)
    if array.ndim > 1 or (array.size and array.dtype.kind not in "iu"):
        raise InvalidArgumentError(
            f"{function}: '{argument}' should be an integer or a list of integers, but is {value!r}."
        )
    return tuple(int(element) for element in array.reshape(-1))


def resolve_axis(function: str, axis: AxisLike, rank: int, argument: str = "axis") -> int:
    """The axis counted from the front.

    Raises:
        ShapeError: if a tensor of that rank has no such axis.
    """
    axis = static_integer(function, argument, axis)
    if not -rank <= axis < rank:
        if rank == 0:
            allowed = "a scalar has no axes"
        else:
            allowed = f"of {rank} axes, use 0 to {rank - 1}, or -{rank} to -1 counted from the end"
        raise ShapeError(f"{function}: there is no {argument} {axis}: {allowed}.")
    return axis + rank if axis < 0 else axis


def resolve_axes(function: str, axis: AxisLike, rank: int) -> tuple[int, ...]:
    """Rising axes counted from the front; None means all of them.

    Raises:
        ShapeError: if there is no such axis, or one is named twice.
    """
    if axis is None:
        return tuple(range(rank))
    axes = sorted(resolve_axis(function, one, rank) for one in static_integers(function, "axis", axis))
    if len(set(axes)) != len(axes):
        raise ShapeError(f"{function}: an axis is named twice in axis={axis!r}. Name each axis once.")
    return tuple(axes)


def resolve_shape(function: str, shape: ShapeLike, argument: str = "shape") -> tuple[int, ...]:
    """A shape as a tuple of ints, none negative.

    Raises:
        ShapeError: for a negative length.
        InvalidArgumentError: for lengths that are no integers.
    """
    lengths = static_integers(function, argument, shape)
    if any(length < 0 for length in lengths):
        raise ShapeError(
            f"{function}: {argument}={list(lengths)} has a negative length. Each length must be 0 or more."
        )
    return lengths


#: Whether a dtype is of a kind, by the kind's name.
KINDS: dict[str, Callable[[DType], bool]] = {
    "float": lambda dtype: dtype.is_floating,
    "number": lambda dtype: not dtype.is_bool,
    "integer": lambda dtype: dtype.is_integer,
    "bool": lambda dtype: dtype.is_bool,
    "any": lambda dtype: True,
}


def require_dtype(function: str, argument: str, spec: Spec | Tensor, allowed: str) -> None:
    """Refuses a dtype that is not of the allowed kind.

    Args:
        function: the public name, for the message.
        argument: the argument's name, for the message.
        spec: what was given.
        allowed: one of ``"float"``, ``"number"``, ``"integer"``, ``"bool"``.

    Raises:
        DTypeError: if the dtype is of another kind.
    """
    dtype = spec.dtype
    if not KINDS[allowed](dtype):
        wanted, target = {
            "float": ("a float dtype (float16, float32 or float64)", "float32"),
            "number": ("a number dtype", "float32"),
            "integer": ("an integer dtype, such as int32 or int64,", "int32"),
            "bool": ("bool", "bool"),
        }[allowed]
        raise DTypeError(
            f"{function}: '{argument}' is {dtype.name}, but {wanted} is expected. "
            f"Write tf.cast({argument}, tf.{target})."
        )
