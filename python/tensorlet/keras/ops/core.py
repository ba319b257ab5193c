"""Conversion, shapes, and functions that call functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.control_flow import cond as tensor_cond
from tensorlet.core.control_flow import switch_case
from tensorlet.core.custom_gradient import custom_gradient
from tensorlet.core.loops import while_loop as tensor_while_loop
from tensorlet.core.tensor import Operators
from tensorlet.core.vectorized_map import map_fn
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.ops.promotion import tensor
from tensorlet.ops.registry import Tensor, TensorLike

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, Nested


__all__ = [
    "cond",
    "convert_to_numpy",
    "convert_to_tensor",
    "custom_gradient",
    "dtype",
    "fori_loop",
    "is_tensor",
    "map",
    "ndim",
    "shape",
    "size",
    "stop_gradient",
    "switch",
    "vectorize",
    "vectorized_map",
    "while_loop",
]  # fmt: skip


def convert_to_tensor(
    x: TensorLike, dtype: DTypeLike | None = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    """The value as a tensor, cast to a dtype if one is given.

    >>> import tensorlet as tf
    >>> tf.keras.ops.convert_to_tensor([1, 2], dtype="float32").numpy()
    array([1., 2.], dtype=float32)
    """
    return tensor(x, dtype)


def convert_to_numpy(x: TensorLike) -> np.ndarray:
    """The value as a NumPy array."""
    return np.array(tensor(x))


def is_tensor(x: object) -> bool:
    """Whether a value is a tensor."""
    return isinstance(x, Operators | KerasTensor)


def dtype(x: Any) -> str:
    """The name of the element type."""
    found = getattr(x, "dtype", None)
    return str(getattr(found, "name", found)) if found is not None else tensor(x).dtype.name


def shape(x: Any) -> tuple[int | None, ...]:
    """The lengths of the axes, a tuple of Python's numbers; None for open ones of a model's inputs."""
    return tuple(x.shape) if hasattr(x, "shape") else tuple(tensor(x).shape)


def ndim(x: Any) -> int:
    """The number of axes."""
    return len(shape(x))


def size(x: Any) -> int | None:
    """The number of elements; None if an axis of a model's inputs is open."""
    lengths = shape(x)
    return None if None in lengths else math.prod(one for one in lengths if one is not None)


def stop_gradient(variable: TensorLike) -> Tensor:
    """The value, through which no gradient flows."""
    return ops.stop_gradient(tensor(variable))


def cond(pred: TensorLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """The result of one of two functions."""
    return tensor_cond(tensor(pred), true_fn, false_fn)


def switch(index: TensorLike, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """The result of one of several functions; numbers outside of the range mean the nearest."""
    place = ops.clip_by_value(ops.cast(tensor(index), "int32"), 0, len(branches) - 1)
    return switch_case(place, [lambda branch=branch: branch(*operands) for branch in branches])


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Nested[TensorLike],
    maximum_iterations: int | None = None,
) -> Any:
    """Calls ``body`` as long as ``cond`` holds.

    >>> import tensorlet as tf
    >>> tf.keras.ops.while_loop(lambda n: n < 10, lambda n: n * 2, 1).numpy()
    np.int32(16)
    """
    single = not isinstance(loop_vars, list | tuple)

    def listed(*values: Any) -> list[Any]:
        found = body(*values)
        return list(found) if isinstance(found, list | tuple) else [found]

    values = [loop_vars] if single else list(loop_vars)
    found = tensor_while_loop(cond, listed, values, maximum_iterations=maximum_iterations)
    return found[0] if single else tuple(found)


def fori_loop(
    lower: int, upper: int, body_fun: Callable[[Any, Any], Any], init_val: Nested[TensorLike]
) -> Any:
    """Calls ``body_fun`` with each integer from ``lower`` up to but not including ``upper``, and its last result."""
    return while_loop(
        lambda number, value: number < upper, lambda number, value: (number + 1, body_fun(number, value)),
        (tensor(lower), init_val),
    )[1]  # fmt: skip


def map(f: Callable[[Any], Any], xs: Nested[TensorLike]) -> Any:
    """The function's results for the parts along the first axis, stacked."""
    return map_fn(f, xs)


def vectorized_map(function: Callable[[Any], Any], elements: Nested[TensorLike]) -> Any:
    """The same as `map`."""
    return map_fn(function, elements)


def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None
) -> Callable[..., Any]:
    """A function of numbers as one of tensors, called for each element."""

    def apply(*args: TensorLike) -> Tensor:
        arrays = np.broadcast_arrays(*[np.asarray(tensor(one)) for one in args])
        results = [
            pyfunc(*[tensor(one) for one in group])
            for group in zip(*[a.reshape(-1) for a in arrays], strict=True)
        ]
        return ops.reshape(ops.stack(results), arrays[0].shape)

    return apply
