"""Arrays with one row per example, the input of native epochs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.row_numbers import Block
from tensorlet.dtypes import uint8
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.training.data_adapter.adapter import DataAdapter
from tensorlet.keras.training.data_adapter.batch_parts import Batch, packed, unpack
from tensorlet.keras.training.data_adapter.byte_rows import as_bytes
from tensorlet.keras.training.data_adapter.class_weights import weighted_rows
from tensorlet.keras.training.data_adapter.columns import READ, is_text, step_dtype
from tensorlet.keras.training.data_adapter.epoch_plan import (
    EpochSettings,
    Group,
    grouped,
    next_permutation,
    redraw_permutation,
    repeated_batches,
    warn_of_end,
)
from tensorlet.ops.registry import Spec


class Rows(DataAdapter):
    """Arrays with one row per example.

    Args:
        data: ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``, each an array or a structure of arrays.

    Attributes:
        columns: the arrays, with contiguous rows.
        structure: nested tuples, lists and dictionaries: the structure of a batch of the columns.
        count: the number of rows.
        specs: the shape and dtype of one row of each column in the step.
        scales: the divisor of each column that stores floats as bytes; None for the others.

    Raises:
        ShapeError: if the arrays have different lengths.
        InvalidArgumentError: if there are no rows.
    """

    #: Functions of a dataset that the step first applies to a batch.
    stages: tuple[Callable[..., Any], ...] = ()

    def __init__(self, data: Batch) -> None:
        self.structure = data
        columns = [_contiguous(column) for column in flatten(data)]
        _check_lengths(_column_names(data), columns)
        self.count = len(columns[0])
        if self.count == 0:
            raise InvalidArgumentError("The data has no rows. Expected at least one example.")
        # The engine reads only a few dtypes; others are converted once.
        self.columns: list[np.ndarray] = [
            column
            if column.dtype in READ or is_text(column.dtype)
            else column.astype(step_dtype(column.dtype).numpy)
            for column in columns
        ]
        self.specs = [Spec(column.shape[1:], step_dtype(column.dtype)) for column in self.columns]
        self.scales: tuple[float | None, ...] = (None,) * len(self.columns)
        self._is_flat = not any(isinstance(part, (dict, list, tuple)) for part in data)
        self._picks: Iterator[Block] | None = None
        self._waiting: list[Block] = []

    @property
    def holds_text(self) -> bool:
        """Whether a column has text."""
        return any(is_text(column.dtype) for column in self.columns)

    def keep_as_bytes(self) -> None:
        """Stores the columns of x that are pixels divided by 255 as bytes, which are faster to read."""
        for index in range(len(flatten(self.structure[0]))):
            found = as_bytes(self.columns[index]) if self.scales[index] is None else None
            if found is not None:
                self.columns[index], scale = found
                self.specs[index] = Spec(self.specs[index].shape, uint8)
                self.scales = (*self.scales[:index], scale, *self.scales[index + 1 :])

    def batch(self, rows: slice | np.ndarray) -> Batch:
        """Returns rows (a slice or row indices) as ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)`` of tensors."""
        leaves = []
        for column, spec in zip(self.columns, self.specs, strict=True):
            # For numbers of rows, `take` is quicker than an index.
            part = column.take(rows, axis=0) if isinstance(rows, np.ndarray) else column[rows]
            leaves.append(EagerTensor(np.ascontiguousarray(part, spec.dtype.numpy)))
        if self._is_flat:
            return tuple(leaves)
        batch: Batch = pack_like(self.structure, leaves)
        return batch

    def first(self, rows: int = 1) -> Batch:
        """Returns the first rows as a batch."""
        return self.batch(slice(0, rows))

    def part(self, rows: slice) -> Rows:
        """Returns some of the rows without copying them."""
        return Rows(pack_like(self.structure, [column[rows] for column in self.columns]))

    def with_class_weight(self, class_weight: dict[int, float] | None) -> Rows:
        """Returns the same rows, with the sample weights multiplied by those of the classes."""
        if class_weight is None:
            return self
        x, y, weight = unpack(pack_like(self.structure, self.columns))
        return Rows(packed(x, y, weighted_rows(y, weight, class_weight)))

    def whole_epoch(self, settings: EpochSettings) -> bool:
        """Whether each epoch uses every row once."""
        return settings.steps is None or settings.steps == self._all_steps(settings)

    def steps(self, settings: EpochSettings) -> int | None:
        """Returns the number of batches in the next epoch."""
        whole = self._all_steps(settings)
        if settings.steps is None:
            return whole
        return min(settings.steps, whole) if settings.restart else settings.steps

    def _all_steps(self, settings: EpochSettings) -> int:
        return -(-self.count // min(settings.batch_size, self.count))

    def first_group(self, settings: EpochSettings) -> Group:
        """Returns the sizes of the first batches of an epoch."""
        size = min(settings.batch_size, self.count)
        steps = min(settings.steps or self.count, self._all_steps(settings))
        return Group(None, min(self.count, steps * size), size, steps)

    def next_epoch(self, settings: EpochSettings) -> list[Group]:
        """Returns the rows of the next epoch.

        With ``steps``, an epoch continues where the last one stopped, as in Keras, unless ``restart`` is set.
        """
        # If all rows fit into one batch, one compiled epoch serves for every larger batch size.
        size = min(settings.batch_size, self.count)
        whole = self._all_steps(settings)
        if self.whole_epoch(settings):
            return [
                Group(next_permutation(self.count) if settings.shuffle else None, self.count, size, whole)
            ]
        steps = settings.steps or 0
        if settings.restart:
            if steps > whole:
                warn_of_end(whole, steps)
            return [self.first_group(settings)]
        return self._take(settings)

    def has_next_epoch(self, settings: EpochSettings) -> bool:
        """Whether there are batches left for another epoch; warns if not."""
        if self._picks is not None and not self._waiting and not self.exhausted:
            self._waiting = list(islice(self._picks, 1))
            if not self._waiting:
                self.exhausted = True
                warn_of_end(0, settings.steps)
        return not self.exhausted

    def resume(self, settings: EpochSettings, epochs: int) -> None:
        """Continues after this number of epochs of an interrupted run, whose random state has been restored."""
        if settings.steps is None or settings.restart or self.whole_epoch(settings):
            return
        passes, taken = divmod(epochs * settings.steps, self._all_steps(settings))
        if taken and settings.shuffle:
            redraw_permutation()  # the interrupted pass repeats its order
        self._picks = self._stream(replace(settings, epochs=settings.epochs - passes))
        next(islice(self._picks, taken, taken), None)

    def _stream(self, settings: EpochSettings) -> Iterator[Block]:
        """Yields the rows of each batch, until the data ends."""
        return repeated_batches(self.count, settings)

    def _take(self, settings: EpochSettings) -> list[Group]:
        """Takes the next batches from the stream."""
        if self._picks is None:
            self._picks = self._stream(settings)
        steps = settings.steps
        waiting, self._waiting = self._waiting, []
        picks = [*waiting, *islice(self._picks, None if steps is None else steps - len(waiting))]
        if not picks:
            raise InvalidArgumentError(
                "The dataset has no batches. Expected at least one; check take, skip and drop_remainder."
            )
        if steps is not None and len(picks) < steps:
            self.exhausted = not settings.restart
            warn_of_end(len(picks), steps)
        if steps is None or settings.restart:
            self._picks = None
        return grouped(picks)

    def batches(self, groups: list[Group], settings: EpochSettings) -> Iterator[Batch]:
        """Yields the batches of the planned groups."""
        for group in groups:
            for rows in group.batches():
                yield self.batch(rows)


def split(rows: Rows, share: float) -> tuple[Rows, Rows]:
    """Returns the first rows, for training, and the last ones, a fraction ``share``, for validation.

    Raises:
        InvalidArgumentError: if one of the two would be empty.
    """
    border = math.floor(rows.count * (1.0 - share))
    if not 0 < share < 1 or border in (0, rows.count):
        raise InvalidArgumentError(
            f"validation_split={share} of {rows.count} rows leaves {border} for training and "
            f"{rows.count - border} for validation. Expected a fraction between 0 and 1 that leaves rows for both."
        )
    return rows.part(slice(0, border)), rows.part(slice(border, rows.count))


def _contiguous(column: np.ndarray) -> np.ndarray:
    """Returns the array itself if its rows are contiguous, otherwise a copy."""
    if column.ndim == 0 or len(column) == 0 or is_text(column.dtype):
        return column
    if column[0].flags.c_contiguous and column.dtype.isnative:
        return column
    return np.ascontiguousarray(column, column.dtype.newbyteorder("="))


def _check_lengths(names: list[str], columns: list[np.ndarray]) -> None:
    for name, column in zip(names, columns, strict=True):
        if column.ndim == 0:
            raise ShapeError(f"{name} is a scalar, expected an array with one row per example.")
        if len(column) != len(columns[0]):
            raise ShapeError(
                f"{name} has {len(column)} rows, but {names[0]} has {len(columns[0])}. Every array needs "
                "one row per example: data cardinality is ambiguous otherwise."
            )


def _column_names(data: Batch) -> list[str]:
    names: list[str] = []
    for title, part in zip(("x", "y", "sample_weight"), data, strict=False):
        count = len(flatten(part))
        names += [title] if count == 1 else [f"{title}[{index}]" for index in range(count)]
    return names
