"""Errors for missing and damaged files, in a sentence that names the file."""

from __future__ import annotations

import contextlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tensorlet.errors import FileFormatError, TensorletError, did_you_mean

#: The exceptions that readers of HDF5, zip and JSON raise for damaged files.
DAMAGE = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, OverflowError,
    RecursionError, RuntimeError, TypeError, UnicodeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class MissingFileError(FileFormatError, FileNotFoundError):
    """There is no file of that name."""


@contextlib.contextmanager
def reading(path: str, what: str) -> Iterator[None]:
    """Turns errors inside the block into a `FileFormatError` that names the file.

    Args:
        path: as the user wrote it.
        what: what the file should be, such as ``"a model in Keras's HDF5 format"``.
    """
    try:
        yield
    except MissingFileError:
        raise
    except TensorletError as error:
        if f"'{path}'" in str(error):
            raise
        raise FileFormatError(f"'{path}' could not be loaded: {error}") from error
    except DAMAGE as error:
        raise FileFormatError(
            f"'{path}' is not {what}, or it is damaged: {_reason(error)}. Save it again, or use another copy."
        ) from error


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else text[:197] + "..."


def file_to_read(path: str | os.PathLike[str]) -> str:
    """The path as text, if there is a file (or folder).

    Raises:
        MissingFileError: (a `FileNotFoundError` and a `ValueError`) if there is none; it names similar files.
    """
    shown = os.fspath(path)
    if os.path.exists(shown):
        return shown
    folder = os.path.dirname(shown) or "."
    if not os.path.isdir(folder):
        raise MissingFileError(
            f"There is no file '{shown}': there is no folder '{folder}'. The current folder is '{os.getcwd()}'."
        )
    names = [name for name in os.listdir(folder) if not name.startswith(".")]
    near = did_you_mean(os.path.basename(shown), names)
    raise MissingFileError(f"There is no file '{shown}'.{near} The current folder is '{os.getcwd()}'.")
