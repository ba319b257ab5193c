"""Strings in TensorFlow checkpoints: all lengths, a checksum of the lengths, and the bytes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tensorlet.errors import FileFormatError
from tensorlet.formats.crc32c import crc32c, mask
from tensorlet.formats.protobuf import read_varint, varint


def string_pieces(strings: list[bytes]) -> tuple[list[Any], int]:
    """Returns the parts of a stored string tensor, and their checksum."""
    lengths = b"".join(len(one).to_bytes(4, "little") for one in strings)
    checksum = crc32c(lengths)
    stored = mask(checksum).to_bytes(4, "little")
    checksum = crc32c(stored, checksum)
    for one in strings:
        checksum = crc32c(one, checksum)
    return [b"".join(varint(len(one)) for one in strings), stored, *strings], checksum


def damaged(key: str, path: str) -> FileFormatError:
    """Returns the error for bytes that do not match their checksum."""
    return FileFormatError(
        f"{path}: the checksum of '{key}' does not match: the file is corrupted, or belongs to another index."
    )


def read_strings(data: np.ndarray, shape: tuple[int, ...], expected: int, key: str, path: str) -> Any:
    """Returns the strings of a tensor.

    Args:
        data: the bytes of the tensor.
        shape: its shape.
        expected: the masked checksum in the index.
        key: the name of the tensor, for errors.
        path: the data file, for errors.
    """
    count = math.prod(shape)
    if count > data.nbytes:
        raise FileFormatError(f"{path}: {data.nbytes} bytes cannot contain the {count} strings of '{key}'.")
    raw = data.tobytes()
    at = 0
    lengths = []
    for _ in range(count):
        length, at = read_varint(raw, at, path)
        lengths.append(length)
    if any(length >> 32 for length in lengths) or sum(lengths) + at + 4 != len(raw):
        raise FileFormatError(
            f"{path}: the lengths of the strings of '{key}' do not match. The file is corrupted."
        )
    start = at + 4
    strings = []
    for length in lengths:
        strings.append(raw[start : start + length])
        start += length
    pieces, checksum = string_pieces(strings)
    if mask(checksum) != expected or pieces[1] != raw[at : at + 4]:
        raise damaged(key, path)
    if not shape:
        return strings[0]
    array = np.empty(count, object)
    array[:] = strings
    return array.reshape(shape)
