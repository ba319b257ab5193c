"""`get_file`: finds files that have already been downloaded."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import unquote, urlparse

from tensorlet.errors import FileFormatError, InvalidArgumentError

#: Extensions of archives; without them, the name is that of the unpacked folder.
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
    archive_format: object = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    **ignored: object,
) -> str:
    """Returns the path of a file on this machine. Nothing is downloaded.

    The file is searched in the download folder of Keras, ``~/.keras/datasets`` (or below ``KERAS_HOME``),
    and at ``origin`` if that is a local file.

    Args:
        fname: the name of the file; by default the last part of ``origin``.
        origin: the URL from which Keras would download it.
        untar, extract: whether to return the path of the unpacked archive.
        md5_hash, file_hash, hash_algorithm: the expected hash of the contents ("sha256" or "md5").
        cache_subdir: the subfolder of ``cache_dir``.
        archive_format, ignored: have no effect.
        cache_dir: replaces ``~/.keras``.

    Raises:
        FileNotFoundError: if it does not exist; the message says where to put it.
        FileFormatError: if the contents have another hash.

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
            "get_file: pass the name of the file, such as get_file('table.csv', origin=...)."
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
        f"get_file: {candidates[0]} does not exist, and Tensorlet does not download files.{whence or ' Please'} put "
        f"the file there{', unpacked' if untar or extract else ''}."
    )


def cache_folder(subfolder: str = "datasets", folder: str | os.PathLike[str] | None = None) -> Path:
    """Returns the download folder of Keras: ``~/.keras/datasets``, or below ``KERAS_HOME``."""
    return Path(folder or os.environ.get("KERAS_HOME") or Path.home() / ".keras") / subfolder


def _unpacked(path: Path) -> Path | None:
    """Returns the folder or file next to an archive to which it was unpacked."""
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
            f"get_file: {path} has the {algorithm} hash {digest.hexdigest()}, expected {expected}: the download is "
            "incomplete, or it is another file. Download it again."
        )
