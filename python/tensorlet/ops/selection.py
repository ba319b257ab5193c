"""Selecting elements, casting, and passing tensors through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import DType, as_dtype, string
from tensorlet.errors import DTypeError, InvalidArgumentError
from tensorlet.ops import samples
from tensorlet.ops.arguments import static_array
from tensorlet.ops.gradient_tools import sum_to
from tensorlet.ops.registry import (
    Elsewhere,
    Operation,
    Postponed,
    Sample,
    Spec,
    Tensor,
    TensorLike,
    convert,
    functions,
)
from tensorlet.ops.shape_rules import broadcast, same_dtype

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


def _select_infer(condition: Spec, x: Spec, y: Spec) -> Spec:
    if not condition.dtype.is_bool:
        raise DTypeError(
            f"tf.where: 'condition' is {condition.dtype.name}, but bool is expected. "
            "Write a comparison, such as condition != 0."
        )
    dtype = same_dtype("tf.where", ("x", "y"), (x, y))
    return Spec(broadcast("tf.where", ("condition", "x", "y"), (condition, x, y)), dtype)


def _select_gradient(
    g: Tensor, output: Tensor, condition: Tensor, x: Tensor, y: Tensor
) -> tuple[None, Postponed, Postponed]:
    return (
        None,
        lambda: sum_to(_select(condition, g, 0), x.shape),
        lambda: sum_to(_select(condition, 0, g), y.shape),
    )


def _select_samples() -> list[Sample]:
    real, booleans, integers = samples.real, samples.booleans, samples.integers
    return [
        Sample(booleans(2, 3), real(2, 3), real(2, 3, seed=1)),
        Sample(booleans(2, 1), real(3), real(seed=1)),
        Sample(booleans(), real(2), real(2, seed=1)),
        Sample(booleans(), real(), real(seed=1)),
        Sample(booleans(0, 2), real(0, 2), real(2, seed=1)),
        Sample(booleans(4), real(4, dtype="float64"), real(1, dtype="float64", seed=1)),
        Sample(booleans(2, 3), integers(2, 3), integers(3, seed=1)),
        Sample(booleans(3), booleans(3, seed=1), booleans(3, seed=2)),
        Sample(booleans(9), samples.special(), real(9), differentiable=()),
    ]


_select = Operation(
    "where",
    infer=_select_infer,
    reference=np.where,
    gradient=_select_gradient,
    samples=_select_samples,
    together=(1, 2),
    elsewhere=Elsewhere(engine="select", numpy="np.where({0}, {1}, {2})", stacked="elementwise"),
)


def where(
    condition: TensorLike, x: TensorLike | None = None, y: TensorLike | None = None, name: str | None = None
) -> Tensor:
    """Elements of ``x`` where the condition is true and of ``y`` elsewhere; or the indices of true elements.

    Gradients flow only into the selected elements. If the gradient of the other branch is infinite
    or NaN, the result is NaN: give that branch a harmless argument, as in
    ``tf.where(x > 0, tf.math.log(tf.where(x > 0, x, 1.0)), 0.0)``.

    Args:
        condition: a bool tensor.
        x: values where true; broadcasts against ``condition`` and ``y``.
        y: values where false, of the dtype of ``x``.
        name: ignored.

    Returns:
        A tensor of the broadcast shape. Without ``x`` and ``y``: an int64 tensor of shape
        ``[count, axes of condition]`` with the indices of the true elements.

    Raises:
        InvalidArgumentError: if only one of ``x`` and ``y`` is given.
        DTypeError: if ``condition`` is not bool, or the dtypes of ``x`` and ``y`` differ.
        ShapeError: if the shapes do not broadcast.
        TracingError: for the form without ``x`` and ``y`` inside a ``tf.function``.

    >>> import tensorlet as tf
    >>> print(tf.where([True, False, True], [1, 2, 3], 0).numpy())
    [1 0 3]
    >>> print(tf.where([True, False, True]).numpy())
    [[0]
     [2]]
    """
    if x is not None and y is not None:
        return _select(condition, x, y)
    if x is not None or y is not None:
        missing = "y" if y is None else "x"
        raise InvalidArgumentError(
            f"tf.where: '{missing}' is missing. Pass both x and y, or neither to get the indices of the true "
            "elements."
        )
    fix = "The number of true elements is not known yet; select values with tf.where(condition, x, y)."
    values = static_array("tf.where", "condition", convert(condition), fix)
    return convert(np.argwhere(values).astype(np.int64))


def _cast_reference(x: np.ndarray, dtype: DType) -> np.ndarray:
    with np.errstate(all="ignore"):
        if not (x.dtype.kind == "f" and dtype.is_integer):
            return x.astype(dtype.numpy)
        # Values outside the range become its nearest end and NaN becomes 0, which NumPy leaves undefined.
        # The bounds are compared as floats. The largest int64 is not a float, hence >= and the bound itself.
        above, below = x >= float(dtype.max), x <= float(dtype.min)
        whole = np.where(above | below | np.isnan(x), 0, x).astype(dtype.numpy)
        whole = np.where(above, np.array(dtype.max, dtype.numpy), whole)
        return np.where(below, np.array(dtype.min, dtype.numpy), whole)


def _cast_gradient(g: Tensor, output: Tensor, x: Tensor, dtype: DType) -> tuple[Tensor | None]:
    return (cast(g, x.dtype) if x.dtype.is_floating and dtype.is_floating else None,)


def _cast_samples() -> list[Sample]:
    names = ("float32", "float64", "int32", "int64", "uint8", "bool")
    numbers = np.array([0.0, 1.0, 2.5, 100.75, 127.0])
    pairs = [Sample(numbers.astype(one), dtype=as_dtype(other)) for one in names for other in names]
    return [
        *pairs,
        Sample(samples.real(2, 3), dtype=as_dtype("int32")),
        Sample(np.array([300.0, -5.0, np.nan, 1e20, -1e20, np.inf], np.float32), dtype=as_dtype("int32")),
        Sample(np.array([300.0, -5.0, np.nan, 1e20, 255.0], np.float32), dtype=as_dtype("uint8")),
        Sample(np.array([np.nan, 1e20, -1e20, 2.0**62]), dtype=as_dtype("int64")),
        Sample(np.array([1e300, 1e-320, np.nan]), dtype=as_dtype("float32"), differentiable=()),
        Sample(np.array([300, -5, 2**31, -1]), dtype=as_dtype("uint8")),
        Sample(np.array([2**31, -(2**40) - 3]), dtype=as_dtype("int32")),
        Sample(samples.real(), dtype=as_dtype("float64")),
        Sample(samples.integers(0, 2), dtype=as_dtype("float32")),
        Sample(samples.integers(1), dtype=as_dtype("float32")),
    ]


def _infer_cast(x: Spec, dtype: DType) -> Spec:
    if x.dtype is not dtype and string in (x.dtype, dtype):
        fix = "tf.strings.as_string(x)" if dtype is string else f"tf.strings.to_number(x, tf.{dtype.name})"
        raise DTypeError(f"tf.cast: {x.dtype.name} cannot be cast to {dtype.name}. Write {fix}.")
    return Spec(x.shape, dtype)


_cast = Operation(
    "cast",
    infer=_infer_cast,
    reference=_cast_reference,
    gradient=_cast_gradient,
    samples=_cast_samples,
    elsewhere=Elsewhere(engine="cast", stacked="elementwise"),
)


def cast(x: TensorLike, dtype: DTypeLike, name: str | None = None) -> Tensor:
    """The same values in another dtype.

    Floats are truncated towards zero when cast to integers; values out of range become the nearest
    end of the range, and NaN becomes 0. Integers that do not fit wrap around. In a cast to bool,
    everything but 0 is true. Gradients pass only from float to float.

    Args:
        x: any tensor.
        dtype: the new dtype, or its name.
        name: ignored.

    Raises:
        DTypeError: if the dtype is not supported.

    >>> import tensorlet as tf
    >>> print(tf.cast([1.8, -1.8], tf.int32).numpy())
    [ 1 -1]
    """
    wanted = as_dtype(dtype)
    x = convert(x)
    return x if x.dtype is wanted else _cast(x, dtype=wanted)


def _pass_samples() -> list[Sample]:
    return [*samples.of_one_number(), Sample(samples.booleans(2, 3))]


_identity = Operation(
    "identity",
    infer=lambda x: x,
    reference=np.copy,
    gradient=lambda g, output, x: (g,),
    samples=_pass_samples,
    elsewhere=Elsewhere(stacked="elementwise"),
)


def identity(input: TensorLike, name: str | None = None) -> Tensor:
    """A tensor with the same values; for a variable, its current value.

    >>> import tensorlet as tf
    >>> v = tf.Variable(1.0)
    >>> before = tf.identity(v)
    >>> _ = v.assign(2.0)
    >>> print(before.numpy())
    1.0
    """
    return _identity(input)


_stop_gradient = Operation(
    "stop_gradient",
    infer=lambda input: input,
    reference=np.copy,
    samples=_pass_samples,
    elsewhere=Elsewhere(stacked="elementwise"),
)


def stop_gradient(input: TensorLike, name: str | None = None) -> Tensor:
    """The same values, treated as constants by every gradient.

    >>> import tensorlet as tf
    >>> x = tf.Variable(3.0)
    >>> with tf.GradientTape() as tape:
    ...     y = x * tf.stop_gradient(x)
    >>> print(tape.gradient(y, x).numpy())
    3.0
    """
    return _stop_gradient(input)


def zero_fraction(value: TensorLike, name: str | None = None) -> Tensor:
    """The fraction of the elements that are zero: a float32 scalar; NaN for an empty tensor.

    >>> import tensorlet as tf
    >>> print(tf.nn.zero_fraction([0.0, 1.0, 0.0, 2.0]).numpy())
    0.5
    """
    return functions.reduce_mean(cast(functions.equal(value, 0), "float32"))
