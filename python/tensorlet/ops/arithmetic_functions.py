"""Functions composed of the operations in `arithmetic`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.arithmetic import add, divide, multiply, square, subtract
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.type_aliases import DTypeLike


def squared_difference(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``(x - y) ** 2``, with broadcasting; errors as for `add`.

    >>> import tensorlet as tf
    >>> print(tf.math.squared_difference([1.0, 5.0], [3.0, 2.0]).numpy())
    [4. 9.]
    """
    return square(subtract(x, y))


def reciprocal(x: TensorLike, name: str | None = None) -> Tensor:
    """``1 / x``, of a float tensor; the reciprocal of 0 is infinity.

    >>> import tensorlet as tf
    >>> print(tf.math.reciprocal([2.0, 4.0]).numpy())
    [0.5  0.25]
    """
    x = convert(x)
    require_dtype("tf.math.reciprocal", "x", x, "float")
    return divide(1.0, x)


def scalar_mul(scalar: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """``scalar * x``.

    Raises:
        ShapeError: if ``scalar`` is not a scalar.

    >>> import tensorlet as tf
    >>> print(tf.math.scalar_mul(3.0, [1.0, 2.0]).numpy())
    [3. 6.]
    """
    scalar, x = convert_together((scalar, x))
    if tuple(scalar.shape):
        raise ShapeError(
            f"tf.math.scalar_mul: 'scalar' has shape {tuple(scalar.shape)}, but a scalar is expected. "
            "Use tf.multiply to multiply two tensors."
        )
    return multiply(scalar, x)


def add_n(inputs: Sequence[TensorLike], name: str | None = None) -> Tensor:
    """The sum of several tensors of one shape and dtype.

    Args:
        inputs: a list or tuple of at least one tensor.
        name: ignored.

    Raises:
        InvalidArgumentError: for an empty list, or something that is not a list.
        ShapeError: if the shapes differ; `add_n` does not broadcast.

    >>> import tensorlet as tf
    >>> print(tf.add_n([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]]).numpy())
    [111. 222.]
    """
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise InvalidArgumentError(
            f"tf.add_n: 'inputs' is {inputs!r}, but a list of one or more tensors is expected. "
            "Write tf.add_n([a, b])."
        )
    total, *others = [convert(one) for one in inputs]
    for position, other in enumerate(others, start=1):
        if tuple(other.shape) != tuple(total.shape):
            raise ShapeError(
                f"tf.add_n: input 0 has shape {tuple(total.shape)} and input {position} has shape "
                f"{tuple(other.shape)}, but all must be equal. Use x + y, which broadcasts."
            )
        total = add(total, other)
    return total


def saturate_cast(value: TensorLike, dtype: DTypeLike, name: str | None = None) -> Tensor:
    """The value in another dtype; what does not fit becomes the nearest number that does.

    Args:
        value: numbers.
        dtype: the new dtype.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.saturate_cast([-3.0, 7.5, 300.0], tf.uint8).numpy()
    array([  0,   7, 255], dtype=uint8)
    """
    x, target = convert(value), as_dtype(dtype)
    if not target.is_floating and not target.is_bool:
        low = max(int(target.min), x.dtype.min)
        high = min(int(target.max), x.dtype.max)
        if x.dtype.is_floating and int(x.dtype.numpy.type(high)) > high:
            high = np.nextafter(x.dtype.numpy.type(high), x.dtype.numpy.type(0))
        x = functions.clip_by_value(x, convert(low, x.dtype), convert(high, x.dtype))
    return functions.cast(x, target)


def truncatediv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Divides whole numbers and rounds towards zero, as C does; errors as for `floordiv`.

    >>> import tensorlet as tf
    >>> tf.truncatediv([-7, 7], [2, -2]).numpy()
    array([-3, -3], dtype=int32)
    """
    x, y = convert_together((x, y))
    require_dtype("tf.truncatediv", "x", x, "integer")
    rounded = functions.floordiv(x, y)
    # Rounding down is one too low where a quotient is negative and not whole.
    is_low = functions.logical_and(rounded < 0, functions.not_equal(rounded * y, x))
    return rounded + functions.cast(is_low, x.dtype)


def truncatemod(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The remainder of `truncatediv`, which has the sign of ``x``.

    >>> import tensorlet as tf
    >>> tf.truncatemod([-7, 7], [2, -2]).numpy()
    array([-1,  1], dtype=int32)
    """
    x, y = convert_together((x, y))
    return x - truncatediv(x, y) * y
