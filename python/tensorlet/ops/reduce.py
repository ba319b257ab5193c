"""Reductions: sums, means, extrema and others, over some axes or all of them.

``axis`` is None (all axes), an integer or a list of integers; negative ones count from the
end. With ``keepdims`` the reduced axes are kept, with length 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.ops import samples
from tensorlet.ops.arguments import require_dtype, resolve_axes
from tensorlet.ops.gradient_tools import keep, kept_shape, spread
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Spec, Tensor, TensorLike, convert, functions

Axis = Any


def _rule(function: str, allowed: str, needs_elements: bool = False) -> Callable[..., Spec]:
    """The shape rule of a reduction; some, such as the maximum, need at least one element."""

    def infer(x: Spec, axis: tuple[int, ...], keepdims: bool) -> Spec:
        require_dtype(function, "input_tensor", x, allowed)
        if needs_elements and any(x.shape[one] == 0 for one in axis):
            raise ShapeError(
                f"{function}: the input is {x}, and axis {list(axis)} has no elements to choose from. "
                "Check that the data are not empty, or reduce another axis."
            )
        kept = kept_shape(x.shape, axis)
        return Spec(kept if keepdims else tuple(n for i, n in enumerate(x.shape) if i not in axis), x.dtype)

    return infer


def _reference(reduce: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """NumPy's reduction in the input's dtype (float16 is summed in float32)."""

    def reference(x: np.ndarray, axis: tuple[int, ...], keepdims: bool) -> np.ndarray:
        wide = x.astype(np.float32) if x.dtype == np.float16 else x
        with np.errstate(all="ignore"):
            return np.asarray(reduce(wide, axis=axis, keepdims=keepdims)).astype(x.dtype, copy=False)

    return reference


def _mean(x: np.ndarray, axis: tuple[int, ...], keepdims: bool) -> np.ndarray:
    count = int(np.prod([x.shape[one] for one in axis], dtype=np.int64))
    return np.sum(x, axis=axis, keepdims=keepdims) / np.asarray(count, x.dtype)


def _samples(numbers: Callable[..., np.ndarray], *, empty: bool = True) -> list[Sample]:
    """Reductions over every kind of axes."""
    found = [
        Sample(numbers(2, 3), axis=(0,), keepdims=False),
        Sample(numbers(2, 3), axis=(1,), keepdims=True),
        Sample(numbers(2, 3), axis=(0, 1), keepdims=False),
        Sample(numbers(2, 3, 4), axis=(0, 2), keepdims=False),
        Sample(numbers(2, 3, 4), axis=(1,), keepdims=False),
        Sample(numbers(33, 17), axis=(0,), keepdims=False),
        Sample(numbers(), axis=(), keepdims=False),
        Sample(numbers(3), axis=(), keepdims=True),
        Sample(numbers(1), axis=(0,), keepdims=False),
        Sample(numbers(0, 3), axis=(1,), keepdims=False),
    ]
    if empty:
        found.append(Sample(numbers(0, 3), axis=(0,), keepdims=False))
    return found


def _number_samples(numbers: Callable[..., np.ndarray] = samples.real, *, empty: bool = True) -> list[Sample]:
    whole = samples.integers(3, 4)
    return [
        *_samples(numbers, empty=empty),
        Sample(numbers(3, 4, dtype="float64"), axis=(1,), keepdims=False),
        Sample(whole, axis=(0,), keepdims=False),
        Sample(whole.astype(np.int64), axis=(0, 1), keepdims=False),
        Sample(samples.special().reshape(3, 3), axis=(1,), keepdims=False, differentiable=()),
    ]


def _sum_gradient(
    g: Tensor, output: Tensor, x: Tensor, axis: tuple[int, ...], keepdims: bool
) -> tuple[Tensor]:
    return (spread(g, x.shape, axis),)


_reduce_sum = Operation(
    "reduce_sum",
    infer=_rule("tf.reduce_sum", "number"),
    reference=_reference(lambda x, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims, dtype=x.dtype)),
    gradient=_sum_gradient,
    samples=_number_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def _apply(
    record: Operation, function: str, input_tensor: TensorLike, axis: Axis, keepdims: bool | None
) -> Tensor:
    x = convert(input_tensor)
    return record(x, axis=resolve_axes(function, axis, len(x.shape)), keepdims=bool(keepdims))


def reduce_sum(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The sum over the axes; 0 for no elements. Integers wrap around on overflow.

    Args:
        input_tensor: a numeric tensor.
        axis: the axes to sum over; None for all.
        keepdims: keep the summed axes, with length 1.
        name: ignored.

    Raises:
        DTypeError: for bool; to count, write ``tf.cast(x, tf.int32)``.
        ShapeError: if the axis is out of range.

    >>> import tensorlet as tf
    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> print(tf.reduce_sum(x).numpy(), tf.reduce_sum(x, axis=0).numpy())
    21 [5 7 9]
    """
    return _apply(_reduce_sum, "tf.reduce_sum", input_tensor, axis, keepdims)


