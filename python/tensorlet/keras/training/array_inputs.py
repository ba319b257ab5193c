"""From what users hand to `fit` to columns of rows."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.elements import as_column
from tensorlet.dtypes import DType, as_dtype, float32, int32, int64, uint8
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.training.byte_rows import as_bytes
from tensorlet.ops.registry import Spec

#: dtypes that rows are converted to for the step, as Keras does with floats; others stay as they are.
STEP_DTYPES: dict[str, DType] = {
    "float64": float32, "float16": float32, "int8": int32, "int16": int32, "uint16": int32, "uint32": int64,
    "uint64": int64,
}  # fmt: skip

#: dtypes of columns that the native epoch reads as they are.
READ = frozenset(map(np.dtype, ("float32", "float64", "int32", "int64", "uint8", "bool")))


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

    #: What the step does to a batch before all else: functions of a dataset.
    stages: tuple[Any, ...] = ()

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
        # The engine reads only a few dtypes; the others are converted once.
        self.columns = [
            column if column.dtype in READ else column.astype(step_dtype(column.dtype).numpy)
            for column in self.columns
        ]
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

    def first(self) -> Any:
        """The first row, as a batch."""
        return self.batch(slice(0, 1))

    def part(self, rows: slice) -> Rows:
        """Some of the rows, without a copy."""
        return Rows(pack_like(self.structure, [column[rows] for column in self.columns]))


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


@functools.lru_cache(maxsize=64)
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
    if not isinstance(class_weight, dict):
        raise InvalidArgumentError(
            f"class_weight is {class_weight!r}, expected a dictionary from class number to weight: {{0: 1.0, 1: 5.0}}. "
            "From scikit-learn's compute_class_weight: dict(enumerate(weights))."
        )
    for label, one in class_weight.items():
        if (
            not isinstance(label, int | float | np.number)
            or not isinstance(one, int | float | np.number)
            or label < 0
        ):
            raise InvalidArgumentError(
                f"class_weight has {label!r}: {one!r}, expected a weight for each class number: {{0: 1.0, 1: 5.0}}."
            )
    labels = np.asarray(y)
    if labels.ndim > 1:
        labels = labels.argmax(axis=1) if labels.shape[-1] > 1 else labels.reshape(len(labels))
    labels = labels.astype(np.int64)
    highest = max([int(labels.max(initial=0)), *(int(label) for label in class_weight)])
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


def as_given(data: Any) -> Any:
    """A batch as a step of the user's own gets it: a single tensor stands alone, as in Keras.

    >>> as_given(("x",)), as_given(("x", "y"))
    ('x', ('x', 'y'))
    """
    alone = isinstance(data, tuple) and len(data) == 1 and not isinstance(data[0], dict | list | tuple)
    return data[0] if alone else data


def only_one(x: Any) -> Any:
    """The inputs; a tuple or list of one is that one."""
    return only_one(x[0]) if isinstance(x, list | tuple) and len(x) == 1 else x


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


def is_table(value: Any) -> bool:
    """Whether a value is a data frame, a table or a sparse matrix, of any library."""
    return (
        hasattr(value, "to_numpy")
        or hasattr(value, "toarray")
        or (hasattr(value, "column_names") and hasattr(value, "column"))
    )


def structure_of_specs(data: Any) -> list[Spec]:
    """Shape and dtype of each tensor of a batch."""
    return [leaf.spec for leaf in flatten(data)]


def row_ranges(count: int, batch_size: int) -> Sequence[slice]:
    """The rows of each batch, in order.

    >>> row_ranges(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + batch_size, count)) for start in range(0, count, batch_size)]
