"""Small functions of sequences of numbers: orders, polynomials, running sums in logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.arguments import require_dtype, resolve_axis, static_integer
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions


def is_non_decreasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether no element, in reading order, is less than the one before it.

    >>> import tensorlet as tf
    >>> print(tf.math.is_non_decreasing([1, 1, 2]).numpy())
    True
    """
    flat = functions.reshape(convert(x), [-1])
    return functions.reduce_all(flat[1:] >= flat[:-1])


def is_strictly_increasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether each element, in reading order, is greater than the one before it.

    >>> import tensorlet as tf
    >>> print(tf.math.is_strictly_increasing([1, 1, 2]).numpy())
    False
    """
    flat = functions.reshape(convert(x), [-1])
    return functions.reduce_all(flat[1:] > flat[:-1])


def invert_permutation(x: TensorLike, name: str | None = None) -> Tensor:
    """The permutation that undoes another: ``result[x[i]] = i``.

    Args:
        x: the numbers from 0 to n - 1 in any order, [n].
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.math.invert_permutation([2, 0, 1]).numpy())
    [1 2 0]
    """
    x = convert(x)
    require_dtype("tf.math.invert_permutation", "x", x, "integer")
    return functions.cast(functions.argsort(x), x.dtype)


def polyval(coeffs: Sequence[TensorLike], x: TensorLike, name: str | None = None) -> Tensor:
    """The value of a polynomial: ``coeffs[0] * x**(n - 1) + ... + coeffs[n - 1]``, by Horner's scheme.

    Args:
        coeffs: a list of numbers or tensors, the highest power first.
        x: a tensor.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``coeffs`` is not a list.

    >>> import tensorlet as tf
    >>> print(tf.math.polyval([2.0, 0.0, 1.0], tf.constant([3.0])).numpy())  # 2 * 3**2 + 1
    [19.]
    """
    if not isinstance(coeffs, list | tuple):
        raise InvalidArgumentError(
            f"tf.math.polyval: coeffs is {coeffs!r}, but a list of coefficients is expected."
        )
    x = convert(x)
    total = functions.zeros_like(x)
    for coefficient in coeffs:
        total = total * x + convert(coefficient, x.dtype)
    return total


def cumulative_logsumexp(
    x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """``log(cumsum(exp(x)))`` along an axis, without overflow.

    Args:
        x: a float tensor.
        axis: the axis.
        exclusive: whether each sum leaves its own element out; the first is then minus infinity.
        reverse: whether the sums start at the end.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.math.cumulative_logsumexp([1000.0, 1000.0]).numpy().round(2))
    [1000.   1000.69]
    """
    x = convert(x)
    require_dtype("tf.math.cumulative_logsumexp", "x", x, "float")
    axis = static_integer("tf.math.cumulative_logsumexp", "axis", axis) % max(len(x.shape), 1)
    if reverse:
        x = functions.reverse(x, [axis])
    length = x.shape[axis]
    if exclusive:
        x = _shifted(x, axis, 1)
    distance = 1
    while distance < length:  # each round doubles the number of elements that a sum covers
        x = _log_of_sum(x, _shifted(x, axis, distance))
        distance *= 2
    return functions.reverse(x, [axis]) if reverse else x


def _shifted(x: Tensor, axis: int, distance: int) -> Tensor:
    """The elements moved along the axis; minus infinity comes in."""
    shape = [distance if one == axis else length for one, length in enumerate(x.shape)]
    size = [length - distance if one == axis else length for one, length in enumerate(x.shape)]
    entering = functions.fill(shape, functions.cast(-math.inf, x.dtype))
    return functions.concat([entering, functions.slice(x, [0] * len(size), size)], axis)


def _log_of_sum(a: Tensor, b: Tensor) -> Tensor:
    larger, smaller = functions.maximum(a, b), functions.minimum(a, b)
    none = functions.equal(larger, -math.inf)
    gap = functions.where(none, 0.0, smaller - functions.where(none, 0.0, larger))
    return functions.where(none, larger, larger + functions.log1p(functions.exp(gap)))


def xlog1py(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x * log(1 + y)``, but 0 where ``x`` is 0, even if ``y`` is -1 there.

    >>> import tensorlet as tf
    >>> print(tf.math.xlog1py([0.0, 2.0], [-1.0, 0.0]).numpy())
    [0. 0.]
    """
    x = convert(x)
    zero = functions.equal(x, 0)
    return x * functions.log1p(functions.where(zero, 0, convert(y, x.dtype)))


def conj(x: TensorLike, name: str | None = None) -> Tensor:
    """The complex conjugate: real numbers are their own.

    >>> import tensorlet as tf
    >>> print(tf.math.conj([1.0]).numpy())
    [1.]
    """
    return convert(x)


def real(input: TensorLike, name: str | None = None) -> Tensor:
    """The real part: all of a real number.

    >>> import tensorlet as tf
    >>> print(tf.math.real([1.0]).numpy())
    [1.]
    """
    return convert(input)


def imag(input: TensorLike, name: str | None = None) -> Tensor:
    """The imaginary part: 0 for real numbers.

    >>> import tensorlet as tf
    >>> print(tf.math.imag([1.0]).numpy())
    [0.]
    """
    return functions.zeros_like(convert(input))


def angle(input: TensorLike, name: str | None = None) -> Tensor:
    """The angle of a number in the complex plane: pi for negative numbers, else 0.

    >>> import tensorlet as tf
    >>> print(tf.math.angle([1.0, -1.0]).numpy().round(4))
    [0.     3.1416]
    """
    x = convert(input)
    return functions.where(x < 0, math.pi, functions.zeros_like(x))


def reverse_sequence(
    input: TensorLike, seq_lengths: TensorLike, seq_axis: int | None = None, batch_axis: int | None = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Reverses the beginning of each sequence of a batch; the rest, usually padding, stays where it is.

    Args:
        input: any dtype; at least two axes.
        seq_lengths: for each sequence, how many of its elements are reversed, [batch].
        seq_axis: the axis of the elements.
        batch_axis: the axis of the sequences, by default 0.
        name: ignored.

    Raises:
        InvalidArgumentError: without ``seq_axis``, or if it is also that of the batch.

    >>> import tensorlet as tf
    >>> tf.reverse_sequence([[1, 2, 3, 0], [4, 5, 0, 0]], [3, 2], seq_axis=1).numpy()
    array([[3, 2, 1, 0],
           [5, 4, 0, 0]], dtype=int32)
    """
    x = convert(input)
    rank = len(x.shape)
    batch = resolve_axis("tf.reverse_sequence", 0 if batch_axis is None else batch_axis, rank)
    axis = batch if seq_axis is None else resolve_axis("tf.reverse_sequence", seq_axis, rank)
    if axis == batch:
        raise InvalidArgumentError(
            f"tf.reverse_sequence: seq_axis={seq_axis} and batch_axis={batch_axis} should be two axes of the input, "
            f"which has {rank}. Give seq_axis=1 for rows that are sequences."
        )
    order = [batch, axis, *(one for one in range(rank) if one not in (batch, axis))]
    lengths = functions.expand_dims(functions.cast(convert(seq_lengths), "int32"), 1)
    places = functions.expand_dims(functions.range(x.shape[axis]), 0)
    sources = functions.where(places < lengths, lengths - 1 - places, places)
    turned = functions.gather(functions.transpose(x, order), sources, axis=1, batch_dims=1)
    return functions.transpose(turned, [order.index(one) for one in range(rank)])
