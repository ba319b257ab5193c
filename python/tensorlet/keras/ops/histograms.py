"""Counts of numbers in intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.ops.promotion import floating
from tensorlet.ops.registry import Tensor, TensorLike


def histogram(x: TensorLike, bins: int = 10, range: Sequence[float] | None = None) -> tuple[Tensor, Tensor]:
    """The number of elements in each of several intervals of equal length.

    Intervals contain their lower ends, and the last one also its upper end.

    Args:
        x: [elements].
        bins: the number of intervals.
        range: the lowest and the highest end; by default the smallest and the largest element. Elements outside are
            not counted.

    Returns:
        The counts, [bins], and the ends, [bins + 1], both floats as in Keras.

    Raises:
        InvalidArgumentError: for ``bins`` or a ``range`` that are not of this form.
        ShapeError: if ``x`` has not one axis.

    >>> import tensorlet as tf
    >>> counts, ends = tf.keras.ops.histogram([0.0, 1.0, 1.5, 4.0], bins=2)
    >>> counts.numpy(), ends.numpy()
    (array([3., 1.], dtype=float32), array([0., 2., 4.], dtype=float32))
    """
    if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
        raise InvalidArgumentError(
            f"histogram: Argument `bins` should be a non-negative integer, the number of intervals, but is {bins!r}."
        )
    found = floating(x)
    if len(found.shape) != 1:
        raise ShapeError(
            f"histogram: Input tensor must be 1-dimensional, but has the shape {tuple(found.shape)}. Flatten it with "
            "reshape(x, [-1])."
        )
    low, high = _ends(found, range)
    steps = ops.cast(np.arange(int(bins) + 1) / int(bins), found.dtype)
    ends = low + steps * (high - low)
    number = ops.cast(ops.searchsorted(ends[1:-1], found, side="right"), "int32")
    inside = ops.logical_and(found >= low, found <= high)
    rows = ops.one_hot(number, int(bins), dtype="int32") * ops.expand_dims(ops.cast(inside, "int32"), -1)
    return ops.cast(ops.reduce_sum(rows, 0), found.dtype), ends


def _ends(found: Tensor, given: Sequence[float] | None) -> tuple[Tensor, Tensor]:
    """The lowest and the highest end."""
    if given is None and not found.shape[0]:
        given = (0.0, 1.0)
    if given is not None:
        if not isinstance(given, tuple | list) or len(given) != 2 or not given[0] <= given[1]:
            raise InvalidArgumentError(
                "histogram: Argument `range` must be a tuple of two elements, the lowest and the highest, but is "
                f"{given!r}."
            )
        low, high = (ops.cast(float(one), found.dtype) for one in given)
    else:
        low, high = ops.reduce_min(found), ops.reduce_max(found)
    single = ops.cast(ops.equal(low, high), found.dtype) * 0.5  # as in NumPy, an interval of length 1
    return low - single, high + single