def _mean_gradient(
    g: Tensor, output: Tensor, x: Tensor, axis: tuple[int, ...], keepdims: bool
) -> tuple[Tensor]:
    count = 1
    for one in axis:
        count *= x.shape[one]
    return (spread(g / max(count, 1), x.shape, axis),)


_reduce_mean = Operation(
    "reduce_mean",
    infer=_rule("tf.reduce_mean", "float"),
    reference=_reference(_mean),
    gradient=_mean_gradient,
    samples=lambda: [sample for sample in _number_samples() if sample.inputs[0].dtype.kind == "f"],
    elsewhere=Elsewhere(stacked="named axes"),
)


def reduce_mean(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The mean over the axes; NaN for no elements. The mean of integers is truncated to an integer.

    Args:
        input_tensor: a numeric tensor.
        axis: the axes to reduce; None for all.
        keepdims: keep the reduced axes, with length 1.
        name: ignored.

    Raises:
        DTypeError: for bool; to get a rate, write ``tf.cast(x, tf.float32)``.
        ShapeError: if the axis is out of range.

    >>> import tensorlet as tf
    >>> x = tf.constant([[1.0, 2.0], [3.0, 6.0]])
    >>> print(tf.reduce_mean(x).numpy(), tf.reduce_mean(x, axis=0).numpy())
    3.0 [2. 4.]
    """
    x = convert(input_tensor)
    if not x.dtype.is_integer:
        return _apply(_reduce_mean, "tf.reduce_mean", x, axis, keepdims)
    total = reduce_sum(x, axis, keepdims)
    count = 1
    for one in resolve_axes("tf.reduce_mean", axis, len(x.shape)):
        count *= x.shape[one]
    return functions.sign(total) * (functions.abs(total) // count)


def _extreme_gradient(
    g: Tensor, output: Tensor, x: Tensor, axis: tuple[int, ...], keepdims: bool
) -> tuple[Tensor]:
    """The gradient is shared equally among tied elements."""
    chosen = functions.cast(functions.equal(x, keep(output, x.shape, axis)), g.dtype)
    share = keep(g, x.shape, axis) / reduce_sum(chosen, axis, keepdims=True)
    return (chosen * share,)


def _extreme_samples() -> list[Sample]:
    tie = np.array([[1, 1, 0], [2, 3, 3]], np.float32)
    return [
        *_number_samples(samples.distinct, empty=False),
        Sample(tie, axis=(1,), keepdims=False, differentiable=()),
    ]


_reduce_max = Operation(
    "reduce_max",
    infer=_rule("tf.reduce_max", "number", needs_elements=True),
    reference=_reference(np.max),
    gradient=_extreme_gradient,
    samples=_extreme_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def reduce_max(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The largest element over the axes; NaN if one of them is NaN.

    The gradient is shared equally among tied elements.

    Raises:
        DTypeError: for bool; see `reduce_any`.
        ShapeError: if the axis is out of range or has no elements.

    >>> import tensorlet as tf
    >>> print(tf.reduce_max([[1, 5], [7, 2]], axis=1).numpy())
    [5 7]
    """
    return _apply(_reduce_max, "tf.reduce_max", input_tensor, axis, keepdims)


_reduce_min = Operation(
    "reduce_min",
    infer=_rule("tf.reduce_min", "number", needs_elements=True),
    reference=_reference(np.min),
    gradient=_extreme_gradient,
    samples=_extreme_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def reduce_min(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The smallest element over the axes; otherwise like `reduce_max`.

    >>> import tensorlet as tf
    >>> print(tf.reduce_min([[1, 5], [7, 2]], axis=1).numpy())
    [1 2]
    """
    return _apply(_reduce_min, "tf.reduce_min", input_tensor, axis, keepdims)


def _prod_gradient(
    g: Tensor, output: Tensor, x: Tensor, axis: tuple[int, ...], keepdims: bool
) -> tuple[Tensor]:
    """For each element, the product of the others, without division since elements may be 0."""
    rank = len(x.shape)
    order = [one for one in range(rank) if one not in axis] + list(axis)
    turned = functions.transpose(x, order)
    count = 1
    for one in axis:
        count *= x.shape[one]
    rows = functions.reshape(turned, [*(x.shape[one] for one in order[: rank - len(axis)]), count])
    before = functions.cumprod(rows, axis=-1, exclusive=True)
    after = functions.cumprod(rows, axis=-1, exclusive=True, reverse=True)
    others = functions.reshape(before * after, turned.shape)
    back = [order.index(one) for one in range(rank)]
    return (keep(g, x.shape, axis) * functions.transpose(others, back),)


def _prod_samples() -> list[Sample]:
    zeros = np.array([[0, 2, 3], [0, 0, 5]], np.float32)
    few = [sample for sample in _number_samples() if sample.inputs[0].size < 100]
    return [*few, Sample(zeros, axis=(1,), keepdims=False), Sample(zeros, axis=(0, 1), keepdims=True)]


_reduce_prod = Operation(
    "reduce_prod",
    infer=_rule("tf.reduce_prod", "number"),
    reference=_reference(lambda x, axis, keepdims: np.prod(x, axis=axis, keepdims=keepdims, dtype=x.dtype)),
    gradient=_prod_gradient,
    samples=_prod_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def reduce_prod(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The product over the axes; 1 for no elements. Errors as for `reduce_sum`.

    >>> import tensorlet as tf
    >>> print(tf.reduce_prod([[1, 2], [3, 4]], axis=0).numpy())
    [3 8]
    """
    return _apply(_reduce_prod, "tf.reduce_prod", input_tensor, axis, keepdims)


def _truth_samples() -> list[Sample]:
    return _samples(samples.booleans)


_reduce_any = Operation(
    "reduce_any",
    infer=_rule("tf.reduce_any", "bool"),
    reference=_reference(np.any),
    samples=_truth_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def reduce_any(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Whether at least one element over the axes is true; False for no elements.

    Raises:
        DTypeError: if the input is not bool.
        ShapeError: if the axis is out of range.

    >>> import tensorlet as tf
    >>> print(tf.reduce_any([[True, False], [False, False]], axis=1).numpy())
    [ True False]
    """
    return _apply(_reduce_any, "tf.reduce_any", input_tensor, axis, keepdims)


_reduce_all = Operation(
    "reduce_all",
    infer=_rule("tf.reduce_all", "bool"),
    reference=_reference(np.all),
    samples=_truth_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def reduce_all(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Whether all elements over the axes are true; True for no elements. Errors as for `reduce_any`.

    >>> import tensorlet as tf
    >>> print(tf.reduce_all([[True, True], [True, False]], axis=1).numpy())
    [ True False]
    """
    return _apply(_reduce_all, "tf.reduce_all", input_tensor, axis, keepdims)
