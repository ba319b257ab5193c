"""Initializers that draw from a distribution that does not depend on the shape of the weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.dtypes import DType, float32
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.initializers.base import Initializer, at_once
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Sequence


class Drawn(Initializer):
    """Base class of random initializers: the seed, and how numbers are drawn."""

    seed: Any

    def _set_seed(self, seed: Any) -> None:
        if isinstance(seed, dict):
            seed = _generator_of(seed)
        if hasattr(seed, "next") and hasattr(
            seed, "get_config"
        ):  # a SeedGenerator: other numbers in each call
            self.seed = seed
            return
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer)):
            raise InvalidArgumentError(
                f"{type(self).__name__}: seed is {seed!r}. Expected an integer, or None for new numbers each time."
            )
        self.seed = None if seed is None else int(seed)

    def _draw(self, distribution: str, shape: Sequence[int], dtype: DType, *parameters: float) -> Tensor:
        """Draws numbers from a distribution of `ops.random`; with a seed, the same numbers each time."""
        first, second = parameters
        if self.seed is None:
            return getattr(ops.random, distribution)(shape, first, second, dtype)
        stateless = getattr(ops.stateless_random, f"stateless_{distribution}")
        pair = (self.seed, 0) if isinstance(self.seed, int) else self.seed.next()
        return stateless(shape, pair, first, second, dtype)

    @property
    def seed_config(self) -> Any:
        """The seed in the configuration: an integer, None, or the configuration of a `SeedGenerator`."""
        if self.seed is None or isinstance(self.seed, int):
            return self.seed
        return {
            "module": "keras.random", "class_name": "SeedGenerator", "config": self.seed.get_config(),
            "registered_name": None,
        }  # fmt: skip


def _generator_of(config: dict[str, Any]) -> Any:
    """The `SeedGenerator` of a configuration."""
    from tensorlet.keras.random import SeedGenerator

    return SeedGenerator.from_config(dict(config.get("config", {})))


@register("initializer", "RandomNormal", "random_normal", "normal")
class RandomNormal(Drawn):
    """Draws from a normal distribution.

    Args:
        mean: the mean of the distribution.
        stddev: its standard deviation.
        seed: an integer, which gives the same weights each time, or None, which draws new ones
            from the global seed (see ``tf.random.set_seed`` and ``tf.keras.utils.set_random_seed``).

    >>> import tensorlet as tf
    >>> initializer = tf.keras.initializers.RandomNormal(seed=1)
    >>> bool(tf.reduce_all(initializer((2, 3)) == initializer((2, 3))))
    True
    """

    distribution = "normal"

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = mean
        self.stddev = stddev
        self._set_seed(seed)

    @at_once
    def __call__(self, shape: Sequence[int], dtype: DType = float32, **kwargs: Any) -> Tensor:
        return self._draw(self.distribution, shape, dtype, self.mean, self.stddev)

    def get_config(self) -> dict[str, Any]:
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed_config}


@register("initializer", "TruncatedNormal", "truncated_normal")
class TruncatedNormal(RandomNormal):
    """Draws from a normal distribution truncated at two standard deviations from the mean.

    >>> import tensorlet as tf
    >>> numbers = tf.keras.initializers.TruncatedNormal(stddev=0.5)((1000,))
    >>> bool(tf.reduce_all(tf.abs(numbers) <= 1.0))
    True
    """

    distribution = "truncated_normal"


@register("initializer", "RandomUniform", "random_uniform", "uniform")
class RandomUniform(Drawn):
    """Draws from a uniform distribution between two bounds; ``seed`` as for `RandomNormal`.

    >>> import tensorlet as tf
    >>> numbers = tf.keras.initializers.RandomUniform(0.0, 2.0)((1000,))
    >>> bool(tf.reduce_all((numbers >= 0.0) & (numbers < 2.0)))
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval = minval
        self.maxval = maxval
        self._set_seed(seed)

    @at_once
    def __call__(self, shape: Sequence[int], dtype: DType = float32, **kwargs: Any) -> Tensor:
        return self._draw("uniform", shape, dtype, self.minval, self.maxval)

    def get_config(self) -> dict[str, Any]:
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed_config}
