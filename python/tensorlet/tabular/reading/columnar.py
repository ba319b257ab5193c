"""Parquet, Arrow and Feather files, and data frames."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tensorlet.localization import translate as _
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.dialect import checked_names
from tensorlet.tabular.reading.second_look import short
from tensorlet.tabular.reading.source import Table
from tensorlet.tabular.table_error import TableError

if TYPE_CHECKING:
    import pyarrow as pa


#: Reasons that other libraries give are cut to this many characters.
LONGEST_REASON = 100


def read_columnar(name: str, start: bytes) -> Table:
    """Reads a Parquet, Arrow or Feather file.

    Args:
        name: the path.
        start: the first bytes of the file.

    Raises:
        TableError: if the file is damaged.
    """
    pa = require("pyarrow", "data")
    kind = "Parquet" if start.startswith(b"PAR1") or name.lower().endswith(".parquet") else "Arrow"
    try:
        if kind == "Parquet":
            data = require("pyarrow.parquet", "data").ParquetFile(name).read()  # names may repeat
        elif start.startswith(b"ARROW1"):
            data = pa.ipc.open_file(pa.memory_map(name)).read_all()
        else:
            data = pa.ipc.open_stream(pa.memory_map(name)).read_all()
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, kind, error) from None
    notes: list[str] = []
    return Table(name, flat(data, name, notes), notes, None, kind)


def damaged(name: str, kind: str, error: Exception) -> TableError:
    """Returns the error for a file that cannot be read."""
    problem = _("the file is damaged or cut short, or not a file of the format {kind}").format(kind=kind)
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    # The message begins with the name already.
    reason = (reason.partition(name)[2].lstrip("':, ") or reason).partition(". ")[0].rstrip(".")
    return TableError(
        name,
        f"{problem} ({short(reason, LONGEST_REASON)}).",
        _("Copy or download the file again, or write it again from its source."),
    )


def table_of(frame: Any, name: str = "frame") -> Table:
    """Converts a data frame to a table.

    Args:
        frame: a data frame of pandas or Polars, a table of Arrow, or anything with an Arrow interface.
        name: its name, for messages.

    Raises:
        TableError: for anything else.
    """
    pa = require("pyarrow", "data")
    notes: list[str] = []
    if isinstance(frame, Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    if isinstance(frame, pa.Table):
        data = frame
    elif hasattr(frame, "iloc"):
        data = pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
    elif hasattr(frame, "to_arrow"):
        data = frame.to_arrow()
    elif hasattr(frame, "__arrow_c_stream__"):
        data = pa.table(frame)
    elif isinstance(frame, dict):
        data = pa.table({key: pa.array(value) for key, value in frame.items()})
    else:
        raise TableError(
            name,
            _("it is of type {type}.").format(type=type(frame).__name__),
            _(
                "Expected a file, a data frame of pandas or Polars, a table of Arrow, or a dictionary of columns."
            ),
        )
    return Table(name, flat(data, name, notes), notes, None, type(frame).__module__.partition(".")[0])


def flat(data: pa.Table, name: str, notes: list[str]) -> pa.Table:
    """Returns a table whose columns are numbers, truth values, dates and dictionaries of text.

    Raises:
        TableError: if the table has no rows or no columns.
    """
    pa = require("pyarrow", "data")
    if data.num_columns == 0 or data.num_rows == 0:
        raise TableError(
            os.fspath(name),
            _("the table has {rows} rows and {columns} columns.").format(
                rows=data.num_rows, columns=data.num_columns
            ),
            _("Expected at least two columns and a few rows."),
        )
    names = checked_names([str(column).strip() for column in data.column_names], name, notes)
    columns, kept = [], []
    for title, column in zip(names, data.columns, strict=True):
        kind = column.type
        if pa.types.is_nested(kind):
            notes.append(
                _("Column '{name}' holds {type}, not single values; it was left out.").format(
                    name=title, type=kind
                )
            )
            continue
        try:
            columns.append(_plain(column, pa))
        except pa.ArrowException:  # such as bytes that are not text
            notes.append(
                _("Column '{name}' holds {type} that cannot be read as text; it was left out.").format(
                    name=title, type=kind
                )
            )
            continue
        kept.append(title)
    return pa.table(columns, names=kept)


def _plain(column: pa.ChunkedArray, pa: Any) -> pa.ChunkedArray:
    kind, types = column.type, pa.types
    if types.is_dictionary(kind):
        if types.is_string(kind.value_type):
            return column
        column = column.cast(kind.value_type)
        kind = column.type
    if types.is_null(kind):
        return column.cast(pa.float64())
    if types.is_decimal(kind) or types.is_integer(kind) or types.is_floating(kind):
        return column.cast(pa.float64(), safe=False)
    if types.is_boolean(kind):
        return column
    if types.is_timestamp(kind) or types.is_date(kind):
        return column.cast(pa.timestamp("ms"), safe=False)
    if types.is_duration(kind):
        return column.cast(pa.duration("ms"), safe=False).cast(pa.int64()).cast(pa.float64())
    return column.cast(pa.string()).dictionary_encode()
