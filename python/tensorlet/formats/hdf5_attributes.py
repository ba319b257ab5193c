"""The claimed lengths of texts in the attributes of an HDF5 object, read directly from the file.

A text in an attribute is stored as its length and location. The HDF5 library allocates memory for this length
before it checks whether the file is large enough: four damaged bytes can allocate four gigabytes. Therefore the
lengths are read here first.

Source: "HDF5 File Format Specification, Version 3.0", sections IV.A.1 (object headers) and IV.A.2.m (attributes).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

_ATTRIBUTE, _CONTINUATION = 0x0C, 0x10
_VARIABLE_LENGTH = 9
#: The bytes of a text reference in an attribute: its length (4), the address of a heap (8), the index in it (4).
_REFERENCE = 16
#: The largest number of messages in an object header, as protection against circular headers.
_MOST_MESSAGES = 100_000


def text_lengths(file: IO[bytes], address: int, size: int) -> dict[str, list[int]]:
    """Returns the claimed lengths of the texts in the attributes of an object, by the name of the attribute.

    Args:
        file: a file open for reading.
        address: the address of the object header, as returned by HDF5.
        size: the size of the file in bytes.

    Raises:
        ValueError, struct.error: if a header is damaged.
    """
    found = {}
    for kind, body in _messages(file, address, size):
        if kind == _ATTRIBUTE:
            name, datatype, data = _attribute(body)
            if datatype and datatype[0] & 0x0F == _VARIABLE_LENGTH:
                whole = len(data) - len(data) % _REFERENCE
                found[name] = [
                    struct.unpack_from("<I", data, place)[0] for place in range(0, whole, _REFERENCE)
                ]
    return found


def _messages(file: IO[bytes], address: int, size: int) -> Iterator[tuple[int, bytes]]:
    """Yields the type and content of each message of an object header of version 1 or 2."""
    start = _read(file, address, 16, size)
    if start[:4] == b"OHDR":
        flags = start[5]
        position = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        length = int.from_bytes(_read(file, position, width, size), "little")
        blocks, newer, extra = [(position + width, length)], True, 2 if flags & 4 else 0
    else:
        (length,) = struct.unpack_from("<I", start, 8)
        blocks, newer, extra = [(address + 16, length)], False, 0
    count = 0
    while blocks:
        block = _read(file, *blocks.pop(), size)
        position, head = 0, 4 + extra if newer else 8
        while position + head <= len(block):
            kind = block[position] if newer else struct.unpack_from("<H", block, position)[0]
            (length,) = struct.unpack_from("<H", block, position + (1 if newer else 2))
            body = block[position + head : position + head + length]
            position += head + length
            count += 1
            if count > _MOST_MESSAGES:
                raise ValueError("an object header does not end")
            if kind == _CONTINUATION:
                place, length = struct.unpack_from("<QQ", body)
                # Blocks of version 2 headers begin with a signature and end with a checksum.
                blocks.append((place + 4, length - 8) if newer else (place, length))
            yield kind, body


def _read(file: IO[bytes], address: int, length: int, size: int) -> bytes:
    if not (0 <= length <= size and 0 <= address <= size):
        raise ValueError("an object header extends beyond the file")
    file.seek(address)
    return file.read(length)


def _attribute(body: bytes) -> tuple[str, bytes, bytes]:
    """Returns the name, the datatype and the data of an attribute message."""
    version = body[0]
    name_size, type_size, space_size = struct.unpack_from("<HHH", body, 2)
    position = 9 if version == 3 else 8
    parts = []
    for length in (name_size, type_size, space_size):
        parts.append(body[position : position + length])
        position += length + (-length % 8 if version == 1 else 0)
    return parts[0].split(b"\0")[0].decode("utf-8"), parts[1], body[position:]
