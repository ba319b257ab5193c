"""The methods of `tf.data.Dataset`, which add transformations to its pipeline."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, SupportsIndex

from tensorlet.data.elements import called, eager_element
from tensorlet.data.group_methods import GroupMethods
from tensorlet.data.pipeline import Pipeline
from tensorlet.data.sources import Counter
from tensorlet.data.transformations import batching, combining, flat_map, mapping, ordering, windows
from tensorlet.dtypes import int64
from tensorlet.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tensorlet.data.dataset import Dataset
    from tensorlet.data.options import Options


class DatasetMethods(GroupMethods):
    """Methods that return a new dataset, or a result. The dataset itself does not change."""

    def _with(self, pipeline: Pipeline) -> Dataset:
        """A dataset with another pipeline."""
        raise NotImplementedError

    # The order of the elements:

    def shuffle(
        self,
        buffer_size: SupportsIndex,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements in a random order.

        Each element is drawn at random from a buffer, and the next one takes its place. If ``buffer_size`` is at
        least the number of elements, all orders are equally likely.

        Args:
            buffer_size: the number of elements that the buffer holds.
            seed: determines the order; by default that of `tf.random.set_seed`, or else random. The orders are not
                those of TensorFlow.
            reshuffle_each_iteration: whether each iteration has a new order, which is the default.
            name: ignored.

        >>> import tensorlet as tf
        >>> shuffled = [int(n) for n in tf.data.Dataset.range(5).shuffle(5, seed=1)]
        >>> sorted(shuffled)
        [0, 1, 2, 3, 4]
        """
        return self._with(ordering.Shuffled(self._pipeline, buffer_size, seed, reshuffle_each_iteration))

    def repeat(self, count: SupportsIndex | None = None, name: str | None = None) -> Dataset:
        """The elements ``count`` times, or indefinitely (None or -1).

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(2).repeat(2)]
        [0, 1, 0, 1]
        """
        return self._with(ordering.Repeated(self._pipeline, count))

    def take(self, count: SupportsIndex, name: str | None = None) -> Dataset:
        """The first ``count`` elements; all of them for -1.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(5).take(2)]
        [0, 1]
        """
        return self._with(ordering.Taken(self._pipeline, count))

    def skip(self, count: SupportsIndex, name: str | None = None) -> Dataset:
        """All but the first ``count`` elements; none for -1.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(5).skip(3)]
        [3, 4]
        """
        return self._with(ordering.Skipped(self._pipeline, count))

    def shard(self, num_shards: SupportsIndex, index: SupportsIndex, name: str | None = None) -> Dataset:
        """Every ``num_shards``-th element, starting with element number ``index``.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(7).shard(3, 1)]
        [1, 4]
        """
        return self._with(ordering.Sharded(self._pipeline, num_shards, index))

    def cache(self, filename: object = "", name: str | None = None) -> Dataset:
        """The elements of the first complete iteration, kept in memory for all later ones.

        Args:
            filename: ignored; the file in which TensorFlow would keep them.
            name: ignored.

        >>> import tensorlet as tf
        >>> numbers = tf.data.Dataset.range(3).shuffle(3).cache()
        >>> [int(n) for n in numbers] == [int(n) for n in numbers]
        True
        """
        return self._with(ordering.Cached(self._pipeline))

    def prefetch(self, buffer_size: SupportsIndex, name: str | None = None) -> Dataset:
        """The same elements. TensorFlow prepares some in advance; Tensorlet prepares them when they are needed."""
        return self._with(ordering.Prefetched(self._pipeline, buffer_size))

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """The same elements; the options are stored, see `options`."""
        return self._with(ordering.WithOptions(self._pipeline, options))

    def options(self) -> Options:
        """The options that were given with `with_options`."""
        return ordering.options_of(self._pipeline)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this dataset, followed by those of another one with elements of the same structure.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(2).concatenate(tf.data.Dataset.range(5, 7))]
        [0, 1, 5, 6]
        """
        return self._with(combining.Concatenated(self._pipeline, dataset))

    def enumerate(self, start: SupportsIndex = 0, name: str | None = None) -> Dataset:
        """Pairs of a number (int64, counted from ``start``) and an element.

        >>> import tensorlet as tf
        >>> [(int(i), int(n)) for i, n in tf.data.Dataset.range(5, 7).enumerate()]
        [(0, 5), (1, 6)]
        """
        numbers = self._with(Counter(int(start), 1, int64))
        return self._with(combining.Zipped((numbers, self)))

    # Several elements in one:

    def batch(
        self,
        batch_size: SupportsIndex,
        drop_remainder: bool = False,
        num_parallel_calls: SupportsIndex | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Elements stacked into batches.

        Args:
            batch_size: the number of elements in a batch.
            drop_remainder: whether to drop a smaller last batch.
            num_parallel_calls, deterministic, name: ignored.

        Raises:
            InvalidArgumentError: if the shapes of elements differ, or the elements are windows.

        >>> import tensorlet as tf
        >>> [batch.numpy().tolist() for batch in tf.data.Dataset.range(5).batch(2)]
        [[0, 1], [2, 3], [4]]
        """
        return self._with(batching.Batched(self._pipeline, batch_size, drop_remainder))

    def padded_batch(
        self,
        batch_size: SupportsIndex,
        padded_shapes: object = None,
        padding_values: object = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Elements of different lengths, padded to the longest of each batch and stacked.

        Args:
            batch_size: the number of elements in a batch.
            padded_shapes: the shapes to pad to; None or -1 for an axis means the longest of the batch.
            padding_values: the values to pad with, in the structure of the elements; zeros by default.
            drop_remainder: whether to drop a smaller last batch.
            name: ignored.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.range(1, 4).map(lambda n: tf.fill([int(n)], n))
        >>> next(iter(dataset.padded_batch(3))).numpy()
        array([[1, 0, 0],
               [2, 2, 0],
               [3, 3, 3]])
        """
        return self._with(
            batching.PaddedBatch(self._pipeline, batch_size, padded_shapes, padding_values, drop_remainder)
        )

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of the elements, one by one.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(5).batch(2).unbatch()]
        [0, 1, 2, 3, 4]
        """
        return self._with(batching.Unbatched(self._pipeline))

    def rebatch(
        self, batch_size: SupportsIndex, drop_remainder: bool = False, name: str | None = None
    ) -> Dataset:
        """Batches of another size."""
        return self.unbatch().batch(batch_size, drop_remainder)

    def window(
        self,
        size: SupportsIndex,
        shift: SupportsIndex | None = None,
        stride: SupportsIndex = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Windows: datasets of ``size`` elements each.

        Use `flat_map` to turn each window into one tensor, as in the example.

        Args:
            size: the number of elements in a window.
            shift: the distance between the starts of two windows; by default ``size``.
            stride: the distance between two elements of a window.
            drop_remainder: whether to drop smaller windows at the end.
            name: ignored.

        >>> import tensorlet as tf
        >>> windows = tf.data.Dataset.range(5).window(3, shift=1, drop_remainder=True)
        >>> [batch.numpy().tolist() for batch in windows.flat_map(lambda window: window.batch(3))]
        [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
        """
        return self._with(windows.Windowed(self._pipeline, size, shift, stride, drop_remainder, self._with))

    # User-defined functions:

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: SupportsIndex | None = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """The results of a function for each element.

        Args:
            map_func: called with the element, or with several arguments if the element is a tuple.
            num_parallel_calls, deterministic, synchronous, use_unbounded_threadpool, name: ignored.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.from_tensor_slices(([1.0, 2.0], [0, 1]))
        >>> [(float(x), y.numpy().tolist()) for x, y in dataset.map(lambda x, y: (x / 2, tf.one_hot(y, 2)))]
        [(0.5, [1.0, 0.0]), (1.0, [0.0, 1.0])]
        """
        return self._with(mapping.Mapped(self._pipeline, map_func, num_parallel_calls))

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which a function returns True.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(5).filter(lambda n: n % 2 == 0)]
        [0, 2, 4]
        """
        return self._with(mapping.Filtered(self._pipeline, predicate))

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the datasets that a function returns, one dataset after the other.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.range(1, 3).flat_map(lambda n: tf.data.Dataset.from_tensors(n).repeat(2))
        >>> [int(n) for n in dataset]
        [1, 1, 2, 2]
        """
        return self._with(flat_map.FlatMapped(self._pipeline, map_func))

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: SupportsIndex | None = None,
        block_length: SupportsIndex | None = None,
        num_parallel_calls: SupportsIndex | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements of the datasets that a function returns, some of each in turn.

        Args:
            map_func: returns a dataset for each element.
            cycle_length: the number of datasets that are read concurrently.
            block_length: the number of consecutive elements taken from each dataset.
            num_parallel_calls, deterministic, name: ignored.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.range(1, 4).interleave(
        ...     lambda n: tf.data.Dataset.from_tensors(n).repeat(3), cycle_length=2, block_length=2)
        >>> [int(n) for n in dataset]
        [1, 1, 2, 2, 1, 2, 3, 3, 3]
        """
        return self._with(
            flat_map.Interleaved(self._pipeline, map_func, cycle_length, block_length, num_parallel_calls)
        )

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements before the first one for which a function returns False.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(9).take_while(lambda n: n < 3)]
        [0, 1, 2]
        """
        return self._with(mapping.TakenWhile(self._pipeline, predicate))

    def scan(self, initial_state: object, scan_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The results of a function of a state and each element, which also returns the next state.

        >>> import tensorlet as tf
        >>> sums = tf.data.Dataset.range(1, 4).scan(tf.constant(0, tf.int64), lambda s, n: (s + n, s + n))
        >>> [int(n) for n in sums]
        [1, 3, 6]
        """
        return self._with(mapping.Scanned(self._pipeline, initial_state, scan_func))

    def reduce(self, initial_state: object, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """Reduces all elements to one value: ``state = reduce_func(state, element)``, starting with the initial state.

        >>> import tensorlet as tf
        >>> int(tf.data.Dataset.range(5).reduce(tf.constant(0, tf.int64), lambda total, n: total + n))
        10
        """
        state = eager_element(initial_state)
        for element in self._pipeline.elements():
            state = called(reduce_func, (state, element))
        return state

    def unique(self, name: str | None = None) -> Dataset:
        """The elements without repetitions.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.from_tensor_slices([1, 2, 1]).unique()]
        [1, 2]
        """
        return self._with(mapping.Unique(self._pipeline))

    def get_single_element(self, name: str | None = None) -> Any:
        """The only element.

        Raises:
            InvalidArgumentError: if there is not exactly one.

        >>> import tensorlet as tf
        >>> int(tf.data.Dataset.range(7, 8).get_single_element())
        7
        """
        found = list(islice(self._pipeline.elements(), 2))
        if len(found) != 1:
            raise InvalidArgumentError(
                f"get_single_element: the dataset has {'more than one element' if found else 'no elements'}, "
                "but exactly one is expected."
            )
        return found[0]
