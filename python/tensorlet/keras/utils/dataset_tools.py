"""Datasets of windows of a sequence, and datasets cut in two."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset
from tensorlet.data.elements import as_arrays, stacked
from tensorlet.data.pipeline import BaseDataset
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.registry import convert


def require_tf_format(function: str, given: str) -> None:
    """Refuses formats of datasets other than `tf.data`."""
    if given != "tf":
        raise InvalidArgumentError(
            f"{function}: format is {given!r}, but only 'tf' is supported, which returns a tf.data.Dataset."
        )


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """A dataset of windows of a sequence. A window is cut out when it is needed.

    Args:
        data: [steps, ...].
        targets: the target of the window that begins at each step; None for none.
        sequence_length: the steps of a window.
        sequence_stride: the steps between the beginnings of two windows.
        sampling_rate: the steps between two steps of a window.
        batch_size: windows of a batch; None for single windows.
        shuffle: whether the windows are shuffled.
        seed: decides their order.
        start_index, end_index: the part of ``data`` that is used; ``end_index`` is left out.
        format: only ``"tf"``, a `tf.data.Dataset`.

    Returns:
        A dataset of windows, or of pairs of windows and targets.

    Raises:
        InvalidArgumentError: for indices outside of the data, and lengths below 1.

    >>> import tensorlet as tf
    >>> windows = tf.keras.utils.timeseries_dataset_from_array([1.0, 2.0, 3.0, 4.0], [10.0, 20.0], 3)
    >>> [(x.numpy().tolist(), y.numpy().tolist()) for x, y in windows]
    [([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]], [10.0, 20.0])]
    """
    require_tf_format("timeseries_dataset_from_array", format)
    series = np.asarray(convert(data))
    for name, value in (
        ("sequence_length", sequence_length), ("sequence_stride", sequence_stride), ("sampling_rate", sampling_rate)
    ):  # fmt: skip
        if value < 1 or value >= len(series) + (name == "sequence_length"):
            raise InvalidArgumentError(
                f"timeseries_dataset_from_array: {name} is {value}, expected a number from 1 to the {len(series)} "
                "steps of the data."
            )
    start, end = _part(series, start_index, end_index)
    count = end - start - (sequence_length - 1) * sampling_rate
    if targets is not None:
        count = min(count, len(targets))
    positions = np.arange(0, count, sequence_stride, dtype=np.int64 if len(series) > 2**31 - 1 else np.int32)
    table = convert(series[start:end])
    offsets = convert((np.arange(sequence_length) * sampling_rate).astype(positions.dtype))
    labels = None if targets is None else convert(np.asarray(convert(targets))[start:end])

    def window(position: Any) -> Any:
        found = ops.gather(table, position + offsets)
        return found if labels is None else (found, ops.gather(labels, position))

    dataset = Dataset.from_tensor_slices(positions)
    if shuffle:
        dataset = dataset.shuffle(1024 if batch_size is None else batch_size * 8, seed)
    dataset = dataset.map(window)
    return dataset if batch_size is None else dataset.batch(batch_size)


def _part(series: np.ndarray, start: int | None, end: int | None) -> tuple[int, int]:
    first, last = 0 if start is None else start, len(series) if end is None else end
    if not 0 <= first < len(series) or not 0 < last <= len(series) or first >= last:
        raise InvalidArgumentError(
            f"timeseries_dataset_from_array: start_index is {start} and end_index {end}, expected numbers in ascending "
            f"order from 0 to {len(series)}."
        )
    return first, last


def split_dataset(
    dataset: Any, left_size: float | None = None, right_size: float | None = None, shuffle: bool = False,
    seed: int | None = None,
) -> tuple[Dataset, Dataset]:  # fmt: skip
    """Two datasets: the first elements, and the last ones.

    Args:
        dataset: a dataset, or arrays of the same number of rows.
        left_size, right_size: how many elements each gets, or which part if it is a float between 0 and 1. One may
            be left out.
        shuffle: whether the elements are shuffled before.
        seed: decides their order.

    Raises:
        InvalidArgumentError: for sizes that do not fit the number of elements.

    >>> import tensorlet as tf
    >>> left, right = tf.keras.utils.split_dataset(tf.data.Dataset.range(5), left_size=0.6)
    >>> [int(n) for n in left], [int(n) for n in right]
    ([0, 1, 2], [3, 4])
    """
    rows = (
        stacked(list(dataset._pipeline.elements()))
        if isinstance(dataset, BaseDataset)
        else as_arrays(_as_structure(dataset))
    )
    arrays = [leaf.numpy() if isinstance(leaf, EagerTensor) else leaf for leaf in flatten(rows)]
    total = len(arrays[0])
    left, right = _sizes(left_size, right_size, total)
    order = np.random.default_rng(seed).permutation(total) if shuffle else np.arange(total)

    def part(places: np.ndarray) -> Dataset:
        return Dataset.from_tensor_slices(pack_like(rows, [array[places] for array in arrays]))

    return part(order[:left]), part(order[total - right :])


def _as_structure(dataset: Any) -> Any:
    """A list of arrays as a tuple, which is several parts of an element; a list of numbers is one array."""
    if isinstance(dataset, list) and dataset and all(isinstance(one, np.ndarray) for one in dataset):
        return tuple(dataset)
    return dataset


def _sizes(left: float | None, right: float | None, total: int) -> tuple[int, int]:
    def count(size: float | None, name: str) -> int | None:
        if size is None:
            return None
        part = isinstance(size, float) and 0.0 < size < 1.0
        if not part and (size != int(size) or not 0 < size < total + 1):
            raise InvalidArgumentError(
                f"split_dataset: {name} is {size}, expected a part between 0 and 1, or a number up to the {total} "
                "elements."
            )
        return round(size * total) if part else int(size)

    first, second = count(left, "left_size"), count(right, "right_size")
    if first is None and second is None:
        raise InvalidArgumentError("split_dataset: give left_size, right_size or both.")
    first = total - (second or 0) if first is None else first
    second = total - first if second is None else second
    if first <= 0 or second <= 0 or first + second > total:
        raise InvalidArgumentError(
            f"split_dataset: {first} and {second} elements were asked for, but there are {total}. Each dataset must "
            "get at least one, and no element may be in both."
        )
    return first, second
