"""`read`: any file, by its content."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import stat
import sys
import zlib
from pathlib import Path

from tensorlet.errors import near_names
from tensorlet.localization import translate as _
from tensorlet.tabular.reading import arrays, columnar, excel, pictures
from tensorlet.tabular.reading.delimited import read_delimited
from tensorlet.tabular.reading.room import check_room
from tensorlet.tabular.reading.source import Pictures, ReadOptions, Table
from tensorlet.tabular.table_error import TableError

#: A gzip file is unpacked in pieces of this size.
UNPACKED = 1 << 24
#: The first bytes that tell what a file is.
FIRST = 32
#: The first bytes of files that are not tables, and what they are.
_OTHERS = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"\x89HDF": "HDF5", b"BZh": "bzip2",
    b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "Zstandard", b"\xd0\xcf\x11\xe0": ".xls", b"7z\xbc\xaf": "7z",
    b"SQLite": "SQLite", b"\x93NUMPY": ".npy", b"RDX2\n": "R", b"RDX3\n": "R", b"MATLAB": "MATLAB",
    b"<stata_dta>": "Stata", b"$FL2": "SPSS", b"\x80\x04\x95": "pickle",
}  # fmt: skip

#: The beginning of a text file that stands in a Git repository for a large file.
_LFS = b"version https://git-lfs"

#: The first characters of texts that are not tables, in small letters, and what they are.
_TEXTS = {
    b"<!doctype html": "HTML", b"<html": "HTML", b"<?xml": "XML", b'{"': "JSON", b"[{": "JSON", b"@relation": "ARFF",
}  # fmt: skip


def read(path: str | os.PathLike[str], options: ReadOptions | None = None) -> Table | Pictures:
    """Reads a table or pictures from a file or a folder.

    Args:
        path: a CSV or TSV file (also compressed with gzip), ``-`` for standard input, a Parquet, Arrow, Feather,
            Excel, ``.npz`` or IDX file, or a folder with one folder of pictures for each class.
        options: how to read it.

    Raises:
        TableError: if it cannot be read; the message says what is wrong, where, and what to do.

    >>> import pathlib, tempfile
    >>> from tensorlet.tabular.reading.files import read
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.csv")
    >>> _ = path.write_text("age,name\\n3,Kim\\n4,Lee\\n")
    >>> read(path).data.num_rows
    2
    """
    options = options or ReadOptions()
    name = os.fspath(path)
    if name == "-":
        return _from_bytes(sys.stdin.buffer.read(), _("standard input"), "", options)
    if os.path.isdir(name):
        return pictures.read_folder(Path(name))
    if is_pipe(name):
        return _from_bytes(_content(name), name, "", options)
    start = start_of(name)
    if not start:
        raise TableError(
            name, _("the file is empty."), _("Expected a header and at least a few rows of values.")
        )
    ending = name.lower().removesuffix(".gz").rpartition(".")[2]
    if start.startswith((b"PAR1", b"ARROW1")) or ending in ("parquet", "arrow", "feather"):
        return columnar.read_columnar(name, start)
    if start.startswith(b"PK"):
        if ending not in ("npz", "xlsx", "xlsm"):
            raise TableError(
                name,
                _("the file is a zip archive."),
                _("Unpack it, and pass the table inside; Excel files end in .xlsx."),
            )
        return arrays.read_npz(name) if ending == "npz" else excel.read_excel(name, options)
    return _from_bytes(_content(name), name, ending, options)


def is_pipe(name: str) -> bool:
    """Whether a file can be read once only, as those of ``<(command)`` in a shell."""
    return os.path.exists(name) and stat.S_ISFIFO(os.stat(name).st_mode)


def start_of(name: str) -> bytes:
    """Returns the first bytes of a file.

    Raises:
        TableError: if it cannot be opened.
    """
    try:
        with open(name, "rb") as file:
            return file.read(FIRST)
    except FileNotFoundError:
        raise _not_found(name) from None
    except PermissionError:
        raise TableError(
            name, _("you may not read the file."), _("Change its permissions: chmod u+r FILE")
        ) from None
    except OSError as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: OSError) -> TableError:
    problem = _("it cannot be read: {reason}.").format(reason=error.strerror)
    return TableError(name, problem, _("Check the name and the folder."))


def _not_found(name: str) -> TableError:
    if os.path.islink(name):
        return TableError(
            name,
            _("it is a link to {file}, which does not exist.").format(file=os.readlink(name)),
            _("Correct the link, or pass the file itself."),
        )
    return TableError(name, _("there is no such file."), _("Check the name and the folder.") + _near(name))


def _near(name: str) -> str:
    folder, file = os.path.split(name)
    try:
        names = near_names(file, os.listdir(folder or "."), 1)
    except OSError:
        return ""
    return " " + _("Did you mean '{name}'?").format(name=os.path.join(folder, names[0])) if names else ""


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise _unreadable(name, error) from None


def _from_bytes(data: bytes, name: str, ending: str, options: ReadOptions) -> Table | Pictures:
    if data.startswith(b"\x1f\x8b"):
        data = decompressed(data, name)
        if data.startswith(b"\x1f\x8b"):
            raise TableError(name, _("the file is compressed twice."), _("Unpack it once: gunzip FILE"))
    check_kind(data, name)
    if data.startswith(b"PK"):
        raise TableError(
            name, _("Excel and .npz files cannot be compressed or piped."), _("Pass the file itself.")
        )
    if arrays.is_idx(data):
        return arrays.read_pictures(name)
    return read_delimited(data, name, options, ending in ("tsv", "tab"))


def check_kind(start: bytes, name: str) -> None:
    """Refuses a file that is no table.

    Args:
        start: its first bytes.
        name: its name.

    Raises:
        TableError: if it is one of the usual others.
    """
    if start.startswith(_LFS):
        raise TableError(
            name,
            _("the file is a pointer of Git LFS, not the table itself."),
            _("Get the table: git lfs pull"),
        )
    text = start[:64].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for mark, kind in (*_OTHERS.items(), *_TEXTS.items()):
        if start.startswith(mark) or (mark in _TEXTS and text.startswith(mark)):
            raise TableError(
                name,
                _("the file is not a table, but {kind}.").format(kind=kind),
                _("Expected CSV, TSV, Parquet, Arrow, Excel, .npz, IDX or a folder of pictures."),
            )


def decompressed(data: bytes, name: str) -> bytes:
    """Returns the content of a gzip file.

    Raises:
        TableError: if the file is cut short or damaged.
    """
    try:
        return _unpacked(data, name)
    except (EOFError, OSError, zlib.error) as error:
        unpacker = zlib.decompressobj(31)
        try:
            found = unpacker.decompress(data, 1 << 30)
        except zlib.error:
            found = b""
        problem = (
            _("the gzip file is cut short.")
            if found and isinstance(error, EOFError)
            else _("the gzip file is damaged.")
        )
        raise TableError(
            name,
            problem,
            _("Its content can be read up to line {line}. Copy or download the file again.").format(
                line=f"{found.count(10):,}"
            ),
        ) from None


def _unpacked(data: bytes, name: str) -> bytes:
    """Returns the content of a gzip file, as long as there is room for it."""
    parts: list[bytes] = []
    size = 0
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        while True:
            part = file.read(UNPACKED)
            if not part:
                return b"".join(parts)
            parts.append(part)
            size += len(part)
            if size > 10 * UNPACKED:
                check_room(name, 2 * size)
