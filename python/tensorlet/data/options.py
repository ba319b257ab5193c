"""Settings of datasets that steer TensorFlow's runtime, and what `tf.data.experimental` has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet.errors import InvalidArgumentError

#: "Choose yourself": for num_parallel_calls and prefetch.
AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2


class Options:
    """Options of datasets. They are taken and kept, and change nothing: a pipeline has one way to run here.

    >>> import tensorlet as tf
    >>> options = tf.data.Options()
    >>> options.deterministic = True
    >>> options.experimental_optimization.map_parallelization = True
    >>> len(tf.data.Dataset.range(3).with_options(options))
    3
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in ("autotune", "threading", "distribute") or name.startswith("experimental_"):
            value = Options()
            setattr(self, name, value)
            return value
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def merge(self, other: Options) -> Options:
        """The options of both; those of ``other`` win."""
        found = Options()
        vars(found).update(vars(self) | vars(other))
        return found

    def __repr__(self) -> str:
        return f"Options({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class ThreadingOptions(Options):
    """Options of TensorFlow's threads."""


class AutoShardPolicy:
    """How datasets are split over several machines, in TensorFlow."""

    OFF, AUTO, FILE, DATA, HINT = -1, 0, 1, 2, 3


def cardinality(dataset: Any) -> Any:
    """How many elements a dataset has; see `Dataset.cardinality`."""
    return dataset.cardinality()


def assert_cardinality(expected_cardinality: Any) -> Callable[[Any], Any]:
    """For `Dataset.apply`: says how many elements there are, where nobody can know.

    Raises:
        InvalidArgumentError: while iterating, if there are more or fewer.

    >>> import tensorlet as tf
    >>> even = tf.data.Dataset.range(10).filter(lambda x: x % 2 == 0)
    >>> len(even.apply(tf.data.experimental.assert_cardinality(5)))
    5
    """
    count = int(expected_cardinality)
    if count < INFINITE_CARDINALITY:
        raise InvalidArgumentError(
            f"assert_cardinality got {count}, expected a number of elements, or tf.data.INFINITE_CARDINALITY (-1)."
        )

    def apply(dataset: Any) -> Any:
        from tensorlet.data.transformations import Counted

        return Counted(dataset, count)

    return apply


def from_method(name: str) -> Callable[..., Callable[[Any], Any]]:
    """The older spelling of a method, as something for `Dataset.apply`."""

    def make(*args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        return lambda dataset: getattr(dataset, name)(*args, **kwargs)

    make.__name__ = name
    make.__doc__ = f"For `Dataset.apply`: see `Dataset.{name}`."
    return make


enumerate_dataset = from_method("enumerate")
unbatch = from_method("unbatch")
unique = from_method("unique")
scan = from_method("scan")
take_while = from_method("take_while")


def get_single_element(dataset: Any) -> Any:
    """The only element of a dataset; see `Dataset.get_single_element`."""
    return dataset.get_single_element()


def shuffle_and_repeat(
    buffer_size: int, count: int | None = None, seed: int | None = None
) -> Callable[[Any], Any]:
    """For `Dataset.apply`: shuffles and repeats."""
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def map_and_batch(
    map_func: Callable[..., Any], batch_size: int, drop_remainder: bool = False, **ignored: Any
) -> Callable[[Any], Any]:
    """For `Dataset.apply`: maps and batches."""
    return lambda dataset: dataset.map(map_func).batch(batch_size, drop_remainder)
