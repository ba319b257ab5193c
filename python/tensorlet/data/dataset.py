"""`tf.data.Dataset`: how datasets are made from data, and iterated over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from tensorlet.core.nest import map_structure
from tensorlet.core.tensor import EagerTensor
from tensorlet.core.tracing import current_trace
from tensorlet.data import sources
from tensorlet.data.generator import Generated
from tensorlet.data.group_methods import sampled, selected
from tensorlet.data.methods import DatasetMethods
from tensorlet.data.options import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from tensorlet.data.paths import matching_paths
from tensorlet.data.pipeline import BaseDataset, Pipeline
from tensorlet.data.row_numbers import BatchStream
from tensorlet.data.storage import load_elements
from tensorlet.data.transformations.combining import Zipped
from tensorlet.dtypes import as_dtype, int64
from tensorlet.errors import (
    InvalidArgumentError,
    OutOfRangeError,
    RunsEagerly,
    UnknownNameError,
    did_you_mean,
)


class Dataset(DatasetMethods):
    """A sequence of elements: tensors, or tuples and dictionaries of them.

    A dataset is made from data (`from_tensor_slices`, `range`, `from_generator`, ...). Each of its methods returns
    a new dataset. Iterating over it gives eager tensors. `fit`, `evaluate` and `predict` accept a dataset of
    batches; one that only shuffles, slices and batches arrays is as fast as the arrays themselves.

    >>> import tensorlet as tf
    >>> dataset = tf.data.Dataset.from_tensor_slices([1, 2, 3, 4, 5]).map(lambda x: x * x).batch(2)
    >>> for batch in dataset:
    ...     print(batch.numpy())
    [1 4]
    [ 9 16]
    [25]
    >>> dataset
    <_BatchDataset element_spec=TensorSpec(shape=(None,), dtype=tf.int32, name=None)>
    """

    def __new__(cls, *args: object, **kwargs: object) -> Any:
        if cls is Dataset:
            raise TypeError(
                "Dataset cannot be created by calling it. Use tf.data.Dataset.from_tensor_slices(arrays), "
                ".from_generator(function, ...), .range(n) or another of its constructors."
            )
        return super().__new__(cls)

    def _with(self, pipeline: Pipeline) -> Dataset:
        return dataset_of(pipeline)

    def _count(self) -> int:
        """The number of elements, `INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY`."""
        return self._pipeline.count()

    def _batches(self) -> BatchStream | None:
        """The dataset as batches of rows of arrays, if it is nothing else."""
        return self._pipeline.batches()

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(self)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements with NumPy arrays instead of tensors.

        >>> import tensorlet as tf
        >>> list(tf.data.Dataset.range(3).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(2)]
        """
        return NumpyIterator(self)

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """Applies a function to this dataset, and returns its result.

        >>> import tensorlet as tf
        >>> len(tf.data.Dataset.range(5).apply(lambda dataset: dataset.take(2)))
        2
        """
        found = transformation_func(self)
        if not isinstance(found, BaseDataset):
            raise TypeError(
                f"apply: the function returned {type(found).__name__}, but a dataset is expected, as in "
                "apply(lambda dataset: dataset.take(2))."
            )
        return found

    def cardinality(self) -> EagerTensor:
        """The number of elements, an int64 scalar: -1 if it is infinite, -2 if it is unknown.

        >>> import tensorlet as tf
        >>> int(tf.data.Dataset.range(10).batch(4).cardinality())
        3
        """
        return EagerTensor(np.asarray(self._count(), np.int64))

    def __len__(self) -> int:
        count = self._count()
        if count == INFINITE_CARDINALITY:
            raise TypeError(
                "The dataset is infinite and has no length. Limit it with take(n), or omit repeat()."
            )
        if count == UNKNOWN_CARDINALITY:
            raise TypeError(
                "The length of the dataset is unknown until it has been iterated over. Count the elements with "
                "sum(1 for _ in dataset), or state it with dataset.apply(tf.data.experimental.assert_cardinality(n))."
            )
        return count

    def __bool__(self) -> bool:
        return True

    if not TYPE_CHECKING:  # or every attribute would exist for type checkers

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            known = [one for one in dir(type(self)) if not one.startswith("_")]
            raise UnknownNameError(
                f"tf.data.Dataset.{name} is not part of Tensorlet.{did_you_mean(name, known)} "
                f"Available: {', '.join(known)}.",
                name=name,
            )

    def __repr__(self) -> str:
        return f"<{self._pipeline.shown_name} element_spec={self.element_spec!r}>"

    # Constructors:

    @staticmethod
    def from_tensor_slices(tensors: object, name: str | None = None) -> Dataset:
        """A dataset of the rows of one or several arrays.

        Args:
            tensors: arrays of shape [rows, ...] (or tensors, lists, data frames), alone or in tuples and
                dictionaries. Arrays are not copied.
            name: ignored.

        Raises:
            InvalidArgumentError: for scalars, and for arrays of different lengths.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.from_tensor_slices(([[1.0, 2.0], [3.0, 4.0]], [0, 1]))
        >>> for x, y in dataset:
        ...     print(x.numpy(), y.numpy())
        [1. 2.] 0
        [3. 4.] 1
        """
        return dataset_of(sources.TensorSlices(tensors))

    @staticmethod
    def from_tensors(tensors: object, name: str | None = None) -> Dataset:
        """A dataset of one element.

        >>> import tensorlet as tf
        >>> [x.numpy() for x in tf.data.Dataset.from_tensors([1, 2])]
        [array([1, 2], dtype=int32)]
        """
        return dataset_of(sources.Tensors(tensors))

    @staticmethod
    def range(*args: SupportsIndex, output_type: object = int64, name: str | None = None) -> Dataset:
        """Integers: ``range(stop)``, ``range(start, stop)`` or ``range(start, stop, step)``.

        >>> import tensorlet as tf
        >>> [int(x) for x in tf.data.Dataset.range(1, 10, 3)]
        [1, 4, 7]
        """
        return dataset_of(sources.Range(args, as_dtype(output_type)))

    @staticmethod
    def from_generator(
        generator: Callable[..., Iterable[Any]],
        output_types: object = None,
        output_shapes: object = None,
        args: Iterable[object] | None = None,
        output_signature: object = None,
        name: str | None = None,
    ) -> Dataset:
        """A dataset of the elements that a generator yields. Each iteration calls it again.

        Args:
            generator: a function that returns an iterable.
            output_types: the dtypes of an element, in its structure; the legacy way to describe elements.
            output_shapes: the shapes of an element, together with ``output_types``.
            args: arguments of the function.
            output_signature: the `tf.TensorSpec`s of an element, in its structure.
            name: ignored.

        Raises:
            TypeError: if the generator is not a function.
            InvalidArgumentError: while iterating, if an element does not match its description.

        >>> import tensorlet as tf
        >>> def count():
        ...     for n in range(3):
        ...         yield n, [n, n + 1]
        >>> dataset = tf.data.Dataset.from_generator(
        ...     count, output_signature=(tf.TensorSpec((), tf.int32), tf.TensorSpec((2,), tf.float32)))
        >>> [(int(n), pair.numpy().tolist()) for n, pair in dataset]
        [(0, [0.0, 1.0]), (1, [1.0, 2.0]), (2, [2.0, 3.0])]
        """
        return dataset_of(Generated(generator, output_types, output_shapes, args, output_signature))

    @staticmethod
    def zip(*args: object, datasets: object = None, name: str | None = None) -> Dataset:
        """A dataset of tuples (or dictionaries): one element of each dataset, up to the end of the shortest.

        Args:
            args: datasets, or one tuple, list or dictionary of them.
            datasets: the same, under its legacy name.
            name: ignored.

        >>> import tensorlet as tf
        >>> numbers = tf.data.Dataset.range(3)
        >>> [(int(a), int(b)) for a, b in tf.data.Dataset.zip((numbers, numbers.skip(1)))]
        [(0, 1), (1, 2)]
        """
        given = datasets if datasets is not None else args[0] if len(args) == 1 else args
        return dataset_of(Zipped(given))

    @staticmethod
    def random(
        seed: int | None = None, rerandomize_each_iteration: bool | None = None, name: str | None = None
    ) -> Dataset:
        """Random integers from 0 to 2**32 - 1, without an end.

        >>> import tensorlet as tf
        >>> numbers = tf.data.Dataset.random(seed=4).take(3)
        >>> [int(n) for n in numbers] == [int(n) for n in numbers]
        True
        """
        return dataset_of(sources.Random(seed, bool(rerandomize_each_iteration)))

    @staticmethod
    def counter(start: int = 0, step: int = 1, dtype: object = int64, name: str | None = None) -> Dataset:
        """Integers without an end.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.counter(2, 3).take(3)]
        [2, 5, 8]
        """
        return dataset_of(sources.Counter(start, step, as_dtype(dtype)))

    @staticmethod
    def sample_from_datasets(
        datasets: Sequence[Any], weights: object = None, seed: int | None = None, stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:  # fmt: skip
        """The elements of several datasets, each from a random one.

        Args:
            datasets: whose elements have one form.
            weights: how often each is chosen; equally often by default.
            seed: decides the choices.
            stop_on_empty_dataset: whether the end of one dataset is the end; by default it is left out then.
            rerandomize_each_iteration: whether each iteration has its own choices; by default without a seed.

        >>> import tensorlet as tf
        >>> zeros, ones = tf.data.Dataset.from_tensors(0).repeat(2), tf.data.Dataset.from_tensors(1).repeat(3)
        >>> sorted(int(n) for n in tf.data.Dataset.sample_from_datasets([zeros, ones]))
        [0, 0, 1, 1, 1]
        """
        again = seed is None if rerandomize_each_iteration is None else rerandomize_each_iteration
        return dataset_of(sampled(datasets, weights, seed, stop_on_empty_dataset, again))

    @staticmethod
    def choose_from_datasets(
        datasets: Sequence[Any], choice_dataset: object, stop_on_empty_dataset: bool = True
    ) -> Dataset:
        """The elements of several datasets, in the order given by a dataset of their indices.

        >>> import tensorlet as tf
        >>> words = [tf.data.Dataset.from_tensors(word).repeat() for word in ("a", "b")]
        >>> choices = tf.data.Dataset.from_tensor_slices(tf.constant([1, 0, 1], tf.int64))
        >>> list(tf.data.Dataset.choose_from_datasets(words, choices).as_numpy_iterator())
        [b'b', b'a', b'b']
        """
        return dataset_of(selected(datasets, choice_dataset, stop_on_empty_dataset))

    @staticmethod
    def list_files(
        file_pattern: object, shuffle: bool | None = None, seed: int | None = None, name: str | None = None
    ) -> Dataset:
        """The paths of the files that match a pattern or several, such as ``"folder/*.csv"``.

        Args:
            file_pattern: one or more patterns.
            shuffle: False for alphabetical order; by default they are shuffled.
            seed: decides the order.
            name: ignored.

        Raises:
            InvalidArgumentError: if no file matches.
        """
        files = matching_paths("list_files", file_pattern)
        found = Dataset.from_tensor_slices(files)
        return found if shuffle is False else found.shuffle(len(files), seed)

    @staticmethod
    def load(
        path: Any, element_spec: object = None, compression: str | None = None, reader_func: object = None
    ) -> Dataset:
        """The dataset that `save` has written into a folder.

        Args:
            path: of the folder.
            element_spec, compression, reader_func: ignored; the folder says what it holds.

        Raises:
            NotFoundError: if there is no such folder.
            FileFormatError: if it holds something else.
        """
        return dataset_of(load_elements(path))


def dataset_of(pipeline: Pipeline) -> Dataset:
    """The dataset of a pipeline."""
    dataset: Dataset = object.__new__(Dataset)
    dataset._pipeline = pipeline
    return dataset


class DatasetIterator:
    """Iterates over a dataset once; returned by ``iter(dataset)``."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._elements = dataset._pipeline.elements()

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._dataset.element_spec

    def __iter__(self) -> DatasetIterator:
        return self

    def __next__(self) -> Any:
        if current_trace() is not None:
            raise RunsEagerly(
                "it takes the next element of an iterator. Loop over the dataset in the function, or give it the batch."
            )
        return next(self._elements)

    def get_next(self) -> Any:
        """The next element.

        Raises:
            OutOfRangeError: after the last element.
        """
        try:
            return next(self)
        except StopIteration:
            raise OutOfRangeError(
                "End of sequence: the dataset has no more elements. Create a new iterator with "
                "iter(dataset), or repeat the dataset."
            ) from None

    def __repr__(self) -> str:
        return f"<iterator over {self._dataset!r}>"


class NumpyIterator:
    """Iterates over a dataset once, and yields NumPy arrays."""

    def __init__(self, dataset: Dataset) -> None:
        self._elements = dataset._pipeline.elements()

    def __iter__(self) -> NumpyIterator:
        return self

    def __next__(self) -> Any:
        element = next(self._elements)
        return element.numpy() if type(element) is EagerTensor else map_structure(_as_numpy, element)

    #: The name of Python 2, which TensorFlow keeps.
    next = __next__


def _as_numpy(tensor: EagerTensor | BaseDataset) -> np.ndarray | np.generic:
    if isinstance(tensor, BaseDataset):
        raise InvalidArgumentError(
            "as_numpy_iterator: the elements are datasets (from window), not tensors. "
            "Convert them to tensors first: dataset.flat_map(lambda window: window.batch(size))."
        )
    return tensor.numpy()
