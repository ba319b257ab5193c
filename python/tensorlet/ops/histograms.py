"""Counts of numbers in intervals of one width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.dtypes import as_dtype, int32
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.arguments import require_dtype, static_integer
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.registry import Tensor, TensorLike, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


def histogram_fixed_width_bins(
    values: TensorLike,
    value_range: TensorLike,
    nbins: int = 100,
    dtype: DTypeLike = int32,
    name: str | None = None,
) -> Tensor:
    """The number of the interval that each value lies in.

    Args:
        values: numbers, of any shape.
        value_range: the lower end of the first interval and the upper end of the last one.
        nbins: how many intervals of one width there are, at least 1.
        dtype: int32 or int64.
        name: ignored.

    Returns:
        The shape of ``values``: numbers from 0 to ``nbins - 1``. What lies outside belongs to the first or the
        last interval.

    Raises:
        InvalidArgumentError: if there is no interval, or the range is not two numbers.

    >>> import tensorlet as tf
    >>> tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([0, 0, 1, 2, 4, 4], dtype=int32)
    """
    x, ends = convert_together([values, value_range])
    require_dtype("tf.histogram_fixed_width_bins", "values", x, "number")
    count = static_integer("tf.histogram_fixed_width_bins", "nbins", nbins)
    if count < 1 or tuple(ends.shape) != (2,):
        raise InvalidArgumentError(
            f"tf.histogram_fixed_width_bins: nbins={count} and value_range of shape {list(ends.shape)}, but at "
            "least one interval and two numbers are expected: value_range=[lowest, highest]."
        )
    x, ends = functions.cast(x, "float64"), functions.cast(ends, "float64")
    shares = (x - ends[0]) / (ends[1] - ends[0])
    places = functions.floor(functions.clip_by_value(shares, 0.0, 1.0) * float(count))
    return functions.cast(functions.minimum(places, count - 1.0), as_dtype(dtype))


def histogram_fixed_width(
    values: TensorLike,
    value_range: TensorLike,
    nbins: int = 100,
    dtype: DTypeLike = int32,
    name: str | None = None,
) -> Tensor:
    """How many values lie in each interval; arguments and errors as for `histogram_fixed_width_bins`.

    Returns:
        [nbins]; the counts of the first and last interval contain what lies outside.

    >>> import tensorlet as tf
    >>> tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([2, 1, 1, 0, 2], dtype=int32)
    """
    places = functions.reshape(histogram_fixed_width_bins(values, value_range, nbins, int32), [-1])
    ones = functions.ones(places.shape, as_dtype(dtype))
    return functions.unsorted_segment_sum(ones, places, nbins)
