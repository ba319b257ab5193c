"""A look at the heaps of an HDF5 file before the HDF5 library gets it.

Texts of attributes lie in "global heap collections": the letters GCOL, a version, the collection's size, and
objects one after the other, each with a number, its size and its bytes. Object 0 is what is left over, and its
size counts its own header. The library moves on by that size, so that a damaged one of 0 keeps it at the same
place for ever, and nothing can interrupt it.

Source: The HDF Group, "HDF5 File Format Specification", sections II.A (superblock) and III.E (global heap).
"""

from __future__ import annotations

import os
from typing import IO

from tensorlet.errors import FileFormatError

MAGIC = b"GCOL\x01\0\0\0"
#: Bytes of the collection's and of each object's header, where lengths are numbers of 8 bytes.
HEADER = 16
ALIGNMENT = 8
PIECE = 1 << 20


def check_heaps(file: IO[bytes]) -> None:
    """Refuses a file whose heaps would stop the HDF5 library. The file's position is at its start afterwards.

    Args:
        file: open for reading, in binary.

    Raises:
        FileFormatError: for a damaged heap, or lengths of another size than every writer of models uses.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(HEADER)
    # The size of lengths stands behind that of offsets, in the older superblocks four bytes later.
    place = 14 if start[8:9] in (b"\0", b"\1") else 10
    if len(start) == HEADER and start[place] != 8:
        raise FileFormatError(f"its lengths have {start[place]} bytes, and 8 are expected")
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
    if length > size - at:  # the library says so itself
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
