"""CRC-32C, the checksum of TensorFlow's files, computed by the engine.

It is the cyclic redundancy check with Castagnoli's polynomial 0x1EDC6F41, lowest bit first (0x82F63B78), which starts
with all ones and is inverted at the end. Source: G. Castagnoli, S. Bräuer, M. Herrmann, "Optimization of cyclic
redundancy-check codes with 24 and 32 parity bits", 1993; RFC 3720, appendix B.4, has test vectors.
"""

from __future__ import annotations

import numpy as np

from tensorlet.engine import native

#: Added to a rotated checksum before it is stored, so that checksums of data that hold checksums stay good.
MASK = 0xA282EAD8


def crc32c(data: bytes | bytearray | memoryview, value: int = 0) -> int:
    """The checksum of bytes, or of bytes that follow others.

    Args:
        data: bytes, or a contiguous view of an array.
        value: the checksum of the bytes before.

    >>> from tensorlet.formats.crc32c import crc32c
    >>> hex(crc32c(b"123456789")), crc32c(b"6789", crc32c(b"12345")) == crc32c(b"123456789")
    ('0xe3069283', True)
    """
    # A cast to bytes refuses views with a zero among their lengths.
    view = memoryview(data)
    return native.crc32c(np.frombuffer(view.cast("B") if view.nbytes else b"", np.uint8), value)


def mask(value: int) -> int:
    """A checksum as TensorFlow's files store it: rotated right by 15 bits, plus a constant.

    >>> from tensorlet.formats.crc32c import mask, unmask
    >>> hex(mask(0)), unmask(mask(0x12345678)) == 0x12345678
    ('0xa282ead8', True)
    """
    return (((value >> 15) | (value << 17)) + MASK) & 0xFFFFFFFF


def unmask(stored: int) -> int:
    """The checksum that `mask` turned into ``stored``."""
    rotated = (stored - MASK) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF
