"""`Encoder`: from the columns of a table to the inputs of a model."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.values import (
    coded,
    days,
    finite,
    fits_float32,
    is_text,
    lookup,
    mean_and_deviation,
    numbers_of,
    summary_of,
    text_of,
    truths_of,
    within_float32,
)
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.formats import MISSING, date_of, days_of, number_of, truth_of, without_zone

if TYPE_CHECKING:
    import pyarrow as pa

#: From this number of categories on, a column is embedded instead of encoded as zeros and ones.
MANY = 200
#: With more categories than this, those that occur only once count as unknown.
SEVERAL = 20
#: The inputs of a model: numbers, the codes of categories, and the codes of columns with many categories.
NUMBERS, CATEGORIES, MANY_CATEGORIES = "numbers", "categories", "many_categories"
ROWS_AT_A_TIME = 4096
#: The average length of a year in days.
YEAR = 365.2425


class Unreadable(NamedTuple):
    """Values of a column that are not of its kind: the first one with its row, and how many there are."""

    row: int
    text: str
    count: int  # type: ignore[assignment]  # the method of tuples is not needed


@dataclass
class Encoded:
    """The inputs of a model.

    Attributes:
        arrays: the name of each input -> its array, of shape [rows, columns].
        unknown: column -> the texts that are none of its categories, and how often each occurs.
        unreadable: column -> the values that cannot be read.
    """

    arrays: dict[str, np.ndarray]
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)


class Encoder:
    """Encodes columns as numbers.

    Numbers stay as they are: the model normalizes them. A missing number becomes the mean of the training rows,
    beside a column that says so. A category becomes a code; each column has a range of codes of its own, whose first
    one means "missing or unknown". A date becomes the days since the first one, and its place in the year and in the
    week.

    Args:
        columns: the inputs, in order, after `learn`.

    Attributes:
        columns: the inputs.
        number_names: the names of the columns of the input "numbers".
        sizes: for "categories" and "many_categories", the number of codes.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = list(columns)
        self.number_names: list[str] = []
        self.sizes = {CATEGORIES: 0, MANY_CATEGORIES: 0}
        self._offsets: dict[str, tuple[str, int]] = {}
        #: Column -> the names of the numbers that it becomes.
        self.parts: dict[str, list[str]] = {}
        for column in self.columns:
            if column.kind == "category":
                group = MANY_CATEGORIES if len(column.categories) > MANY else CATEGORIES
                self._offsets[column.name] = (group, self.sizes[group])
                self.sizes[group] += len(column.categories) + 1
                self.parts[column.name] = []
                continue
            names = [column.name]
            if column.kind == "date":
                names = [f"{column.name}: {part}" for part in column.parts]
            if column.missing:
                names.append(_("{name} is missing").format(name=column.name))
            self.parts[column.name] = names
            self.number_names += names

    @property
    def inputs(self) -> dict[str, int]:
        """The name of each input of the model -> the number of its columns."""
        found = {NUMBERS: len(self.number_names)}
        for group in self.sizes:
            found[group] = sum(place == group for place, _offset in self._offsets.values())
        return {name: count for name, count in found.items() if count}

    def group_of(self, column: Column) -> str:
        """Returns the input of the model that a column belongs to."""
        return self._offsets[column.name][0] if column.kind == "category" else NUMBERS

    def encode(self, data: pa.Table) -> Encoded:
        """Encodes the rows of a table that has all columns, in any order."""
        result = Encoded({})
        parts: dict[str, list[np.ndarray | None]] = {name: [] for name in self.inputs}
        plain: dict[int, str] = {}
        for column in self.columns:
            values = data.column(column.name)
            if column.kind == "category":
                group, offset = self._offsets[column.name]
                parts[group].append(_codes(values, column, offset, result))
            elif _is_plain(values, column):
                plain[len(parts[NUMBERS])] = column.name
                parts[NUMBERS].append(None)
            else:
                parts[NUMBERS] += self._converted(values, column, result)
        joined = self._joined(parts, result, data.num_rows)
        if plain:
            self._copy(data.select(list(plain.values())), list(plain), joined.arrays[NUMBERS])
        return joined

    def _converted(self, values: pa.ChunkedArray, column: Column, result: Encoded) -> list[np.ndarray]:
        numbers = _read(values, column)
        if is_text(values) and not np.isfinite(numbers).all():
            wrong = np.flatnonzero(~np.isfinite(numbers))
            texts = values.take(wrong).to_pylist()
            _note_unreadable(list(zip(wrong.tolist(), texts, strict=True)), column, result)
        return self._numbers(numbers, column)

    def _copy(self, data: pa.Table, places: list[int], joined: np.ndarray) -> None:
        """Copies columns of plain numbers, some rows of all of them at a time: these stay in the cache."""
        by_name = {column.name: column for column in self.columns}
        columns = [by_name[name] for name in data.column_names]
        start = 0
        for batch in data.to_batches(max_chunksize=ROWS_AT_A_TIME):
            rows = slice(start, start + batch.num_rows)
            for place, column, values in zip(places, columns, batch.columns, strict=True):
                numbers = values.to_numpy()
                if not fits_float32(numbers):
                    (numbers,) = self._numbers(within_float32(numbers), column)
                joined[rows, place] = numbers
            start = rows.stop

    def encode_rows(self, rows: Sequence[Mapping[str, Any]]) -> Encoded:
        """Encodes rows that are dictionaries by the names of columns, as `encode` would; without PyArrow.

        Args:
            rows: for each row, the values by column. A missing name counts as a missing value.
        """
        result = Encoded({})
        parts: dict[str, list[np.ndarray]] = {name: [] for name in self.inputs}
        for column in self.columns:
            values = [row.get(column.name) for row in rows]
            if column.kind == "category":
                group, offset = self._offsets[column.name]
                parts[group].append(_codes_of_list(values, column, offset, result))
            else:
                numbers = within_float32(np.array([single_number(value, column) for value in values]))
                wrong = np.flatnonzero(~np.isfinite(numbers)).tolist()
                _note_unreadable([(row, text_of(values[row])) for row in wrong], column, result)
                parts[NUMBERS] += self._numbers(numbers, column)
        return self._joined(parts, result, len(rows))

    def _joined(
        self, parts: Mapping[str, Sequence[np.ndarray | None]], result: Encoded, count: int
    ) -> Encoded:
        """Joins the columns of each input; those that are None are not filled in."""
        for name, columns in parts.items():
            dtype = np.float32 if name == NUMBERS else np.int32
            joined = np.empty((count, len(columns)), dtype)
            for start in range(0, count, ROWS_AT_A_TIME):  # which stay in the cache
                rows = slice(start, start + ROWS_AT_A_TIME)
                for index, column in enumerate(columns):
                    if column is not None:
                        joined[rows, index] = column[rows]
            result.arrays[name] = joined
        return result

    def _numbers(self, values: np.ndarray, column: Column) -> list[np.ndarray]:
        filled, unknown = values, None
        if column.missing or not np.isfinite(values.sum()):
            unknown = ~np.isfinite(values)
            filled = np.where(unknown, column.mean, values)
        if column.kind == "date":
            found = [_date_part(filled, part, column) for part in column.parts]
        else:
            origin = origin_of(column)
            found = [filled - origin if origin else filled]
        return [*found, unknown.astype(np.float32)] if column.missing and unknown is not None else found


