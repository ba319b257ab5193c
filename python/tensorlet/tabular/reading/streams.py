"""Tables larger than memory: a file as a sequence of batches of rows."""

from __future__ import annotations

import functools
import gzip
import io
import mmap
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tensorlet.localization import translate as _
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.columnar import damaged, flat
from tensorlet.tabular.reading.content import (
    Chained,
    Decoded,
    Plain,
    beginning,
    has_old_line_ends,
    separator_line,
)
from tensorlet.tabular.reading.dialect import SAMPLE, find_dialect
from tensorlet.tabular.reading.encodings import found_encoding
from tensorlet.tabular.reading.files import check_kind, is_pipe, read, start_of
from tensorlet.tabular.reading.lines import Lines
from tensorlet.tabular.reading.source import Pictures, ReadOptions
from tensorlet.tabular.reading.text_batches import Source, text_batches
from tensorlet.tabular.table_error import TableError

if TYPE_CHECKING:
    import pyarrow as pa

#: Opens the content of a file, in UTF-8, as a binary file.
Opener = Callable[[], Any]
#: The number of rows of a batch, and of bytes of a block of text.
BATCH_ROWS, BLOCK = 32_768, 1 << 19
#: A block of text holds at least this many lines.
BLOCK_LINES = 8
#: After this many batches, memory that is no longer used is given back to the system.
TIDIED = 8


@dataclass
class Stream:
    """A table that is read batch by batch.

    Arrow keeps the memory of batches that are gone for later ones, in ever more pieces; here it gives it back.

    Attributes:
        name: the name of the file.
        columns: the names of its columns.
        batches: the batches; text files give text only, as it is written.
        notes: sentences about what was guessed; complete at the end.
        line_of_first: the line of the first row, for text files; None for others.
        lines: finds the lines of rows, for text files that can be opened again.
        format: the format of the file.
    """

    name: str
    columns: list[str]
    batches: Iterator[pa.Table]
    notes: list[str] = field(default_factory=list)
    line_of_first: int | None = None
    lines: Lines | None = None
    format: str = "CSV"

    def __post_init__(self) -> None:
        self.batches = _tidied(self.batches)

    def line(self, row: int) -> int:
        """Returns the line of a row of a text file, counted from 0."""
        return row + (self.line_of_first or 1) if self.lines is None else self.lines.of(row)

    def place(self, row: int) -> str:
        """Returns where a row is, counted from 0: its line, or its number."""
        if self.line_of_first is not None:
            return _("line {line}").format(line=self.line(row))
        return _("row {row}").format(row=row + 1)


