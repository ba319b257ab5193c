"""`tf.data.Dataset`: what all datasets share, and how one is made from data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tensorlet.core.nest import map_structure
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.methods import Methods
from tensorlet.data.options import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from tensorlet.data.row_numbers import BatchStream, RowStream
from tensorlet.dtypes import as_dtype, int64
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, UnknownNameError, did_you_mean


class Dataset(Methods):
    """Elements that come one after the other: tensors, or tuples and dictionaries of them.

    A dataset is made from data (`from_tensor_slices`, `range`, `from_generator`, ...) and changed by its
    methods, each of which gives a new dataset. Iterating over it gives eager tensors. `fit`, `evaluate`
    and `predict` take a dataset of batches; one that only shuffles and cuts arrays runs natively like
    the arrays themselves.

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

    #: The class's name in printed forms.
    shown_name = "Dataset"

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Dataset:
            raise TypeError(
                "Dataset cannot be made by calling it. Use tf.data.Dataset.from_tensor_slices(arrays), "
                ".from_generator(function, ...), .range(n) or another of its constructors."
            )
        return super().__new__(cls)

    # What the kinds of datasets define:

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements: a `TensorSpec`, or a tuple or dictionary of them."""
        raise NotImplementedError

    def _count(self) -> int:
        """How many elements there are, or `INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY`."""
        return UNKNOWN_CARDINALITY

    def _one_by_one(self) -> Iterator[Any]:
        """The elements."""
        raise NotImplementedError

    def _rows(self) -> RowStream | None:
        """The dataset as rows of arrays, if it is nothing else."""
        return None

    def _batches(self) -> BatchStream | None:
        """The dataset as batches of rows of arrays, if it is nothing else."""
        return None

    # What follows from it:

    def _elements(self) -> Iterator[Any]:
        stream = self._batches() or self._rows()
        return self._one_by_one() if stream is None else stream.elements()

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(self)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements with NumPy arrays in the places of tensors.

        >>> import tensorlet as tf
        >>> list(tf.data.Dataset.range(3).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(2)]
        """
        return NumpyIterator(self)

    def cardinality(self) -> EagerTensor:
        """How many elements there are: an int64 scalar, -1 if they never end, -2 if nobody knows.

        >>> import tensorlet as tf
        >>> int(tf.data.Dataset.range(10).batch(4).cardinality())
        3
        """
        return EagerTensor(np.asarray(self._count(), np.int64))

    def __len__(self) -> int:
        count = self._count()
        if count == INFINITE_CARDINALITY:
            raise TypeError(
                "The dataset is infinite, and has no length. Limit it with take(n), or leave out repeat()."
            )
        if count == UNKNOWN_CARDINALITY:
            raise TypeError(
                "The dataset length is unknown before it has been iterated over. Count the elements with "
                "sum(1 for _ in dataset), or say it with dataset.apply(tf.data.experimental.assert_cardinality(n))."
            )
        return count

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = [one for one in dir(type(self)) if not one.startswith("_")]
        raise UnknownNameError(
            f"tf.data.Dataset.{name} is not part of Tensorlet.{did_you_mean(name, known)} "
            f"There is: {', '.join(known)}.",
            name=name,
        )

    def __repr__(self) -> str:
        return f"<{self.shown_name} element_spec={self.element_spec!r}>"

    # How a dataset is made from data:

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """A dataset of the rows of some arrays.

        Args:
            tensors: arrays of shape [rows, ...] (or tensors, lists, data frames), alone or in tuples and
                dictionaries. They are not copied.
            name: ignored.

        Raises:
            InvalidArgumentError: for single numbers, and for arrays of different lengths.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.from_tensor_slices(([[1.0, 2.0], [3.0, 4.0]], [0, 1]))
        >>> for x, y in dataset:
        ...     print(x.numpy(), y.numpy())
        [1. 2.] 0
        [3. 4.] 1
        """
        return _sources().TensorSlices(tensors)

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """A dataset of one element.

        >>> import tensorlet as tf
        >>> [x.numpy() for x in tf.data.Dataset.from_tensors([1, 2])]
        [array([1, 2], dtype=int32)]
        """
        return _sources().Tensors(tensors)

    @staticmethod
    def range(*args: Any, output_type: Any = int64, name: str | None = None) -> Dataset:
        """Whole numbers: ``range(stop)``, ``range(start, stop)`` or ``range(start, stop, step)``.

        >>> import tensorlet as tf
        >>> [int(x) for x in tf.data.Dataset.range(1, 10, 3)]
        [1, 4, 7]
        """
        return _sources().Range(args, as_dtype(output_type))

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """A dataset of what a generator yields. It is called anew for each iteration.

        Args:
            generator: a function that returns something to iterate over.
            output_types: dtypes of an element, in its structure; the older way to describe elements.
            output_shapes: their shapes.
            args: arguments of the function.
            output_signature: `tf.TensorSpec`s of an element, in its structure.
            name: ignored.

        Raises:
            TypeError: if the generator is no function.
            InvalidArgumentError: while iterating, if an element does not fit its description.

        >>> import tensorlet as tf
        >>> def count():
        ...     for n in range(3):
        ...         yield n, [n, n + 1]
        >>> dataset = tf.data.Dataset.from_generator(
        ...     count, output_signature=(tf.TensorSpec((), tf.int32), tf.TensorSpec((2,), tf.float32)))
        >>> [(int(n), pair.numpy().tolist()) for n, pair in dataset]
        [(0, [0.0, 1.0]), (1, [1.0, 2.0]), (2, [2.0, 3.0])]
        """
        return _sources().Generated(generator, output_types, output_shapes, args, output_signature)

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """A dataset of tuples (or dictionaries): one element of each dataset. The shortest one ends it.

        Args:
            args: datasets, or one tuple, list or dictionary of them.
            datasets: the same, by its older name.
            name: ignored.

        >>> import tensorlet as tf
        >>> numbers = tf.data.Dataset.range(3)
        >>> [(int(a), int(b)) for a, b in tf.data.Dataset.zip((numbers, numbers.skip(1)))]
        [(0, 1), (1, 2)]
        """
        given = datasets if datasets is not None else args[0] if len(args) == 1 else args
        return _sources().Zipped(given)

    @staticmethod
    def random(
        seed: int | None = None, rerandomize_each_iteration: bool | None = None, name: str | None = None
    ) -> Dataset:
        """Random whole numbers from 0 to 2**32 - 1, without an end.

        >>> import tensorlet as tf
        >>> numbers = tf.data.Dataset.random(seed=4).take(3)
        >>> [int(n) for n in numbers] == [int(n) for n in numbers]
        True
        """
        return _sources().Random(seed, bool(rerandomize_each_iteration))

    @staticmethod
    def counter(start: int = 0, step: int = 1, dtype: Any = int64, name: str | None = None) -> Dataset:
        """Whole numbers without an end.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.counter(2, 3).take(3)]
        [2, 5, 8]
        """
        return _sources().Counted(start, step, as_dtype(dtype))


