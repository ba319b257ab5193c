"""PNG files: decoded by the engine, encoded with the standard library and NumPy.

Source: "Portable Network Graphics (PNG) Specification (Second Edition)", W3C, 2003.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from tensorlet.engine import native
from tensorlet.errors import FileFormatError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 4, 6
#: The PNG color type for each number of channels.
KINDS = {1: GREY, 2: GREY_ALPHA, 3: COLOUR, 4: COLOUR_ALPHA}
#: The largest size of the pixels in bytes, because a damaged header could request any size.
MOST_BYTES = 1 << 26


def encode(pixels: np.ndarray) -> bytes:
    """Encodes an image as a PNG file.

    Args:
        pixels: uint8 or uint16, of shape [height, width, channels] with 1 to 4 channels: gray, gray and alpha,
            color, color and alpha.

    >>> import numpy as np
    >>> from tensorlet.formats.png import decode, encode
    >>> decode(encode(np.array([[[1], [2]]], "uint8"))).tolist()
    [[[1], [2]]]
    """
    height, width, channels = pixels.shape
    size = pixels.dtype.itemsize
    # Each row starts with the number of its filter; filter 0 leaves the bytes unchanged.
    rows = np.zeros((height, 1 + width * channels * size), np.uint8)
    rows[:, 1:] = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    header = struct.pack(">IIBBBBB", width, height, 8 * size, KINDS[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def decode(content: bytes, name: str = "the PNG file", with_key: bool = False) -> np.ndarray:
    """Decodes the pixels of a PNG file.

    All kinds of PNG files are supported: palettes, interlacing, and 1, 2, 4, 8 or 16 bits per channel.

    Args:
        content: the bytes of the file.
        name: the name of the file, for errors.
        with_key: whether to convert the transparent color of a file without alpha channel to an
            alpha channel. The alpha values of a palette are always converted.

    Returns:
        uint8 (uint16 for 16 bits per channel) of shape [height, width, channels], with 1 to 4 channels as in `encode`.

    Raises:
        FileFormatError: if it is not a complete PNG file, or has more than `MOST_BYTES` of pixels.
    """
    if not content.startswith(SIGNATURE):
        raise FileFormatError(f"{name} is not a PNG file: it does not start with the signature of PNG.")
    try:
        pixels, (height, width, channels, wide, keyed) = native.decode_png(content, MOST_BYTES)
    except ValueError as error:
        raise FileFormatError(
            f"{name} cannot be read: {error}. It is damaged or truncated; save the image again."
        ) from None
    if wide:
        pixels = pixels.view(">u2").astype(np.uint16)
    pixels = pixels.reshape(height, width, channels)
    return pixels[:, :, :-1] if keyed and not with_key else pixels
