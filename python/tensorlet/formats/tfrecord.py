"""TFRecord files: records of bytes, each with its length and checksums.

Format: length (8 bytes, little-endian), checksum of the length, the record, checksum of the record; checksums are
masked CRC-32C.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

from tensorlet.errors import FileFormatError, NotFoundError
from tensorlet.formats.crc32c import crc32c, mask


def _checksum(data: bytes) -> bytes:
    return mask(crc32c(data)).to_bytes(4, "little")


def records(path: str) -> Iterator[bytes]:
    """The records of a file, which `tensorlet.formats.events.frame` has framed.

    Raises:
        NotFoundError: if it does not exist.
        FileFormatError: if it is truncated or damaged.
    """
    if not os.path.exists(path):
        raise NotFoundError(f"{path}; No such file or directory")
    largest = os.path.getsize(path)
    with open(path, "rb") as file:
        yield from _records(file, path, largest)


def _records(file: IO[bytes], name: str, largest: int) -> Iterator[bytes]:
    while head := file.read(12):
        if len(head) < 12 or _checksum(head[:8]) != head[8:]:
            raise FileFormatError(
                f"{name} is not a TFRecord file, or is damaged: the length of a record is wrong."
            )
        length = int.from_bytes(head[:8], "little")
        if length > largest:
            raise FileFormatError(
                f"{name} is truncated: a record of {length} bytes does not fit into the file."
            )
        record, check = file.read(length), file.read(4)
        if len(record) < length or _checksum(record) != check:
            raise FileFormatError(f"{name} is truncated or damaged: the checksum of a record is wrong.")
        yield record
