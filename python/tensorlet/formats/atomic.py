"""Atomic writing: files are replaced completely or not at all.

The content is written to a temporary file in the same folder. Once all of it has reached the disk, the file is
renamed to the final name. If a program is killed before that, the old file is unchanged, and the temporary file
is removed by the next save under that name.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tensorlet.errors import TensorletError

if sys.platform != "win32":
    import fcntl

#: The start and end of the names of temporary files.
PREFIX, SUFFIX = ".", ".unfinished"
#: The longest file name, in bytes, on most file systems.
LONGEST_NAME = 255
#: The number of characters that make the name of a temporary file unique.
_TOKEN = 8
#: The age in seconds at which a temporary file is considered abandoned, on systems without locks.
_ABANDONED_AFTER = 3600.0


class SavingError(TensorletError, OSError):
    """A file could not be written; an existing file is unchanged."""


@contextlib.contextmanager
def replace_atomically(path: str | os.PathLike[str], make_folders: bool = True) -> Iterator[Path]:
    """Yields a temporary path in the same folder to write to; after the block it is renamed to ``path``.

    The file is synced before renaming and its folder afterwards, so that after a crash there is either
    the old file or the complete new one. If the block raises an error, the temporary file is removed and the
    old file remains. If ``path`` is a symbolic link, the file that it points to is replaced.

    Args:
        path: the file to create or replace; it may contain any Unicode characters.
        make_folders: whether to create missing parent folders.

    Raises:
        SavingError: (an `OSError`) if the disk is full, the folder is not writable, or the path is a
            folder; it names the file and explains the fix.

    >>> import pathlib, tempfile
    >>> from tensorlet.formats.atomic import replace_atomically
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> with replace_atomically(folder / "모델.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> (folder / "모델.txt").read_text()
    'whole'
    """
    target = Path(os.path.realpath(os.fspath(path)))
    if target.is_dir():
        raise SavingError(
            errno.EISDIR,
            f"'{os.fspath(path)}' is a folder, but a file is expected. Pass the path of a file in it",
        )
    temporary = target.with_name(_temporary_name(target.name))
    try:
        if make_folders:
            target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        with contextlib.ExitStack() as on_failure, _locked(temporary):
            on_failure.callback(_remove, temporary)
            yield temporary
            _keep_mode(target, temporary)
            _sync(temporary)
            os.replace(temporary, target)
            on_failure.pop_all()
        _sync_folder(target.parent)
    except SavingError:
        raise
    except OSError as error:
        raise _explained(error, path) from error


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Replaces a file by these bytes, completely or not at all.

    Raises:
        SavingError: as for `replace_atomically`.
    """
    with replace_atomically(path) as temporary:
        temporary.write_bytes(content)


def _temporary_name(name: str) -> str:
    """Returns a name that is unique to each writer, so that concurrent saves do not interfere."""
    return f"{_temporary_start(name)}{secrets.token_hex(_TOKEN // 2)}{SUFFIX}"


def _temporary_start(name: str) -> str:
    room = LONGEST_NAME - len(PREFIX) - len(".") - _TOKEN - len(SUFFIX)
    start = name.encode("utf-8", "surrogateescape")[:room].decode("utf-8", "ignore")
    return f"{PREFIX}{start}."


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a lock on a temporary file, which the system releases whenever the program ends."""
    if sys.platform == "win32":
        yield
        return
    with open(path, "ab") as file:
        with contextlib.suppress(OSError):  # some network drives do not support locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove_leftovers(target: Path) -> None:
    """Removes temporary files for this name that no running program is writing."""
    start, length = _temporary_start(target.name), len(_temporary_name(target.name))
    with contextlib.suppress(OSError):
        for name in os.listdir(target.parent):
            if name.startswith(start) and name.endswith(SUFFIX) and len(name) == length:
                _remove_if_abandoned(target.with_name(name))


def _remove_if_abandoned(path: Path) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":  # a file that is being written is modified often
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                path.unlink()
            return
        with open(path, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises an error while its writer is running
            path.unlink()


def _keep_mode(target: Path, temporary: Path) -> None:
    """Gives the new file the permissions of the old one."""
    with contextlib.suppress(OSError):
        os.chmod(temporary, target.stat().st_mode & 0o7777)


def _sync(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Makes the new name durable; Windows and some network drives do not support or need this."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


_REASONS = {
    errno.ENOSPC: "the disk is full. Free some space, or save elsewhere",
    errno.EDQUOT: "your disk quota is exceeded. Free some space, or save elsewhere",
    errno.EFBIG: "the file would exceed the size limit of this system. Raise the limit (ulimit -f), or save elsewhere",
    errno.EACCES: "its folder is not writable. Save elsewhere, or change the permissions of the folder",
    errno.EPERM: "its folder is not writable. Save elsewhere, or change the permissions of the folder",
    errno.EROFS: "the disk is read-only. Save elsewhere",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one",
    errno.ENOTDIR: "a part of its path is a file rather than a folder. Choose another path",
    errno.EEXIST: "a part of its path is a file rather than a folder. Choose another path",
}


def reason_of(error: OSError) -> str:
    """Returns why the system could not write, and how to fix it, as a part of a sentence."""
    return _REASONS.get(error.errno or 0) or f"{error.strerror or error}"


def _explained(error: OSError, path: str | os.PathLike[str]) -> SavingError:
    return SavingError(
        error.errno or errno.EIO,
        f"'{os.fspath(path)}' could not be saved: {reason_of(error)}. An existing file is unchanged",
    )
