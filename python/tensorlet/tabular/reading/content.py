"""The content of a text file that is read piece by piece: in UTF-8, with plain line ends, without marks."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Callable
from typing import Any

from tensorlet.localization import translate as _
from tensorlet.tabular.reading.columnar import damaged
from tensorlet.tabular.reading.dialect import MOST_SAMPLE, SAMPLE, SAMPLE_LINES
from tensorlet.tabular.reading.encodings import invalid_byte
from tensorlet.tabular.table_error import TableError

#: The first line with which Excel names the delimiter of a file.
_SEPARATOR = re.compile(rb'"?sep=([^\r\n"])"?(?=\r?\n)', re.IGNORECASE)


def separator_line(content: bytes) -> tuple[int, str | None]:
    """Returns the length of a first line such as ``sep=;``, without its end, and the delimiter that it names.

    >>> separator_line(b"sep=;\\na;b\\n"), separator_line(b"a;b\\n")
    ((5, ';'), (0, None))
    """
    found = _SEPARATOR.match(content)
    return (0, None) if found is None else (found.end(), found[1].decode("latin-1"))


def has_old_line_ends(content: bytes) -> bool:
    """Whether lines end as on old Macs: with a carriage return alone."""
    return b"\r" in content and b"\n" not in content


def zero_bytes(name: str, line: int) -> TableError:
    """Returns the error for a file with zero bytes."""
    return TableError(
        name,
        _("the file contains zero bytes, so it is not a text file."),
        _("Expected CSV, TSV, Parquet, Arrow, Excel, .npz, IDX or a folder of pictures."),
        line,
    )


class Decoded(io.RawIOBase):
    """A binary file whose content is passed on in UTF-8.

    Args:
        file: the file.
        name: its name, for messages.
        encoding: its encoding.

    Reading raises `TableError` for bytes that are not valid in the encoding, for zero bytes, and for a gzip file that
    is damaged, with the line.
    """

    def __init__(self, file: Any, name: str, encoding: str = "utf-8") -> None:
        super().__init__()
        self._file, self._name, self._encoding = file, name, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
        self._lines, self._ended = 0, False
        #: A byte becomes three at most, and some bytes of a character may be waiting.
        self._growth = 1 if self._is_utf8 else 3

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Reads as many bytes as asked for, or less; nothing at the end only."""
        while not self._ended:
            data = self._raw(size if size is None or size < 16 else (size - 4) // self._growth)
            self._ended = not data or size is None or size < 0
            found = self._converted(data)
            if found:
                if b"\0" in found:
                    raise zero_bytes(self._name, self._lines + 1 + found.count(b"\n", 0, found.find(b"\0")))
                self._lines += found.count(b"\n")
                return found
        return b""

    def _raw(self, size: int) -> bytes:
        try:
            return bytes(self._file.read(size))
        except EOFError:
            problem = _("the gzip file is cut short.")
        except (gzip.BadGzipFile, zlib.error):
            problem = _("the gzip file is damaged.")
        except OSError as error:
            raise damaged(self._name, "CSV", error) from None
        fix = _("Its content can be read up to line {line}. Copy or download the file again.")
        raise TableError(self._name, problem, fix.format(line=f"{self._lines:,}"))

    def _converted(self, data: bytes) -> bytes:
        if self._is_utf8 and data.isascii() and not self._decoder.getstate()[0]:
            return data  # which makes no copy
        try:
            return self._decoder.decode(data, final=self._ended).encode("utf-8")
        except UnicodeDecodeError as error:
            raise self._invalid(error) from None

    def _invalid(self, error: UnicodeDecodeError) -> TableError:
        before = error.object[: error.start].decode(self._encoding, "ignore")
        line = self._lines + 1 + before.count("\n")
        column = len(before) - before.rfind("\n") if "\n" in before or not self._lines else None
        return invalid_byte(self._name, error.object[error.start], self._encoding, line, column)

    def close(self) -> None:
        """Closes both files."""
        self._file.close()
        super().close()


class Plain(io.RawIOBase):
    """A text file in UTF-8 with its line ends made plain, and without its first characters.

    Args:
        file: the file.
        old_ends: whether lines end with a carriage return alone.
        skipped: how many bytes are left out at the beginning.
    """

    def __init__(self, file: Any, old_ends: bool, skipped: int) -> None:
        super().__init__()
        self._file, self._old_ends, self._skipped = file, old_ends, skipped

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Reads as many bytes as asked for, or less; nothing at the end only."""
        data: bytes = self._file.read(size)
        while data and self._skipped:
            skipped = min(self._skipped, len(data))
            self._skipped -= skipped
            data = data[skipped:] or self._file.read(size)
        return data.replace(b"\r", b"\n") if self._old_ends else data

    def close(self) -> None:
        """Closes both files."""
        self._file.close()
        super().close()


class Chained(io.RawIOBase):
    """Bytes that have been read already, followed by the rest of a file.

    Args:
        start: the bytes.
        rest: the file.
        closes: whether closing this closes the file.
    """

    def __init__(self, start: bytes, rest: Any, closes: bool = True) -> None:
        super().__init__()
        self._start, self._rest, self._closes = start, rest, closes

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Reads as many bytes as asked for, or less at the end."""
        if size is None or size < 0:
            data, self._start = self._start + self._rest.read(), b""
            return data
        data, self._start = self._start[:size], self._start[size:]
        while len(data) < size:
            more = self._rest.read(size - len(data))
            if not more:
                break
            data += more
        return data

    def close(self) -> None:
        """Closes the file, if that was asked for."""
        if self._closes:
            self._rest.close()
        super().close()


def beginning(read: Callable[[int], bytes]) -> bytes:
    """Returns the first bytes of a file: `SAMPLE`, and more if that is less than a few lines."""
    parts, size, lines = [read(SAMPLE)], 0, 0
    while parts[-1]:
        size += len(parts[-1])
        lines += parts[-1].count(b"\n") + parts[-1].count(b"\r")
        if size >= MOST_SAMPLE or (size >= SAMPLE and lines >= SAMPLE_LINES):
            break
        parts.append(read(SAMPLE))
    return b"".join(parts)
