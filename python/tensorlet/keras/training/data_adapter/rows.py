"""Arrays with one row for each example: what a native epoch reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.dtypes import uint8
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.training.data_adapter.byte_rows import as_bytes
from tensorlet.keras.training.data_adapter.columns import READ, step_dtype
from tensorlet.ops.registry import Spec


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


def row_ranges(count: int, batch_size: int) -> Sequence[slice]:
    """The rows of each batch, in order.

    >>> row_ranges(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + batch_size, count)) for start in range(0, count, batch_size)]


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
