"""The methods that make a new dataset of an old one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet.dtypes import int64

if TYPE_CHECKING:
    from tensorlet.data.dataset import Dataset
    from tensorlet.data.options import Options


def _transformations() -> Any:
    from tensorlet.data import transformations  # they are datasets themselves

    return transformations


def _mapping() -> Any:
    from tensorlet.data import mapping

    return mapping


class Methods:
    """Methods of `tf.data.Dataset`. Each leaves the dataset itself as it is."""

    # The order of the elements:

    def shuffle(
        self,
        buffer_size: Any,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements in a random order.

        Each element is drawn from a buffer, and the next one takes its place. With ``buffer_size`` at least
        the number of elements all orders are equally likely.

        Args:
            buffer_size: how many elements the buffer holds.
            seed: of the order; by default from `tf.random.set_seed`, else chance. The numbers are not TensorFlow's.
            reshuffle_each_iteration: a new order in each iteration (the default), or always the same.
            name: ignored.

        >>> import tensorlet as tf
        >>> shuffled = [int(n) for n in tf.data.Dataset.range(5).shuffle(5, seed=1)]
        >>> sorted(shuffled)
        [0, 1, 2, 3, 4]
        """
        return _transformations().Shuffled(self, buffer_size, seed, reshuffle_each_iteration)

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """The elements again and again: ``count`` times, or without an end (None or -1).

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(2).repeat(2)]
        [0, 1, 0, 1]
        """
        return _transformations().Repeated(self, count)

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first ``count`` elements; all of them for -1.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(5).take(2)]
        [0, 1]
        """
        return _transformations().Taken(self, count)

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first ``count`` elements; none for -1.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(5).skip(3)]
        [3, 4]
        """
        return _transformations().Skipped(self, count)

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Every ``num_shards``-th element, from number ``index`` on.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(7).shard(3, 1)]
        [1, 4]
        """
        return _transformations().Sharded(self, num_shards, index)

    def cache(self, filename: Any = "", name: str | None = None) -> Dataset:
        """The elements of the first whole iteration, kept in memory for all later ones.

        Args:
            filename: where TensorFlow would keep them; here it is the memory.
            name: ignored.

        >>> import tensorlet as tf
        >>> numbers = tf.data.Dataset.range(3).shuffle(3).cache()
        >>> [int(n) for n in numbers] == [int(n) for n in numbers]
        True
        """
        return _transformations().Cached(self)

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """The same elements. (TensorFlow prepares some ahead; here rows are gathered when they are needed.)"""
        return _transformations().Prefetched(self, buffer_size)

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """The same elements; the options are kept for `options`."""
        return _transformations().Optioned(self, options)

    def options(self) -> Options:
        """The options that were given."""
        return _transformations().options_of(self)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements of this dataset, then those of another one of the same structure.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(2).concatenate(tf.data.Dataset.range(5, 7))]
        [0, 1, 5, 6]
        """
        return _transformations().Concatenated(self, dataset)

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Pairs of a number (int64) and an element.

        >>> import tensorlet as tf
        >>> [(int(i), int(n)) for i, n in tf.data.Dataset.range(5, 7).enumerate()]
        [(0, 5), (1, 6)]
        """
        from tensorlet.data.sources import Counted, Zipped

        return Zipped((Counted(int(start), 1, int64), self))

    # Several elements in one:

    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Elements stacked, ``batch_size`` at a time.

        Args:
            batch_size: elements in a batch.
            drop_remainder: leave out a smaller last batch.
            num_parallel_calls, deterministic, name: taken, and of no use here.

        >>> import tensorlet as tf
        >>> [batch.numpy().tolist() for batch in tf.data.Dataset.range(5).batch(2)]
        [[0, 1], [2, 3], [4]]
        """
        return _transformations().Batched(self, batch_size, drop_remainder)

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Elements of different lengths, filled up to the longest of each batch and stacked.

        Args:
            batch_size: elements in a batch.
            padded_shapes: the shapes to fill up to; None or -1 for an axis: the longest of the batch.
            padding_values: what to fill up with, in the structure of the elements; zeros by default.
            drop_remainder: leave out a smaller last batch.
            name: ignored.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.range(1, 4).map(lambda n: tf.fill([int(n)], n))
        >>> next(iter(dataset.padded_batch(3))).numpy()
        array([[1, 0, 0],
               [2, 2, 0],
               [3, 3, 3]])
        """
        return _transformations().PaddedBatch(self, batch_size, padded_shapes, padding_values, drop_remainder)

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of the elements, one by one.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(5).batch(2).unbatch()]
        [0, 1, 2, 3, 4]
        """
        return _transformations().Unbatched(self)

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Dataset:
        """Batches of another size."""
        return self.unbatch().batch(batch_size, drop_remainder)

    def window(
        self,
        size: Any,
        shift: Any = None,
        stride: Any = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Datasets of ``size`` elements each.

        Args:
            size: elements in a window.
            shift: how far one window begins after the other; by default ``size``.
            stride: take every so many elements.
            drop_remainder: leave out smaller windows at the end.
            name: ignored.

        >>> import tensorlet as tf
        >>> windows = tf.data.Dataset.range(5).window(3, shift=1, drop_remainder=True)
        >>> [batch.numpy().tolist() for batch in windows.flat_map(lambda window: window.batch(3))]
        [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
        """
        return _transformations().Windowed(self, size, shift, stride, drop_remainder)

    # Functions of the user's:

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """The results of a function for each element.

        Args:
            map_func: is called with the element; with several arguments where it is a tuple.
            num_parallel_calls, deterministic, synchronous, use_unbounded_threadpool, name: taken, and
                of no use here.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.from_tensor_slices(([1.0, 2.0], [0, 1]))
        >>> [(float(x), y.numpy().tolist()) for x, y in dataset.map(lambda x, y: (x / 2, tf.one_hot(y, 2)))]
        [(0.5, [1.0, 0.0]), (1.0, [0.0, 1.0])]
        """
        return _mapping().Mapped(self, map_func, num_parallel_calls)

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which a function gives True.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(5).filter(lambda n: n % 2 == 0)]
        [0, 2, 4]
        """
        return _mapping().Filtered(self, predicate)

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the datasets that a function gives, one dataset after the other.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.range(1, 3).flat_map(lambda n: tf.data.Dataset.from_tensors(n).repeat(2))
        >>> [int(n) for n in dataset]
        [1, 1, 2, 2]
        """
        return _mapping().FlatMapped(self, map_func)

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements of the datasets that a function gives, some of each in turn.

        Args:
            map_func: gives a dataset for each element.
            cycle_length: how many of these datasets are open at a time.
            block_length: how many elements are taken of one before the next.
            num_parallel_calls, deterministic, name: taken, and of no use here.

        >>> import tensorlet as tf
        >>> dataset = tf.data.Dataset.range(1, 4).interleave(
        ...     lambda n: tf.data.Dataset.from_tensors(n).repeat(3), cycle_length=2, block_length=2)
        >>> [int(n) for n in dataset]
        [1, 1, 2, 2, 1, 2, 3, 3, 3]
        """
        return _mapping().Interleaved(self, map_func, cycle_length, block_length, num_parallel_calls)

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements before the first one for which a function gives False.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.range(9).take_while(lambda n: n < 3)]
        [0, 1, 2]
        """
        return _mapping().TakenWhile(self, predicate)

    def scan(self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The results of a function of a state and each element, which also gives the next state.

        >>> import tensorlet as tf
        >>> sums = tf.data.Dataset.range(1, 4).scan(tf.constant(0, tf.int64), lambda s, n: (s + n, s + n))
        >>> [int(n) for n in sums]
        [1, 3, 6]
        """
        return _mapping().Scanned(self, initial_state, scan_func)

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """One value of all elements: ``state = reduce_func(state, element)``, from the initial state on.

        >>> import tensorlet as tf
        >>> int(tf.data.Dataset.range(5).reduce(tf.constant(0, tf.int64), lambda total, n: total + n))
        10
        """
        return _mapping().reduced(self, initial_state, reduce_func)

    def unique(self, name: str | None = None) -> Dataset:
        """Each element once.

        >>> import tensorlet as tf
        >>> [int(n) for n in tf.data.Dataset.from_tensor_slices([1, 2, 1]).unique()]
        [1, 2]
        """
        return _mapping().Unique(self)

    def apply(self, transformation_func: Callable[[Any], Any]) -> Dataset:
        """The function's result for this dataset.

        >>> import tensorlet as tf
        >>> len(tf.data.Dataset.range(5).apply(lambda dataset: dataset.take(2)))
        2
        """
        return _mapping().applied(self, transformation_func)

    def get_single_element(self, name: str | None = None) -> Any:
        """The only element.

        Raises:
            InvalidArgumentError: if there is none or more than one.

        >>> import tensorlet as tf
        >>> int(tf.data.Dataset.range(7, 8).get_single_element())
        7
        """
        return _mapping().single_element(self)