def _tidied(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    pool = require("pyarrow", "data").default_memory_pool()
    for number, batch in enumerate(batches):
        yield batch
        if number % TIDIED == TIDIED - 1:
            pool.release_unused()


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
        return _once(sys.stdin.buffer, _("standard input"), options)
    if is_pipe(name):
        return _once(open(name, "rb"), name, options)
    if not os.path.isdir(name):
        start = start_of(name)
        ending = name.lower().removesuffix(".gz").rpartition(".")[2]
        if start.startswith(b"PAR1"):
            return _parquet(name, rows)
        if start.startswith(b"ARROW1"):
            return _arrow(name, rows)
        check_kind(start, name)
        if not start.startswith((b"PK", b"\0\0")) and ending not in ("parquet", "arrow", "feather"):
            opener = functools.partial(_opened, name, start.startswith(b"\x1f\x8b"))
            return _text(opener, name, options, ending in ("tsv", "tab"))
    source = read(name, options)
    if isinstance(source, Pictures):
        raise TableError(
            name, _("it holds pictures, not a table."), _("Expected a table, such as a CSV file.")
        )
    return Stream(name, source.data.column_names, iter([source.data]), source.notes, format=source.format)


def _parquet(name: str, rows: int) -> Stream:
    pa = require("pyarrow", "data")
    try:
        # Pieces of a file with large groups of rows are read one after the other.
        file = require("pyarrow.parquet", "data").ParquetFile(name, buffer_size=BLOCK, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, "Parquet", error) from None
    names = [str(column) for column in file.schema_arrow.names]
    notes: list[str] = []

    def batches() -> Iterator[Any]:
        first = True
        try:
            for batch in file.iter_batches(rows):
                yield flat(pa.Table.from_batches([batch]), name, notes if first else [])
                first = False
        except (pa.ArrowException, OSError) as error:
            raise damaged(name, "Parquet", error) from None

    return Stream(name, names, batches(), notes, format="Parquet")


def _arrow(name: str, rows: int) -> Stream:
    pa = require("pyarrow", "data")
    try:
        with open(name, "rb") as opened:
            mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        file = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapped)))
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, "Arrow", error) from None
    notes: list[str] = []

    def batches() -> Iterator[Any]:
        first = True
        for index in range(file.num_record_batches):
            try:
                batch = file.get_batch(index)
            except (pa.ArrowException, OSError) as error:
                raise damaged(name, "Arrow", error) from None
            for start in range(0, batch.num_rows, rows):
                yield flat(pa.Table.from_batches([batch.slice(start, rows)]), name, notes if first else [])
                first = False
                if hasattr(mapped, "madvise"):  # what has been read need not stay in memory
                    mapped.madvise(mmap.MADV_DONTNEED)

    return Stream(name, [str(column) for column in file.schema.names], batches(), notes, format="Arrow")


def _opened(name: str, compressed: bool) -> Any:
    return gzip.open(name, "rb") if compressed else open(name, "rb")


def _text(opener: Opener, name: str, options: ReadOptions, tabs: bool) -> Stream:
    notes: list[str] = []
    encoding = found_encoding(opener, name, options.encoding, notes)

    def decoded() -> Decoded:
        return Decoded(opener(), name, encoding)

    with decoded() as content:
        sample = beginning(content.read)
    return _described(decoded, sample, name, options, tabs, notes)


def _once(content: Any, name: str, options: ReadOptions) -> Stream:
    """Returns the rows of a file that can be read once only."""
    notes: list[str] = []
    closes = content is not sys.stdin.buffer
    start = content.read(SAMPLE)
    if start.startswith(b"\x1f\x8b"):
        unpacked = gzip.GzipFile(fileobj=Chained(start, content, closes))
        found = Decoded(unpacked, name, options.encoding or "utf-8")
        sample = beginning(found.read)
        return _described(lambda: Chained(sample, found), sample, name, options, False, notes, False)
    check_kind(start, name)
    encoding = found_encoding(lambda: io.BytesIO(start), name, options.encoding, notes)
    decoded = Decoded(Chained(start, content, closes), name, encoding)
    first = beginning(decoded.read)
    return _described(lambda: Chained(first, decoded), first, name, options, False, notes, False)


def _described(
    opener: Opener,
    sample: bytes,
    name: str,
    options: ReadOptions,
    tabs: bool,
    notes: list[str],
    reopens: bool = True,
) -> Stream:
    skipped, separator = separator_line(sample)
    old_ends = has_old_line_ends(sample)
    plain = (lambda: Plain(opener(), old_ends, skipped)) if old_ends or skipped else opener
    sample = sample[skipped:].replace(b"\r", b"\n") if old_ends else sample[skipped:]
    dialect = find_dialect(sample, name, options.delimiter or separator, notes, tabs)
    lines = Lines(plain, dialect.delimiter, dialect.has_header, len(dialect.names))
    longest = max(map(len, sample.splitlines() or [sample]))
    source = Source(plain, name, dialect, lines, reopens, max(BLOCK, BLOCK_LINES * longest))
    kind = "TSV" if dialect.delimiter == "\t" else "CSV"
    return Stream(
        name,
        dialect.names,
        text_batches(source, options.skip_bad_rows, notes),
        notes,
        1 + int(dialect.has_header),
        lines if reopens else None,
        kind,
    )
