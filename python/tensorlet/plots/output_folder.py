"""A folder for results, tried out before work that takes long."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def writable_folder(path: str | os.PathLike[str]) -> Path:
    """The folder, made if it is missing, after a trial file could be written in it.

    Raises:
        OSError: the folder cannot be made or written in; the message says why and what to do.

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
            "Choose a folder that you may write to, or fix the permissions of this one."
        ) from error
    return folder
