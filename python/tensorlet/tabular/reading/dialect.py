"""The form of a CSV file: its delimiter, its header, and the format of each column, found from the first rows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from tensorlet.localization import translate as _
from tensorlet.tabular.reading.formats import MISSING, is_plain_number
from tensorlet.tabular.reading.second_look import rows_of
from tensorlet.tabular.table_error import TableError

DELIMITERS = (",", ";", "\t", "|")
#: How much of the file, and how many rows of it, are looked at.
SAMPLE, SAMPLE_ROWS = 1 << 18, 1000
#: If that is less than so many lines, more is looked at, up to this.
SAMPLE_LINES, MOST_SAMPLE = 8, 1 << 26
#: A number with commas.
_COMMA_NUMBER = re.compile(r"[-+]?[\d.,' \u00a0]*\d([eE][-+]?\d+)?\s?%?")


@dataclass
class Dialect:
    """The form of a CSV file.

    Attributes:
        delimiter: the character between two values.
        names: the names of the columns.
        has_header: whether the names are the first row of the file.
        numbers: the columns whose values in the first rows are all plain numbers.
        header_lines: the lines up to the end of the header; a name may go over several lines.
    """

    delimiter: str
    names: list[str]
    has_header: bool
    numbers: frozenset[str]
    header_lines: int = 0


def find_dialect(
    data: bytes, file: str, delimiter: str | None, notes: list[str], tabs: bool = False
) -> Dialect:
    """Finds the form of a file from its beginning.

    Args:
        data: the content, in UTF-8.
        file: the name of the file.
        delimiter: the delimiter that the user gave; None to find it.
        notes: receives a sentence about everything that was guessed or changed.
        tabs: whether the name of the file says that tabs are the delimiter.

    Raises:
        TableError: if the file is empty.
    """
    size = _sample_size(data)
    text = data[:size].decode("utf-8", "ignore")
    if len(data) > size:
        text = text[: text.rfind("\n") + 1] or text
    if not text.strip():
        raise TableError(
            file, _("the file is empty."), _("Expected a header and at least a few rows of values.")
        )
    found = delimiter or ("\t" if tabs and "\t" in text else _find_delimiter(text))
    read = list(islice(rows_of(text, found), SAMPLE_ROWS + 1))
    rows = [row.fields for row in read]
    first = [name.strip() for name in rows[0]]
    has_header = not all(name in MISSING or _is_number(name, found) for name in first)
    body = rows[1:] if has_header else rows
    if has_header:
        names = checked_names(first, file, notes)
    else:
        names = [f"column {index + 1}" for index in range(len(first))]
        notes.append(
            _(
                "The first line contains only numbers, so the file has no header. The columns are named {names}."
            ).format(names=f"'{names[0]}' … '{names[-1]}'")
        )
    numbers = frozenset(name for index, name in enumerate(names) if _all_numbers(body, index))
    header_lines = read[0].line + read[0].lines - 1 if has_header else 0
    return Dialect(found, names, has_header, numbers, header_lines)


def _sample_size(data: bytes) -> int:
    """Returns how many bytes are looked at."""
    size = SAMPLE
    while size < min(len(data), MOST_SAMPLE) and data.count(b"\n", 0, size) < SAMPLE_LINES:
        size *= 2
    return size


def _find_delimiter(text: str) -> str:
    """Returns the delimiter that divides the first rows into the same number of columns.

    If several do, the header decides, then whether the commas are parts of numbers (12,5;3,7), then the most columns.
    """
    best, most = ",", (0.0, False, False, 0)
    for candidate in DELIMITERS:
        rows = [row.fields for row in islice(rows_of(text, candidate), 50)]
        widths = [len(fields) for fields in rows]
        width, count = Counter(widths).most_common(1)[0]
        if width > 1:
            score = (round(count / len(widths), 1), widths[0] == width, _has_comma_numbers(rows[1:]), width)
            if score > most:
                best, most = candidate, score
    return best


def _is_number(value: str, delimiter: str) -> bool:
    """Whether a value of the first line is a number, also one with a decimal comma where commas do not delimit."""
    return is_plain_number(value) or (delimiter != "," and _COMMA_NUMBER.fullmatch(value) is not None)


def _has_comma_numbers(rows: list[list[str]]) -> bool:
    """Whether some values have commas, and all of these are numbers, such as 12,5 or 1,234."""
    values = [value.strip() for fields in rows for value in fields if "," in value]
    return bool(values) and all(_COMMA_NUMBER.fullmatch(value) for value in values)


def checked_names(names: list[str], file: str, notes: list[str]) -> list[str]:
    """Returns names of columns that are not empty and that differ; notes what was changed."""
    seen: set[str] = set()
    result = []
    for index, name in enumerate(names):
        fresh = name or f"column {index + 1}"
        number = 2
        while fresh in seen:
            fresh, number = f"{name} ({number})", number + 1
        if not name:
            notes.append(
                _("Column {number} is unnamed in the header; it is named '{name}'.").format(
                    number=index + 1, name=fresh
                )
            )
        elif fresh != name:
            notes.append(
                _("Two columns are named '{name}'; the one at place {number} is named '{fresh}'.").format(
                    name=name, number=index + 1, fresh=fresh
                )
            )
        seen.add(fresh)
        result.append(fresh)
    return result


def _all_numbers(rows: list[list[str]], index: int) -> bool:
    values = [row[index].strip() for row in rows if index < len(row)]
    known = [value for value in values if value not in MISSING]
    return bool(known) and all(is_plain_number(value) for value in known) and not any(map(_has_zeros, known))


def _has_zeros(value: str) -> bool:
    """Whether a value is a code such as 00123, which a number would change."""
    return len(value) > 1 and value[0] == "0" and value.isdecimal()
