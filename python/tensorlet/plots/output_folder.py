"""A folder for results, checked before a long computation."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def writable_folder(path: str | os.PathLike[str]) -> Path:
    """Returns the folder, creating it if necessary, after checking that it is writable.

    Raises:
        OSError: if the folder cannot be created or is not writable; the message explains the fix.

    >>> import tensorlet as tf, tempfile
    >>> from tensorlet.plots.output_folder import writable_folder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     writable_folder(f"{folder}/new/plots").is_dir()
    True
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise type(error)(
            f"{folder}: cannot write files in this folder ({reason}). "
            "Choose a folder that is writable, or change the permissions of this one."
        ) from error
    return folder
