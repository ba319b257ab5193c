"""Batches of rows of a text file, as text; and where a fault is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tensorlet.localization import translate as _
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.columnar import damaged
from tensorlet.tabular.reading.delimited import csv_options, swallowed, swallowed_rows
from tensorlet.tabular.reading.dialect import Dialect
from tensorlet.tabular.reading.lines import Lines
from tensorlet.tabular.reading.second_look import check_structure, short
from tensorlet.tabular.table_error import TableError

#: How much of a file is looked at for a fault, from the last batch on that could be read.
LOOKED_AT = 1 << 24


@dataclass(frozen=True)
class Source:
    """A text file in UTF-8.

    Attributes:
        opener: opens it.
        name: its name.
        dialect: its form.
        lines: finds the lines of rows.
        reopens: whether it can be opened more than once.
        block: how many bytes are parsed at a time.
    """

    opener: Callable[[], Any]
    name: str
    dialect: Dialect
    lines: Lines
    reopens: bool
    block: int


def text_batches(source: Source, skips: bool, notes: list[str]) -> Iterator[Any]:
    """Yields the rows of a file in batches.

    Args:
        source: the file.
        skips: whether rows with too many or too few values are left out.
        notes: receives a sentence about those.

    Raises:
        TableError: for a fault in the file.
    """
    pa, csv = require("pyarrow", "data"), require("pyarrow.csv", "data")
    bad: list[int] = []
    rows, lines = 0, source.lines
    options = _options(source, bad if skips else None)
    content = lines.watch(source.opener())
    try:
        with csv.open_csv(pa.PythonFile(content, mode="r"), *options) as reader:
            for batch in reader:
                lines.is_plain = lines.is_plain and not bad
                table = pa.Table.from_batches([batch])
                if lines.has_quotes:
                    _check_swallowed(table, rows, source)
                rows += batch.num_rows
                if batch.num_rows:
                    yield table
    except (pa.ArrowInvalid, OSError) as error:
        raise _explained(error, source, rows) from None
    finally:
        content.close()
    if bad:
        notes.append(
            _("Rows with too many or too few values that were left out: {count}.").format(
                count=f"{len(bad):,}"
            )
        )


def _options(source: Source, bad: list[int] | None) -> tuple[Any, Any, Any]:
    pa, csv = require("pyarrow", "data"), require("pyarrow.csv", "data")
    reading, parsing, _conversion = csv_options(source.dialect, set(), True, bad)
    reading.block_size = source.block
    reading.use_threads = False  # so that errors have the number of the row
    texts = {column: pa.string() for column in source.dialect.names}
    return reading, parsing, csv.ConvertOptions(column_types=texts, strings_can_be_null=False)


def _check_swallowed(table: Any, first: int, source: Source) -> None:
    """Refuses a value of several lines that are rows themselves; see `delimited.swallowed`."""
    compute = require("pyarrow.compute", "data")
    width = table.num_columns
    for name, column in zip(table.column_names, table.columns, strict=True):
        if width < 2 or not compute.any(compute.match_substring(column, "\n")).as_py():
            continue
        for row, text in enumerate(column.to_pylist()):
            if "\n" in text and swallowed_rows(text, source.dialect.delimiter, width):
                line = source.lines.of(first + row)
                raise swallowed(source.name, line, line + text.count("\n"), name)


def _explained(error: Exception, source: Source, rows: int) -> TableError:
    """Returns what is wrong after so many rows."""
    if source.reopens and not isinstance(error, OSError):
        found = _second_look(source, rows)
        if found is not None:
            return found
    text, has_header = str(error), source.dialect.has_header
    ragged = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", text)
    if ragged:
        row = int(ragged[1]) - 1 - int(has_header)
        return TableError(
            source.name,
            _("the row has {count} values, but the header has {width} columns.").format(
                count=ragged[3], width=ragged[2]
            ),
            _("Correct the line, or leave such rows out: --skip-bad-rows"),
            source.lines.of(row, is_faulty=True) if source.reopens else int(ragged[1]),
            min(int(ragged[2]), int(ragged[3])) + 1,
        )
    if "Empty CSV" in text:
        return TableError(
            source.name,
            _("the file has a header, but no rows."),
            _("Expected at least a few rows of values."),
        )
    if "straddling" in text:
        return TableError(
            source.name,
            _("a row is longer than {size:.1f} MB.").format(size=source.block / 1e6),
            _("A quotation mark may be opened and never closed. Correct the file, or save it again as CSV in UTF-8."),
            source.lines.of(rows) if source.reopens else None,
        )  # fmt: skip
    return (
        damaged(source.name, "CSV", error)
        if not isinstance(error, ValueError)
        else TableError(source.name, short(text), _("Correct the file, or save it again as CSV in UTF-8."))
    )


def _second_look(source: Source, rows: int) -> TableError | None:
    """Returns the first fault in the structure of the file after so many rows; None if none is found."""
    line = source.lines.of(rows, is_faulty=True)
    with source.opener() as opened:
        before, rest = _from_line(opened, line, source.block)
        text = (rest + (opened.read(LOOKED_AT) or b"")).decode("utf-8", "ignore")
        is_whole = not opened.read(1)
    try:
        check_structure(
            text, source.dialect.delimiter, source.name, len(source.dialect.names), before, is_whole
        )
    except TableError as found:
        return found
    return None


def _from_line(opened: Any, line: int, block: int) -> tuple[int, bytes]:
    """Reads up to a line; returns the number of lines before it, and the bytes from it on that have been read."""
    passed = 0
    while True:
        data = opened.read(block)
        count = data.count(b"\n")
        if not data or passed + count >= line - 1:
            break
        passed += count
    start = 0
    while passed < line - 1 and data:
        start = data.find(b"\n", start) + 1
        passed += 1
    return passed, data[start:]
