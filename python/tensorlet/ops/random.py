"""Random numbers for users: from the interpreter's call counter, from a given seed, from a generator.

Each interpreter keeps the counter that advances from call to call; the functions with
``stateless`` in their name take it from the seed that they are given, a `Generator`
counts by itself.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tensorlet.dtypes import float32, int64
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops import distributions
from tensorlet.ops.arguments import static_integer
from tensorlet.ops.distributions import Source
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions, interpreter

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike

# --- drawn from the interpreter's counter ----------------------------------------------


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
        shape: of the result.
        mean: the distribution's; it must broadcast with the shape.
        stddev: the distribution's standard deviation.
        dtype: float16, float32 or float64.
        seed: together with `tf.random.set_seed`, decides the numbers.
        name: ignored.

    Raises:
        DTypeError: if the dtype is no float.

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
    """Normally distributed numbers, none further than two standard deviations from the mean.

    Args:
        shape: of the result.
        mean: of the normal distribution.
        stddev: of the normal distribution, before it is cut off.
        dtype: float16, float32 or float64.
        seed: together with `tf.random.set_seed`, decides the numbers.
        name: ignored.

    Raises:
        DTypeError: if the dtype is no float.

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
    """Numbers that are equally likely everywhere between ``minval`` and, without, ``maxval``.

    Args:
        shape: of the result.
        minval: the smallest.
        maxval: the end; 1 for floats if it is not given. Integers need it.
        dtype: a float or integer dtype.
        seed: together with `tf.random.set_seed`, decides the numbers.
        name: ignored.

    Raises:
        InvalidArgumentError: for integers without ``maxval``, or none between the two.

    >>> import tensorlet as tf
    >>> dice = tf.random.uniform([100], 1, 7, dtype=tf.int32)
    >>> bool(tf.reduce_all((dice >= 1) & (dice <= 6)))
    True
    """
    return distributions.uniform("tf.random.uniform", _next(seed), shape, minval, maxval, dtype)


def shuffle(value: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """The rows (slices of the first axis) in random order.

    Args:
        value: any dtype; at least one axis.
        seed: together with `tf.random.set_seed`, decides the order.
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
    """Draws classes, of probabilities ``softmax(logits)``, by the Gumbel-max method.

    Args:
        logits: float ``[rows, classes]``.
        num_samples: how many to draw for each row.
        dtype: of the result; by default int64.
        seed: together with `tf.random.set_seed`, decides the numbers.
        name: ignored.

    Returns:
        ``[rows, num_samples]``.

    Raises:
        ShapeError: if ``logits`` has not two axes.

    Source: C. Maddison, D. Tarlow, T. Minka, "A* sampling", NeurIPS 2014.

    >>> import tensorlet as tf
    >>> tf.random.categorical([[0.0, -100.0]], 3).numpy()
    array([[0, 0, 0]])
    """
    return distributions.categorical("tf.random.categorical", logits, num_samples, dtype, _next(seed))


# --- stateless: drawn from a given seed ------------------------------------------------


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


# --- a generator of one's own ----------------------------------------------------------

_GENERATOR_STREAM = 1


class Generator:
    """Counts its own calls, apart from all other random operations.

    Inside a ``tf.function`` the call counter is read once, when the function is traced; use
    `normal` and `uniform` there, or pass a seed to the stateless functions.

    >>> import tensorlet as tf
    >>> a, b = tf.random.Generator.from_seed(1), tf.random.Generator.from_seed(1)
    >>> bool(tf.reduce_all(a.normal([3]) == b.normal([3])))
    True
    """

    #: The number of draws of all generators, which tells whether a function has used one.
    draws: ClassVar[int] = 0

    def __init__(self, seed: int) -> None:
        self._seed = seed & (2**64 - 1)
        self._calls = 0

    @classmethod
    def from_seed(cls, seed: object, alg: object = None) -> Generator:
        """A generator whose numbers the seed decides."""
        return cls(static_integer("tf.random.Generator.from_seed", "seed", seed))

    @classmethod
    def from_non_deterministic_state(cls, alg: object = None) -> Generator:
        """A generator with a seed from the operating system."""
        return cls(int.from_bytes(os.urandom(8), "little") >> 1)

    def reset_from_seed(self, seed: object) -> None:
        """Starts again, from another seed."""
        self._seed = static_integer("tf.random.Generator.reset_from_seed", "seed", seed) & (2**64 - 1)
        self._calls = 0

    def _next(self) -> Source:
        call = np.array(self._calls, np.int64)
        self._calls += 1
        Generator.draws += 1
        return self._seed, _GENERATOR_STREAM, convert(call)

    def normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: DTypeLike = float32,
        name: str | None = None,
    ) -> Tensor:
        """See `tf.random.normal`."""
        return distributions.normal("tf.random.Generator.normal", self._next(), shape, mean, stddev, dtype)

    def truncated_normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: DTypeLike = float32,
        name: str | None = None,
    ) -> Tensor:
        """See `tf.random.truncated_normal`."""
        function = "tf.random.Generator.truncated_normal"
        return distributions.truncated_normal(function, self._next(), shape, mean, stddev, dtype)

    def uniform(
        self,
        shape: ShapeLike,
        minval: TensorLike = 0,
        maxval: TensorLike | None = None,
        dtype: DTypeLike = float32,
        name: str | None = None,
    ) -> Tensor:
        """See `tf.random.uniform`."""
        return distributions.uniform(
            "tf.random.Generator.uniform", self._next(), shape, minval, maxval, dtype
        )
