"""Random numbers that depend on their arguments alone: the counter comes from the seed that they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import float32, int32, int64
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops import distributions
from tensorlet.ops.arguments import shape_vector
from tensorlet.ops.distributions import Source
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike


def _stateless(function: str, seed: TensorLike) -> Source:
    """A seed of two integers becomes the call counter, so that a traced function may compute it."""
    pair = convert(seed)
    if tuple(pair.shape) != (2,) or not pair.dtype.is_integer:
        raise InvalidArgumentError(
            f"{function}: seed should be two integers, such as [1, 2], but is "
            f"{pair.dtype.name}{list(pair.shape)}."
        )
    wide = functions.cast(pair, int64)
    half = np.int64(2**32)
    return 0, 0, wide[0] * half + functions.floormod(wide[1], half)


def stateless_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = float32,
    name: str | None = None,
    alg: str = "auto_select",
) -> Tensor:
    """Normally distributed numbers that depend on the arguments alone.

    Args:
        shape: of the result.
        seed: two integers, of which the low 32 bits count.
        mean: the distribution's.
        stddev: the distribution's standard deviation.
        dtype: float16, float32 or float64.
        name: ignored.
        alg: ignored; it is always Philox.

    >>> import tensorlet as tf
    >>> a = tf.random.stateless_normal([2], seed=[1, 2])
    >>> bool(tf.reduce_all(a == tf.random.stateless_normal([2], seed=[1, 2])))
    True
    """
    function = "tf.random.stateless_normal"
    return distributions.normal(function, _stateless(function, seed), shape, mean, stddev, dtype)


def stateless_truncated_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = float32,
    name: str | None = None,
    alg: str = "auto_select",
) -> Tensor:
    """`truncated_normal` from a given seed; see `stateless_normal`.

    >>> import tensorlet as tf
    >>> bool(tf.reduce_all(tf.abs(tf.random.stateless_truncated_normal([100], seed=[1, 2])) <= 2.0))
    True
    """
    function = "tf.random.stateless_truncated_normal"
    return distributions.truncated_normal(function, _stateless(function, seed), shape, mean, stddev, dtype)


def stateless_uniform(
    shape: ShapeLike,
    seed: TensorLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = float32,
    name: str | None = None,
    alg: str = "auto_select",
) -> Tensor:
    """`uniform` from a given seed; see `stateless_normal`.

    >>> import tensorlet as tf
    >>> tf.random.stateless_uniform([2], seed=[1, 2], minval=5, maxval=6, dtype=tf.int32).numpy()
    array([5, 5], dtype=int32)
    """
    function = "tf.random.stateless_uniform"
    return distributions.uniform(function, _stateless(function, seed), shape, minval, maxval, dtype)


def stateless_shuffle(value: TensorLike, seed: TensorLike, name: str | None = None) -> Tensor:
    """`shuffle` from a given seed; see `stateless_normal`.

    >>> import tensorlet as tf
    >>> tf.sort(tf.random.experimental.stateless_shuffle([1, 2, 3], seed=[1, 2])).numpy()
    array([1, 2, 3], dtype=int32)
    """
    return distributions.shuffled(value, _stateless("tf.random.experimental.stateless_shuffle", seed))


def stateless_categorical(
    logits: TensorLike,
    num_samples: TensorLike,
    seed: TensorLike,
    dtype: DTypeLike = int64,
    name: str | None = None,
) -> Tensor:
    """`categorical` from a given seed; see `stateless_normal`.

    >>> import tensorlet as tf
    >>> tf.random.stateless_categorical([[0.0, -100.0]], 3, seed=[1, 2]).numpy()
    array([[0, 0, 0]])
    """
    function = "tf.random.stateless_categorical"
    return distributions.categorical(function, logits, num_samples, dtype, _stateless(function, seed))


def stateless_gamma(
    shape: ShapeLike, seed: TensorLike, alpha: TensorLike, beta: TensorLike | None = None,
    dtype: DTypeLike = float32, name: str | None = None,
) -> Tensor:  # fmt: skip
    """`gamma` from a given seed, of the whole ``shape``; see `stateless_normal`.

    >>> import tensorlet as tf
    >>> bool(tf.reduce_all(tf.random.stateless_gamma([3, 2], seed=[1, 2], alpha=[0.5, 2.0]) > 0.0))
    True
    """
    function = "tf.random.stateless_gamma"
    lengths = shape_vector(function, shape)
    return distributions.gamma(function, _stateless(function, seed), lengths, alpha, beta, dtype)


def stateless_poisson(
    shape: ShapeLike, seed: TensorLike, lam: TensorLike, dtype: DTypeLike = int32, name: str | None = None
) -> Tensor:
    """`poisson` from a given seed, of the whole ``shape``; see `stateless_normal`.

    >>> import tensorlet as tf
    >>> tf.random.stateless_poisson([2], seed=[1, 2], lam=0.0).numpy()
    array([0, 0], dtype=int32)
    """
    function = "tf.random.stateless_poisson"
    lengths = shape_vector(function, shape)
    return distributions.counts("poisson", _stateless(function, seed), lengths, lam, 0.0, dtype)


def stateless_binomial(
    shape: ShapeLike, seed: TensorLike, counts: TensorLike, probs: TensorLike, output_dtype: DTypeLike = int32,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Draws the number of successes in ``counts`` trials with probability ``probs``; see `stateless_normal`.

    >>> import tensorlet as tf
    >>> tf.random.stateless_binomial([2], seed=[1, 2], counts=10, probs=1.0).numpy()
    array([10, 10], dtype=int32)
    """
    function = "tf.random.stateless_binomial"
    lengths = shape_vector(function, shape)
    return distributions.counts("binomial", _stateless(function, seed), lengths, counts, probs, output_dtype)


def split_seed(seed: TensorLike, num: int = 2, alg: str = "auto_select") -> Tensor:
    """``num`` seeds of two integers, made of one: `tf.random.split`.

    >>> import tensorlet as tf
    >>> tf.random.split([1, 2], 3).shape
    TensorShape([3, 2])
    """
    return distributions.uniform(
        "tf.random.split", _stateless("tf.random.split", seed), [num, 2], 0, 2**31 - 1, int32
    )


def fold_in(seed: TensorLike, data: TensorLike, alg: str = "auto_select") -> Tensor:
    """A seed of two integers, made of one and a number: `tf.random.fold_in`.

    >>> import tensorlet as tf
    >>> bool(tf.reduce_all(tf.random.fold_in([1, 2], 3) == tf.random.fold_in([1, 2], 3)))
    True
    """
    source = _stateless("tf.random.fold_in", seed)
    number = functions.cast(convert(data), int64)
    return distributions.uniform(
        "tf.random.fold_in", (source[0] + 1, source[1], source[2] + number * np.int64(0x9E3779B9)), [2], 0, 2**31 - 1,
        int32,
    )  # fmt: skip
