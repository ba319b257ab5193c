"""The indices of the largest and the smallest elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import int32, int64, uint8
from tensorlet.errors import ShapeError
from tensorlet.ops import samples
from tensorlet.ops.arguments import require_dtype, resolve_axis
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Spec, Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, DTypeLike


def _rule(function: str) -> Callable[..., Spec]:
    def infer(x: Spec, axis: int) -> Spec:
        require_dtype(function, "input", x, "number")
        if x.shape[axis] == 0:
            raise ShapeError(
                f"{function}: the input is {x}, and axis {axis} has no elements to choose from. "
                "Check that the data are not empty, or choose another axis."
            )
        return Spec(x.shape[:axis] + x.shape[axis + 1 :], int64)

    return infer


def _samples() -> list[Sample]:
    few = samples.integers(4, 5, low=0, high=3)
    return [
        Sample(samples.real(2, 3), axis=0),
        Sample(samples.real(2, 3), axis=1),
        Sample(samples.real(2, 3, 4), axis=1),
        Sample(samples.real(20, 10), axis=1),
        Sample(samples.real(5, dtype="float64"), axis=0),
        Sample(samples.real(1), axis=0),
        Sample(samples.real(0, 3), axis=1),
        Sample(samples.special(), axis=0),
        Sample(few, axis=1),
        Sample(few.astype(np.int64), axis=0),
        Sample(few.astype(np.uint8), axis=1),
    ]


_argmax = Operation(
    "argmax",
    infer=_rule("tf.argmax"),
    reference=lambda x, axis: np.asarray(np.argmax(x, axis=axis), np.int64),
    samples=_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def argmax(
    input: TensorLike, axis: AxisLike = None, output_type: DTypeLike = int64, name: str | None = None
) -> Tensor:
    """The index of the largest element along an axis; the first one in a tie. NaN counts as the largest.

    Args:
        input: a numeric or bool tensor.
        axis: the axis; by default the first (0).
        output_type: int64 or another integer dtype.
        name: ignored.

    Returns:
        A tensor of the shape of ``input`` without the axis.

    Raises:
        ShapeError: if the axis is out of range or has no elements.

    >>> import tensorlet as tf
    >>> print(tf.argmax([[1.0, 9.0, 3.0], [7.0, 2.0, 2.0]], axis=1).numpy())
    [1 0]
    """
    return _apply(_argmax, "tf.argmax", input, axis, output_type)


def _apply(
    record: Operation, function: str, input: TensorLike, axis: AxisLike, output_type: DTypeLike
) -> Tensor:
    x = convert(input)
    if x.dtype.is_bool:
        x = functions.cast(x, uint8)
    resolved = resolve_axis(function, 0 if axis is None else axis, len(x.shape))
    return functions.cast(record(x, axis=resolved), output_type)


_argmin = Operation(
    "argmin",
    infer=_rule("tf.argmin"),
    reference=lambda x, axis: np.asarray(np.argmin(x, axis=axis), np.int64),
    samples=_samples,
    elsewhere=Elsewhere(stacked="named axes"),
)


def argmin(
    input: TensorLike, axis: AxisLike = None, output_type: DTypeLike = int64, name: str | None = None
) -> Tensor:
    """The index of the smallest element along an axis; otherwise like `argmax`.

    >>> import tensorlet as tf
    >>> print(tf.argmin([[1.0, 9.0, 3.0], [7.0, 2.0, 2.0]], axis=1).numpy())
    [0 1]
    """
    return _apply(_argmin, "tf.argmin", input, axis, output_type)


def in_top_k(targets: TensorLike, predictions: TensorLike, k: int, name: str | None = None) -> Tensor:
    """Whether the target of each row is among its ``k`` highest predictions; ties count.

    Args:
        targets: class indices, of shape ``[rows]``, int32 or int64.
        predictions: scores, of shape ``[rows, classes]``.
        k: how many of the highest predictions to look at.
        name: ignored.

    Returns:
        A bool tensor of shape ``[rows]``; False where a score of the row is not finite.

    Raises:
        OutOfRangeError: if a target is not a class index.

    >>> import tensorlet as tf
    >>> print(tf.math.in_top_k([0, 1], [[0.2, 0.5, 0.3], [0.6, 0.4, 0.0]], 2).numpy())
    [False  True]
    """
    predictions = convert(predictions)
    own = functions.expand_dims(functions.pick(predictions, targets), 1)
    higher = functions.reduce_sum(functions.cast(predictions > own, int32), axis=1)
    return functions.logical_and(higher < k, functions.reduce_all(functions.is_finite(predictions), axis=1))
