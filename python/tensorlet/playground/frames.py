"""Binary messages to the page: a JSON header, then arrays of bytes and float32 numbers."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

TYPES = {"uint8": "u8", "float32": "f32"}


def encode(header: dict[str, Any], arrays: list[tuple[str, np.ndarray]]) -> bytes:
    """Returns a message: the length of the header (uint32), the header, and the arrays, each at a multiple of 4.

    Args:
        header: what JSON can hold; it gets an entry ``arrays`` with the name, type, shape and place of each array.
        arrays: names and arrays, of uint8 or float32.

    >>> message = encode({"epoch": 1}, [("w", np.zeros((2, 3), "float32"))])
    >>> decode(message)[1]["w"].shape
    (2, 3)
    """
    listed, parts, place = [], [], 0
    for name, array in arrays:
        data = np.ascontiguousarray(array).tobytes()
        data += b"\0" * (-len(data) % 4)
        listed.append([name, TYPES[array.dtype.name], list(array.shape), place])
        parts.append(data)
        place += len(data)
    text = json.dumps({**header, "arrays": listed}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *parts])


def decode(message: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Returns the header and the arrays of a message."""
    (length,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + length])
    arrays = {}
    for name, kind, shape, place in header["arrays"]:
        dtype = np.dtype("uint8" if kind == "u8" else "<f4")
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(message, dtype, count, 4 + length + place).reshape(shape)
    return header, arrays
