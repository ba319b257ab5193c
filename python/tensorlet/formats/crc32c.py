"""CRC-32C, the checksum of TensorFlow's files, computed by the engine.

The cyclic redundancy check with Castagnoli's polynomial 0x1EDC6F41, least significant bit first (0x82F63B78), with
all ones as the initial value and inverted at the end. Source: G. Castagnoli, S. Bräuer, M. Herrmann, "Optimization
of cyclic redundancy-check codes with 24 and 32 parity bits", 1993; RFC 3720, appendix B.4, has test vectors.
"""

from __future__ import annotations

import numpy as np

from tensorlet.engine import native

#: Added to a rotated checksum before storing it, so that checksums of data that contain checksums remain effective.
MASK = 0xA282EAD8


def crc32c(data: bytes | bytearray | memoryview, value: int = 0) -> int:
    """Returns the checksum of bytes, or continues that of preceding bytes.

    Args:
        data: bytes, or a contiguous view of an array.
        value: the checksum of the preceding bytes.

    >>> from tensorlet.formats.crc32c import crc32c
    >>> hex(crc32c(b"123456789")), crc32c(b"6789", crc32c(b"12345")) == crc32c(b"123456789")
    ('0xe3069283', True)
    """
    # A cast to bytes fails for views with a length of zero.
    view = memoryview(data)
    return native.crc32c(np.frombuffer(view.cast("B") if view.nbytes else b"", np.uint8), value)


def mask(value: int) -> int:
    """Returns a checksum in the form stored in TensorFlow's files: rotated right by 15 bits, plus a constant.

    >>> from tensorlet.formats.crc32c import mask, unmask
    >>> hex(mask(0)), unmask(mask(0x12345678)) == 0x12345678
    ('0xa282ead8', True)
    """
    return (((value >> 15) | (value << 17)) + MASK) & 0xFFFFFFFF


def unmask(stored: int) -> int:
    """Returns the checksum for which `mask` returns ``stored``."""
    rotated = (stored - MASK) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF
