"""Tables larger than memory: a file as a sequence of batches of rows."""

from __future__ import annotations

import functools
import gzip
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from tensorlet.localization import translate as _
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.columnar import damaged, flat
from tensorlet.tabular.reading.delimited import csv_options
from tensorlet.tabular.reading.dialect import SAMPLE, Dialect, find_dialect
from tensorlet.tabular.reading.encodings import decoded, marked_encoding
from tensorlet.tabular.reading.files import read, start_of
from tensorlet.tabular.reading.second_look import short
from tensorlet.tabular.reading.source import Pictures, ReadOptions
from tensorlet.tabular.table_error import TableError

if TYPE_CHECKING:
    import pyarrow as pa

#: Opens the content of a file, in UTF-8, as a binary file.
Opener = Callable[[], Any]
#: The number of rows of a batch, and of bytes of a block of text.
BATCH_ROWS, BLOCK = 32_768, 1 << 21


@dataclass
class Stream:
    """A table that is read batch by batch.

    Attributes:
        name: the name of the file.
        columns: the names of its columns.
        batches: the batches; text files give text only, as it is written.
        notes: sentences about what was guessed; complete at the end.
        line_of_first: the line of the first row, for text files; None for others.
    """

    name: str
    columns: list[str]
    batches: Iterator[pa.Table]
    notes: list[str] = field(default_factory=list)
    line_of_first: int | None = None

    def place(self, row: int) -> str:
        """Returns where a row is, counted from 0: its line, or its number."""
        if self.line_of_first is not None:
            return _("line {line}").format(line=row + self.line_of_first)
        return _("row {row}").format(row=row + 1)


def open_stream(
    path: str | os.PathLike[str], options: ReadOptions | None = None, rows: int = BATCH_ROWS
) -> Stream:
    """Opens a table for reading in batches.

    Args:
        path: as for `tabular.reading.files.read`, without pictures.
        options: how to read it.
        rows: the number of rows of a batch of Parquet and Arrow; those of text depend on the lengths of its lines.

    Raises:
        TableError: if it cannot be read. A fault further on is found when the batch is read.
    """
    name, options = os.fspath(path), options or ReadOptions()
    if name == "-":
        return _standard_input(options)
    if not os.path.isdir(name):
        start = start_of(name)
        ending = name.lower().removesuffix(".gz").rpartition(".")[2]
        if start.startswith(b"PAR1"):
            return _parquet(name, rows)
        if start.startswith(b"ARROW1"):
            return _arrow(name)
        if not start.startswith((b"PK", b"\0\0")) and ending not in ("parquet", "arrow", "feather"):
            opener = functools.partial(_opened, name, start.startswith(b"\x1f\x8b"))
            return _text(opener, name, options, ending in ("tsv", "tab"))
    source = read(name, options)
    if isinstance(source, Pictures):
        raise TableError(
            name, _("it holds pictures, not a table."), _("Expected a table, such as a CSV file.")
        )
    return Stream(name, source.data.column_names, iter([source.data]), source.notes)


def _parquet(name: str, rows: int) -> Stream:
    pa = require("pyarrow", "data")
    try:
        file = require("pyarrow.parquet", "data").ParquetFile(name)
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, "Parquet", error) from None
    names = [str(column) for column in file.schema_arrow.names]

    def batches() -> Iterator[Any]:
        try:
            for batch in file.iter_batches(rows):
                yield flat(pa.Table.from_batches([batch]), name, [])
        except (pa.ArrowException, OSError) as error:
            raise damaged(name, "Parquet", error) from None

    return Stream(name, names, batches())


def _arrow(name: str) -> Stream:
    pa = require("pyarrow", "data")
    try:
        file = pa.ipc.open_file(pa.memory_map(name))
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, "Arrow", error) from None

    def batches() -> Iterator[Any]:
        for index in range(file.num_record_batches):
            batch = file.get_batch(index)
            if batch.num_rows:
                yield flat(pa.Table.from_batches([batch]), name, [])

    return Stream(name, [str(column) for column in file.schema.names], batches())


def _opened(name: str, compressed: bool) -> Any:
    return gzip.open(name, "rb") if compressed else open(name, "rb")


def _text(opener: Opener, name: str, options: ReadOptions, tabs: bool) -> Stream:
    notes: list[str] = []
    with opener() as opened:
        sample = _read(opened, SAMPLE, name)
        if not _is_utf8(sample, options):  # its encoding is found from all of it
            data = decoded(sample + opened.read(), name, options.encoding, notes)
            sample, opener = data[:SAMPLE], lambda: io.BytesIO(data)
    return _described(opener, sample, name, options, tabs, notes)


def _standard_input(options: ReadOptions) -> Stream:
    notes: list[str] = []
    name, content = _("standard input"), sys.stdin.buffer
    sample = content.read(SAMPLE)
    if _is_utf8(sample, options):
        return _described(lambda: _Chained(sample, content), sample, name, options, False, notes)
    data = decoded(sample + content.read(), name, options.encoding, notes)
    return _described(lambda: io.BytesIO(data), data[:SAMPLE], name, options, False, notes)


def _described(
    opener: Opener, sample: bytes, name: str, options: ReadOptions, tabs: bool, notes: list[str]
) -> Stream:
    dialect = find_dialect(sample, name, options.delimiter, notes, tabs)
    batches = _text_batches(opener, name, dialect, options, notes)
    return Stream(name, dialect.names, batches, notes, 1 + int(dialect.has_header))


def _is_utf8(sample: bytes, options: ReadOptions) -> bool:
    """Whether the beginning of a file is UTF-8 without a mark; its last character may be cut."""
    if options.encoding not in (None, "utf-8", "utf8") or marked_encoding(sample) is not None:
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3
    return True


def _read(opened: IO[bytes], size: int, name: str) -> bytes:
    try:
        return opened.read(size)
    except (EOFError, OSError) as error:
        raise damaged(name, "gzip", error) from None


def _text_batches(
    opener: Opener, name: str, dialect: Dialect, options: ReadOptions, notes: list[str]
) -> Iterator[Any]:
    pa, csv = require("pyarrow", "data"), require("pyarrow.csv", "data")
    bad: list[int] = []
    reading, parsing, _conversion = csv_options(dialect, set(), True, bad if options.skip_bad_rows else None)
    reading.block_size = BLOCK
    conversion = csv.ConvertOptions(
        column_types={column: pa.string() for column in dialect.names}, strings_can_be_null=False
    )
    reading.use_threads = False  # so that errors have the number of the row
    content = opener()
    try:
        with csv.open_csv(pa.PythonFile(content, mode="r"), reading, parsing, conversion) as reader:
            for batch in reader:
                if batch.num_rows:
                    yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, EOFError, OSError) as error:
        raise _explained(error, name) from None
    finally:
        content.close()
    if bad:
        notes.append(
            _("Rows with too many or too few values that were left out: {count}.").format(
                count=f"{len(bad):,}"
            )
        )


def _explained(error: Exception, name: str) -> TableError:
    text = str(error)
    found = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", text)
    if found:
        return TableError(
            name,
            _("the row has {count} values, but the header has {width} columns.").format(
                count=found[3], width=found[2]
            ),
            _("Correct the line, or leave such rows out: --skip-bad-rows"),
            int(found[1]),
        )
    if "Empty CSV" in text:
        return TableError(
            name, _("the file has a header, but no rows."), _("Expected at least a few rows of values.")
        )
    return (
        damaged(name, "CSV", error)
        if not isinstance(error, ValueError)
        else TableError(name, short(text), _("Correct the file, or save it again as CSV in UTF-8."))
    )


class _Chained(io.RawIOBase):
    """The bytes of standard input that have been read already, followed by the rest."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        super().__init__()
        self._start, self._rest = start, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Reads as many bytes as asked for, or less at the end."""
        if size is None or size < 0:
            data, self._start = self._start + self._rest.read(), b""
            return data
        data, self._start = self._start[:size], self._start[size:]
        while len(data) < size:
            more = self._rest.read(size - len(data))
            if not more:
                break
            data += more
        return data
