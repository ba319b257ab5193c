"""`examine`: one pass through a table that may be larger than memory, before its rows are encoded."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.values import coded, is_text
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.formats import MISSING
from tensorlet.tabular.reading.source import ReadOptions, Table
from tensorlet.tabular.reading.streams import Stream, open_stream
from tensorlet.tabular.table_error import TableError

if TYPE_CHECKING:
    import pyarrow as pa

#: The rows of the sample, which are drawn from all over the file, and its size in bytes, at most about.
SAMPLE_ROWS, SAMPLE_BYTES = 50_000, 1 << 25
#: The parts of a sample are joined when there are so many: the rows of a part can be few, and its columns many.
MOST_PARTS = 32
#: Rows with a value of the target that has not been seen are kept in any case, up to this many.
MOST_CLASSES = 1000


@dataclass
class Examination:
    """What one pass through a table has found.

    Attributes:
        sample: some of the rows, drawn at random from the whole file; all rows of a small one.
        rows: the number of rows.
        missing: column -> the number of values that are missing.
        stream: where the rows came from, for messages about places.
    """

    sample: Table
    rows: int
    missing: dict[str, int]
    stream: Stream


@dataclass
class _Sample:
    """Rows drawn at random while their number is not known: those with the smallest of random keys."""

    most: int
    parts: list[Any] = field(default_factory=list)
    keys: list[np.ndarray] = field(default_factory=list)
    places: list[np.ndarray] = field(default_factory=list)
    share: float = 1.0

    def add(self, table: pa.Table, first: int, keys: np.ndarray) -> None:
        """Adds the rows of a batch whose keys are small enough; halves the share when there are too many."""
        kept = np.flatnonzero(keys < self.share)
        self.parts.append(table.take(kept))
        self.keys.append(keys[kept])
        self.places.append(first + kept)
        while self.share > 1e-9 and self._is_too_large():
            self.share /= 2
            for index, part_keys in enumerate(self.keys):
                rows = np.flatnonzero(part_keys < self.share)
                self.parts[index] = self.parts[index].take(rows)
                self.keys[index], self.places[index] = part_keys[rows], self.places[index][rows]
        if len(self.parts) > MOST_PARTS:
            self._join()

    def _join(self) -> None:
        pa = require("pyarrow", "data")
        self.parts = [pa.concat_tables(self.parts).combine_chunks()]
        self.keys, self.places = [np.concatenate(self.keys)], [np.concatenate(self.places)]

    def _is_too_large(self) -> bool:
        rows = sum(map(len, self.keys))
        return rows > self.most and (
            rows > 2 * self.most or sum(part.nbytes for part in self.parts) > SAMPLE_BYTES
        )


def examine(
    path: str | os.PathLike[str],
    target: str,
    options: ReadOptions | None = None,
    sample_rows: int = SAMPLE_ROWS,
) -> Examination:
    """Reads a table once, batch by batch, and keeps a sample of its rows.

    Args:
        path: as for `open_stream`.
        target: the column to predict: a row with a new value of it is always in the sample.
        options: how to read the file.
        sample_rows: the rows of the sample at least, if the table has as many.

    Raises:
        TableError: for a fault anywhere in the file.
    """
    stream = open_stream(path, options)
    sample = _Sample(sample_rows)
    random = np.random.default_rng(0)
    rows, classes = 0, set[str]()
    missing = dict.fromkeys(stream.columns, 0)
    codes: set[str] = set()
    for table in stream.batches:
        keys = random.random(table.num_rows)
        if target in table.column_names and len(classes) < MOST_CLASSES:
            keys[_new_values(table.column(target), classes)] = -1.0
        sample.add(table, rows, keys)
        rows += table.num_rows
        _count(table, missing, codes)
    if not rows:
        raise TableError(
            stream.name,
            _("the file has a header, but no rows."),
            _("Expected at least a few rows of values."),
        )
    places = np.concatenate(sample.places)
    data = _typed(require("pyarrow", "data").concat_tables(sample.parts), codes)
    found = Table(stream.name, data, list(stream.notes), None, stream.format, places)
    if stream.line_of_first is not None:
        found.line_of = lambda row: stream.line(int(places[row]))
    return Examination(found, rows, missing, stream)


def _new_values(column: pa.ChunkedArray, seen: set[str]) -> np.ndarray:
    """Returns the rows where a value occurs for the first time, and adds the values to those seen."""
    texts, codes = coded(column.cast("string") if not is_text(column) else column)
    found, first = np.unique(codes, return_index=True)
    new = [int(row) for code, row in zip(found, first, strict=True) if code >= 0 and texts[code] not in seen]
    seen.update(texts[code] for code in found if code >= 0)
    return np.array(new[:MOST_CLASSES], np.int64)


def _count(table: pa.Table, missing: dict[str, int], codes: set[str]) -> None:
    """Counts what is missing, and finds texts such as 00123."""
    pa, compute = require("pyarrow", "data"), require("pyarrow.compute", "data")
    absent = pa.array(sorted(MISSING))
    for name, column in zip(table.column_names, table.columns, strict=True):
        count = column.null_count
        if pa.types.is_string(column.type):
            count += compute.sum(compute.is_in(column, absent)).as_py() or 0
            if name not in codes:
                zeros = column.filter(compute.starts_with(column, "0"))
                if compute.any(compute.match_substring_regex(zeros, r"^0\d+$")).as_py():
                    codes.add(name)
        missing[name] = missing.get(name, 0) + count


def _typed(table: pa.Table, codes: Iterable[str]) -> pa.Table:
    """Returns a table whose text columns are numbers where all of them are plain numbers, as files are read whole."""
    pa, compute = require("pyarrow", "data"), require("pyarrow.compute", "data")
    missing = pa.array(sorted(MISSING))
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if is_text(column) and pa.types.is_string(column.type):
            known = compute.if_else(compute.is_in(column, missing), pa.scalar(None, pa.string()), column)
            try:
                column = known.dictionary_encode() if name in codes else compute.cast(known, pa.float64())
            except pa.ArrowInvalid:
                column = known.dictionary_encode()
        columns.append(column)
    return pa.table(columns, names=table.column_names)
