"""Files that are replaced whole or not at all.

The content is written to a new file beside the old one. Only when all of it has reached the disk does the new
file take the old one's name. A program that is killed meanwhile leaves the old file as it was, and the unfinished one
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

#: Names of files that are being written start and end like this.
PREFIX, SUFFIX = ".", ".unfinished"
#: Bytes that most file systems allow in a name.
LONGEST_NAME = 255
#: Letters that make the name of an unfinished file unique.
_TOKEN = 8
#: Seconds after which an unfinished file counts as abandoned, on systems without locks.
_ABANDONED_AFTER = 3600.0


class SavingError(TensorletError, OSError):
    """A file that could not be written; the old one is still there."""


@contextlib.contextmanager
def replace_atomically(path: str | os.PathLike[str], make_folders: bool = True) -> Iterator[Path]:
    """A temporary path beside ``path`` to write to; at the end of the block it takes the place of ``path``.

    The file is synced before it is renamed and its folder afterwards, so that after a crash there is either
    the old file or the new one, whole. If the block raises, the temporary file is removed and the old file
    stays. Where ``path`` is a symbolic link, the file that it points to is replaced.

    Args:
        path: the file to replace or make; text in any alphabet.
        make_folders: make the folders above it, where they are missing.

    Raises:
        SavingError: (an `OSError`) for a full disk, a folder that may not be written to, or a path that is a
            folder; it names the file and says what to do.

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
            errno.EISDIR, f"'{os.fspath(path)}' is a folder, and a file was to be written. Name a file in it"
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
    """Replaces a file by these bytes, whole or not at all.

    Raises:
        SavingError: as `replace_atomically`.
    """
    with replace_atomically(path) as temporary:
        temporary.write_bytes(content)


def _temporary_name(name: str) -> str:
    """A name of its own for each writer, so that two that save to one place do not meet."""
    return f"{_temporary_start(name)}{secrets.token_hex(_TOKEN // 2)}{SUFFIX}"


def _temporary_start(name: str) -> str:
    room = LONGEST_NAME - len(PREFIX) - len(".") - _TOKEN - len(SUFFIX)
    start = name.encode("utf-8", "surrogateescape")[:room].decode("utf-8", "ignore")
    return f"{PREFIX}{start}."


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a lock on an unfinished file, which the system releases when the program ends in any way."""
    if sys.platform == "win32":
        yield
        return
    with open(path, "ab") as file:
        with contextlib.suppress(OSError):  # some network drives have no locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove_leftovers(target: Path) -> None:
    """Removes unfinished files of this name that no running program is writing."""
    start, length = _temporary_start(target.name), len(_temporary_name(target.name))
    with contextlib.suppress(OSError):
        for name in os.listdir(target.parent):
            if name.startswith(start) and name.endswith(SUFFIX) and len(name) == length:
                _remove_if_abandoned(target.with_name(name))


def _remove_if_abandoned(path: Path) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":  # a file that is being written changes often
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                path.unlink()
            return
        with open(path, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises while its writer is at work
            path.unlink()


def _keep_mode(target: Path, temporary: Path) -> None:
    """Gives the new file the old one's permissions."""
    with contextlib.suppress(OSError):
        os.chmod(temporary, target.stat().st_mode & 0o7777)


def _sync(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself last; Windows and some network drives offer no way to, and need none."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


_MENDS = {
    errno.ENOSPC: "the disk is full. Free some space, or save elsewhere",
    errno.EDQUOT: "your share of the disk is used up. Free some space, or save elsewhere",
    errno.EFBIG: "the file would be larger than this system allows. Raise the limit (ulimit -f), or save elsewhere",
    errno.EACCES: "its folder may not be written to. Save elsewhere, or change the folder's permissions",
    errno.EPERM: "its folder may not be written to. Save elsewhere, or change the folder's permissions",
    errno.EROFS: "the disk is read-only. Save elsewhere",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one",
    errno.ENOTDIR: "a part of its path is a file and not a folder. Choose another path",
    errno.EEXIST: "a part of its path is a file and not a folder. Choose another path",
}


def reason_of(error: OSError) -> str:
    """Why the system refused to write, and what to do about it; half a sentence."""
    return _MENDS.get(error.errno or 0) or f"{error.strerror or error}"


def _explained(error: OSError, path: str | os.PathLike[str]) -> SavingError:
    return SavingError(
        error.errno or errno.EIO,
        f"'{os.fspath(path)}' could not be saved: {reason_of(error)}. What was there before is unchanged",
    )
