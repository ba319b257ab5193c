"""Excel files (.xlsx), read with openpyxl."""

from __future__ import annotations

import datetime
import zipfile
from typing import Any

from tensorlet.localization import translate as _
from tensorlet.localization.suggestions import suggestion
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.columnar import damaged, flat
from tensorlet.tabular.reading.dialect import checked_names
from tensorlet.tabular.reading.formats import MISSING
from tensorlet.tabular.reading.source import ReadOptions, Table
from tensorlet.tabular.table_error import TableError

#: A sheet may begin with this many rows of a title.
MOST_TITLES = 10
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
        AttributeError,  # openpyxl's own, for parts that are missing
        KeyError,
        TypeError,
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
                _("there is no sheet '{title}'.").format(title=title) + suggestion(title, sheets),
                _("The sheets are {names}.").format(names=", ".join(f"'{sheet}'" for sheet in sheets)),
            )
        if options.sheet is None and len(sheets) > 1:
            notes.append(
                _(
                    "The file has {count} sheets; '{title}' was read. --sheet NAME chooses another one."
                ).format(count=len(sheets), title=title)
            )
        rows = _rows(book, title, name)
    finally:
        book.close()
    table = _table(name, rows, notes, [sheet for sheet in sheets if sheet != title])
    _check_formulas(table, title)
    return table


def _rows(book: Any, title: str, name: str) -> list[list[Any]]:
    sheet = book[title]
    if not hasattr(sheet, "iter_rows"):
        raise TableError(
            name,
            _("the sheet '{title}' is a chart.").format(title=title),
            _("Choose a sheet with rows: --sheet NAME"),
        )
    sheet.reset_dimensions()  # the size that the file states may be wrong, or a million rows
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def _check_formulas(table: Table, title: str) -> None:
    """Refuses columns that are formulas whose values were never computed: they look empty.

    Raises:
        TableError: with the first cell.
    """
    empty = [
        name for name in table.data.column_names if table.data.column(name).null_count == table.data.num_rows
    ]
    if not empty:
        return
    book = require("openpyxl", "data").load_workbook(table.name, read_only=True)
    try:
        for row in book[title].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    raise TableError(
                        table.name,
                        _("cell {cell} has a formula, but the file does not have its value.").format(
                            cell=cell.coordinate
                        ),
                        _("Open the file in Excel or LibreOffice and save it, or save the sheet as CSV."),
                        cell.row,
                        ", ".join(empty),
                    )
    finally:
        book.close()


def _table(name: str, rows: list[list[Any]], notes: list[str], others: list[str]) -> Table:
    filled = [number for number, row in enumerate(rows) if any(value is not None for value in row)]
    if len(filled) < 2:
        fix = _("Expected a header and at least a few rows of values.")
        if others:
            fix += " " + _("Other sheets: {names}. --sheet NAME chooses one.").format(names=", ".join(others))
        raise TableError(name, _("the sheet has no rows."), fix)
    width = max(
        index + 1 for number in filled for index, value in enumerate(rows[number]) if value is not None
    )
    for row in rows:
        row += [None] * (width - len(row))
    titles = _title_rows([rows[number] for number in filled], width)
    if titles:
        notes.append(
            _("The rows above row {row} were taken for a title and left out; row {row} has the names of the "
              "columns.").format(row=filled[titles] + 1)
        )  # fmt: skip
    first, body = filled[titles], filled[titles + 1 :]
    header = ["" if value is None else str(value).strip() for value in rows[first][:width]]
    names = checked_names(header, name, notes)
    pa = require("pyarrow", "data")
    _note_errors(names, [(number + 1, rows[number]) for number in body], notes)
    columns = [_column([rows[number][index] for number in body], pa) for index in range(width)]
    data = flat(pa.table(columns, names=names), name, notes)
    return Table(name, data, notes, lambda row: body[row] + 1, "Excel")


def _note_errors(names: list[str], rows: list[tuple[int, list[Any]]], notes: list[str]) -> None:
    """Notes columns with formulas that have failed; each row comes with its number in the sheet."""
    for index, name in enumerate(names):
        found = [
            (number, row[index])
            for number, row in rows
            if isinstance(row[index], str) and row[index] in FORMULA_ERRORS
        ]
        if found:
            notes.append(
                _("Column '{name}' has formulas without a value, such as {value} in line {line}; number of them: "
                  "{count}. They count as missing.").format(
                    name=name, value=found[0][1], line=found[0][0], count=len(found)
                )
            )  # fmt: skip


def _title_rows(rows: list[list[Any]], width: int) -> int:
    """Returns how many rows come before the names of the columns: a title has one value, where others have more."""
    count = 0
    while count < min(MOST_TITLES, len(rows) - 2) and sum(value is not None for value in rows[count]) == 1:
        count += 1
    full = sum(value is not None for value in rows[count][:width])
    return count if width > 2 and full > width // 2 else 0


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
