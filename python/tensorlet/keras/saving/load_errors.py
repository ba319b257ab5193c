"""Errors for missing and damaged files, with messages that name the file."""

from __future__ import annotations

import contextlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tensorlet.errors import FileFormatError, ResourceExhaustedError, TensorletError, did_you_mean

#: The exceptions that readers of HDF5, zip and JSON raise for damaged files.
DAMAGE = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, OverflowError,
    RecursionError, RuntimeError, TypeError, UnicodeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class MissingFileError(FileFormatError, FileNotFoundError):
    """There is no file with that name."""


@contextlib.contextmanager
def reading(path: str, what: str) -> Iterator[None]:
    """Converts errors inside the block to a `FileFormatError` that names the file.

    Args:
        path: the path as passed by the user.
        what: the expected kind of file, such as ``"a model in Keras's HDF5 format"``.

    Raises:
        FileFormatError: for a file of another kind, or a damaged one.
        ResourceExhaustedError: (a `MemoryError`) if there is too little memory for the model in the file.
    """
    try:
        yield
    except MissingFileError:
        raise
    except ResourceExhaustedError as error:
        raise ResourceExhaustedError(f"'{path}' could not be loaded: {error}") from error
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
    """Returns the path as text, if the file (or folder) exists.

    Raises:
        MissingFileError: (a `FileNotFoundError` and a `ValueError`) if it does not; similar files are suggested.
    """
    shown = os.fspath(path)
    if os.path.exists(shown):
        return shown
    folder = os.path.dirname(shown) or "."
    if not os.path.isdir(folder):
        raise MissingFileError(
            f"File not found: there is no file '{shown}': the folder '{folder}' does not exist. "
            f"The current folder is '{os.getcwd()}'."
        )
    names = [name for name in os.listdir(folder) if not name.startswith(".")]
    near = did_you_mean(os.path.basename(shown), names)
    raise MissingFileError(
        f"File not found: there is no file '{shown}'.{near} The current folder is '{os.getcwd()}'."
    )
