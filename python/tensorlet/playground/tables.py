"""Tables that students bring: CSV files with any columns, of bounded size."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tensorlet.playground.errors import PlaygroundError

MOST_BYTES = 2 * 2**20
MOST_ROWS = 20_000
MOST_COLUMNS = 64
MOST_CLASSES = 8
LONGEST_NAME = 80


class Table(NamedTuple):
    """A table.

    Attributes:
        names: the name of each column; all differ.
        cells: the texts, row by row.
        numeric: whether all cells of each column are numbers.
    """

    names: list[str]
    cells: list[list[str]]
    numeric: list[bool]

    def numbers(self, column: str) -> np.ndarray:
        """A column of numbers, as float64 of shape [rows]."""
        place = self.names.index(column)
        return np.array([float(row[place]) for row in self.cells])

    def texts(self, column: str) -> list[str]:
        """A column as texts."""
        place = self.names.index(column)
        return [row[place].strip() for row in self.cells]


def read_table(content: bytes) -> Table:
    """Reads a CSV file: commas, semicolons or tabs; UTF-8 or the Korean encoding CP949; with names or without.

    Raises:
        PlaygroundError: if the file is too large, or not a table.

    >>> table = read_table(("키;몸무게;반\\n" + "170;60;A\\n160;50;B\\n" * 2).encode())
    >>> table.names, table.numeric, table.numbers("키")
    (['키', '몸무게', '반'], [True, True, False], array([170., 160., 170., 160.]))
    """
    if len(content) > MOST_BYTES:
        raise PlaygroundError(
            "file_large",
            f"The file has {len(content):,} bytes, but at most {MOST_BYTES:,} are read. Leave out rows or columns.",
            size=len(content),
            most=MOST_BYTES,
        )
    text = _decoded(content)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text), delimiter=separator)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise PlaygroundError(
            "table_unreadable", f"The file is not a CSV table: {error}.", reason=str(error)
        ) from error
    return _table(rows)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PlaygroundError(
        "table_encoding", "The file is neither UTF-8 nor CP949 text. Save it as CSV in UTF-8, and try again."
    )


def _table(rows: list[list[str]]) -> Table:
    width = len(rows[0]) if rows else 0
    uneven = next((number for number, row in enumerate(rows, 1) if len(row) != width), 0)
    if uneven:
        raise PlaygroundError(
            "table_uneven",
            f"Row {uneven} of the file has {len(rows[uneven - 1])} cells, but the first row has {width}.",
            row=uneven,
            cells=len(rows[uneven - 1]),
            width=width,
        )
    named = bool(rows) and not any(_is_number(cell) for cell in rows[0])
    cells = rows[1:] if named else rows
    if not 2 <= width <= MOST_COLUMNS or not 4 <= len(cells) <= MOST_ROWS:
        raise PlaygroundError(
            "table_size",
            f"The table has {len(cells)} rows and {width} columns, expected 4 to {MOST_ROWS} rows and 2 to "
            f"{MOST_COLUMNS} columns.",
            rows=len(cells),
            columns=width,
            most_rows=MOST_ROWS,
            most_columns=MOST_COLUMNS,
        )
    names = _names(rows[0]) if named else [f"x{place + 1}" for place in range(width)]
    numeric = [all(_is_number(row[place]) for row in cells) for place in range(width)]
    return Table(names, cells, numeric)


def _names(given: Sequence[str]) -> list[str]:
    """Short names that differ."""
    found: list[str] = []
    for place, name in enumerate(given):
        short = name.strip()[:LONGEST_NAME] or f"x{place + 1}"
        number = 2
        unique = short
        while unique in found:
            unique = f"{short} ({number})"
            number += 1
        found.append(unique)
    return found


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def columns_of(
    table: Table, columns: Sequence[str], label: str
) -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """Returns the inputs and classes of a table.

    Args:
        table: the table.
        columns: the inputs; empty for all columns of numbers but the label.
        label: the column with the classes; "" for the last one.

    Returns:
        The inputs of shape [rows, columns], the class of each row, the names of the columns and of the classes.

    Raises:
        PlaygroundError: if a column is missing or not of numbers, or if there are not 2 to 8 classes.
    """
    label = label or table.names[-1]
    for name in [label, *columns]:
        if name not in table.names:
            raise PlaygroundError(
                "column_missing",
                f"The table has no column '{name}'; it has {', '.join(table.names)}.",
                name=name,
            )
    numeric = [
        name for name, number in zip(table.names, table.numeric, strict=True) if number and name != label
    ]
    chosen = [name for name in columns if name != label] or numeric
    wrong = next((name for name in chosen if name not in numeric), "")
    if wrong or not chosen:
        raise PlaygroundError(
            "column_text",
            f"Column '{wrong or label}' cannot be an input: inputs are columns of numbers other than the label.",
            name=wrong or label,
        )
    texts = table.texts(label)
    names = sorted(set(texts), key=_order)
    if not 2 <= len(names) <= MOST_CLASSES:
        raise PlaygroundError(
            "column_classes",
            f"Column '{label}' has {len(names)} different values, expected 2 to {MOST_CLASSES} classes.",
            name=label,
            count=len(names),
            most=MOST_CLASSES,
        )
    places = {name: place for place, name in enumerate(names)}
    inputs = np.stack([table.numbers(name) for name in chosen], axis=1)
    return inputs, np.array([places[text] for text in texts]), chosen, names


def _order(name: str) -> tuple[bool, float, str]:
    """Sorts numbers by their value, before other texts."""
    return (not _is_number(name), float(name) if _is_number(name) else 0.0, name)
