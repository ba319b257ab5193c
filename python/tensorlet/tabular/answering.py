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
from tensorlet.tabular.extras import require
from tensorlet.tabular.model import TabularModel
from tensorlet.tabular.reading.streams import Stream
from tensorlet.tabular.strange_values import Strange
from tensorlet.tabular.table_error import TableError

if TYPE_CHECKING:
    import pyarrow as pa

#: Endings of names that promise a format in which no answers are written.
OTHER_FORMATS = frozenset(
    (".xlsx", ".xlsm", ".xls", ".ods", ".json", ".jsonl", ".npz", ".npy", ".h5", ".pkl", ".html", ".keras")
)


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
        strange = Strange(self.model.description.columns)
        for table in self.stream.batches:
            encoded = self.model.encoder.encode(table)
            strange.collect(encoded, self.rows)
            self.rows += table.num_rows
            yield table, self.model.predict_encoded(encoded)
        self.notes += self.stream.notes
        self.notes += strange.notes(self.stream)


def write_answers(answers: Answers, output: str | None) -> None:
    """Writes the rows with the answers beside them.

    Args:
        answers: the answers.
        output: the path: CSV, TSV, Parquet or Arrow by its ending; None for CSV on standard output. The file is
            written completely or not at all.

    Raises:
        TableError: for a fault in the file, and for the ending of another format.
    """
    ending = os.path.splitext((output or "").lower().removesuffix(".gz"))[1]
    if ending in OTHER_FORMATS:
        raise TableError(
            str(output),
            _("answers are not written in the format {ending}.").format(ending=ending),
            _("Choose a name that ends in .csv, .tsv, .parquet, .arrow or .csv.gz."),
        )
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
