"""Datasets that are made from data, and not from another dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count as count_from
from typing import Any

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.shape import TensorShape
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset
from tensorlet.data.elements import as_arrays, spec_of
from tensorlet.data.options import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from tensorlet.data.row_numbers import RowStream, Shuffler
from tensorlet.dtypes import DType, as_dtype, int64
from tensorlet.errors import InvalidArgumentError, ShapeError, TensorletError

#: Longer ranges are counted and not kept.
LONGEST_RANGE = 1 << 22


class TensorSlices(Dataset):
    """The rows of arrays; see `Dataset.from_tensor_slices`."""

    shown_name = "_TensorSliceDataset"

    def __init__(self, tensors: Any) -> None:
        arrays = as_arrays(tensors)
        self._structure = arrays
        self._columns: list[np.ndarray] = flatten(arrays)
        if not self._columns:
            raise InvalidArgumentError("from_tensor_slices got no arrays. Expected at least one.")
        for column in self._columns:
            if column.ndim == 0:
                raise ShapeError(
                    f"from_tensor_slices got the single number {column}, expected arrays with one row for each "
                    "element. For a dataset of one element use from_tensors."
                )
            if len(column) != len(self._columns[0]):
                raise ShapeError(
                    f"from_tensor_slices got arrays of {len(self._columns[0])} and {len(column)} rows. Expected the "
                    "same number of rows in each: one row of each array makes an element."
                )

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        specs = [TensorSpec(TensorShape(column.shape[1:]), column.dtype) for column in self._columns]
        return pack_like(self._structure, specs)

    def _count(self) -> int:
        return len(self._columns[0])

    def _rows(self) -> RowStream:
        rows = range(len(self._columns[0]))
        return RowStream(self._columns, self._structure, lambda: iter([rows]), plain=True)


class Tensors(Dataset):
    """One element; see `Dataset.from_tensors`."""

    shown_name = "_TensorDataset"

    def __init__(self, tensors: Any) -> None:
        arrays = as_arrays(tensors)
        self._element = pack_like(arrays, [EagerTensor(array) for array in flatten(arrays)])

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the element."""
        return spec_of(self._element)

    def _count(self) -> int:
        return 1

    def _one_by_one(self) -> Iterator[Any]:
        yield self._element


class Range(Dataset):
    """Whole numbers; see `Dataset.range`."""

    shown_name = "_RangeDataset"

    def __init__(self, args: tuple[Any, ...], dtype: DType) -> None:
        if not 1 <= len(args) <= 3:
            raise InvalidArgumentError(
                f"Dataset.range got {len(args)} numbers, expected 1 to 3: stop; start, stop; or start, stop, step."
            )
        numbers = [int(number) for number in args]
        if len(numbers) == 3 and numbers[2] == 0:
            raise InvalidArgumentError("Dataset.range got the step 0. Expected a step that leads somewhere.")
        self._range = range(*numbers)
        self._dtype = dtype

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return TensorSpec((), self._dtype)

    def _count(self) -> int:
        return len(self._range)

    def _rows(self) -> RowStream | None:
        if len(self._range) > LONGEST_RANGE:
            return None
        numbers = np.arange(self._range.start, self._range.stop, self._range.step).astype(self._dtype.numpy)
        rows = range(len(numbers))
        return RowStream([numbers], numbers, lambda: iter([rows]), plain=True)

    def _one_by_one(self) -> Iterator[Any]:
        for number in self._range:
            yield EagerTensor(np.asarray(number, self._dtype.numpy))


class Counted(Dataset):
    """Whole numbers without an end; see `Dataset.counter`."""

    shown_name = "_CounterDataset"

    def __init__(self, start: int, step: int, dtype: DType) -> None:
        self.start = start
        self.step = step
        self._dtype = dtype

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return TensorSpec((), self._dtype)

    def _count(self) -> int:
        return INFINITE_CARDINALITY

    def first(self, count: int) -> np.ndarray:
        """The first numbers, as an array."""
        return (self.start + self.step * np.arange(count)).astype(self._dtype.numpy)

    def _one_by_one(self) -> Iterator[Any]:
        for number in count_from(self.start, self.step):
            yield EagerTensor(np.asarray(number, self._dtype.numpy))


class Random(Dataset):
    """Random whole numbers; see `Dataset.random`."""

    shown_name = "_RandomDataset"

    def __init__(self, seed: int | None, again: bool) -> None:
        self._shuffler = Shuffler(seed, again)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return TensorSpec((), int64)

    def _count(self) -> int:
        return INFINITE_CARDINALITY

    def _one_by_one(self) -> Iterator[Any]:
        for number in self._shuffler.numbers():
            yield EagerTensor(np.asarray(number, np.int64))


