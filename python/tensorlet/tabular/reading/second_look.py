"""A second look at a CSV file that cannot be read: the line and the column of the fault.

PyArrow reads quickly, but says little about what is wrong. This reader is slow and keeps track of where it is. It
runs only after a failure, or if the number of quotation marks is odd.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tensorlet.localization import plural
from tensorlet.localization import translate as _
from tensorlet.tabular.table_error import TableError

#: Values in messages are cut to this many characters.
SHORT = 40


@dataclass
class Row:
    """One row of a file.

    Attributes:
        line: the line on which it begins, counted from 1.
        lines: the number of lines that it covers.
        fields: its values.
        open_quote: (line, place in the line) of a quotation mark that is never closed; None if there is none.
    """

    line: int
    lines: int
    fields: list[str]
    open_quote: tuple[int, int] | None = None


def rows_of(text: str, delimiter: str) -> Iterator[Row]:
    """Yields the rows of a text with their places; empty lines are left out.

    >>> [(row.line, row.fields) for row in rows_of('a,b\\n"x\\ny",2\\n\\n3,4', ",")]
    [(1, ['a', 'b']), (2, ['x\\ny', '2']), (5, ['3', '4'])]
    """
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        start, row = number, lines[number].removesuffix("\r")
        number += 1
        if not row:
            continue
        fields, place = _fields(row, delimiter)
        opened = (start + 1, place + 1) if place is not None else None
        while place is not None and number < len(lines):
            row += "\n" + lines[number].removesuffix("\r")
            number += 1
            if '"' in lines[number - 1] or number == len(lines):
                fields, place = _fields(row, delimiter)
        yield Row(start + 1, number - start, fields, opened if place is not None else None)


def _fields(row: str, delimiter: str) -> tuple[list[str], int | None]:
    """Returns the values of a row, and the place of a quotation mark that is not closed."""
    fields: list[str] = []
    at = 0
    while True:
        if row.startswith('"', at):
            end, text = at + 1, ""
            while True:
                close = row.find('"', end)
                if close < 0:
                    return [*fields, row[at + 1 :]], at
                text += row[end:close]
                end = close + 1
                if not row.startswith('"', end):
                    break
                text, end = text + '"', end + 1
            stop = row.find(delimiter, end)
            fields.append(text + row[end : stop if stop >= 0 else None])
        else:
            stop = row.find(delimiter, at)
            fields.append(row[at : stop if stop >= 0 else None])
        if stop < 0:
            return fields, None
        at = stop + 1


def check_structure(
    text: str, delimiter: str, file: str, width: int = 0, before: int = 0, is_whole: bool = True
) -> None:
    """Finds the first row that does not have as many values as the header, or a quotation mark that is not closed.

    Args:
        text: the file, or a part of it that begins with a line.
        delimiter: its delimiter.
        file: its name.
        width: the number of columns; 0 if the first row of the text tells it.
        before: the number of lines before the text.
        is_whole: whether the text goes on to the end of the file; otherwise its last row may be cut.

    Raises:
        TableError: with the line and the column.
    """
    rows, is_first = rows_of(text, delimiter), not before
    for row in rows if is_whole else all_but_last(rows):
        row.line += before
        if row.open_quote is not None:
            raise TableError(
                file,
                _("a quotation mark is opened here and never closed."),
                _('Close it, or double a quotation mark that belongs to the text ("").'),
                row.open_quote[0] + before,
                row.open_quote[1],
            )
        if not width:
            width = len(row.fields)
        elif len(row.fields) != width:
            alike = is_first and is_whole and all(len(other.fields) == len(row.fields) for other in rows)
            raise _ragged(row, width, file, alike)
        else:
            is_first = False


def all_but_last(rows: Iterable[Row]) -> Iterator[Row]:
    """Yields all rows but the last one, and that one if a quotation mark is open in it."""
    last: Row | None = None
    for row in rows:
        if last is not None:
            yield last
        last = row
    if last is not None and last.open_quote is not None:
        yield last


def _ragged(row: Row, width: int, file: str, alike: bool) -> TableError:
    count = len(row.fields)
    problem = plural("the row has {count} value", "the row has {count} values", count).format(count=count)
    problem += ", " + plural(
        "but the header has {width} column.", "but the header has {width} columns.", width
    ).format(width=width)
    if row.lines > 1:
        problem += " " + _(
            "The row goes on to line {line}, because a quotation mark is open until there."
        ).format(line=row.line + row.lines - 1)
    if count > width:
        problem += " " + _("The first value too many is '{value}'.").format(value=short(row.fields[width]))
        fix = _("Put quotation marks around a value that contains the delimiter, or remove what is too much.")
        if alike and width > 1:
            fix = _(
                "All rows have as many: the header lacks a name, such as that of the first column, or the lines end "
                "with one delimiter too many. Correct the header."
            )
        elif width == 1:
            fix = _(
                "If the lines above are a title or comments, remove them; the first line must be the header."
            )
    else:
        fix = _("Add the missing values (they may be empty), or remove the line.")
    fix += " " + _("--skip-bad-rows leaves such rows out.")
    return TableError(file, problem, fix, row.line, min(count, width) + 1)


def line_of_row(text: str, delimiter: str, index: int, header: bool = True) -> int:
    """Returns the line of a row of the table.

    Args:
        text: the file.
        delimiter: its delimiter.
        index: the number of the row, counted from 0, without the header.
        header: whether the first row is a header.
    """
    wanted = index + header
    if '"' not in text and "\n\n" not in text and "\n\r\n" not in text and text[:1] not in ("\n", "\r"):
        return wanted + 1
    for count, row in enumerate(rows_of(text, delimiter)):
        if count == wanted:
            return row.line
    return wanted + 1


def short(text: object, most: int = SHORT) -> str:
    """Returns a value for a message: on one line, and not too long.

    >>> short("x" * 60)
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'
    """
    shown = str(text).replace("\n", "⏎")
    shown = "".join(character if character.isprintable() else "·" for character in shown)
    return shown if len(shown) <= most else shown[: most - 1] + "…"
