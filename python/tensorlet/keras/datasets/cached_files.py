"""Files of data sets in the download folder of Keras; nothing is downloaded."""

from __future__ import annotations

import json
import os
import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.formats.array_archive import read_arrays
from tensorlet.keras.utils.file_cache import cache_folder


def cached_file(function: str, path: str | os.PathLike[str], source: str) -> Path:
    """The path of a file in the download folder.

    Args:
        function: its name in messages.
        path: the name of the file, or its full path.
        source: where the file comes from.

    Raises:
        FileNotFoundError: if it does not exist; the message says which file to put where.
    """
    file = cache_folder() / path
    if not file.is_file():
        raise FileNotFoundError(
            f"{function}: {file} does not exist, and Tensorlet does not download files. Download {source} with a "
            f"browser, and put it there under this name."
        )
    return file


def arrays_of(file: Path, names: tuple[str, ...]) -> list[np.ndarray]:
    """Arrays of a ``.npz`` file, whose elements may be lists; no code of the file is run.

    Raises:
        FileFormatError: if the file is damaged, or has no such arrays.
    """
    try:
        return list(read_arrays(file, names, lists=True).values())
    except FileFormatError as error:
        raise FileFormatError(f"{error}. Or it is not the file of this data set: copy it again.") from None


def word_index_of(function: str, path: str | os.PathLike[str], source: str) -> dict[str, int]:
    """The index of each word, from a JSON file.

    Raises:
        FileNotFoundError: if it does not exist.
        FileFormatError: if it has no words and numbers.
    """
    file = cached_file(function, path, source)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FileFormatError(f"{file} is not a JSON file ({error}). Copy it again.") from None
    if not isinstance(found, dict) or not all(isinstance(one, int) for one in found.values()):
        raise FileFormatError(f"{file} has no table of words and their numbers. Copy it again.")
    return found


class Archive:
    """The files of a data set, in a folder or in the archive that has it.

    Args:
        function: its name in messages.
        folder: the name of the folder.
        archives: the names that the archive may have.
        source: where it comes from.

    Raises:
        FileNotFoundError: if none of them exists; the message says which file to put where.
    """

    def __init__(self, function: str, folder: str, archives: tuple[str, ...], source: str) -> None:
        self._name = folder
        base = cache_folder()
        folders = [base / folder, base / f"{folder}-target" / folder]  # the latter is that of Keras 3
        self._folder = next((one for one in folders if one.is_dir()), None)
        self._archive = next((base / one for one in archives if (base / one).is_file()), None)
        if self._folder is None and self._archive is None:
            raise FileNotFoundError(
                f"{function}: neither the folder {folders[0]} nor the file {base / archives[0]} exists, and Tensorlet "
                f"does not download files. Download {source} with a browser and put it there; it need not be unpacked."
            )

    def read(self, names: list[str]) -> list[bytes]:
        """The contents of files.

        Raises:
            FileFormatError: if one of them is missing, or the archive is damaged.
        """
        try:
            if self._folder is not None:
                return [(self._folder / name).read_bytes() for name in names]
            with tarfile.open(self._archive) as archive:
                return [self._member(archive, name) for name in names]
        except (OSError, KeyError, EOFError, tarfile.TarError, zlib.error) as error:
            raise FileFormatError(
                f"{self._folder or self._archive} is damaged, or lacks files ({error}). Copy it again."
            ) from None

    def _member(self, archive: tarfile.TarFile, name: str) -> bytes:
        opened = archive.extractfile(f"{self._name}/{name}")
        if opened is None:
            raise KeyError(name)
        return opened.read()


def cut_words(
    sequences: list[list[int]], num_words: int | None, skip_top: int, oov_char: int | None
) -> list[list[int]]:
    """Sequences without rare and very frequent words, as in Keras.

    Args:
        sequences: lists of the numbers of words, by frequency.
        num_words: numbers from here on are left out; None keeps all but the last one.
        skip_top: numbers below are left out.
        oov_char: what replaces them; None for nothing.
    """
    most = num_words or max(max(one) for one in sequences)
    if oov_char is None:
        return [[word for word in one if skip_top <= word < most] for one in sequences]
    return [[word if skip_top <= word < most else oov_char for word in one] for one in sequences]


def short_ones(
    function: str, sequences: list[list[int]], labels: np.ndarray, maxlen: int | None
) -> tuple[list[list[int]], np.ndarray]:
    """The sequences that are shorter than ``maxlen``, and their labels.

    Raises:
        InvalidArgumentError: if there is none.
    """
    if not maxlen:
        return sequences, labels
    kept = [number for number, one in enumerate(sequences) if len(one) < maxlen]
    if not kept:
        raise InvalidArgumentError(f"{function}: no sequence is shorter than maxlen={maxlen}. Increase it.")
    return [sequences[number] for number in kept], labels[kept]


def object_array(sequences: list[Any]) -> np.ndarray:
    """Lists as the elements of an array."""
    found = np.empty(len(sequences), object)
    for place, one in enumerate(sequences):
        found[place] = one
    return found


def with_start(sequences: Any, start_char: int | None, index_from: int) -> list[list[int]]:
    """Sequences whose numbers are raised, with a number at their start; see `imdb.load_data`."""
    start = [] if start_char is None else [start_char]
    if not start and not index_from:
        return [list(one) for one in sequences]
    return [[*start, *(word + index_from for word in one)] for one in sequences]
