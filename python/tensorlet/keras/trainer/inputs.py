"""From what users hand to `fit` to columns of rows, or to batches that come one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.convert import to_array
from tensorlet.core.structure import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.dtypes import DType, as_dtype, float32, int32, int64, uint8
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.keras.trainer.narrow import as_bytes
from tensorlet.ops.registry import Spec

#: dtypes that rows are converted to for the step, as Keras does with floats; others stay as they are.
STEP_DTYPES: dict[str, DType] = {
    "float64": float32, "float16": float32, "int8": int32, "int16": int32, "uint16": int32, "uint32": int64,
    "uint64": int64,
}  # fmt: skip


class Rows:
    """Arrays with one row for each example.

    Args:
        data: ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``; each an array or a structure of arrays.

    Attributes:
        columns: the arrays, whose rows are contiguous.
        structure: nested tuples, lists and dictionaries: how the columns make a batch.
        count: how many rows there are.

    Raises:
        ShapeError: for arrays of different lengths.
        InvalidArgumentError: if there are no rows.
    """

    def __init__(self, data: tuple[Any, ...]) -> None:
        self.structure = data
        self.columns: list[np.ndarray] = [_contiguous(column) for column in flatten(data)]
        names = _column_names(data)
        for name, column in zip(names, self.columns, strict=True):
            if column.ndim == 0:
                raise ShapeError(
                    f"{name} is a single number, expected an array with one row for each example."
                )
            if len(column) != len(self.columns[0]):
                raise ShapeError(
                    f"{name} has {len(column)} rows, but {names[0]} has {len(self.columns[0])}. Every array needs "
                    "one row for each example: data cardinality is ambiguous otherwise."
                )
        self.count = len(self.columns[0])
        if self.count == 0:
            raise InvalidArgumentError("The data has no rows. Expected at least one example.")
        #: What the step sees of one row of each column.
        self.specs = [Spec(column.shape[1:], step_dtype(column.dtype)) for column in self.columns]

        #: What the step divides each column by; None where it takes it as it is.
        self.scales: tuple[float | None, ...] = (None,) * len(self.columns)

    def keep_as_bytes(self) -> None:
        """Keeps the columns of x that are pixels divided by 255 as bytes, which read faster."""
        for index in range(len(flatten(self.structure[0]))):
            found = as_bytes(self.columns[index]) if self.scales[index] is None else None
            if found is not None:
                self.columns[index], scale = found
                self.specs[index] = Spec(self.specs[index].shape, uint8)
                self.scales = (*self.scales[:index], scale, *self.scales[index + 1 :])

    def batch(self, rows: Any) -> Any:
        """The rows (a slice or row numbers) as ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)`` of tensors."""
        leaves = [
            EagerTensor(np.ascontiguousarray(column[rows], spec.dtype.numpy))
            for column, spec in zip(self.columns, self.specs, strict=True)
        ]
        return pack_like(self.structure, leaves)

    def part(self, rows: slice) -> Rows:
        """Some of the rows, without a copy."""
        return Rows(pack_like(self.structure, [column[rows] for column in self.columns]))


class Batches:
    """Batches that come one by one: a generator, a `Sequence`, or anything to iterate over.

    Args:
        source: what to iterate over; a function without arguments that gives such a thing also does.
        steps: how many batches make an epoch; None: all there are.
        class_weight: a weight for each class, turned into sample weights.
    """

    def __init__(self, source: Any, steps: int | None, class_weight: dict[int, float] | None = None) -> None:
        self.source = source
        self.known = hasattr(source, "__len__") and hasattr(source, "__getitem__")
        total = _length(source)
        self.steps = steps if steps is not None else total
        self.class_weight = class_weight
        self.on_epoch_end: Callable[[], Any] | None = getattr(source, "on_epoch_end", None)
        self._iterator: Iterator[Any] | None = None
        self._keep = steps is not None
        self._restartable = not isinstance(source, Iterator)
        self._peeked: list[Any] = []

    def first(self) -> Any:
        """The first batch; it comes again when the batches are run."""
        if not self._peeked:
            iterator = self._current()
            try:
                self._peeked.append(self._prepared(next(iterator)))
            except StopIteration:
                raise InvalidArgumentError(
                    "The input gave no batch at all. Expected something that yields (x, y) batches; a generator that "
                    "has been used up has to be made again."
                ) from None
        return self._peeked[0]

    def epoch(self) -> Iterator[Any]:
        """The batches of the next epoch."""
        given = 0
        while self.steps is None or given < self.steps:
            if self._peeked:
                batch = self._peeked.pop()
            else:
                try:
                    batch = self._prepared(next(self._current()))
                except StopIteration:
                    self._iterator = None
                    if given == 0 and self._restartable:
                        continue
                    break
            given += 1
            yield batch
        if not self._keep:
            self._iterator = None

    def _current(self) -> Iterator[Any]:
        if self._iterator is None:
            if self.known:
                self._iterator = (self.source[index] for index in range(len(self.source)))
            else:
                self._iterator = iter(self.source)
        return self._iterator

    def _prepared(self, item: Any) -> Any:
        x, y, weight = unpack(tuple(item) if isinstance(item, list) else item)
        y = None if y is None else as_columns(y)
        weight = weighted_rows(y, None if weight is None else as_columns(weight), self.class_weight)
        data = packed(as_columns(x), y, weight)
        leaves = [
            EagerTensor(np.ascontiguousarray(leaf, step_dtype(leaf.dtype).numpy)) for leaf in flatten(data)
        ]
        return pack_like(data, leaves)


def make_input(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    class_weight: dict[int, float] | None = None,
    steps: int | None = None,
    several_inputs: bool = False,
) -> Rows | Batches:
    """Rows or batches, whichever the user's input gives.

    Args:
        x: array, structure of arrays, data frame, table, generator, `Sequence` or `Dataset`.
        y, sample_weight: arrays or structures of them; only beside arrays.
        class_weight: from class number to the weight of its examples.
        steps: batches in an epoch, for input without an end.
        several_inputs: whether a list of arrays means one array for each input of the model.
    """
    if is_batched(x):
        if y is not None or sample_weight is not None:
            raise InvalidArgumentError(
                f"y and sample_weight were given beside x of type {type(x).__name__}, which yields batches. "
                "Expected the labels to come with it: let it yield (x, y) or (x, y, sample_weight)."
            )
        return Batches(x, steps, class_weight)
    x = as_columns(x, several_inputs)
    y = None if y is None else as_columns(y)
    weight = None if sample_weight is None else as_columns(sample_weight)
    return Rows(packed(x, y, weighted_rows(y, weight, class_weight)))


def is_batched(x: Any) -> bool:
    """Whether the input yields batches, and is no array or structure of arrays."""
    if isinstance(x, np.ndarray | list | tuple | dict | str) or hasattr(x, "__array__") or _is_table(x):
        return False
    return isinstance(x, Iterable) or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def as_columns(value: Any, several: bool = True) -> Any:
    """The value with arrays in the places of tensors, frames, tables and nested lists of numbers."""
    if isinstance(value, dict):
        return {name: as_columns(value[name]) for name in value}
    if isinstance(value, list | tuple) and not _is_nested_numbers(value):
        if len(value) == 1:
            return as_columns(value[0])
        if several:
            return type(value)(as_columns(item) for item in value)
        return np.stack([np.asarray(as_columns(item)) for item in value])
    return as_column(value)


def as_column(value: Any) -> np.ndarray:
    """One array; frames and tables give one column of numbers for each of theirs.

    Raises:
        DTypeError: for text and objects.
    """
    if isinstance(value, np.ndarray):
        array = value
    elif isinstance(value, EagerTensor):
        array = value.__array__(copy=False)
    elif hasattr(value, "column_names") and hasattr(value, "column"):  # a table of Arrow's
        array = np.column_stack([np.asarray(value.column(name)) for name in value.column_names])
    elif hasattr(value, "to_numpy"):  # a frame or series of pandas' or polars'
        array = np.asarray(value.to_numpy())
    else:
        array = to_array(value)
    if array.dtype.kind == "O":  # a frame whose columns have different dtypes
        try:
            array = array.astype(np.float32)
        except (TypeError, ValueError):
            raise DTypeError(
                f"The data holds objects that are no numbers, such as {array.reshape(-1)[0]!r}. Turn text and "
                "categories into numbers first, and give every row the same length."
            ) from None
    if array.dtype.kind not in "biuf":
        to_array(array)  # raises the error for text
    return array


def step_dtype(dtype: Any) -> DType:
    """The dtype in which the step sees rows of a dtype: floats are float32, as in Keras."""
    return STEP_DTYPES.get(np.dtype(dtype).name) or as_dtype(dtype)


def weighted_rows(y: Any, weight: Any, class_weight: dict[int, float] | None) -> Any:
    """The sample weights, those of the classes multiplied in; None if there are none.

    Raises:
        InvalidArgumentError: if classes have weights and there is more than one output, or a class has none.
    """
    if class_weight is None:
        return weight
    if y is None or isinstance(y, dict | list | tuple):
        raise InvalidArgumentError(
            "class_weight needs one array of labels. For several outputs, compute sample_weight yourself."
        )
    labels = np.asarray(y)
    if labels.ndim > 1:
        labels = labels.argmax(axis=1) if labels.shape[-1] > 1 else labels.reshape(len(labels))
    labels = labels.astype(np.int64)
    highest = max(int(labels.max(initial=0)), *(int(label) for label in class_weight))
    table = np.ones(highest + 1, np.float32)  # classes that are not named weigh 1, as in Keras
    for label, one in class_weight.items():
        table[int(label)] = one
    found = table[labels]
    return found if weight is None else found * np.asarray(weight, np.float32)


def packed(x: Any, y: Any = None, sample_weight: Any = None) -> tuple[Any, ...]:
    """``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``."""
    if sample_weight is not None:
        return (x, y, sample_weight)
    return (x,) if y is None else (x, y)


def unpack(data: Any) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of a batch; None where there is none.

    >>> unpack(("x", "y"))
    ('x', 'y', None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise InvalidArgumentError(
            f"A batch has {len(data)} parts, expected (x,), (x, y) or (x, y, sample_weight). "
            "Several inputs belong in one tuple or dictionary: ((a, b), y)."
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight


def scaled_back(data: Any, scales: Sequence[float | None]) -> Any:
    """A batch with the floats in the places of bytes; see `Rows.keep_as_bytes`."""
    leaves = [
        leaf if scale is None else ops.cast(leaf, float32) / scale
        for leaf, scale in zip(flatten(data), scales, strict=True)
    ]
    return pack_like(data, leaves)


def split(rows: Rows, share: float) -> tuple[Rows, Rows]:
    """The first rows for training and the last ``share`` of them for validation.

    Raises:
        InvalidArgumentError: if one of the two would be empty.
    """
    border = math.floor(rows.count * (1.0 - share))
    if not 0 < share < 1 or border in (0, rows.count):
        raise InvalidArgumentError(
            f"validation_split={share} of {rows.count} rows leaves {border} for training and "
            f"{rows.count - border} for validation. Expected a share between 0 and 1 that leaves both some."
        )
    return rows.part(slice(0, border)), rows.part(slice(border, rows.count))


def _contiguous(column: np.ndarray) -> np.ndarray:
    """The array itself if each of its rows lies in one piece, else a copy."""
    if column.ndim == 0 or len(column) == 0:
        return column
    if column[0].flags.c_contiguous and column.dtype.isnative:
        return column
    return np.ascontiguousarray(column, column.dtype.newbyteorder("="))


def _column_names(data: tuple[Any, ...]) -> list[str]:
    names: list[str] = []
    for title, part in zip(("x", "y", "sample_weight"), data, strict=False):
        count = len(flatten(part))
        names += [title] if count == 1 else [f"{title}[{index}]" for index in range(count)]
    return names


def _is_nested_numbers(value: Any) -> bool:
    """Whether a list holds numbers (and lists of them), and no arrays."""
    while isinstance(value, list | tuple):
        if not value:
            return True
        value = value[0]
    return isinstance(value, bool | int | float | np.generic)


def _is_table(value: Any) -> bool:
    return hasattr(value, "to_numpy") or (hasattr(value, "column_names") and hasattr(value, "column"))


def _length(source: Any) -> int | None:
    try:
        return len(source)
    except TypeError:
        return None


def structure_of_specs(data: Any) -> list[Spec]:
    """Shape and dtype of each tensor of a batch."""
    return [leaf.spec for leaf in flatten(data)]


def row_ranges(count: int, batch_size: int) -> Sequence[slice]:
    """The rows of each batch, in order.

    >>> row_ranges(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + batch_size, count)) for start in range(0, count, batch_size)]
