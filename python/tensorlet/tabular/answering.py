"""Answers of a model for all rows of a file, batch by batch."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from tensorlet.formats.atomic import replace_atomically
from tensorlet.localization import translate as _
from tensorlet.tabular.columns.encoder import Encoded
from tensorlet.tabular.extras import require
from tensorlet.tabular.model import TabularModel
from tensorlet.tabular.names import kind_name
from tensorlet.tabular.reading.second_look import short
from tensorlet.tabular.reading.streams import Stream

if TYPE_CHECKING:
    import pyarrow as pa

#: The number of unknown categories that are named.
NAMED = 5


@dataclass
class Answers:
    """The answers for the rows of a stream, and what was unusual.

    Args:
        model: the model.
        stream: the rows.

    Attributes:
        model, stream: as given.
        rows: the number of rows that have been answered.
        notes: sentences about other columns, another order, unknown categories and unreadable values; complete at the
            end of `batches`.
    """

    model: TabularModel
    stream: Stream
    rows: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notes += self.model.check_columns(self.stream.columns, self.stream.name)

    def batches(self) -> Iterator[tuple[pa.Table, np.ndarray]]:
        """Yields each batch of rows with the outputs of the model.

        Raises:
            TableError: for a fault in the file.
        """
        unknown: dict[str, dict[str, int]] = {}
        unreadable: dict[str, tuple[int, str]] = {}
        for table in self.stream.batches:
            encoded = self.model.encoder.encode(table)
            self._collect(encoded, unknown, unreadable)
            self.rows += table.num_rows
            yield table, self.model.predict_encoded(encoded)
        self.notes += self.stream.notes
        self._report(unknown, unreadable)

    def _collect(
        self, encoded: Encoded, unknown: dict[str, dict[str, int]], unreadable: dict[str, tuple[int, str]]
    ) -> None:
        for name, counts in encoded.unknown.items():
            known = unknown.setdefault(name, {})
            for text, count in counts.items():
                known[text] = known.get(text, 0) + count
        for name, (row, text) in encoded.unreadable.items():
            unreadable.setdefault(name, (self.rows + row, text))

    def _report(self, unknown: dict[str, dict[str, int]], unreadable: dict[str, tuple[int, str]]) -> None:
        for name, counts in unknown.items():
            most = sorted(counts.items(), key=lambda pair: -pair[1])
            shown = ", ".join(f"'{short(text)}' ({count:,})" for text, count in most[:NAMED])
            self.notes.append(
                _(
                    "Column '{name}': values that the training did not have: {values}. They count as unknown."
                ).format(name=name, values=shown + (", …" if len(most) > NAMED else ""))
            )
        kinds = {column.name: column.kind for column in self.model.description.columns}
        for name, (row, text) in unreadable.items():
            self.notes.append(
                _(
                    "Column '{name}', {place}: '{value}' is not of the kind '{kind}'; it counts as missing."
                ).format(
                    name=name, place=self.stream.place(row), value=short(text), kind=kind_name(kinds[name])
                )
            )


def write_answers(answers: Answers, output: str | None) -> None:
    """Writes the rows with the answers beside them.

    Args:
        answers: the answers.
        output: the path: CSV, TSV, Parquet or Arrow by its ending; None for CSV on standard output. The file is
            written completely or not at all.
    """
    if output is None:
        _write(answers, sys.stdout.buffer, ".csv")
        return
    with replace_atomically(output) as temporary:
        _write(answers, str(temporary), output.lower())


def _write(answers: Answers, sink: Any, name: str) -> None:
    pa = require("pyarrow", "data")
    with contextlib.ExitStack() as opened:
        writer = None
        for table, outputs in answers.batches():
            columns = answers.model.answer_columns(outputs, table.column_names)
            for title, values in columns.items():
                table = table.append_column(title, pa.array(values))
            if writer is None:
                writer = opened.enter_context(_writer(sink, name, table.schema, opened))
            writer.write_table(table)


def _writer(sink: Any, name: str, schema: Any, opened: contextlib.ExitStack) -> Any:
    pa = require("pyarrow", "data")
    ending = os.path.splitext(name.removesuffix(".gz"))[1]
    if ending == ".parquet":
        return require("pyarrow.parquet", "data").ParquetWriter(sink, schema)
    if ending in (".arrow", ".feather"):
        return pa.ipc.new_file(sink, schema)
    if isinstance(sink, str):
        sink = opened.enter_context(open(sink, "wb"))  # noqa: SIM115 - the stack closes it
    if name.endswith(".gz"):
        sink = opened.enter_context(gzip.open(sink, "wb"))  # noqa: SIM115 - the stack closes it  # noqa: SIM115 - the stack closes it
    return _CsvWriter(sink, schema.names, "\t" if ending in (".tsv", ".tab") else ",")


class _CsvWriter:
    """Writes batches as CSV, with quotation marks only in batches that need them."""

    def __init__(self, sink: IO[bytes], names: list[str], delimiter: str) -> None:
        self._sink, self._delimiter = sink, delimiter
        header = io.StringIO()
        csv.writer(header, delimiter=delimiter, lineterminator="\n").writerow(names)
        sink.write(header.getvalue().encode("utf-8"))

    def __enter__(self) -> _CsvWriter:
        return self

    def __exit__(self, *_error: object) -> None:
        self._sink.flush()

    def write_table(self, table: pa.Table) -> None:
        """Writes the rows of a table."""
        pa, arrow_csv = require("pyarrow", "data"), require("pyarrow.csv", "data")
        for style in ("none", "needed"):
            buffer = pa.BufferOutputStream()
            options = arrow_csv.WriteOptions(
                include_header=False, delimiter=self._delimiter, quoting_style=style
            )
            try:
                arrow_csv.write_csv(table, buffer, options)
            except pa.ArrowInvalid:  # a value contains a delimiter, a quotation mark or a line break
                if style == "needed":
                    raise
                continue
            self._sink.write(buffer.getvalue())
            return
