"""Softmax, its logarithm, and selecting one element of each row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import OutOfRangeError, ShapeError
from tensorlet.ops import samples
from tensorlet.ops.arguments import require_dtype, resolve_axis
from tensorlet.ops.reference_tools import quiet
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Spec, Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike


def _rule(function: str) -> Callable[[Spec], Spec]:
    def infer(logits: Spec) -> Spec:
        require_dtype(function, "logits", logits, "float")
        if logits.rank == 0:
            raise ShapeError(
                f"{function}: 'logits' is a scalar, but at least one axis is expected. "
                "Pass one score per class, such as a tensor of shape [rows, classes]."
            )
        return logits

    return infer


def _softmax_reference(x: np.ndarray) -> np.ndarray:
    if x.size == 0:
        return x
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _log_softmax_reference(x: np.ndarray) -> np.ndarray:
    if x.size == 0:
        return x
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _softmax_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    return ((g - functions.reduce_sum(g * output, axis=-1, keepdims=True)) * output,)


def _log_softmax_gradient(g: Tensor, output: Tensor, x: Tensor) -> tuple[Tensor]:
    return (g - functions.exp(output) * functions.reduce_sum(g, axis=-1, keepdims=True),)


def _samples() -> list[Sample]:
    return [
        Sample(samples.real(4, 3)),
        Sample(samples.real(100, 10, low=-8, high=8)),
        Sample(samples.real(2, 3, 4)),
        Sample(samples.real(5, dtype="float64")),
        Sample(samples.real(1, 1)),
        Sample(samples.real(0, 3)),
        Sample(samples.real(3, 0)),
        Sample(np.array([[1000.0, 0.0, -1000.0]], np.float32), differentiable=()),
        Sample(np.array([[-np.inf, 0.0, 1.0]], np.float32), differentiable=()),
        Sample(np.array([[np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf]], np.float32), differentiable=()),
    ]


_softmax = Operation(
    "softmax",
    infer=_rule("tf.nn.softmax"),
    reference=quiet(_softmax_reference),
    gradient=_softmax_gradient,
    samples=_samples,
    elsewhere=Elsewhere(numpy="softmax({0})", stacked="last axis"),
)

_log_softmax = Operation(
    "log_softmax",
    infer=_rule("tf.nn.log_softmax"),
    reference=quiet(_log_softmax_reference),
    gradient=_log_softmax_gradient,
    samples=_samples,
    elsewhere=Elsewhere(numpy="log_softmax({0})", stacked="last axis"),
)


def along_axis(record: Operation, function: str, logits: TensorLike, axis: AxisLike) -> Tensor:
    """Applies an operation along an axis by moving it to the end and back."""
    x = convert(logits)
    rank = len(x.shape)
    if rank == 0:
        return record(x)  # the shape rule refuses scalars
    axis = resolve_axis(function, -1 if axis is None else axis, rank)
    if axis == rank - 1:
        return record(x)
    order = list(range(rank))
    order[axis], order[-1] = rank - 1, axis
    return functions.transpose(record(functions.transpose(x, order)), order)


def softmax(logits: TensorLike, axis: AxisLike = None, name: str | None = None) -> Tensor:
    """``exp(x) / sum(exp(x))`` along an axis: positive numbers whose sum is 1.

    The largest element is subtracted first, so that nothing overflows.

    Args:
        logits: a float tensor of at least one axis.
        axis: the axis of the classes; by default the last.
        name: ignored.

    Returns:
        A tensor of the same shape.

    Raises:
        DTypeError: if ``logits`` is not float.
        ShapeError: for a scalar, or if the axis is out of range.

    >>> import tensorlet as tf
    >>> print(tf.nn.softmax([[0.0, 0.0], [1000.0, 0.0]]).numpy())
    [[0.5 0.5]
     [1.  0. ]]
    """
    return along_axis(_softmax, "tf.nn.softmax", logits, axis)


def log_softmax(logits: TensorLike, axis: AxisLike = None, name: str | None = None) -> Tensor:
    """The logarithm of `softmax`, finite where the softmax underflows; arguments and errors as for `softmax`.

    >>> import tensorlet as tf
    >>> print(tf.nn.log_softmax([1000.0, 0.0]).numpy())
    [    0. -1000.]
    """
    return along_axis(_log_softmax, "tf.nn.log_softmax", logits, axis)


def _pick_infer(x: Spec, index: Spec) -> Spec:
    require_dtype("pick", "index", index, "integer")
    if x.rank != 2 or index.shape != x.shape[:1]:
        raise ShapeError(
            f"pick: x is {x} and index is {index}, but x should have two axes and index one integer per row. "
            "Reshape them to [rows, columns] and [rows]."
        )
    return Spec(index.shape, x.dtype)


def _pick_reference(x: np.ndarray, index: np.ndarray) -> np.ndarray:
    columns = x.shape[1]
    wrong = np.flatnonzero((index < 0) | (index >= columns))
    if wrong.size:
        row = int(wrong[0])
        raise OutOfRangeError(
            f"Row {row} has the label {index[row]}, but there are {columns} classes, 0 to {columns - 1}. "
            "Check the labels, or give the last layer more outputs."
        )
    return x[np.arange(len(index)), index]


def _pick_gradient(g: Tensor, output: Tensor, x: Tensor, index: Tensor) -> tuple[Tensor, None]:
    columns = convert(np.arange(x.shape[1], dtype=index.dtype.numpy))
    picked = functions.equal(functions.expand_dims(index, 1), columns)
    return functions.where(picked, functions.expand_dims(g, 1), 0), None


def _pick_samples() -> list[Sample]:
    return [
        Sample(samples.real(4, 3), np.array([0, 2, 1, 2], np.int32)),
        Sample(samples.real(4, 3, dtype="float64"), np.array([0, 2, 1, 2])),
        Sample(samples.real(4, 3), np.array([0, 2, 1, 2], np.uint8)),
        Sample(samples.real(1, 1), np.array([0])),
        Sample(samples.real(0, 3), np.zeros(0, np.int64)),
        Sample(samples.special().reshape(3, 3), np.array([2, 1, 2]), differentiable=()),
    ]


#: ``out[row] = x[row, index[row]]`` for ``x`` of shape ``[rows, columns]`` and integers of shape
#: ``[rows]``; an index outside the row raises `OutOfRangeError`.
pick = Operation(
    "pick",
    infer=_pick_infer,
    reference=_pick_reference,
    gradient=_pick_gradient,
    samples=_pick_samples,
    doc="One element of each row: ``out[row] = x[row, index[row]]``.",
    elsewhere=Elsewhere(numpy="{0}[np.arange(len({0})), {1}]"),
)
