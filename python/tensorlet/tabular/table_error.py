"""`TableError`: what is wrong with a table, where, and what to do."""

from __future__ import annotations

from tensorlet.errors import TensorletError
from tensorlet.localization import translate as _


class TableError(TensorletError, ValueError):
    """A table or a folder of pictures that cannot be used.

    Args:
        file: the name of the file.
        problem: what is wrong, as a sentence.
        fix: what to do, as a sentence.
        line: the line of the file, counted from 1.
        column: the name of the column, or its number, counted from 1.

    Attributes:
        file, problem, fix, line, column: as given.

    >>> from tensorlet.tabular.table_error import TableError
    >>> print(TableError("a.csv", "'x' is not a number.", "Correct it.", line=3, column="age"))
    a.csv, line 3, column 'age': 'x' is not a number. Correct it.
    """

    def __init__(
        self, file: str, problem: str, fix: str = "", line: int | None = None, column: str | int | None = None
    ) -> None:
        self.file, self.problem, self.fix, self.line, self.column = file, problem, fix, line, column
        place = file
        if line is not None:
            place += _(", line {line}").format(line=line)
        if isinstance(column, int):
            place += _(", column {number}").format(number=column)
        elif column is not None:
            place += _(", column '{name}'").format(name=column)
        super().__init__(f"{place}: {problem} {fix}".rstrip())
