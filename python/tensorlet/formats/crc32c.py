"""CRC-32C, the checksum of TensorFlow's files.

It is the cyclic redundancy check with Castagnoli's polynomial 0x1EDC6F41, bits taken lowest first (so
0x82F63B78), started and ended with all ones. Source: G. Castagnoli, S. Bräuer, M. Herrmann, "Optimization of
cyclic redundancy-check codes with 24 and 32 parity bits", 1993; RFC 3720, appendix B.4, has test vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

#: Added to a rotated checksum before it is stored, so that checksums of data that hold checksums stay good.
MASK = 0xA282EAD8
#: Bytes that are worked through one by one, for all blocks at once; with few blocks that does not pay.
BLOCK, FEWEST_BLOCKS = 1024, 32
_POLYNOMIAL = 0x82F63B78


def crc32c(data: Any, value: int = 0) -> int:
    """The checksum of bytes, or of bytes that follow others.

    Args:
        data: bytes, or anything that shows itself as bytes (a C-ordered array).
        value: the checksum of what comes before.

    >>> from tensorlet.formats.crc32c import crc32c
    >>> hex(crc32c(b"123456789")), crc32c(b"6789", crc32c(b"12345")) == crc32c(b"123456789")
    ('0xe3069283', True)
    """
    # A cast to bytes refuses views with a zero among their lengths.
    view = memoryview(data)
    return _implementation()(view.cast("B") if view.nbytes else b"", value)


def mask(value: int) -> int:
    """A checksum as TensorFlow's files store it: rotated right by 15 bits, plus a constant.

    >>> from tensorlet.formats.crc32c import mask, unmask
    >>> hex(mask(0)), unmask(mask(0x12345678)) == 0x12345678
    ('0xa282ead8', True)
    """
    return (((value >> 15) | (value << 17)) + MASK) & 0xFFFFFFFF


def unmask(stored: int) -> int:
    """The checksum that `mask` made ``stored`` of."""
    rotated = (stored - MASK) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF


@cache
def _implementation() -> Callable[[Any, int], int]:
    """The engine's function; where the engine is missing, NumPy's way below."""
    try:
        from tensorlet import _native
    except ImportError:
        return crc32c_by_blocks
    return lambda data, value: _native.crc32c(np.frombuffer(data, np.uint8), value)


def crc32c_by_blocks(data: Any, value: int = 0) -> int:
    """The same for long data: all blocks of `BLOCK` bytes at once, each as if it stood at the start.

    The checksum is linear: that of two blocks is the first one's, moved on by as many zero bytes as the second
    one has, plus (exclusive or) the second one's.
    """
    array = np.frombuffer(data, np.uint8)
    blocks = len(array) // BLOCK
    if blocks < FEWEST_BLOCKS:
        return crc32c_by_table(data, value)
    table = np.array(_table(), np.uint32)
    states = np.zeros(blocks, np.uint32)
    for column in np.ascontiguousarray(array[: blocks * BLOCK].reshape(blocks, BLOCK).T):
        states = table[(states ^ column) & 0xFF] ^ (states >> 8)
    low, second, third, high = _moved_on()
    total = value ^ 0xFFFFFFFF
    for state in states.tolist():
        total = (
            low[total & 0xFF]
            ^ second[total >> 8 & 0xFF]
            ^ third[total >> 16 & 0xFF]
            ^ high[total >> 24]
            ^ state
        )
    return crc32c_by_table(data[blocks * BLOCK :], total ^ 0xFFFFFFFF)


@cache
def _moved_on() -> list[list[int]]:
    """What `BLOCK` zero bytes make of a checksum: a table for each of its four bytes."""
    table = np.array(_table(), np.uint32)
    states = np.arange(256, dtype=np.uint32)[None, :] << np.array([[0], [8], [16], [24]], np.uint32)
    for _ in range(BLOCK):
        states = table[states & 0xFF] ^ (states >> 8)
    found: list[list[int]] = states.tolist()
    return found


def crc32c_by_table(data: Any, value: int = 0) -> int:
    """The same, byte by byte: the definition, and the judge of the engine's."""
    table = _table()
    value ^= 0xFFFFFFFF
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    """What each byte does to the checksum."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return tuple(table)
