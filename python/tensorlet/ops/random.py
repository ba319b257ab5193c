"""Random numbers for users, from the call counter that the interpreter keeps.

The functions in `stateless_random` take the counter from a seed, and a `Generator` counts by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import float32
from tensorlet.ops import distributions
from tensorlet.ops.arguments import shape_vector, static_integer
from tensorlet.ops.distributions import Source
from tensorlet.ops.registry import Tensor, TensorLike, convert, interpreter

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike


def _next(op_seed: object) -> Source:
    return interpreter().random_counter(
        None if op_seed is None else static_integer("tf.random", "seed", op_seed)
    )


def normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers.

    Args:
        shape: the shape of the result.
        mean: the mean of the distribution; it must broadcast to the shape.
        stddev: the standard deviation of the distribution.
        dtype: float16, float32 or float64.
        seed: determines the numbers, together with `tf.random.set_seed`.
        name: ignored.

    Raises:
        DTypeError: if the dtype is not a float dtype.

    >>> import tensorlet as tf
    >>> tf.random.normal([2, 3], seed=1).shape
    TensorShape([2, 3])
    """
    return distributions.normal("tf.random.normal", _next(seed), shape, mean, stddev, dtype)


def truncated_normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers, all within two standard deviations of the mean.

    Args:
        shape: the shape of the result.
        mean: the mean of the normal distribution.
        stddev: the standard deviation of the normal distribution before truncation.
        dtype: float16, float32 or float64.
        seed: determines the numbers, together with `tf.random.set_seed`.
        name: ignored.

    Raises:
        DTypeError: if the dtype is not a float dtype.

    >>> import tensorlet as tf
    >>> bool(tf.reduce_all(tf.abs(tf.random.truncated_normal([100])) <= 2.0))
    True
    """
    return distributions.truncated_normal(
        "tf.random.truncated_normal", _next(seed), shape, mean, stddev, dtype
    )


def uniform(
    shape: ShapeLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Uniformly distributed numbers from ``minval`` up to but not including ``maxval``.

    Args:
        shape: the shape of the result.
        minval: the lower bound, included.
        maxval: the upper bound, excluded; by default 1 for floats. Integers require it.
        dtype: a float or integer dtype.
        seed: determines the numbers, together with `tf.random.set_seed`.
        name: ignored.

    Raises:
        InvalidArgumentError: for integers without ``maxval``, or if ``minval`` is not less than it.

    >>> import tensorlet as tf
    >>> dice = tf.random.uniform([100], 1, 7, dtype=tf.int32)
    >>> bool(tf.reduce_all((dice >= 1) & (dice <= 6)))
    True
    """
    return distributions.uniform("tf.random.uniform", _next(seed), shape, minval, maxval, dtype)


def shuffle(value: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """Shuffles the rows of a tensor (the slices along its first axis).

    Args:
        value: any dtype; at least one axis.
        seed: determines the order, together with `tf.random.set_seed`.
        name: ignored.

    Raises:
        ShapeError: for a scalar.

    >>> import tensorlet as tf
    >>> tf.sort(tf.random.shuffle([1, 2, 3])).numpy()
    array([1, 2, 3], dtype=int32)
    """
    return distributions.shuffled(value, _next(seed))


def categorical(
    logits: TensorLike,
    num_samples: TensorLike,
    dtype: DTypeLike | None = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draws class indices with the probabilities ``softmax(logits)``: the class on whose share of
    [0, 1) a uniform number falls.

    Args:
        logits: float ``[rows, classes]``.
        num_samples: the number of draws per row.
        dtype: the dtype of the result; by default int64.
        seed: determines the numbers, together with `tf.random.set_seed`.
        name: ignored.

    Returns:
        ``[rows, num_samples]``.

    Raises:
        ShapeError: if ``logits`` does not have two axes.

    >>> import tensorlet as tf
    >>> tf.random.categorical([[0.0, -100.0]], 3).numpy()
    array([[0, 0, 0]])
    """
    return distributions.categorical("tf.random.categorical", logits, num_samples, dtype, _next(seed))


def gamma(
    shape: ShapeLike, alpha: TensorLike, beta: TensorLike | None = None, dtype: DTypeLike = float32,
    seed: int | None = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Numbers of gamma distributions.

    Gradients reach ``alpha`` and ``beta`` through the accepted numbers; the small part that comes from numbers
    being refused is left out.

    Args:
        shape: how many numbers of each distribution.
        alpha: the shapes of the distributions.
        beta: their rates; 1 by default.
        dtype: a float dtype.
        seed: together with `tf.random.set_seed`, decides the numbers.
        name: ignored.

    Returns:
        A tensor of ``shape`` followed by the broadcast shape of ``alpha`` and ``beta``.

    >>> import tensorlet as tf
    >>> tf.random.gamma([4], alpha=[0.5, 2.0]).shape
    TensorShape([4, 2])
    """
    lengths = _with_parameters("tf.random.gamma", shape, alpha, 1.0 if beta is None else beta)
    return distributions.gamma("tf.random.gamma", _next(seed), lengths, alpha, beta, dtype)


def poisson(
    shape: ShapeLike,
    lam: TensorLike,
    dtype: DTypeLike = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of Poisson distributions.

    Args:
        shape: how many numbers of each distribution.
        lam: the means of the distributions.
        dtype: of the result.
        seed: together with `tf.random.set_seed`, decides the numbers.
        name: ignored.

    Returns:
        A tensor of ``shape`` followed by the shape of ``lam``.

    >>> import tensorlet as tf
    >>> tf.random.poisson([3], 0.0).numpy()
    array([0., 0., 0.], dtype=float32)
    """
    lengths = _with_parameters("tf.random.poisson", shape, lam, 0.0)
    return distributions.counts("poisson", _next(seed), lengths, lam, 0.0, dtype)


def _with_parameters(function: str, shape: ShapeLike, *parameters: TensorLike) -> tuple[int, ...]:
    """The lengths of a shape, followed by the broadcast shape of the parameters."""
    inner = np.broadcast_shapes(*[tuple(convert(one).shape) for one in parameters])
    return (*shape_vector(function, shape), *inner)