def origin_of(column: Column) -> float:
    """Returns what is subtracted from a number first: float32 has seven digits, too few for 1,700,000,000 ± 5."""
    if column.kind == "date":
        return column.minimum
    return round(column.mean) if abs(column.mean) > 1000 * column.deviation > 0 else 0.0


def learn(column: Column, values: pa.ChunkedArray) -> Column:
    """Sets what the encoding of a column needs, from the training rows.

    Args:
        column: the column, which is changed.
        values: its values in the training rows.
    """
    if column.kind == "category":
        texts, codes = coded(values)
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        least = 2 if (counts > 0).sum() > SEVERAL else 1
        found = sorted(
            (-int(count), text) for count, text in zip(counts, texts, strict=True) if count >= least
        )
        column.categories, column.counts = (
            [text for _count, text in found],
            [-count for count, _text in found],
        )
        return column
    summary = summary_of(values) if column.kind == "number" else None
    if summary is not None:
        column.mean, column.deviation = summary[2:]
    else:
        known = finite(_read(values, column))
        if known.size:
            column.mean, column.deviation = mean_and_deviation(known)
    if column.kind == "date":
        column.parts = ["days"]
        if column.maximum - column.minimum > 60:
            column.parts += ["sine of the year", "cosine of the year"]
        column.parts += ["sine of the week", "cosine of the week"]
        if column.has_time:
            column.parts += ["sine of the day", "cosine of the day"]
    return column


