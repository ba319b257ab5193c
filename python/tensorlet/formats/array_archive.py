"""Archives of arrays (``.npz``), read whole: each part is checked before memory of the size that it claims is taken."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterable

import numpy as np

from tensorlet.errors import FileFormatError
from tensorlet.formats.object_arrays import read_object_array

#: Deflate makes data at most this many times smaller; a file that states more is damaged.
MOST_COMPRESSION = 1100


def read_arrays(
    path: str | os.PathLike[str], names: Iterable[str] | None = None, lists: bool = False
) -> dict[str, np.ndarray]:
    """Returns the arrays of a ``.npz`` file; no code of the file is run.

    Args:
        path: of the file.
        names: which arrays; by default all.
        lists: whether the elements of an array may be lists, as in texts of IMDB; otherwise only numbers are read.

    Raises:
        FileNotFoundError: if there is no such file.
        FileFormatError: if the file is damaged, or has no such arrays.
    """
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            size = file.seek(0, os.SEEK_END)
            wanted = archive.namelist() if names is None else [f"{name}.npy" for name in names]
            return {name.removesuffix(".npy"): _array(archive, name, path, size, lists) for name in wanted}
    except FileNotFoundError:
        raise
    except (
        EOFError, KeyError, NotImplementedError, OSError, RuntimeError, UnicodeError, ValueError, struct.error,
        zipfile.BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        raise FileFormatError(f"{os.fspath(path)} is damaged, or not an archive of arrays: {error}") from None


def _array(
    archive: zipfile.ZipFile, name: str, path: str | os.PathLike[str], size: int, lists: bool
) -> np.ndarray:
    entry = archive.getinfo(name)
    if entry.compress_size > size or entry.file_size > MOST_COMPRESSION * max(entry.compress_size, 1):
        raise FileFormatError(f"the array {name} states a size that is not possible")
    found = read_object_array(archive.read(entry), f"{os.fspath(path)}, array {name}")
    if found.dtype.hasobject and not lists:
        raise FileFormatError(
            f"the array {name} holds Python objects (NumPy's allow_pickle), but numbers are expected"
        )
    return found
