"""`Lines`: which line of a text file a row is on, for files that are read batch by batch."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any


class Lines:
    """Finds the lines of rows.

    Most files have a row on each line, so nothing has to be looked up. `watch` notices when that is not so: a
    quotation mark (a value may go on to the next line), an empty line, or a row that is left out.

    Args:
        opener: opens the file again, in UTF-8.
        delimiter: the character between two values.
        header: whether the first row is a header.
        width: the number of columns; other rows are left out.
    """

    def __init__(self, opener: Callable[[], Any], delimiter: str, header: bool, width: int) -> None:
        self._opener, self._delimiter, self._header, self._width = opener, delimiter, header, width
        self.is_plain, self.has_quotes = True, False

    def watch(self, file: Any) -> Any:
        """Returns a file that passes on the bytes of another one, and looks at them."""
        return _Watched(file, self)

    def of(self, row: int, is_faulty: bool = False) -> int:
        """Returns the line of a row.

        Args:
            row: its number, counted from 0 without the header, among the rows of the right width.
            is_faulty: whether the row itself has another width; all rows before it have the right one.
        """
        if self.is_plain:
            return row + 1 + int(self._header)
        wanted = row + int(self._header)
        with self._opener() as file:
            text = io.TextIOWrapper(file, "utf-8", newline="")
            reader = csv.reader(text, delimiter=self._delimiter)
            before, index = 0, 0
            try:
                for fields in reader:
                    if fields and (is_faulty or len(fields) == self._width):
                        if index == wanted:
                            return before + 1
                        index += 1
                    before = reader.line_num
            except csv.Error:  # such as a value that is too long for that module
                pass
        return wanted + 1


class _Watched(io.RawIOBase):
    def __init__(self, file: Any, lines: Lines) -> None:
        super().__init__()
        self._file, self._lines = file, lines
        self._last = b"\n"

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Reads as the other file does."""
        data: bytes = self._file.read(size)
        if self._lines.is_plain:
            seen = self._last + data
            self._lines.has_quotes = b'"' in data
            self._lines.is_plain = not (self._lines.has_quotes or b"\n\n" in seen or b"\n\r\n" in seen)
            self._last = data[-2:]
        elif not self._lines.has_quotes:
            self._lines.has_quotes = b'"' in data
        return data

    def close(self) -> None:
        """Closes both files."""
        self._file.close()
        super().close()
