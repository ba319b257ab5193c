"""``tf.io.gfile`` and files as tensors of text. Files are local; no other file systems are supported."""

from __future__ import annotations

import glob as python_glob
import os
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorlet.core.convert import constant
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.dtypes import string
from tensorlet.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError
from tensorlet.formats.atomic import write_atomically
from tensorlet.ops.registry import convert

Path = Any


def _path(path: Path) -> str:
    """A path as a Python string; of a tensor of text, of bytes or of a path object."""
    name = np.asarray(convert(path)).item() if isinstance(path, Operators) else path
    name = os.fsdecode(name)
    if "://" in name:
        raise InvalidArgumentError(
            f"{name}: files are local here. Download the file with the tool of its service, or mount its folder."
        )
    return name


def _found(path: Path) -> str:
    name = _path(path)
    if not os.path.exists(name):
        raise NotFoundError(f"{name}; No such file or directory")
    return name


class GFile:
    """A file, opened as Python's ``open`` does it when it is first used.

    Args:
        name: its path.
        mode: such as ``"r"``, ``"rb"`` or ``"w"``.

    >>> import tensorlet as tf, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "note.txt")
    >>> with tf.io.gfile.GFile(path, "w") as file:
    ...     file.write("a line")
    >>> tf.io.gfile.GFile(path).read()
    'a line'
    """

    def __init__(self, name: Path, mode: str = "r", encoding: str = "utf-8") -> None:
        self.name = _path(name)
        self.mode = mode
        self._encoding = None if "b" in mode else encoding
        self._opened: Any = None

    @property
    def _file(self) -> Any:
        if self._opened is None:
            if "r" in self.mode:
                _found(self.name)
            self._opened = open(self.name, self.mode, encoding=self._encoding)  # noqa: SIM115 - closed by close
        return self._opened

    def read(self, n: int = -1) -> Any:
        """The whole file, or the next ``n`` characters."""
        return self._file.read(n)

    def readline(self) -> Any:
        """The next line."""
        return self._file.readline()

    def readlines(self) -> list[Any]:
        """The lines."""
        return list(self._file)

    def write(self, file_content: Any) -> None:
        """Writes text, or bytes in a mode with ``b``."""
        self._file.write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes to a place in the file."""
        self._file.seek(position if offset is None else offset, whence)

    def tell(self) -> int:
        """The place in the file."""
        return int(self._file.tell())

    def size(self) -> int:
        """The length of the file in bytes."""
        return os.stat(_found(self.name)).st_size

    def flush(self) -> None:
        """Writes what is still in memory."""
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)


def exists(path: Path) -> bool:
    """Whether there is such a file or folder."""
    return os.path.exists(_path(path))


def isdir(path: Path) -> bool:
    """Whether there is such a folder."""
    return os.path.isdir(_path(path))


def listdir(path: Path) -> list[str]:
    """The names in a folder.

    Raises:
        NotFoundError: if there is no such folder.
    """
    return os.listdir(_found(path))


def glob(pattern: Path) -> list[str]:
    """The paths that match a pattern, or one of several."""
    patterns = pattern if isinstance(pattern, list | tuple) else [pattern]
    return [path for one in patterns for path in sorted(python_glob.glob(_path(one)))]


def join(path: Path, *paths: Path) -> Any:
    """The parts of a path, joined."""
    return os.path.join(path, *paths)


def makedirs(path: Path) -> None:
    """Makes a folder and those around it; it may exist already."""
    os.makedirs(_path(path), exist_ok=True)


def mkdir(path: Path) -> None:
    """Makes a folder.

    Raises:
        AlreadyExistsError: if it exists.
    """
    try:
        os.mkdir(_path(path))
    except FileExistsError:
        raise AlreadyExistsError(f"{_path(path)}; File exists") from None


def remove(path: Path) -> None:
    """Deletes a file.

    Raises:
        NotFoundError: if there is none.
    """
    os.remove(_found(path))


def rmtree(path: Path) -> None:
    """Deletes a folder and what is in it.

    Raises:
        NotFoundError: if there is none.
    """
    shutil.rmtree(_found(path))


def copy(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Copies a file.

    Raises:
        NotFoundError: if it does not exist.
        AlreadyExistsError: if the other exists, unless it may be overwritten.
    """
    source = _found(src)
    _free(dst, overwrite)
    shutil.copyfile(source, _path(dst))


def rename(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Gives a file or folder another path; errors as for `copy`."""
    source = _found(src)
    _free(dst, overwrite)
    os.replace(source, _path(dst))


def _free(path: Path, overwrite: bool) -> None:
    if not overwrite and os.path.exists(_path(path)):
        raise AlreadyExistsError(f"{_path(path)}; file already exists. Pass overwrite=True to replace it.")


def stat(path: Path) -> os.stat_result:
    """The size and times of a file, as Python's ``os.stat``."""
    return os.stat(_found(path))


def walk(top: Path, topdown: bool = True, onerror: Any = None) -> Iterator[tuple[str, list[str], list[str]]]:
    """The folders below one, as Python's ``os.walk``."""
    return os.walk(_path(top), topdown, onerror)


def read_file(filename: Path, name: str | None = None) -> Tensor:
    """The bytes of a file, a scalar of text.

    Raises:
        NotFoundError: if there is no such file.
    """
    with open(_found(filename), "rb") as file:
        return constant(file.read(), string)


def write_file(filename: Path, contents: Any, name: str | None = None) -> None:
    """Writes text into a file, whose folders are made.

    >>> import tensorlet as tf, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "new", "note.txt")
    >>> tf.io.write_file(path, "text")
    >>> tf.io.read_file(path).numpy()
    b'text'
    """
    write_atomically(_path(filename), constant(contents, string).numpy())


def matching_files(pattern: Path, name: str | None = None) -> Tensor:
    """The paths that match a pattern, in order."""
    return constant(np.array(glob(pattern), object), string)
