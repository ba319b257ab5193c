"""`keras.random`: the random functions of Keras 3.

Two calls with the same integer seed return the same numbers. A `SeedGenerator` provides a new seed for each call, and
None uses the global generator of `tf.random.set_seed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import config
from tensorlet.keras.naming import unique_name
from tensorlet.ops import random as tensor_random
from tensorlet.ops import stateless_random
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.type_aliases import DTypeLike, ShapeLike


class SeedGenerator:
    """A source of seeds, a new one for each call.

    Args:
        seed: an integer; random by default.
        name: the name, by default ``seed_generator`` with a number.

    Raises:
        InvalidArgumentError: if the seed is not an integer, or for another argument.

    Attributes:
        state: the seed and the number of calls so far, of shape [2].

    >>> import tensorlet as tf
    >>> a, b = tf.keras.random.SeedGenerator(1), tf.keras.random.SeedGenerator(1)
    >>> first, second = tf.keras.random.normal((2,), seed=a), tf.keras.random.normal((2,), seed=a)
    >>> bool(tf.reduce_all(first == tf.keras.random.normal((2,), seed=b))), bool(tf.reduce_all(first == second))
    (True, False)
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **others: Any) -> None:
        others.pop("backend", None)
        if others:
            raise InvalidArgumentError(
                f"SeedGenerator: Unrecognized keyword arguments: {', '.join(others)}. It takes seed and name."
            )
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer)):
            raise InvalidArgumentError(
                f"SeedGenerator: Argument `seed` must be an integer or None, but seed is {seed!r}."
            )
        self._given = seed
        self.name = name or unique_name("seed_generator")
        start = int(np.random.default_rng().integers(1 << 31)) if seed is None else int(seed)
        self.state = Variable(
            np.array([start, 0], np.int64), trainable=False, name=f"{self.name}/seed_generator_state"
        )

    def next(self, ordered: bool = True) -> Tensor:
        """Returns the seed of the next call, two integers."""
        found = ops.identity(convert(self.state))
        self.state.assign(found + np.array([0, 1], np.int64))
        return found

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the generator."""
        return {"seed": self._given, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Creates a generator from its configuration."""
        return cls(**config)


def _pair(seed: int | SeedGenerator | None) -> Tensor:
    """Returns the seed of one call, two integers."""
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if seed is None:
        return tensor_random.uniform([2], 0, 2**31 - 1, "int32")
    return convert([int(seed), 0])


def _dtype(dtype: DTypeLike | None) -> Any:
    return as_dtype(config.floatx() if dtype is None else dtype)


def normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike | None = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Draws from a normal distribution.

    Args:
        shape: the shape of the result.
        mean: the mean of the distribution.
        stddev: the standard deviation of the distribution.
        dtype: the dtype of the result; `keras.config.floatx` by default.
        seed: an integer, a `SeedGenerator`, or None.
    """
    return stateless_random.stateless_normal(shape, _pair(seed), mean, stddev, _dtype(dtype))


def truncated_normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike | None = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Draws from a normal distribution, within two standard deviations of the mean; see `normal`."""
    return stateless_random.stateless_truncated_normal(shape, _pair(seed), mean, stddev, _dtype(dtype))


def uniform(
    shape: ShapeLike,
    minval: TensorLike = 0.0,
    maxval: TensorLike = 1.0,
    dtype: DTypeLike | None = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Draws from a uniform distribution over ``[minval, maxval)``; see `normal`."""
    return stateless_random.stateless_uniform(shape, _pair(seed), minval, maxval, _dtype(dtype))


def randint(
    shape: ShapeLike,
    minval: int,
    maxval: int,
    dtype: DTypeLike = "int32",
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Draws integers from ``minval`` (inclusive) to ``maxval`` (exclusive); see `normal`.

    >>> import tensorlet as tf
    >>> tf.keras.random.randint((3,), 5, 6).numpy()
    array([5, 5, 5], dtype=int32)
    """
    found = as_dtype(dtype)
    if not found.is_integer:
        raise InvalidArgumentError(
            f"`keras.random.randint` requires an integer `dtype`. Received: dtype={found.name}, not an integer dtype."
        )
    return stateless_random.stateless_uniform(shape, _pair(seed), minval, maxval, found)


def categorical(
    logits: TensorLike, num_samples: int, dtype: DTypeLike = "int32", seed: int | SeedGenerator | None = None
) -> Tensor:
    """Draws classes with the probabilities ``softmax(logits)``; the result has shape [rows, num_samples]."""
    return stateless_random.stateless_categorical(logits, num_samples, _pair(seed), dtype)


def shuffle(x: TensorLike, axis: int = 0, seed: int | SeedGenerator | None = None) -> Tensor:
    """Shuffles a tensor along an axis."""
    found = convert(x)
    order = stateless_random.stateless_shuffle(np.arange(int(found.shape[axis])), _pair(seed))
    return ops.gather(found, order, axis=axis)


def dropout(
    inputs: TensorLike,
    rate: float,
    noise_shape: Sequence[int | None] | None = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Sets a fraction ``rate`` of the elements to 0 and scales up the others, which keeps the expected sum."""
    x = convert(inputs)
    shape = (
        x.shape
        if noise_shape is None
        else [x.shape[i] if n is None else n for i, n in enumerate(noise_shape)]
    )
    kept = stateless_random.stateless_uniform(shape, _pair(seed), dtype=x.dtype) >= rate
    return ops.where(kept, x / (1.0 - rate), ops.zeros_like(x))


def gamma(
    shape: ShapeLike,
    alpha: TensorLike,
    dtype: DTypeLike | None = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Draws from a gamma distribution with rate 1; see `tf.random.stateless_gamma`."""
    return stateless_random.stateless_gamma(shape, _pair(seed), alpha, dtype=_dtype(dtype))


def binomial(
    shape: ShapeLike,
    counts: TensorLike,
    probabilities: TensorLike,
    dtype: DTypeLike | None = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Draws the number of successes in ``counts`` trials."""
    return ops.cast(
        stateless_random.stateless_binomial(shape, _pair(seed), counts, probabilities), _dtype(dtype)
    )


def beta(
    shape: ShapeLike,
    alpha: TensorLike,
    beta: TensorLike,
    dtype: DTypeLike | None = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Draws from a beta distribution: ``a / (a + b)`` for draws from two gamma distributions."""
    pair = _pair(seed)
    first = stateless_random.stateless_gamma(shape, pair, alpha, dtype=_dtype(dtype))
    second = stateless_random.stateless_gamma(shape, pair + 1, beta, dtype=_dtype(dtype))
    return first / (first + second)