def _sources() -> Any:
    from tensorlet.data import sources  # they are datasets themselves

    return sources


class DatasetIterator:
    """Goes over a dataset once; ``iter(dataset)`` makes it."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._elements = dataset._elements()

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._dataset.element_spec

    def __iter__(self) -> DatasetIterator:
        return self

    def __next__(self) -> Any:
        return next(self._elements)

    def get_next(self) -> Any:
        """The next element.

        Raises:
            OutOfRangeError: at the end.
        """
        try:
            return next(self._elements)
        except StopIteration:
            raise OutOfRangeError(
                "End of sequence: the dataset has no more elements. Make a new iterator with iter(dataset), or repeat "
                "the dataset."
            ) from None

    def __repr__(self) -> str:
        return f"<iterator over {self._dataset!r}>"


class NumpyIterator:
    """Goes over a dataset once, and gives NumPy arrays."""

    def __init__(self, dataset: Dataset) -> None:
        self._elements = dataset._elements()

    def __iter__(self) -> NumpyIterator:
        return self

    def __next__(self) -> Any:
        element = next(self._elements)
        return element.numpy() if type(element) is EagerTensor else map_structure(_as_numpy, element)

    #: The older way to ask.
    next = __next__


def _as_numpy(tensor: Any) -> Any:
    if isinstance(tensor, Dataset):
        raise InvalidArgumentError(
            "as_numpy_iterator: the elements are datasets themselves (of a window), which are no arrays. "
            "Turn them into tensors first: dataset.flat_map(lambda window: window.batch(n))."
        )
    return tensor.numpy()
