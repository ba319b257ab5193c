"""CSV and TSV files, read with PyArrow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.localization import plural
from tensorlet.localization import translate as _
from tensorlet.tabular.columns.values import coded, is_text
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.content import has_old_line_ends, separator_line, zero_bytes
from tensorlet.tabular.reading.dialect import Dialect, find_dialect
from tensorlet.tabular.reading.encodings import decoded
from tensorlet.tabular.reading.formats import MISSING, is_plain_number
from tensorlet.tabular.reading.second_look import check_structure, line_of_row, rows_of, short
from tensorlet.tabular.reading.source import ReadOptions, Table
from tensorlet.tabular.table_error import TableError

if TYPE_CHECKING:
    import pyarrow as pa

#: The number of columns that may turn out not to be numbers one by one; then all are read as text.
FEW = 3
#: How many bytes are parsed at a time (they stay in the cache), and how many at most, where rows are longer.
BLOCK, MOST_BLOCK = 1 << 19, (1 << 31) - 1
#: About how many numbers of a column are looked at, and the bytes of a file that are looked at together.
LOOKED_AT, SCANNED = 1000, 1 << 20


def read_delimited(data: bytes, file: str, options: ReadOptions, tabs: bool = False) -> Table:
    """Reads the content of a CSV or TSV file.

    Args:
        data: the content.
        file: the name of the file, for messages.
        options: how to read it.
        tabs: whether the name of the file says that tabs are the delimiter.

    Returns:
        A table whose columns are numbers (float64) where all values are plain numbers, and text elsewhere.

    Raises:
        TableError: with the line and the column of what is wrong.
    """
    notes: list[str] = []
    content = decoded(data, file, options.encoding, notes)
    zero = content.find(b"\0")
    if zero >= 0:
        raise zero_bytes(file, content.count(b"\n", 0, zero) + 1)
    skipped, separator = separator_line(content)
    content = (
        content[skipped:] if skipped else content
    )  # what is left is an empty line, which counts as a line
    if has_old_line_ends(content[:SCANNED]):
        content = content.replace(b"\r", b"\n")
    dialect = find_dialect(content, file, options.delimiter or separator, notes, tabs)
    begin = _header_end(content, dialect.header_lines)
    if not content[begin : begin + SCANNED].strip():
        raise without_rows(file)
    quotes = content.count(b'"')
    if quotes % 2 and not options.skip_bad_rows:
        check_structure(content.decode("utf-8"), dialect.delimiter, file)
    # With quotation marks, PyArrow looks for the ends of the rows before it parses them; the header alone needs none.
    quoted = quotes > content.count(b'"', 0, begin)
    bad: list[int] = []
    table = _read(content, file, dialect, bad if options.skip_bad_rows else None, quoted)
    table = with_codes(table, content, dialect, options.skip_bad_rows, quoted)
    if quoted:
        _check_swallowed(table, content, file, dialect)
    if bad:
        notes.append(
            plural(
                "{count} row with too many or too few values was left out.",
                "{count} rows with too many or too few values were left out.",
                len(bad),
            ).format(count=f"{len(bad):,}")
        )
    if table.num_rows == 0:
        raise without_rows(file)

    def line_of(row: int) -> int:
        return line_of_row(content.decode("utf-8"), dialect.delimiter, row, dialect.has_header)

    return Table(file, table, notes, line_of, "TSV" if dialect.delimiter == "\t" else "CSV")


def without_rows(file: str) -> TableError:
    """Returns the error for a file that has a header only."""
    return TableError(
        file, _("the file has a header, but no rows."), _("Expected at least a few rows of values.")
    )


def _header_end(content: bytes, lines: int) -> int:
    """Returns where the rows begin, after a header of so many lines."""
    end = 0
    for _line in range(lines):
        end = content.find(b"\n", end) + 1
        if not end:
            return len(content)
    return end


def _read(content: bytes, file: str, dialect: Dialect, bad: list[int] | None, quotes: bool) -> pa.Table:
    """Reads all columns; a column that is not all numbers is read as text in another attempt."""
    pa, csv = require("pyarrow", "data"), require("pyarrow.csv", "data")
    numbers, failed, block = set(dialect.numbers), 0, BLOCK
    while True:
        if bad is not None:
            bad.clear()
        options = csv_options(dialect, numbers, quotes, bad)
        options[0].block_size = block
        try:
            return csv.read_csv(pa.BufferReader(content), *options).unify_dictionaries()
        except pa.ArrowInvalid as error:
            if "straddling" in str(error) and block < min(len(content), MOST_BLOCK):  # a row is longer
                block = min(4 * block, MOST_BLOCK)
                continue
            name = _unconvertible(str(error), dialect)
            if name is None or name not in numbers:
                raise _explained(error, content, file, dialect) from None
            failed += 1
            numbers = set() if failed >= FEW else numbers - {name}


def csv_options(
    dialect: Dialect, numbers: set[str] | frozenset[str], quotes: bool, bad: list[int] | None = None
) -> tuple[Any, Any, Any]:
    """Returns PyArrow's options for a file: for reading, parsing and conversion.

    Args:
        dialect: the form of the file.
        numbers: the columns that are numbers.
        quotes: whether the file contains quotation marks.
        bad: receives the number of values of each row that is left out; None to refuse such rows.
    """
    pa, csv = require("pyarrow", "data"), require("pyarrow.csv", "data")

    def leave_out(row: Any) -> str:
        bad.append(row.actual_columns)  # type: ignore[union-attr]
        return "skip"

    text = pa.dictionary(pa.int32(), pa.string())
    kinds = {name: pa.float64() if name in numbers else text for name in dialect.names}
    return (
        csv.ReadOptions(column_names=dialect.names, skip_rows=dialect.header_lines, block_size=BLOCK),
        csv.ParseOptions(
            delimiter=dialect.delimiter,
            newlines_in_values=quotes,
            invalid_row_handler=None if bad is None else leave_out,
        ),
        csv.ConvertOptions(
            column_types=kinds,
            null_values=sorted(MISSING),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def with_codes(table: pa.Table, content: bytes, dialect: Dialect, skips: bool, quotes: bool) -> pa.Table:
    """Returns a table in which columns with a code such as 00123 are text, wherever in the file it is.

    Args:
        table: the table as it was read, with such columns as numbers.
        content: the file.
        dialect: the form of the file.
        skips: whether rows with too many or too few values are left out.
        quotes: whether the file contains quotation marks.
    """
    whole = {name for name in dialect.numbers if _may_be_code(table.column(name))}
    if not whole or not _has_leading_zeros(content, dialect.delimiter):
        return table
    pa, csv, compute = (require(name, "data") for name in ("pyarrow", "pyarrow.csv", "pyarrow.compute"))
    reading, parsing, conversion = csv_options(dialect, set(), quotes, [] if skips else None)
    conversion.include_columns = sorted(whole)
    texts = csv.read_csv(pa.BufferReader(content), reading, parsing, conversion)
    for name in whole:
        different = texts.column(name).unify_dictionaries().chunk(0).dictionary
        if compute.any(compute.match_substring_regex(different, r"^0\d+$")).as_py():
            table = table.set_column(table.column_names.index(name), name, texts.column(name))
    return table


def _may_be_code(column: pa.ChunkedArray) -> bool:
    """Whether the numbers that are looked at are whole and not negative."""
    if is_text(column) or not len(column):
        return False
    values = column.take(np.arange(0, len(column), max(1, len(column) // LOOKED_AT))).to_numpy()
    values = values[~np.isnan(values)]
    return bool(np.all((values == np.floor(values)) & (values >= 0)))


def _has_leading_zeros(content: bytes, delimiter: str) -> bool:
    """Whether a value of the file begins with a zero that another digit follows."""
    data = np.frombuffer(content, np.uint8)
    before = np.frombuffer(f'{delimiter}\n"'.encode(), np.uint8)
    for start in range(0, len(data), SCANNED):
        part = data[start : start + SCANNED + 2]
        zeros = np.flatnonzero(part[1:-1] == ord("0")) + 1
        zeros = zeros[(part[zeros + 1] >= ord("0")) & (part[zeros + 1] <= ord("9"))]
        if np.isin(part[zeros - 1], before).any():
            return True
    return False


def _check_swallowed(table: pa.Table, content: bytes, file: str, dialect: Dialect) -> None:
    """Refuses a value of several lines that are rows themselves: a quotation mark that is closed much later.

    Raises:
        TableError: with the line where the quotation mark is opened.
    """
    width = len(dialect.names)
    for name in dialect.names:
        for text in coded(table.column(name))[0] if is_text(table.column(name)) and width > 1 else ():
            if swallowed_rows(text, dialect.delimiter, width):
                row = next(
                    row for row in rows_of(content.decode("utf-8"), dialect.delimiter) if text in row.fields
                )
                raise swallowed(file, row.line, row.line + row.lines - 1, name)


def swallowed_rows(text: str, delimiter: str, width: int) -> bool:
    """Whether a value has lines that look like rows of the table."""
    lines = text.split("\n")[1:]
    return bool(lines) and any(line.count(delimiter) == width - 1 for line in lines[:-1] or lines)


def swallowed(file: str, line: int, last: int, name: str) -> TableError:
    """Returns the error for a value that goes on over lines that look like rows."""
    return TableError(
        file,
        _("a value goes on to line {line}, over lines that look like rows: a quotation mark is opened here "
          "and closed too late.").format(line=last),
        _('Close it, or double a quotation mark that belongs to the text ("").'),
        line,
        name,
    )  # fmt: skip


def _unconvertible(message: str, dialect: Dialect) -> str | None:
    """Returns the name of the column that an error of PyArrow says cannot be converted."""
    found = re.match(r"In CSV column #(\d+): CSV conversion error to (double|dictionary)", message)
    return dialect.names[int(found[1])] if found else None


def _explained(error: Exception, content: bytes, file: str, dialect: Dialect) -> TableError:
    text = content.decode("utf-8")
    try:
        check_structure(text, dialect.delimiter, file)
    except TableError as found:
        return found
    return TableError(file, short(error), _("Correct the file, or save it again as CSV in UTF-8."))


def first_not_number(table: Table, column: str) -> tuple[int, str] | None:
    """Returns the row and the text of the first value of a column that is not a number."""
    for row, value in enumerate(table.data.column(column).to_pylist()):
        if value is not None and not is_plain_number(str(value).strip()):
            return row, str(value)
    return None


def header_of(content: bytes, delimiter: str) -> list[str]:
    """Returns the first row of a file, in UTF-8."""
    for row in rows_of(content[: 1 << 16].decode("utf-8", "ignore"), delimiter):
        return row.fields
    return []
