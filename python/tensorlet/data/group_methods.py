"""Methods of `tf.data.Dataset` that group elements, and that make one dataset of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.data.elements import refuse_windows
from tensorlet.data.pipeline import BaseDataset, Pipeline, whole_number
from tensorlet.data.row_numbers import Shuffler
from tensorlet.data.storage import Snapshot, save_elements
from tensorlet.data.transformations.batching import Ragged, RaggedBatched
from tensorlet.data.transformations.grouping import GroupedByWindow, Resampled, Sampled, chosen, drawn
from tensorlet.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tensorlet.data.dataset import Dataset
    from tensorlet.type_aliases import PathLike


class GroupMethods(BaseDataset):
    """Methods that return a new dataset; the dataset itself does not change."""

    def _with(self, pipeline: Pipeline) -> Dataset:
        """A dataset of another pipeline."""
        raise NotImplementedError

    def group_by_window(
        self,
        key_func: Callable[..., Any],
        reduce_func: Callable[[Any, Any], Any],
        window_size: SupportsIndex | None = None,
        window_size_func: Callable[[Any], Any] | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Groups elements with the same key into windows, and applies a function to each window.

        Args:
            key_func: the key of an element, a whole number.
            reduce_func: ``(key, window)``: a dataset, such as ``window.batch(size)``.
            window_size: the most elements of a window.
            window_size_func: the same, as a function of the key.
            name: ignored.

        >>> import tensorlet as tf
        >>> pairs = tf.data.Dataset.range(6).group_by_window(
        ...     lambda n: n % 2, lambda key, window: window.batch(3), window_size=3)
        >>> [pair.numpy().tolist() for pair in pairs]
        [[0, 2, 4], [1, 3, 5]]
        """
        if (window_size is None) == (window_size_func is None):
            raise InvalidArgumentError("group_by_window: give either window_size or window_size_func.")
        fixed = None if window_size is None else whole_number(window_size, "group_by_window: window_size", 1)

        def size_of(key: int) -> int:
            if window_size_func is None:
                return int(fixed or 1)
            return int(window_size_func(EAGER.convert(np.int64(key))))

        return self._with(GroupedByWindow(self._pipeline, key_func, reduce_func, size_of, self._with))

    def bucket_by_sequence_length(
        self,
        element_length_func: Callable[..., Any],
        bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int],
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Batches of elements of similar length, padded to one length.

        Args:
            element_length_func: the length of an element.
            bucket_boundaries: the lengths at which a new bucket begins.
            bucket_batch_sizes: the batch size of each bucket, one more than there are boundaries.
            padded_shapes, padding_values: as for `padded_batch`.
            pad_to_bucket_boundary: whether all batches of a bucket are padded to its greatest length.
            no_padding: whether elements are batched as they are.
            drop_remainder: whether smaller batches at the end are left out.
            name: ignored.

        Raises:
            InvalidArgumentError: for another number of batch sizes; while iterating, if ``pad_to_bucket_boundary`` is
                True and an element is longer than all boundaries.

        >>> import tensorlet as tf
        >>> rows = tf.data.Dataset.from_generator(lambda: iter([[1], [2, 3, 4], [5]]), tf.int32, [None])
        >>> buckets = rows.bucket_by_sequence_length(lambda row: tf.shape(row)[0], [2], [2, 2])
        >>> [batch.numpy().tolist() for batch in buckets]
        [[[1], [5]], [[2, 3, 4]]]
        """
        bounds, sizes = [int(one) for one in bucket_boundaries], [int(one) for one in bucket_batch_sizes]
        if len(sizes) != len(bounds) + 1:
            raise InvalidArgumentError(
                f"bucket_by_sequence_length: there are {len(bounds)} boundaries and {len(sizes)} batch sizes. Expected "
                "one size more than boundaries."
            )

        def bucket(*element: Any) -> Any:
            return np.int64(np.searchsorted(bounds, int(element_length_func(*element)), side="right"))

        def batch(key: Any, window: Any) -> Any:
            size = sizes[int(key)]
            if no_padding:
                return window.batch(size, drop_remainder)
            shapes = padded_shapes
            if pad_to_bucket_boundary:
                if int(key) == len(bounds):
                    raise InvalidArgumentError(
                        "bucket_by_sequence_length: an element is as long as the last boundary, so there is no length "
                        "to pad it to. Add a boundary."
                    )
                shapes = _with_length(self.element_spec if shapes is None else shapes, bounds[int(key)] - 1)
            return window.padded_batch(size, shapes, padding_values, drop_remainder)

        return self.group_by_window(bucket, batch, window_size_func=lambda key: sizes[int(key)])

    def rejection_resample(
        self, class_func: Callable[..., Any], target_dist: Any, initial_dist: Any = None, seed: int | None = None,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Pairs of a class and an element, of which some are left out so that classes are as frequent as wanted.

        Args:
            class_func: the class of an element, a whole number.
            target_dist: how frequent each class should be.
            initial_dist: how frequent each is; by default it is counted on the way.
            seed: decides which elements are left out.
            name: ignored.

        >>> import tensorlet as tf
        >>> numbers = tf.data.Dataset.range(100).rejection_resample(lambda n: n % 2, [1.0, 0.0], [0.5, 0.5])
        >>> {int(kind) for kind, number in numbers}
        {0}
        """
        return self._with(Resampled(self._pipeline, class_func, target_dist, initial_dist, seed))

    def ragged_batch(
        self, batch_size: SupportsIndex, drop_remainder: bool = False, row_splits_dtype: object = None,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Batches as ragged tensors, of elements of different lengths.

        Parts of elements whose shape is known are stacked into ordinary tensors.

        Args:
            batch_size: the number of elements in a batch.
            drop_remainder: whether to drop a smaller last batch.
            row_splits_dtype, name: ignored; offsets of rows are int64.

        >>> import tensorlet as tf
        >>> rows = tf.data.Dataset.range(3).map(lambda n: tf.range(n))
        >>> next(iter(rows.ragged_batch(3))).to_list()
        [[], [0], [0, 1]]
        """
        size = whole_number(batch_size, "ragged_batch: batch_size", 1)
        refuse_windows(self.element_spec, "ragged_batch")
        return self._with(RaggedBatched(Ragged(self._pipeline), size, drop_remainder))

    def save(
        self, path: PathLike, compression: str | None = None, shard_func: Any = None, **ignored: Any
    ) -> None:
        """Writes the elements into a folder, from which `Dataset.load` reads them.

        The files are Tensorlet's own: TensorFlow does not read them.

        Args:
            path: of the folder.
            compression: None, or ``"GZIP"`` for compressed files.
            shard_func: ignored.

        >>> import tensorlet as tf, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> tf.data.Dataset.range(3).save(folder)
        >>> [int(n) for n in tf.data.Dataset.load(folder)]
        [0, 1, 2]
        """
        save_elements(self._pipeline, path, compression)

    def snapshot(self, path: PathLike, compression: str = "AUTO", *ignored: Any, **options: Any) -> Dataset:
        """The same elements: written into a folder in the first complete iteration, and read from it later.

        >>> import tensorlet as tf, tempfile
        >>> numbers = tf.data.Dataset.range(3).shuffle(3).snapshot(tempfile.mkdtemp() + "/numbers")
        >>> [int(n) for n in numbers] == [int(n) for n in numbers]
        True
        """
        return self._with(Snapshot(self._pipeline, path, None if compression == "AUTO" else compression))


def _with_length(shapes: Any, length: int) -> Any:
    """Shapes in which each open length is a number."""
    if isinstance(shapes, dict):
        return {name: _with_length(one, length) for name, one in shapes.items()}
    if isinstance(shapes, tuple) and any(
        hasattr(one, "dtype") or isinstance(one, list | tuple) for one in shapes
    ):
        return tuple(_with_length(one, length) for one in shapes)
    lengths = list(getattr(shapes, "shape", shapes))
    return [length if one in (None, -1) else one for one in lengths]


def sampled(
    datasets: Sequence[Any], weights: Any, seed: int | None, stop_on_empty_dataset: bool, again: bool
) -> Pipeline:
    """The pipeline of `Dataset.sample_from_datasets`."""
    pipelines = _pipelines("sample_from_datasets", datasets)
    parts = [1.0] * len(pipelines) if weights is None else np.asarray(EAGER.convert(weights), float).tolist()
    if len(parts) != len(pipelines) or min(parts) < 0 or not sum(parts) > 0:
        raise InvalidArgumentError(
            f"sample_from_datasets: weights is {parts}, expected a number from 0 up for each of {len(pipelines)} "
            "datasets."
        )
    return Sampled(pipelines, drawn(parts, Shuffler(seed, again)), stop_on_empty_dataset)


def selected(datasets: Sequence[Any], choices: Any, stop_on_empty_dataset: bool) -> Pipeline:
    """The pipeline of `Dataset.choose_from_datasets`."""
    if not isinstance(choices, BaseDataset):
        raise TypeError(
            f"choose_from_datasets: choice_dataset is {type(choices).__name__}, expected a dataset."
        )
    return Sampled(
        _pipelines("choose_from_datasets", datasets), chosen(choices._pipeline), stop_on_empty_dataset
    )


def _pipelines(function: str, datasets: Sequence[Any]) -> list[Pipeline]:
    found = list(islice(datasets, None))
    if not found or not all(isinstance(one, BaseDataset) for one in found):
        raise TypeError(f"{function}: datasets is {found!r}, expected a list of datasets.")
    return [one._pipeline for one in found]
