"""A check of the heaps of an HDF5 file before the HDF5 library reads it.

Texts of attributes are stored in "global heap collections": the letters GCOL, a version, the size of the collection,
and a sequence of objects, each with an index, its size and its bytes. Object 0 is free space, and its size includes
its own header. The library advances by that size, so that a damaged size of 0 causes an infinite loop, which
cannot be interrupted.

Source: The HDF Group, "HDF5 File Format Specification", sections II.A (superblock) and III.E (global heap).
"""

from __future__ import annotations

import os
from typing import IO

from tensorlet.errors import FileFormatError

MAGIC = b"GCOL\x01\0\0\0"
#: The bytes of the header of a collection and of each object, for lengths of 8 bytes.
HEADER = 16
ALIGNMENT = 8
PIECE = 1 << 20


def check_heaps(file: IO[bytes]) -> None:
    """Raises an error for heaps that would hang the HDF5 library. The file is positioned at its start afterwards.

    Args:
        file: a file open for reading in binary mode.

    Raises:
        FileFormatError: if a heap is damaged, or lengths have a size that no program uses for models.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(HEADER)
    # The size of lengths follows that of offsets; in older superblocks it is four bytes later.
    place = 14 if start[8:9] in (b"\0", b"\1") else 10
    if len(start) == HEADER and start[place] != 8:
        raise FileFormatError(f"its lengths have {start[place]} bytes, but 8 are expected")
    at = 0
    while at < size:
        file.seek(at)
        piece = file.read(PIECE + len(MAGIC) - 1)
        found = piece.find(MAGIC)
        while found >= 0:
            _check_collection(file, at + found, size)
            found = piece.find(MAGIC, found + 1)
        at += PIECE
    file.seek(0)


def _check_collection(file: IO[bytes], at: int, size: int) -> None:
    file.seek(at + len(MAGIC))
    length = int.from_bytes(file.read(8), "little")
    if length > size - at:  # reported by the library
        return
    place = HEADER
    while place + HEADER <= length:
        file.seek(at + place)
        header = file.read(HEADER)
        number, claimed = int.from_bytes(header[:2], "little"), int.from_bytes(header[8:], "little")
        if number == 0:
            if claimed < HEADER:
                raise FileFormatError(f"the heap at byte {at} is damaged: its free space has {claimed} bytes")
            place += claimed
        else:
            place += HEADER + -(-claimed // ALIGNMENT) * ALIGNMENT
