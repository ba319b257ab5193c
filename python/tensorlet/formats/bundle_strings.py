"""Strings in TensorFlow's checkpoint files: the lengths of all, a checksum of the lengths, and their bytes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tensorlet.errors import FileFormatError
from tensorlet.formats.crc32c import crc32c, mask
from tensorlet.formats.protobuf import read_varint, varint


def string_pieces(strings: list[bytes]) -> tuple[list[Any], int]:
    """The parts of a stored tensor of strings, and the checksum of all of them."""
    lengths = b"".join(len(one).to_bytes(4, "little") for one in strings)
    checksum = crc32c(lengths)
    stored = mask(checksum).to_bytes(4, "little")
    checksum = crc32c(stored, checksum)
    for one in strings:
        checksum = crc32c(one, checksum)
    return [b"".join(varint(len(one)) for one in strings), stored, *strings], checksum


def damaged(key: str, path: str) -> FileFormatError:
    """The error for bytes that do not match their checksum."""
    return FileFormatError(
        f"{path}: the checksum of '{key}' does not fit: the file is corrupted, or belongs to another index."
    )


def read_strings(data: np.ndarray, shape: tuple[int, ...], expected: int, key: str, path: str) -> Any:
    """The strings of a tensor.

    Args:
        data: the bytes of the tensor.
        shape: its shape.
        expected: the masked checksum in the index.
        key: its name, for errors.
        path: the data file, for errors.
    """
    count = math.prod(shape)
    if count > data.nbytes:
        raise FileFormatError(f"{path}: {data.nbytes} bytes cannot hold the {count} strings of '{key}'.")
    raw = data.tobytes()
    at = 0
    lengths = []
    for _ in range(count):
        length, at = read_varint(raw, at, path)
        lengths.append(length)
    if any(length >> 32 for length in lengths) or sum(lengths) + at + 4 != len(raw):
        raise FileFormatError(f"{path}: the lengths of the strings of '{key}' do not fit. It is corrupted.")
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
