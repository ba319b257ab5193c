"""TensorFlow checkpoints: named arrays in a data file, with an index in a second file.

``PREFIX.data-00000-of-00001`` contains the arrays one after the other, little-endian, in C order.
``PREFIX.index`` is a sorted table (see `tensorlet.formats.sorted_table`): the empty key has a header with the number
of data files, and each name a small protocol buffer with the dtype, the shape, the position, the
size and the masked CRC-32C of the bytes. Strings are stored as all lengths (varints), a checksum of
the lengths, and the bytes.

Source: TensorFlow, ``tensor_bundle.proto`` and ``types.proto`` (numbers of fields and dtypes).

>>> import pathlib, tempfile
>>> import numpy as np
>>> from tensorlet.formats.tensor_bundle import BundleReader, write_bundle
>>> prefix = pathlib.Path(tempfile.mkdtemp()) / "numbers"
>>> write_bundle(prefix, {"w": np.array([1.0, 2.0], np.float32), "note": b"two weights"})
>>> reader = BundleReader(prefix)
>>> reader.read("w"), reader.read("note")
(array([1., 2.], dtype=float32), b'two weights')
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tensorlet.errors import FileFormatError, InvalidArgumentError, did_you_mean
from tensorlet.formats.atomic import replace_atomically, write_atomically
from tensorlet.formats.bundle_strings import damaged, read_strings, string_pieces
from tensorlet.formats.crc32c import crc32c, mask
from tensorlet.formats.protobuf import Message, Reader
from tensorlet.formats.shapes import is_possible
from tensorlet.formats.sorted_table import read_table, write_table

#: TensorFlow's number of each supported dtype.
NUMBERS: dict[np.dtype[Any], int] = {
    np.dtype(name): number
    for name, number in {
        "float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "int64": 9, "bool": 10,
        "uint16": 17, "float16": 19, "uint32": 22, "uint64": 23,
    }.items()
}  # fmt: skip
DTYPES = {number: dtype for dtype, number in NUMBERS.items()}
STRING, BFLOAT16 = 7, 14
#: Dtypes in checkpoints that are not supported, for error messages.
UNSUPPORTED = {8: "complex64", 18: "complex128", 20: "resource", 21: "variant"}
MOST_SHARDS = 99_999
MOST_AXES = 32
LARGEST_ITEM = 8
#: The largest index in bytes: at less than a hundred bytes per array, some hundred thousand arrays.
LARGEST_INDEX = 1 << 24
LARGEST_ENTRY = 1 << 12


class Entry(NamedTuple):
    """The location and type of a tensor."""

    number: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int
    sliced: bool

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The NumPy dtype of the result; None for strings and unsupported dtypes."""
        return np.dtype("float32") if self.number == BFLOAT16 else DTYPES.get(self.number)


def shard_path(prefix: str, shard: int, shards: int) -> str:
    """Returns the name of a data file."""
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


# Writing.


def write_bundle(prefix: str | os.PathLike[str], tensors: Mapping[str, Any]) -> None:
    """Writes arrays and strings as a checkpoint; an existing one is replaced completely or not at all.

    Args:
        prefix: the path without ``.index``; missing folders are created.
        tensors: a dictionary from names to arrays (rank 0 for scalars) or bytes.

    Raises:
        SavingError: if a file cannot be written; existing files are unchanged.
        InvalidArgumentError: for a dtype that TensorFlow does not have.

    Readers find the data through the index. To replace a checkpoint, the new data is first written under another
    name, then the index is replaced, and only then the usual names are restored. Therefore the index always refers
    to data that is complete and belongs to it.
    """
    name = os.fspath(prefix)
    if _shards_in_use(name) == 1:
        spare = shard_path(name, 0, 2)
        entries = _write_data(spare, tensors)
        write_atomically(f"{name}.index", _index(entries, 2))
        with replace_atomically(shard_path(name, 0, 1)) as temporary:
            _link_or_copy(spare, temporary)
    else:
        entries = _write_data(shard_path(name, 0, 1), tensors)
    write_atomically(f"{name}.index", _index(entries, 1))
    for shards in (2, 3):
        for shard in range(shards):
            with contextlib.suppress(OSError):
                os.unlink(shard_path(name, shard, shards))


def _shards_in_use(name: str) -> int:
    """Returns the number of data files in the index of an existing checkpoint; 0 if it is not readable."""
    try:
        return BundleReader(name).shards
    except (OSError, FileFormatError):
        return 0