def _is_plain(values: pa.ChunkedArray, column: Column) -> bool:
    """Whether the numbers of a column are copied as they are, unless one of them is not finite."""
    types = require("pyarrow", "data").types
    is_number = column.kind == "number" and types.is_float64(values.type) and not values.null_count
    return bool(is_number and not column.missing and not origin_of(column))


def _read(values: pa.ChunkedArray, column: Column) -> np.ndarray:
    if column.kind == "boolean":
        return truths_of(values)
    return (
        days(values, column.date_format)
        if column.kind == "date"
        else numbers_of(values, column.number_format)
    )


def single_number(value: object, column: Column) -> float:
    """Returns a single value of a column of numbers, truth values or dates as a number; NaN if it is none."""
    if value is None:
        return math.nan
    if column.kind == "date":
        return _single_date(value, column)
    if isinstance(value, bool | int | float | np.generic):
        number = float(value)
        return number if column.kind == "number" or number in (0.0, 1.0) else math.nan
    found = truth_of(str(value)) if column.kind == "boolean" else number_of(str(value), column.number_format)
    return math.nan if found is None else float(found)


def _single_date(value: object, column: Column) -> float:
    if isinstance(value, datetime.datetime):
        return days_of(without_zone(value))
    if isinstance(value, datetime.date):
        return days_of(datetime.datetime(value.year, value.month, value.day))
    text = str(value)
    forms = (
        [column.date_format] if column.date_format else ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
    )
    found = next((date for date in (date_of(text, form) for form in forms) if date is not None), None)
    return math.nan if found is None else days_of(found)


def _date_part(numbers: np.ndarray, part: str, column: Column) -> np.ndarray:
    if part == "days":
        return numbers - origin_of(column)
    wave, _of, period = part.partition(" of the ")
    length = {"year": YEAR, "week": 7.0, "day": 1.0}[period]
    angle = 2 * np.pi * numbers / length
    return np.sin(angle) if wave == "sine" else np.cos(angle)


def _codes(values: pa.ChunkedArray, column: Column, offset: int, result: Encoded) -> np.ndarray:
    texts, codes = coded(values)
    index = {text: number for number, text in enumerate(column.categories, offset + 1)}
    found = [lookup(index, text) for text in texts]
    table = np.array([offset if code is None else code for code in found] + [offset], np.int32)
    strange = [number for number, text in enumerate(texts) if found[number] is None and text not in MISSING]
    if strange:
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        unknown = {texts[number]: int(counts[number]) for number in strange if counts[number]}
        if unknown:
            result.unknown[column.name] = unknown
    return table[codes]


def _note_unreadable(values: Sequence[tuple[int, str | None]], column: Column, result: Encoded) -> None:
    """Notes the texts that cannot be read as a number, a truth value or a date; those that are missing are no fault.

    Args:
        values: the row and the text of each value that is not a number.
        column: their column.
        result: receives what was found.
    """
    found = [(row, text) for row, text in values if text and text not in MISSING]
    if found:
        result.unreadable[column.name] = Unreadable(*found[0], len(found))


def _codes_of_list(values: list[Any], column: Column, offset: int, result: Encoded) -> np.ndarray:
    index = {text: number for number, text in enumerate(column.categories, offset + 1)}
    codes = np.empty(len(values), np.int32)
    for row, value in enumerate(values):
        text = text_of(value)
        code = lookup(index, text) if text is not None else None
        codes[row] = offset if code is None else code
        if text and code is None and text not in MISSING:
            unknown = result.unknown.setdefault(column.name, {})
            unknown[text] = unknown.get(text, 0) + 1
    return codes
