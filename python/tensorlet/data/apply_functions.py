"""The functions of `tf.data.experimental`, most of which are passed to `Dataset.apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsIndex

from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset
from tensorlet.data.options import INFINITE_CARDINALITY
from tensorlet.data.transformations.ordering import WithCardinality
from tensorlet.errors import InvalidArgumentError

#: The argument of `Dataset.apply`.
Transformation = Callable[[Dataset], Dataset]


def cardinality(dataset: Dataset) -> EagerTensor:
    """The number of elements of a dataset; see `Dataset.cardinality`."""
    return dataset.cardinality()


def assert_cardinality(expected_cardinality: SupportsIndex) -> Transformation:
    """For `Dataset.apply`: states the number of elements of a dataset where it is unknown.

    Raises:
        InvalidArgumentError: while iterating, if the dataset has more or fewer elements.

    >>> import tensorlet as tf
    >>> even = tf.data.Dataset.range(10).filter(lambda x: x % 2 == 0)
    >>> len(even.apply(tf.data.experimental.assert_cardinality(5)))
    5
    """
    count = int(expected_cardinality)
    if count < INFINITE_CARDINALITY:
        raise InvalidArgumentError(
            f"assert_cardinality got {count}, but a number of elements, or "
            "tf.data.INFINITE_CARDINALITY (-1), is expected."
        )

    return lambda dataset: dataset._with(WithCardinality(dataset._pipeline, count))


def from_method(name: str) -> Callable[..., Transformation]:
    """Makes a method available as a function for `Dataset.apply`, its legacy form."""

    def make(*args: object, **kwargs: object) -> Transformation:
        return lambda dataset: getattr(dataset, name)(*args, **kwargs)

    make.__name__ = name
    make.__doc__ = f"For `Dataset.apply`: see `Dataset.{name}`."
    return make


enumerate_dataset = from_method("enumerate")
unbatch = from_method("unbatch")
unique = from_method("unique")
scan = from_method("scan")
take_while = from_method("take_while")


group_by_window = from_method("group_by_window")
bucket_by_sequence_length = from_method("bucket_by_sequence_length")
rejection_resample = from_method("rejection_resample")
dense_to_ragged_batch = from_method("ragged_batch")
snapshot = from_method("snapshot")


def sample_from_datasets(
    datasets: Any, weights: Any = None, seed: int | None = None, **options: Any
) -> Dataset:
    """See `Dataset.sample_from_datasets`."""
    return Dataset.sample_from_datasets(datasets, weights, seed, **options)


def choose_from_datasets(
    datasets: Any, choice_dataset: Dataset, stop_on_empty_dataset: bool = False
) -> Dataset:
    """See `Dataset.choose_from_datasets`."""
    return Dataset.choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset)


def save(dataset: Dataset, path: Any, **options: Any) -> None:
    """See `Dataset.save`."""
    dataset.save(path, **options)


def load(path: Any, element_spec: object = None, **options: Any) -> Dataset:
    """See `Dataset.load`."""
    return Dataset.load(path, element_spec, **options)


def counter(start: int = 0, step: int = 1, dtype: object = None) -> Dataset:
    """See `Dataset.counter`."""
    return Dataset.counter(start, step) if dtype is None else Dataset.counter(start, step, dtype)


def random_dataset(seed: int | None = None) -> Dataset:
    """See `Dataset.random`."""
    return Dataset.random(seed)


def prefetch_to_device(device: object, buffer_size: int | None = None) -> Transformation:
    """For `Dataset.apply`: the same elements, since everything runs on the processor."""
    return lambda dataset: dataset.prefetch(-1)


def copy_to_device(target_device: object, source_device: object = "/cpu:0") -> Transformation:
    """For `Dataset.apply`: the same elements, since everything runs on the processor."""
    return lambda dataset: dataset


def get_single_element(dataset: Dataset) -> Any:
    """The only element of a dataset; see `Dataset.get_single_element`."""
    return dataset.get_single_element()


def shuffle_and_repeat(buffer_size: int, count: int | None = None, seed: int | None = None) -> Transformation:
    """For `Dataset.apply`: `Dataset.shuffle`, then `Dataset.repeat`."""
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def map_and_batch(
    map_func: Callable[..., Any], batch_size: int, drop_remainder: bool = False, **ignored: object
) -> Transformation:
    """For `Dataset.apply`: `Dataset.map`, then `Dataset.batch`."""
    return lambda dataset: dataset.map(map_func).batch(batch_size, drop_remainder)