class Zipped(Dataset):
    """One element of each of some datasets; see `Dataset.zip`.

    Args:
        datasets: in a tuple, list or dictionary.
    """

    shown_name = "_ZipDataset"

    def __init__(self, datasets: Any) -> None:
        self._structure = tuple(datasets) if isinstance(datasets, list) else datasets
        self._datasets: list[Dataset] = flatten(self._structure)
        for dataset in self._datasets:
            if not isinstance(dataset, Dataset):
                raise TypeError(
                    f"Dataset.zip got {dataset!r}, expected datasets in a tuple or dictionary: "
                    "Dataset.zip((a, b)). Make a dataset of an array with from_tensor_slices."
                )

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._packed([dataset.element_spec for dataset in self._datasets])

    def _packed(self, parts: list[Any]) -> Any:
        return pack_like(self._structure, parts)

    def _count(self) -> int:
        counts = [dataset._count() for dataset in self._datasets]
        finite = [count for count in counts if count >= 0]
        if UNKNOWN_CARDINALITY in counts:
            return UNKNOWN_CARDINALITY
        return min(finite) if finite else INFINITE_CARDINALITY

    def _rows(self) -> RowStream | None:
        """Rows, if all datasets are the rows of arrays as they stand."""
        counts = [dataset._count() for dataset in self._datasets if not isinstance(dataset, Counted)]
        if not counts or min(counts) < 0:
            return None
        count = min(counts)
        columns: list[np.ndarray] = []
        structures = []
        for dataset in self._datasets:
            if isinstance(dataset, Counted):
                numbers = dataset.first(count)
                columns.append(numbers)
                structures.append(numbers)
                continue
            rows = dataset._rows()
            if rows is None or not rows.plain:
                return None
            columns += rows.columns
            structures.append(rows.structure)
        rows_now = range(count)
        # Several datasets may share an array; then it appears as several columns, which costs nothing.
        return RowStream(
            [column[:count] for column in columns],
            self._packed(structures),
            lambda: iter([rows_now]),
            plain=True,
        )

    def _one_by_one(self) -> Iterator[Any]:
        # Not strict: the shortest one ends it.
        for parts in zip(*(dataset._elements() for dataset in self._datasets), strict=False):
            yield self._packed(list(parts))


class Generated(Dataset):
    """What a generator yields; see `Dataset.from_generator`."""

    shown_name = "_FlatMapDataset"

    def __init__(
        self, generator: Callable[..., Any], types: Any, shapes: Any, args: Any, signature: Any
    ) -> None:
        if not callable(generator):
            raise TypeError(
                f"from_generator got {type(generator).__name__}, expected a function that returns something to iterate "
                "over: from_generator(lambda: items, ...)."
            )
        if signature is None and types is None:
            raise TypeError(
                "from_generator needs output_signature, which describes an element: for example "
                "output_signature=(tf.TensorSpec((784,), tf.float32), tf.TensorSpec((), tf.int32))."
            )
        self._generator = generator
        self._args = () if args is None else tuple(args)
        self._signature = _as_tuples(signature) if signature is not None else _signature(types, shapes)
        self._specs: list[TensorSpec] = flatten(self._signature)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._signature

    def _one_by_one(self) -> Iterator[Any]:
        arguments = [EAGER.convert(argument).numpy() for argument in self._args]
        for item in self._generator(*arguments):
            yield self._fitted(item, self._signature)

    def _fitted(self, item: Any, signature: Any) -> Any:
        """An element as its signature wants it."""
        if isinstance(signature, dict):
            if not isinstance(item, dict) or set(item) != set(signature):
                raise self._misfit(item, "structure")
            return {name: self._fitted(item[name], signature[name]) for name in signature}
        if isinstance(signature, tuple):
            if not isinstance(item, list | tuple) or len(item) != len(signature):
                raise self._misfit(item, "structure")
            return tuple(self._fitted(one, spec) for one, spec in zip(item, signature, strict=True))
        try:
            array = EAGER.convert(item)._array
        except TensorletError as error:
            raise self._misfit(item, f"values ({error})") from None
        if not signature.shape.is_compatible_with(array.shape):
            raise self._misfit(item, f"shape, {list(array.shape)}")
        wanted = signature.dtype.numpy
        if array.dtype != wanted and array.dtype.kind == "f" and wanted.kind != "f":
            raise self._misfit(item, f"dtype, {array.dtype}")
        return EagerTensor(np.ascontiguousarray(array, wanted).reshape(array.shape))

    def _misfit(self, item: Any, what: str) -> InvalidArgumentError:
        text = repr(item)
        return InvalidArgumentError(
            f"from_generator: the generator yielded an element of another {what}: "
            f"{text if len(text) < 80 else text[:77] + '...'}. Expected {self._signature!r}."
        )


def _as_tuples(signature: Any) -> Any:
    """Lists of a signature as tuples, as TensorFlow reads them."""
    if isinstance(signature, dict):
        return {name: _as_tuples(part) for name, part in signature.items()}
    if isinstance(signature, list | tuple):
        return tuple(_as_tuples(part) for part in signature)
    return signature


def _signature(types: Any, shapes: Any) -> Any:
    """A signature of the older arguments."""
    if isinstance(types, dict):
        return {name: _signature(types[name], None if shapes is None else shapes.get(name)) for name in types}
    if isinstance(types, list | tuple):
        parts = [None] * len(types) if shapes is None else list(shapes)
        return tuple(_signature(one, shape) for one, shape in zip(types, parts, strict=True))
    return TensorSpec(None if shapes is None else TensorShape(shapes), as_dtype(types))
