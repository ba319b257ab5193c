"""``tf.io.gfile``, and files as string tensors. Only local files are supported."""

from __future__ import annotations

import glob as python_glob
import os
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.convert import constant
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.dtypes import string
from tensorlet.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError
from tensorlet.formats.atomic import write_atomically
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


Path = Any


def _path(path: Path) -> str:
    """Converts a path to a Python string, from a string tensor, bytes or a path object."""
    name = np.asarray(convert(path)).item() if isinstance(path, Operators) else path
    name = os.fsdecode(name)
    if "://" in name:
        raise InvalidArgumentError(
            f"{name}: only local files are supported. Download the file, or mount its folder."
        )
    return name


def _found(path: Path) -> str:
    name = _path(path)
    if not os.path.exists(name):
        raise NotFoundError(f"{name}; No such file or directory")
    return name


class GFile:
    """A file that is opened on first use, like Python's ``open``.

    Args:
        name: the path of the file.
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
        """Reads the whole file, or the next ``n`` characters."""
        return self._file.read(n)

    def readline(self) -> Any:
        """Reads the next line."""
        return self._file.readline()

    def readlines(self) -> list[Any]:
        """Reads the remaining lines."""
        return list(self._file)

    def write(self, file_content: Any) -> None:
        """Writes text, or bytes in a mode with ``b``."""
        self._file.write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Moves to a position in the file."""
        self._file.seek(position if offset is None else offset, whence)

    def tell(self) -> int:
        """Returns the position in the file."""
        return int(self._file.tell())

    def size(self) -> int:
        """Returns the size of the file in bytes."""
        return os.stat(_found(self.name)).st_size

    def flush(self) -> None:
        """Writes the buffered data."""
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
    """Whether a file or folder exists."""
    return os.path.exists(_path(path))


def isdir(path: Path) -> bool:
    """Whether a folder exists."""
    return os.path.isdir(_path(path))


def listdir(path: Path) -> list[str]:
    """Returns the names in a folder.

    Raises:
        NotFoundError: if the folder does not exist.
    """
    return os.listdir(_found(path))


def glob(pattern: Path) -> list[str]:
    """Returns the paths that match a pattern, or one of several patterns."""
    patterns = pattern if isinstance(pattern, list | tuple) else [pattern]
    return [path for one in patterns for path in sorted(python_glob.glob(_path(one)))]


def join(path: Path, *paths: Path) -> Any:
    """Joins the parts of a path."""
    return os.path.join(path, *paths)


def makedirs(path: Path) -> None:
    """Creates a folder and its parents, unless they exist."""
    os.makedirs(_path(path), exist_ok=True)


def mkdir(path: Path) -> None:
    """Creates a folder.

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
        NotFoundError: if the file does not exist.
    """
    os.remove(_found(path))


def rmtree(path: Path) -> None:
    """Deletes a folder and its contents.

    Raises:
        NotFoundError: if the folder does not exist.
    """
    shutil.rmtree(_found(path))


def copy(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Copies a file.

    Raises:
        NotFoundError: if the source does not exist.
        AlreadyExistsError: if the destination exists and ``overwrite`` is False.
    """
    source = _found(src)
    _free(dst, overwrite)
    shutil.copyfile(source, _path(dst))


def rename(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Renames or moves a file or folder; errors as for `copy`."""
    source = _found(src)
    _free(dst, overwrite)
    os.replace(source, _path(dst))


def _free(path: Path, overwrite: bool) -> None:
    if not overwrite and os.path.exists(_path(path)):
        raise AlreadyExistsError(f"{_path(path)}; file already exists. Pass overwrite=True to replace it.")


def stat(path: Path) -> os.stat_result:
    """Returns the size and times of a file, like Python's ``os.stat``."""
    return os.stat(_found(path))


def walk(
    top: Path, topdown: bool = True, onerror: Callable[[OSError], object] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yields the folders below a folder, like Python's ``os.walk``."""
    return os.walk(_path(top), topdown, onerror)


def read_file(filename: Path, name: str | None = None) -> Tensor:
    """Reads the bytes of a file into a string scalar.

    Raises:
        NotFoundError: if the file does not exist.
    """
    with open(_found(filename), "rb") as file:
        return constant(file.read(), string)


def write_file(filename: Path, contents: Any, name: str | None = None) -> None:
    """Writes a string to a file, creating missing folders.

    >>> import tensorlet as tf, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "new", "note.txt")
    >>> tf.io.write_file(path, "text")
    >>> tf.io.read_file(path).numpy()
    b'text'
    """
    write_atomically(_path(filename), constant(contents, string).numpy())


def matching_files(pattern: Path, name: str | None = None) -> Tensor:
    """Returns the sorted paths that match a pattern."""
    return constant(np.array(glob(pattern), object), string)
