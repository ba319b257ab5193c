"""TensorFlow's checkpoint files: named arrays in a data file, and an index of them beside it.

``PREFIX.data-00000-of-00001`` holds the arrays one after the other, little-endian, in C order.
``PREFIX.index`` is a sorted table (see `tensorlet.formats.sorted_table`): under the empty key a header with the number
of data files, under each name a small protocol buffer with the element type, the shape, the position, the
size and the masked CRC-32C of the bytes. Strings are stored as the lengths of all (varints), a checksum of
the lengths, and their bytes.

Source: TensorFlow, ``tensor_bundle.proto`` and ``types.proto`` (numbers of fields and element types).

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

#: TensorFlow's number of each element type that can be held here.
NUMBERS: dict[np.dtype[Any], int] = {
    np.dtype(name): number
    for name, number in {
        "float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "int64": 9, "bool": 10,
        "uint16": 17, "float16": 19, "uint32": 22, "uint64": 23,
    }.items()
}  # fmt: skip
DTYPES = {number: dtype for dtype, number in NUMBERS.items()}
STRING, BFLOAT16 = 7, 14
#: Types that a checkpoint may hold and nothing here can, for the error.
STRANGERS = {8: "complex64", 18: "complex128", 20: "resource", 21: "variant"}
MOST_SHARDS = 99_999
MOST_AXES = 32
LARGEST_ITEM = 8
#: An index describes each array in less than a hundred bytes; this one would be of some hundred thousand.
LARGEST_INDEX = 1 << 24
LARGEST_ENTRY = 1 << 12


class Entry(NamedTuple):
    """Where a tensor lies and what it is."""

    number: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int
    sliced: bool

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The NumPy type that it is read as; None for strings and for types that cannot be read."""
        return np.dtype("float32") if self.number == BFLOAT16 else DTYPES.get(self.number)


def shard_path(prefix: str, shard: int, shards: int) -> str:
    """The name of a data file."""
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


# Writing


def write_bundle(prefix: str | os.PathLike[str], tensors: Mapping[str, Any]) -> None:
    """Writes arrays and strings as a checkpoint; an older one of that name is replaced whole or not at all.

    Args:
        prefix: the path without ``.index``; folders are made.
        tensors: name -> array (a scalar: an array without axes), or bytes.

    Raises:
        SavingError: if a file cannot be written; what was there before still is.
        InvalidArgumentError: for an element type that TensorFlow does not have.

    The index is what counts: whoever reads goes by it to the data. Over an older checkpoint, the new data go
    to a file of another name first, then the index is replaced, and only then do the usual names return. So
    the index points to data that are whole and its own at every moment.
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
    """How many data files the index of an older checkpoint counts; 0 if there is none that can be read."""
    try:
        return BundleReader(name).shards
    except (OSError, FileFormatError):
        return 0


def _link_or_copy(source: str, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # some file systems have no links
        shutil.copyfile(source, target)


def _write_data(path: str, tensors: Mapping[str, Any]) -> dict[str, Message]:
    """Writes the data file; returns the index's entry of each tensor."""
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
            f"'{key}' has the element type {dtype}, which a checkpoint cannot hold. It can hold bytes and "
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


# Reading


