"""Paths of files, as users give them to datasets."""

from __future__ import annotations

import glob
import os
from typing import Any

from tensorlet.core.eager import EAGER
from tensorlet.data.elements import as_column
from tensorlet.data.pipeline import BaseDataset
from tensorlet.errors import InvalidArgumentError


def paths_of(filenames: Any) -> list[str]:
    """Paths as Python's strings, of one path, several, a tensor or a dataset of them."""
    if isinstance(filenames, BaseDataset):
        return [os.fsdecode(one.numpy()) for one in filenames._pipeline.elements()]
    if isinstance(filenames, os.PathLike):
        return [os.fspath(filenames)]
    if isinstance(filenames, list | tuple):
        return [name for one in filenames for name in paths_of(one)]
    return [os.fsdecode(name) for name in as_column(EAGER.convert(filenames), text=True).reshape(-1).tolist()]


def matching_paths(function: str, file_pattern: Any) -> list[str]:
    """The paths of the files that match a pattern or several, in order.

    Raises:
        InvalidArgumentError: if there is none.
    """
    patterns = paths_of(file_pattern)
    found = sorted({path for one in patterns for path in glob.glob(one)})
    if not found:
        raise InvalidArgumentError(f"{function}: no file matches {', '.join(patterns)}.")
    return found
