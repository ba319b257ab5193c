"""Notes about single values of a column of text that differ from the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.values import coded
from tensorlet.tabular.reading.formats import MISSING, truth_of
from tensorlet.tabular.reading.second_look import short
from tensorlet.tabular.reading.source import Table

if TYPE_CHECKING:
    import pyarrow as pa

#: The number of different texts whose form is examined.
EXAMINED = 1000


def note_strays(
    table: Table, values: pa.ChunkedArray, name: str, is_wrong: Callable[[str], bool], one: str, more: str
) -> None:
    """Notes the texts of a column that are not of its kind, if there are any."""
    if table.places is not None:  # those of a sample are counted when all rows are read
        return
    texts, codes = coded(values)
    wrong = np.array([text not in MISSING and is_wrong(text) for text in texts] + [False])
    rows = np.flatnonzero(wrong[codes])
    if len(rows):
        table.notes.append(
            (one if len(rows) == 1 else more).format(
                name=name, value=short(texts[codes[rows[0]]]), place=place(table, int(rows[0])),
                count=f"{len(rows):,}",
            )
        )  # fmt: skip


def note_words(table: Table, column: Column, values: pa.ChunkedArray) -> None:
    """Notes categories that differ in capitals only, and a header that is repeated."""
    name = column.name
    if name in column.categories:
        texts, codes = coded(values)
        row = int(np.argmax(codes == texts.index(name)))
        table.notes.append(
            _("Column '{name}' has its own name as a value in {place}: the header may be repeated there. Remove that "
              "line.").format(name=name, place=place(table, row))
        )  # fmt: skip
    seen: dict[str, str] = {}
    for text in column.categories[:EXAMINED]:
        other = seen.setdefault(text.casefold(), text)
        if other != text and truth_of(text) is None:
            table.notes.append(
                _(
                    "Column '{name}': '{first}' and '{second}' differ in capitals only; they count as two values."
                ).format(name=name, first=short(other), second=short(text))
            )
            return


def place(table: Table, row: int) -> str:
    """Returns where a row is: its line in the file, or its number in the table."""
    if table.line_of is not None:
        return _("line {line}").format(line=table.line_of(row))
    return _("row {row}").format(row=row + 1)