class BundleReader:
    """Reads a checkpoint. Opening it reads the index; each array is read when it is asked for.

    Args:
        prefix: the path without ``.index``.

    Raises:
        FileNotFoundError: if there is no such checkpoint.
        FileFormatError: if the index is truncated, damaged or something else.
    """

    def __init__(self, prefix: str | os.PathLike[str]) -> None:
        self.prefix = os.fspath(prefix)
        self.index_path = f"{self.prefix}.index"
        rows = read_table(_bytes_of_index(self.prefix, self.index_path), self.index_path)
        header = Reader(rows.pop(b"", b""), self.index_path)
        self.shards = header.integer(1)
        if not 1 <= self.shards <= MOST_SHARDS:
            raise FileFormatError(f"{self.index_path}: it counts {self.shards} data files. It is corrupted.")
        if header.integer(2):
            raise FileFormatError(
                f"{self.index_path}: the checkpoint was written on a big-endian machine, which cannot be read."
            )
        self.entries: dict[str, Entry] = dict(self._parsed(rows))
        self._sizes: dict[int, int] = {}

    def _parsed(self, rows: Mapping[bytes, bytes]) -> Iterator[tuple[str, Entry]]:
        for raw, value in rows.items():
            try:
                key = raw.decode("utf-8")
            except UnicodeDecodeError:
                continue  # the slices of a partitioned variable have such keys
            if len(value) > LARGEST_ENTRY:
                raise FileFormatError(
                    f"{self.index_path}: '{key}' is described by {len(value):,} bytes, and some tens are usual. "
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
        """The index's entry of a tensor.

        Raises:
            KeyError: if there is none of that name; it lists some that there are.
        """
        if key not in self.entries:
            some = ", ".join(list(self.entries)[:8])
            raise MissingTensorError(
                f"{self.prefix}: the checkpoint has no '{key}'.{did_you_mean(key, self.entries)} It has: {some}"
                f"{', ...' if len(self.entries) > 8 else ''}."
            )
        return self.entries[key]

    def read(self, key: str) -> Any:
        """A tensor as a new NumPy array; a string as bytes (an array of bytes objects, if there are several).

        Raises:
            KeyError: if there is none of that name.
            FileFormatError: if its data are missing, damaged, or of a type that cannot be read.
        """
        entry = self.entry(key)
        self._check(key, entry)
        path = shard_path(self.prefix, entry.shard, self.shards)
        data = np.empty(entry.size, np.uint8)
        with open(path, "rb") as file:
            file.seek(entry.offset)
            if file.readinto(data.data) != entry.size:
                raise FileFormatError(f"{path}: the data end within '{key}'. The file is truncated.")
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
        """Everything that an entry claims, against what is there, before memory is taken for it."""
        where = f"{self.index_path}: '{key}'"
        if entry.sliced:
            raise FileFormatError(
                f"{where} is stored in slices (a partitioned variable), which cannot be read."
            )
        if entry.number not in DTYPES and entry.number not in (STRING, BFLOAT16):
            kind = STRANGERS.get(entry.number, f"number {entry.number}")
            raise FileFormatError(f"{where} has the element type {kind}, which cannot be read.")
        if len(entry.shape) > MOST_AXES or min(entry.shape, default=0) < 0:
            raise FileFormatError(
                f"{where} has the shape {entry.shape}, which cannot be. The file is corrupted."
            )
        count = math.prod(entry.shape)
        if entry.number != STRING:
            expected = count * (2 if entry.number == BFLOAT16 else DTYPES[entry.number].itemsize)
            if entry.size != expected:
                raise FileFormatError(
                    f"{where} has {entry.size:,} bytes, but its shape {entry.shape} needs {expected:,}: corrupted."
                )
        if not 0 <= entry.shard < self.shards:
            raise FileFormatError(
                f"{where} lies in data file {entry.shard} of {self.shards}. The file is corrupted."
            )
        if 0 in entry.shape and not is_possible(entry.shape, LARGEST_ITEM):
            raise FileFormatError(
                f"{where} is empty, but has the shape {entry.shape}, which cannot be. The file is corrupted."
            )
        size = self._shard_size(entry.shard)
        if entry.offset + entry.size > size:
            path = shard_path(self.prefix, entry.shard, self.shards)
            raise FileFormatError(
                f"{path}: '{key}' should end at byte {entry.offset + entry.size:,}, but the file has {size:,}. It is "
                "truncated, or belongs to another index."
            )

    def _shard_size(self, shard: int) -> int:
        if shard not in self._sizes:
            path = shard_path(self.prefix, shard, self.shards)
            try:
                self._sizes[shard] = os.path.getsize(path)
            except FileNotFoundError:
                raise FileFormatError(
                    f"{path}: this file is missing, though {self.index_path} is there. Copy both: a checkpoint is an "
                    ".index and its .data files."
                ) from None
            claimed = sum(entry.size for entry in self.entries.values() if entry.shard == shard)
            if claimed > self._sizes[shard]:
                raise FileFormatError(
                    f"{path}: the file has {self._sizes[shard]:,} bytes, but the tensors that {self.index_path} lists "
                    f"need {claimed:,}. It is truncated or corrupted, or the two do not belong together."
                )
        return self._sizes[shard]


class MissingTensorError(FileFormatError, KeyError):
    """A name that a checkpoint does not have."""

    def __str__(self) -> str:
        return str(self.args[0])


def _bytes_of_index(prefix: str, path: str) -> bytes:
    try:
        size = os.path.getsize(path)
    except OSError:
        folder = Path(prefix).parent
        near = sorted(file.name[: -len(".index")] for file in _files(folder) if file.name.endswith(".index"))
        found = (
            f"In that folder there is: {', '.join(near[:8])}." if near else "That folder has no checkpoint."
        )
        raise FileNotFoundError(
            f"{prefix}: there is no checkpoint of that name ({path} is missing). {found}"
        ) from None
    if size > LARGEST_INDEX:
        raise FileFormatError(f"{path}: {size:,} bytes; an index of more than {LARGEST_INDEX:,} is not read.")
    return Path(path).read_bytes()


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
