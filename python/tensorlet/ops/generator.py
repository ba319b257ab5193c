"""`tf.random.Generator`: a generator of one's own, and the global one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorlet.dtypes import as_dtype, float32, int32, int64
from tensorlet.ops import distributions
from tensorlet.ops.arguments import shape_vector, static_integer
from tensorlet.ops.distributions import Source
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike

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
        """Starts again with another seed."""
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

    def binomial(
        self,
        shape: ShapeLike,
        counts: TensorLike,
        probs: TensorLike,
        dtype: DTypeLike = int32,
        name: str | None = None,
    ) -> Tensor:
        """See `tf.random.stateless_binomial`."""
        lengths = shape_vector("tf.random.Generator.binomial", shape)
        return distributions.counts("binomial", self._next(), lengths, counts, probs, dtype)

    def uniform_full_int(self, shape: ShapeLike, dtype: DTypeLike = int64, name: str | None = None) -> Tensor:
        """Draws integers from the range of the dtype, without its largest value."""
        kind = as_dtype(dtype)
        return self.uniform(shape, kind.min, kind.max, kind)

    def make_seeds(self, count: int = 1) -> Tensor:
        """Seeds for the stateless functions, [2, count], int64."""
        return distributions.uniform(
            "tf.random.Generator.make_seeds", self._next(), [2, count], 0, 2**31 - 1, int64
        )

    def split(self, count: int = 1) -> list[Generator]:
        """Generators that are independent of each other and of this one."""
        return [Generator(int(seed)) for seed in np.asarray(self.make_seeds(count))[0]]

    def skip(self, delta: int) -> None:
        """Skips the numbers of some calls."""
        self._calls += int(delta)

    def reset(self, state: Any) -> None:
        """Sets the state: the seed and the number of calls."""
        self._seed, self._calls = (int(number) for number in np.asarray(convert(state)).reshape(-1)[:2])

    @property
    def state(self) -> Tensor:
        """The seed and the number of calls, [2]."""
        return convert(np.array([self._seed % 2**63, self._calls], np.int64))


_global: list[Generator] = []


def get_global_generator() -> Generator:
    """The generator that `set_global_generator` has set; by default one with a seed from the operating system."""
    if not _global:
        _global.append(Generator.from_non_deterministic_state())
    return _global[0]


def set_global_generator(generator: Generator) -> None:
    """Sets what `get_global_generator` returns.

    >>> import tensorlet as tf
    >>> tf.random.set_global_generator(tf.random.Generator.from_seed(1))
    >>> tf.random.get_global_generator().normal([2]).shape
    TensorShape([2])
    """
    _global[:] = [generator]
