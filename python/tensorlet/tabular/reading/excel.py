"""Excel files (.xlsx), read with openpyxl."""

from __future__ import annotations

import datetime
import zipfile
from typing import Any

from tensorlet.errors import did_you_mean
from tensorlet.localization import translate as _
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.columnar import damaged, flat
from tensorlet.tabular.reading.dialect import checked_names
from tensorlet.tabular.reading.formats import MISSING
from tensorlet.tabular.reading.source import ReadOptions, Table
from tensorlet.tabular.table_error import TableError

#: The texts of Excel for a formula that has no value.
FORMULA_ERRORS = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))


def read_excel(name: str, options: ReadOptions) -> Table:
    """Reads a sheet of an Excel file.

    Args:
        name: the path.
        options: `ReadOptions.sheet` names the sheet.

    Raises:
        TableError: if the file is damaged, has no such sheet, or an empty one.
    """
    openpyxl = require("openpyxl", "data")
    try:
        book = openpyxl.load_workbook(name, read_only=True, data_only=True)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        OSError,
        openpyxl.utils.exceptions.InvalidFileException,
    ) as error:
        raise damaged(name, "Excel", error) from None
    notes: list[str] = []
    try:
        sheets = book.sheetnames
        title = options.sheet or sheets[0]
        if title not in sheets:
            raise TableError(
                name,
                _("there is no sheet '{title}'.").format(title=title) + did_you_mean(title, sheets),
                _("The sheets are {names}.").format(names=", ".join(f"'{sheet}'" for sheet in sheets)),
            )
        if options.sheet is None and len(sheets) > 1:
            notes.append(
                _(
                    "The file has {count} sheets; '{title}' was read. --sheet NAME chooses another one."
                ).format(count=len(sheets), title=title)
            )
        rows = [list(row) for row in book[title].iter_rows(values_only=True)]
    finally:
        book.close()
    return _table(name, rows, notes)


def _table(name: str, rows: list[list[Any]], notes: list[str]) -> Table:
    filled = [number for number, row in enumerate(rows) if any(value is not None for value in row)]
    if len(filled) < 2:
        raise TableError(
            name, _("the sheet has no rows."), _("Expected a header and at least a few rows of values.")
        )
    first = filled[0]
    width = max(
        index + 1 for number in filled for index, value in enumerate(rows[number]) if value is not None
    )
    header = ["" if value is None else str(value).strip() for value in rows[first][:width]]
    names = checked_names(header, name, notes)
    body = filled[1:]
    pa = require("pyarrow", "data")
    columns = [_column([rows[number][index] for number in body], pa) for index in range(width)]
    data = flat(pa.table(columns, names=names), name, notes)
    return Table(name, data, notes, lambda row: body[row] + 1, "Excel")


def _column(values: list[Any], pa: Any) -> Any:
    known = [None if _is_missing(value) else value for value in values]
    kinds = {type(value) for value in known if value is not None}
    if kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in known], pa.float64())
    if kinds <= {bool}:
        return pa.array(known, pa.bool_())
    if kinds <= {datetime.datetime, datetime.date}:
        return pa.array(known, pa.timestamp("ms"))
    return pa.array([None if value is None else _text(value) for value in known], pa.string())


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and (value.strip() in MISSING or value in FORMULA_ERRORS))


def _text(value: Any) -> str:
    """Returns a cell as text; whole numbers without the decimal point that Excel adds."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
