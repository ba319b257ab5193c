"""`get_file`: files that other programs have downloaded."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from tensorlet.errors import FileFormatError, InvalidArgumentError

#: What is cut off the name of a packed file to find what was unpacked from it.
_PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tar", ".zip")
_PIECE = 1 << 20


def get_file(
    fname: str | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    **ignored: Any,
) -> str:
    """The path of a file that lies on this machine. Nothing is downloaded.

    It is looked for where Keras keeps its downloads, ``~/.keras/datasets`` (``KERAS_HOME`` moves
    it), and at ``origin`` where that is a file.

    Args:
        fname: the file's name; by default the last part of ``origin``.
        origin: where Keras would download it from.
        untar, extract: the path of what was unpacked is wanted.
        md5_hash, file_hash, hash_algorithm: what the contents must hash to ("sha256" or "md5").
        cache_subdir: the folder below ``cache_dir``.
        archive_format, ignored: taken, and of no use here.
        cache_dir: in place of ``~/.keras``.

    Raises:
        FileNotFoundError: if it is not there; it says where to put it.
        FileFormatError: if the contents hash to something else.

    >>> import pathlib, tempfile
    >>> import tensorlet as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "table.csv").write_text("1,2")
    >>> found = tf.keras.utils.get_file("table.csv", "http://example.com/table.csv", cache_subdir="", cache_dir=folder)
    >>> found == str(folder / "table.csv")
    True
    """
    if not fname and not origin:
        raise InvalidArgumentError(
            "get_file: give the name of the file, such as get_file('table.csv', origin=...)."
        )
    address = urlparse(origin or "")
    name = os.fspath(fname) if fname else os.path.basename(unquote(address.path))
    folder = cache_folder(cache_subdir, cache_dir)
    candidates = [folder / name]
    if origin and (address.scheme == "file" or not address.scheme):
        candidates.append(Path(unquote(address.path)))
    for path in candidates:
        unpacked = _unpacked(path) if untar or extract else None
        if unpacked is not None:
            return str(unpacked)
        if path.exists():
            _check_hash(path, file_hash or md5_hash, "md5" if md5_hash and not file_hash else hash_algorithm)
            return str(path)
    whence = f" Download {origin} with a browser and" if address.scheme.startswith("http") else ""
    raise FileNotFoundError(
        f"get_file: {candidates[0]} is not there, and Tensorlet downloads nothing.{whence or ' Please'} put the file "
        f"at that place{', unpacked' if untar or extract else ''}."
    )


def cache_folder(subfolder: str = "datasets", folder: str | os.PathLike[str] | None = None) -> Path:
    """Where Keras keeps its downloads: ``~/.keras/datasets``, or where ``KERAS_HOME`` says."""
    return Path(folder or os.environ.get("KERAS_HOME") or Path.home() / ".keras") / subfolder


def _unpacked(path: Path) -> Path | None:
    """The folder or file that an archive was unpacked to, beside it."""
    for ending in _PACKED:
        if path.name.endswith(ending):
            folder = path.with_name(path.name[: -len(ending)])
            return folder if folder.exists() else None
    return None


def _check_hash(path: Path, expected: str | None, algorithm: str) -> None:
    if not expected or path.is_dir():
        return
    if algorithm == "auto":
        algorithm = "sha256" if len(expected) == 64 else "md5"
    digest = hashlib.new(algorithm)
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    if digest.hexdigest() != expected.lower():
        raise FileFormatError(
            f"get_file: {path} has the {algorithm} hash {digest.hexdigest()}, expected {expected}: the download was "
            "cut short, or it is another file. Download it again."
        )