def _link_or_copy(source: str, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # some file systems do not support links
        shutil.copyfile(source, target)


def _write_data(path: str, tensors: Mapping[str, Any]) -> dict[str, Message]:
    """Writes the data file; returns the index entry of each tensor."""
    entries = {}
    with replace_atomically(path) as temporary, open(temporary, "wb") as file:
        offset = 0
        for key, value in tensors.items():
            if isinstance(value, bytes):
                number, shape = STRING, ()
                pieces, checksum = string_pieces([value])
            else:
                array = np.asarray(value)
                number, shape = _number_of(key, array.dtype), array.shape
                stored = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
                pieces, checksum = [stored.reshape(-1).view(np.uint8).data], crc32c(stored.reshape(-1).data)
            size = sum(map(len, pieces))
            for piece in pieces:
                file.write(piece)
            entries[key] = _entry(number, shape, offset, size, checksum)
            offset += size
    return entries


def _number_of(key: str, dtype: np.dtype[Any]) -> int:
    number = NUMBERS.get(dtype.newbyteorder("="))
    if number is None:
        raise InvalidArgumentError(
            f"'{key}' has dtype {dtype}, which checkpoints do not support. Supported are bytes and "
            f"{', '.join(one.name for one in NUMBERS)}."
        )
    return number


def _entry(number: int, shape: tuple[int, ...], offset: int, size: int, checksum: int) -> Message:
    lengths = Message()
    for length in shape:
        lengths.message(2, Message().varint(1, length))
    message = Message().varint(1, number).message(2, lengths)
    if offset:
        message.varint(4, offset)
    return message.varint(5, size).fixed32(6, mask(checksum))


def _index(entries: Mapping[str, Message], shards: int) -> bytes:
    header = Message().varint(1, shards).message(3, Message().varint(1, 1))
    rows = {key.encode("utf-8"): bytes(entry) for key, entry in entries.items()}
    return write_table([(b"", bytes(header)), *sorted(rows.items())])


# Reading.


class BundleReader:
    """Reads a checkpoint. The index is read when it is opened, and each array when it is accessed.

    Args:
        prefix: the path without ``.index``.

    Raises:
        FileNotFoundError: if the checkpoint does not exist.
        FileFormatError: if the index is truncated, damaged or has another format.
    """

    def __init__(self, prefix: str | os.PathLike[str]) -> None:
        self.prefix = os.fspath(prefix)
        self.index_path = f"{self.prefix}.index"
        rows = read_table(_bytes_of_index(self.prefix, self.index_path), self.index_path)
        header = Reader(rows.pop(b"", b""), self.index_path)
        self.shards = header.integer(1)
        if not 1 <= self.shards <= MOST_SHARDS:
            raise FileFormatError(
                f"{self.index_path}: it states {self.shards} data files. The file is corrupted."
            )
        if header.integer(2):
            raise FileFormatError(
                f"{self.index_path}: the checkpoint was written on a big-endian machine, which is not supported."
            )
        self.entries: dict[str, Entry] = dict(self._parsed(rows))
        self._sizes: dict[int, int] = {}

    def _parsed(self, rows: Mapping[bytes, bytes]) -> Iterator[tuple[str, Entry]]:
        for raw, value in rows.items():
            try:
                key = raw.decode("utf-8")
            except UnicodeDecodeError:
                continue  # keys of the slices of a partitioned variable
            if len(value) > LARGEST_ENTRY:
                raise FileFormatError(
                    f"{self.index_path}: the entry of '{key}' has {len(value):,} bytes, far more than usual. "
                    "The file is corrupted."
                )
            message = Reader(value, self.index_path)
            shape = message.message(2)
            yield (
                key,
                Entry(
                    number=message.integer(1),
                    shape=tuple(axis.signed(1) for axis in shape.messages(2)),
                    shard=message.integer(3),
                    offset=message.integer(4),
                    size=message.integer(5),
                    checksum=message.integer(6),
                    sliced=7 in message,
                ),
            )

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def entry(self, key: str) -> Entry:
        """Returns the index entry of a tensor.

        Raises:
            KeyError: if the name does not exist; some existing names are listed.
        """
        if key not in self.entries:
            some = ", ".join(list(self.entries)[:8])
            raise MissingTensorError(
                f"{self.prefix}: the checkpoint has no '{key}'.{did_you_mean(key, self.entries)} It contains: {some}"
                f"{', ...' if len(self.entries) > 8 else ''}."
            )
        return self.entries[key]

    def read(self, key: str) -> Any:
        """Returns a tensor as a new NumPy array; a string as bytes (several as an array of bytes objects).

        Raises:
            KeyError: if the name does not exist.
            FileFormatError: if its data is missing, damaged, or of an unsupported dtype.
        """
        entry = self.entry(key)
        self._check(key, entry)
        path = shard_path(self.prefix, entry.shard, self.shards)
        data = np.empty(entry.size, np.uint8)
        with open(path, "rb") as file:
            file.seek(entry.offset)
            if file.readinto(data.data) != entry.size:
                raise FileFormatError(f"{path}: the data ends within '{key}'. The file is truncated.")
        if entry.number == STRING:
            return read_strings(data, entry.shape, entry.checksum, key, path)
        if mask(crc32c(data.data)) != entry.checksum:
            raise damaged(key, path)
        if entry.number == BFLOAT16:  # the upper half of a float32
            wide = data.view("<u2").astype("<u4") << np.uint32(16)
            return wide.view("<f4").astype(np.float32).reshape(entry.shape)
        dtype = DTYPES[entry.number]
        if dtype.kind == "b":
            data = (data != 0).view(np.uint8)
        return data.view(dtype.newbyteorder("<")).astype(dtype, copy=False).reshape(entry.shape)

    def _check(self, key: str, entry: Entry) -> None:
        """Checks the claims of an entry against the files before memory is allocated for it."""
        where = f"{self.index_path}: '{key}'"
        if entry.sliced:
            raise FileFormatError(
                f"{where} is stored in slices (a partitioned variable), which is not supported."
            )
        if entry.number not in DTYPES and entry.number not in (STRING, BFLOAT16):
            kind = UNSUPPORTED.get(entry.number, f"number {entry.number}")
            raise FileFormatError(f"{where} has dtype {kind}, which is not supported.")
        if len(entry.shape) > MOST_AXES or min(entry.shape, default=0) < 0:
            raise FileFormatError(f"{where} has the invalid shape {entry.shape}. The file is corrupted.")
        count = math.prod(entry.shape)
        if entry.number != STRING:
            expected = count * (2 if entry.number == BFLOAT16 else DTYPES[entry.number].itemsize)
            if entry.size != expected:
                raise FileFormatError(
                    f"{where} has {entry.size:,} bytes, but its shape {entry.shape} needs {expected:,}: corrupted."
                )
        if not 0 <= entry.shard < self.shards:
            raise FileFormatError(
                f"{where} is in data file {entry.shard} of {self.shards}. The file is corrupted."
            )
        if 0 in entry.shape and not is_possible(entry.shape, LARGEST_ITEM):
            raise FileFormatError(
                f"{where} is empty, but has the invalid shape {entry.shape}. The file is corrupted."
            )
        size = self._shard_size(entry.shard)
        if entry.offset + entry.size > size:
            path = shard_path(self.prefix, entry.shard, self.shards)
            raise FileFormatError(
                f"{path}: '{key}' should end at byte {entry.offset + entry.size:,}, but the file has {size:,} bytes. "
                "It is truncated, or belongs to another index."
            )

    def _shard_size(self, shard: int) -> int:
        if shard not in self._sizes:
            path = shard_path(self.prefix, shard, self.shards)
            try:
                self._sizes[shard] = os.path.getsize(path)
            except FileNotFoundError:
                raise FileFormatError(
                    f"{path}: this file is missing, although {self.index_path} exists. Copy both: a checkpoint "
                    "consists of an .index and its .data files."
                ) from None
            claimed = sum(entry.size for entry in self.entries.values() if entry.shard == shard)
            if claimed > self._sizes[shard]:
                raise FileFormatError(
                    f"{path}: the file has {self._sizes[shard]:,} bytes, but the tensors in {self.index_path} need "
                    f"{claimed:,}. It is truncated or corrupted, or the two files do not belong together."
                )
        return self._sizes[shard]


class MissingTensorError(FileFormatError, KeyError):
    """A name that does not exist in a checkpoint."""

    def __str__(self) -> str:
        return str(self.args[0])


def _bytes_of_index(prefix: str, path: str) -> bytes:
    try:
        size = os.path.getsize(path)
    except OSError:
        folder = Path(prefix).parent
        near = sorted(file.name[: -len(".index")] for file in _files(folder) if file.name.endswith(".index"))
        found = (
            f"Checkpoints in that folder: {', '.join(near[:8])}."
            if near
            else "That folder has no checkpoint."
        )
        raise FileNotFoundError(
            f"{prefix}: there is no checkpoint with that name ({path} is missing). {found}"
        ) from None
    if size > LARGEST_INDEX:
        raise FileFormatError(
            f"{path}: the index has {size:,} bytes, more than the limit of {LARGEST_INDEX:,}."
        )
    return Path(path).read_bytes()


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
