"""The encoding of a text file: UTF-8, UTF-16, CP949, or the guess of charset-normalizer."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable
from typing import Any

from tensorlet.localization import translate as _
from tensorlet.tabular.extras import require
from tensorlet.tabular.table_error import TableError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Up to this share of the two-byte characters may end in an ASCII byte. Korean text has few of these; in a Western
#: encoding that happens to be valid CP949, nearly all do.
_RARE = 0.2
#: The number of bytes from which an encoding is guessed.
_SAMPLE = 1 << 20


def decoded(data: bytes, file: str, encoding: str | None, notes: list[str]) -> bytes:
    """Returns the content of a text file as UTF-8 without a byte order mark.

    Args:
        data: the whole file.
        file: its name.
        encoding: the encoding that the user gave; None to find it.
        notes: receives a sentence if the encoding is not UTF-8.

    Raises:
        TableError: if the file is not text, or not text in the given encoding.
    """
    name = encoding or marked_encoding(data)
    if name is None:
        if data.isascii():  # which makes no copy
            return data
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            name = _other_encoding(data, file, error)
            notes.append(_read_as(name))
        else:
            return data
    if name == "utf-8-sig":
        name, data = "utf-8", data.removeprefix(codecs.BOM_UTF8)
    elif encoding is None and name.startswith("utf-"):
        notes.append(_("The text is {encoding}.").format(encoding=name.upper()))
    try:
        text = data.decode(name)
    except LookupError:
        raise _no_such_encoding(file, name) from None
    except UnicodeDecodeError as error:
        raise invalid_byte(file, data[error.start], name, *place_of_byte(data, error.start)) from None
    return text.encode("utf-8")


def found_encoding(opener: Callable[[], Any], file: str, encoding: str | None, notes: list[str]) -> str:
    """Returns the encoding of a text file that is read piece by piece.

    Without a byte order mark, the first piece that is not ASCII decides.

    Args:
        opener: opens the file.
        file: its name.
        encoding: the encoding that the user gave; None to find it.
        notes: receives a sentence if the encoding is not UTF-8.

    Raises:
        TableError: if there is no such encoding, or if none fits.
    """
    if encoding is not None:
        try:
            return codecs.lookup(encoding).name
        except LookupError:
            raise _no_such_encoding(file, encoding) from None
    with opener() as opened:
        piece, lines = _piece(opened), 0
        name = marked_encoding(piece)
        if name is not None:
            if name != "utf-8-sig":
                notes.append(_("The text is {encoding}.").format(encoding=name.upper()))
            return name
        while piece and piece.isascii():
            lines += piece.count(b"\n")
            piece = _piece(opened)
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(piece) - 3:  # the last character may be cut
            name = _other_encoding(piece[: piece.rfind(b"\n") + 1] or piece, file, error, lines)
            notes.append(_read_as(name))
            return name
    return "utf-8"


def _piece(opened: Any) -> bytes:
    try:
        return bytes(opened.read(_SAMPLE))
    except (EOFError, OSError, zlib.error):  # of a gzip file; whoever reads its content next gives the reason
        return b""


def _read_as(name: str) -> str:
    return _("The text is not UTF-8; it was read as {encoding}. --encoding NAME chooses another one.").format(
        encoding=name.upper()
    )


def _no_such_encoding(file: str, name: str) -> TableError:
    return TableError(
        file,
        _("there is no encoding '{name}'.").format(name=name),
        _("Use one such as utf-8, cp949 or latin-1."),
    )


def invalid_byte(file: str, byte: int, encoding: str, line: int, column: int | None) -> TableError:
    """Returns the error for a byte that is not valid in an encoding."""
    return TableError(
        file,
        _("byte {byte} is not valid in {encoding}.").format(byte=f"0x{byte:02x}", encoding=encoding),
        _("Save the file as UTF-8, or name its encoding: --encoding cp949"),
        line,
        column,
    )


def marked_encoding(data: bytes) -> str | None:
    """Returns the encoding that a byte order mark or zero bytes show; None if there are none."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    start = data[:1000]
    if start.count(0) > len(start) // 4:  # Latin letters in UTF-16: every other byte is zero
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    return None


def _other_encoding(data: bytes, file: str, error: UnicodeDecodeError, lines: int = 0) -> str:
    """Returns the encoding of bytes that are not UTF-8; ``lines`` come before them."""
    try:
        text = data.decode("cp949")
    except UnicodeDecodeError:
        pass
    else:
        if _looks_korean(text):
            return "cp949"
    best = require("charset_normalizer", "data").from_bytes(data[:_SAMPLE]).best()
    if best is None:
        line, column = place_of_byte(data, error.start)
        raise TableError(
            file,
            _("the text is neither UTF-8 nor CP949, and no other encoding fits."),
            _("Save the file as UTF-8, or name its encoding: --encoding latin-1"),
            lines + line,
            column,
        )
    return codecs.lookup(best.encoding).name


def _looks_korean(text: str) -> bool:
    wide = [character for character in text[:_SAMPLE] if ord(character) > 127]
    rare = sum(character.encode("cp949")[-1] < 128 for character in wide)
    return rare <= _RARE * len(wide)


def place_of_byte(data: bytes, index: int) -> tuple[int, int]:
    """Returns the line of a byte, and its place in the line, both counted from 1.

    >>> place_of_byte(b"a,b\\n1,2\\n", 6)
    (2, 3)
    """
    return data.count(b"\n", 0, index) + 1, index - data.rfind(b"\n", 0, index)
