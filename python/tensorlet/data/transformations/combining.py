"""Transformations of several pipelines: one after the other, or side by side."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from tensorlet.core.nest import flatten, pack_like
from tensorlet.data.elements import merged
from tensorlet.data.options import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from tensorlet.data.pipeline import BaseDataset, Pipeline, Transformation
from tensorlet.data.row_numbers import RowStream
from tensorlet.data.sources import Counter
from tensorlet.errors import DTypeError

#: Arrays of at most so many bytes are copied in order to be concatenated.
MOST_COPIED = 1 << 28


def _is_array(rows: RowStream) -> bool:
    """Whether the rows are those of arrays, in their order and as they are."""
    return rows.plain and not rows.functions


class Concatenated(Transformation):
    """See `Dataset.concatenate`."""

    shown_name = "_ConcatenateDataset"

    def __init__(self, source: Pipeline, dataset: BaseDataset) -> None:
        super().__init__(source)
        if not isinstance(dataset, BaseDataset):
            raise TypeError(f"concatenate got {type(dataset).__name__}, but a dataset is expected.")
        self._other = other = dataset._pipeline
        self._columns: list[np.ndarray] | None = None
        mine, theirs = flatten(source.element_spec), flatten(other.element_spec)
        if len(mine) != len(theirs) or any(
            one.dtype is not two.dtype for one, two in zip(mine, theirs, strict=True)
        ):
            raise DTypeError(
                f"concatenate: the elements of the two datasets differ: {source.element_spec} and "
                f"{other.element_spec}. Their structures and dtypes must be equal; convert one with map and tf.cast."
            )

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements; lengths in which the two differ are None."""
        specs = self.source.element_spec
        pairs = zip(flatten(specs), flatten(self._other.element_spec), strict=True)
        return pack_like(specs, [merged(mine, theirs) for mine, theirs in pairs])

    def count(self) -> int:
        counts = (self.source.count(), self._other.count())
        if INFINITE_CARDINALITY in counts:
            return INFINITE_CARDINALITY
        return UNKNOWN_CARDINALITY if UNKNOWN_CARDINALITY in counts else sum(counts)

    def rows(self) -> RowStream | None:
        """Rows, if both datasets are plain rows of arrays that are not too large to be copied into one."""
        first, second = self.source.rows(), self._other.rows()
        if first is None or second is None or not (_is_array(first) and _is_array(second)):
            return None
        pairs = list(zip(first.columns, second.columns, strict=True))
        if self._columns is None:
            if any(one.shape[1:] != two.shape[1:] for one, two in pairs):
                return None
            if sum(one.nbytes + two.nbytes for one, two in pairs) > MOST_COPIED:
                return None
            self._columns = [np.concatenate(pair) for pair in pairs]
        rows = range(len(self._columns[0]))
        return RowStream(self._columns, first.structure, lambda: iter([rows]), plain=True)

    def one_by_one(self) -> Iterator[Any]:
        return chain(self.source.elements(), self._other.elements())


class Zipped(Pipeline):
    """Tuples of one element of each dataset; see `Dataset.zip`.

    Args:
        datasets: a tuple, list or dictionary of datasets.
    """

    shown_name = "_ZipDataset"

    def __init__(self, datasets: object) -> None:
        self._structure = tuple(datasets) if isinstance(datasets, list) else datasets
        self._pipelines: list[Pipeline] = []
        for dataset in flatten(self._structure):
            if not isinstance(dataset, BaseDataset):
                raise TypeError(
                    f"Dataset.zip got {dataset!r}, but datasets in a tuple or dictionary are expected: "
                    "Dataset.zip((a, b)). To make a dataset from an array, use from_tensor_slices."
                )
            self._pipelines.append(dataset._pipeline)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._packed([part.element_spec for part in self._pipelines])

    def _packed(self, parts: list[Any]) -> Any:
        return pack_like(self._structure, parts)

    def count(self) -> int:
        counts = [part.count() for part in self._pipelines]
        finite = [count for count in counts if count >= 0]
        if UNKNOWN_CARDINALITY in counts:
            return UNKNOWN_CARDINALITY
        return min(finite) if finite else INFINITE_CARDINALITY

    def rows(self) -> RowStream | None:
        """Rows, if all datasets are plain rows of arrays."""
        counts = [part.count() for part in self._pipelines if not isinstance(part, Counter)]
        if not counts or min(counts) < 0:
            return None
        count = min(counts)
        columns: list[np.ndarray] = []
        structures: list[object] = []
        for part in self._pipelines:
            if isinstance(part, Counter):
                numbers = part.first(count)
                columns.append(numbers)
                structures.append(numbers)
                continue
            rows = part.rows()
            if rows is None or not rows.plain:
                return None
            columns += rows.columns
            structures.append(rows.structure)
        rows_now = range(count)
        # An array that several datasets share appears as several columns, which costs nothing.
        return RowStream(
            [column[:count] for column in columns],
            self._packed(structures),
            lambda: iter([rows_now]),
            plain=True,
        )

    def one_by_one(self) -> Iterator[Any]:
        # Not strict: the shortest dataset ends the iteration.
        for parts in zip(*(part.elements() for part in self._pipelines), strict=False):
            yield self._packed(list(parts))
