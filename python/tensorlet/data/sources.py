"""Sources: pipelines that produce elements from data rather than from another pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as count_from
from typing import Any, SupportsIndex

import numpy as np

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.elements import as_arrays, mapped_specs, spec_of, without_first_axis
from tensorlet.data.options import INFINITE_CARDINALITY
from tensorlet.data.pipeline import Pipeline
from tensorlet.data.row_numbers import RowStream, Shuffler
from tensorlet.dtypes import DType, int64
from tensorlet.errors import InvalidArgumentError, ShapeError

#: Longer ranges are produced number by number rather than held in memory.
LONGEST_RANGE = 1 << 22


class TensorSlices(Pipeline):
    """The rows of arrays; see `Dataset.from_tensor_slices`."""

    shown_name = "_TensorSliceDataset"

    def __init__(self, tensors: object) -> None:
        arrays = as_arrays(tensors)
        self._structure = arrays
        self._columns: list[Any] = flatten(arrays)
        if not self._columns:
            raise InvalidArgumentError("from_tensor_slices got no arrays, but at least one is expected.")
        for column in self._columns:
            if not isinstance(column, RaggedTensor) and column.ndim == 0:
                raise ShapeError(
                    f"from_tensor_slices got the scalar {column}, but arrays with one row per element are "
                    "expected. For a dataset of one element use from_tensors."
                )
            if len(column) != len(self._columns[0]):
                raise ShapeError(
                    f"from_tensor_slices got arrays of {len(self._columns[0])} and {len(column)} rows. All "
                    "arrays need the same number of rows, since one row of each array forms an element."
                )

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return mapped_specs(
            without_first_axis, spec_of(pack_like(self._structure, list(map(_as_leaf, self._columns))))
        )

    def count(self) -> int:
        return len(self._columns[0])

    def one_by_one(self) -> Iterator[Any]:
        columns = list(map(_as_leaf, self._columns))
        return (
            pack_like(self._structure, [column[row] for column in columns])
            for row in range(len(self._columns[0]))
        )

    def rows(self) -> RowStream | None:
        if any(isinstance(column, RaggedTensor) for column in self._columns):
            return None
        rows = range(len(self._columns[0]))
        return RowStream(self._columns, self._structure, lambda: iter([rows]), plain=True)


def _as_leaf(column: np.ndarray | RaggedTensor) -> EagerTensor | RaggedTensor:
    return column if isinstance(column, RaggedTensor) else EagerTensor(column)


class Tensors(Pipeline):
    """One element; see `Dataset.from_tensors`."""

    shown_name = "_TensorDataset"

    def __init__(self, tensors: object) -> None:
        arrays = as_arrays(tensors)
        self._element = pack_like(arrays, [_as_leaf(array) for array in flatten(arrays)])

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the element."""
        return spec_of(self._element)

    def count(self) -> int:
        return 1

    def one_by_one(self) -> Iterator[Any]:
        yield self._element


class Range(Pipeline):
    """Integers; see `Dataset.range`."""

    shown_name = "_RangeDataset"

    def __init__(self, args: tuple[SupportsIndex, ...], dtype: DType) -> None:
        if not 1 <= len(args) <= 3:
            raise InvalidArgumentError(
                f"Dataset.range got {len(args)} arguments, but 1 to 3 are expected: stop; start, stop; or "
                "start, stop, step."
            )
        numbers = [int(number) for number in args]
        if len(numbers) == 3 and numbers[2] == 0:
            raise InvalidArgumentError("Dataset.range: step is 0, but any other integer is expected.")
        self._range = range(*numbers)
        self._dtype = dtype

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return TensorSpec((), self._dtype)

    def count(self) -> int:
        return len(self._range)

    def rows(self) -> RowStream | None:
        if len(self._range) > LONGEST_RANGE:
            return None
        numbers = np.arange(self._range.start, self._range.stop, self._range.step).astype(self._dtype.numpy)
        rows = range(len(numbers))
        return RowStream([numbers], numbers, lambda: iter([rows]), plain=True)

    def one_by_one(self) -> Iterator[Any]:
        for number in self._range:
            yield EagerTensor(np.asarray(number, self._dtype.numpy))


class Counter(Pipeline):
    """An endless sequence of integers; see `Dataset.counter`."""

    shown_name = "_CounterDataset"

    def __init__(self, start: int, step: int, dtype: DType) -> None:
        self.start = start
        self.step = step
        self._dtype = dtype

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return TensorSpec((), self._dtype)

    def count(self) -> int:
        return INFINITE_CARDINALITY

    def first(self, count: int) -> np.ndarray:
        """The first numbers, as an array."""
        return (self.start + self.step * np.arange(count)).astype(self._dtype.numpy)

    def one_by_one(self) -> Iterator[Any]:
        for number in count_from(self.start, self.step):
            yield EagerTensor(np.asarray(number, self._dtype.numpy))


class Random(Pipeline):
    """Random integers; see `Dataset.random`."""

    shown_name = "_RandomDataset"

    def __init__(self, seed: int | None, again: bool) -> None:
        self._shuffler = Shuffler(seed, again)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return TensorSpec((), int64)

    def count(self) -> int:
        return INFINITE_CARDINALITY

    def one_by_one(self) -> Iterator[Any]:
        for number in self._shuffler.numbers():
            yield EagerTensor(np.asarray(number, np.int64))
