"""PNG files: pictures of 8 bits a channel, written and read with the standard library and NumPy.

Source: "Portable Network Graphics (PNG) Specification (Second Edition)", W3C, 2003.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from tensorlet.errors import FileFormatError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
#: The number of a kind of picture, by how many channels it has; and back.
KINDS = {1: GREY, 2: GREY_ALPHA, 3: COLOUR, 4: COLOUR_ALPHA}
CHANNELS = {GREY: 1, COLOUR: 3, PALETTE: 1, GREY_ALPHA: 2, COLOUR_ALPHA: 4}
#: Bytes of pixels that a picture may have; a damaged header could ask for any number.
MOST_BYTES = 1 << 26


def encode(pixels: np.ndarray) -> bytes:
    """A picture as a PNG file.

    Args:
        pixels: uint8, of shape [height, width, channels] with 1 to 4 channels: grey, grey and alpha, colour,
            colour and alpha.

    >>> import numpy as np
    >>> from tensorlet.formats.png import decode, encode
    >>> decode(encode(np.array([[[1], [2]]], "uint8"))).tolist()
    [[[1], [2]]]
    """
    height, width, channels = pixels.shape
    # Each row starts with the number of its filter; 0: the bytes as they are.
    rows = np.zeros((height, 1 + width * channels), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, KINDS[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def decode(content: bytes, name: str = "the PNG file") -> np.ndarray:
    """The pixels of a PNG file, uint8 of shape [height, width, channels].

    Args:
        content: the file's bytes.
        name: of the file, for errors.

    Raises:
        FileFormatError: for anything but a whole PNG file of 8 bits a channel that is not interlaced.
    """
    width = height = kind = 0
    palette = np.zeros((0, 3), np.uint8)
    packed: list[memoryview] = []
    for label, body in _chunks(content, name):
        if label == b"IHDR":
            width, height, kind = _header(body, name)
        elif label == b"PLTE":
            palette = np.frombuffer(body[: len(body) // 3 * 3], np.uint8).reshape(-1, 3)
        elif label == b"IDAT":
            packed.append(body)
    if not width:
        raise FileFormatError(f"{name}: there is no header in it (IHDR). The file is corrupted.")
    stride = width * CHANNELS[kind]
    rows = _unpacked(packed, height * (1 + stride), name)
    pixels = _unfiltered(rows.reshape(height, 1 + stride), CHANNELS[kind], name)
    pixels = pixels.reshape(height, width, CHANNELS[kind])
    if kind != PALETTE:
        return pixels
    if pixels.max() >= len(palette):
        raise FileFormatError(f"{name}: a pixel has a colour that its palette lacks. The file is corrupted.")
    return palette[pixels[:, :, 0]]


def _chunks(content: bytes, name: str) -> Iterator[tuple[bytes, memoryview]]:
    """The labels and contents of a file's parts, up to the end mark; checksums are compared."""
    view = memoryview(content)
    if bytes(view[:8]) != SIGNATURE:
        raise FileFormatError(f"{name} is no PNG file: it does not start with PNG's eight bytes.")
    at = 8
    while True:
        length = int.from_bytes(view[at : at + 4], "big")
        label, body = bytes(view[at + 4 : at + 8]), view[at + 8 : at + 8 + length]
        end = at + 12 + length
        if end > len(view):
            raise FileFormatError(f"{name}: the file ends within a part of it. It is truncated or corrupted.")
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise FileFormatError(f"{name}: the checksum of a part is wrong. The file is corrupted.")
        if label == b"IEND":
            return
        yield label, body
        at = end


def _header(body: memoryview, name: str) -> tuple[int, int, int]:
    if len(body) != 13:
        raise FileFormatError(
            f"{name}: the header has {len(body)} bytes, expected 13. The file is corrupted."
        )
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", body)
    if kind not in CHANNELS or depth != 8 or interlaced:
        raise FileFormatError(
            f"{name} has {depth} bits a channel, colour type {kind}{', interlaced' if interlaced else ''}; only 8 bits "
            "a channel, not interlaced, are read. Save it anew as an ordinary 8-bit PNG."
        )
    if not 0 < width * height * CHANNELS[kind] <= MOST_BYTES:
        raise FileFormatError(f"{name} says that it is {width:,} by {height:,} pixels, which cannot be.")
    return width, height, kind


def _unpacked(packed: list[memoryview], size: int, name: str) -> np.ndarray:
    """The compressed parts' bytes, which must be as many as the header says."""
    try:
        # One byte more than is wanted: a file that holds more is corrupted too.
        content = zlib.decompressobj().decompress(b"".join(packed), size + 1)
    except zlib.error:
        raise FileFormatError(f"{name}: the pixels cannot be unpacked. The file is corrupted.") from None
    if len(content) != size:
        raise FileFormatError(f"{name}: there are not as many pixels in it as it says. It is corrupted.")
    return np.frombuffer(content, np.uint8)


def _unfiltered(rows: np.ndarray, channels: int, name: str) -> np.ndarray:
    """Undoes the filter of each row, which says how bytes differ from those to the left and above."""
    pixels = np.zeros((len(rows), rows.shape[1] - 1), np.uint8)
    above = np.zeros(rows.shape[1] - 1, np.uint8)
    for index, row in enumerate(rows):
        number, line = int(row[0]), row[1:]
        if number == 0:
            pixels[index] = line
        elif number == 1:
            # A running sum in each channel; uint8 wraps as it should.
            pixels[index] = np.cumsum(line.reshape(-1, channels), axis=0, dtype=np.uint8).reshape(-1)
        elif number == 2:
            pixels[index] = line + above
        elif number in (3, 4):
            undo = _undo_average if number == 3 else _undo_paeth
            pixels[index] = np.frombuffer(undo(line.tobytes(), above.tobytes(), channels), np.uint8)
        else:
            raise FileFormatError(f"{name}: a row has filter {number}, known are 0 to 4. It is corrupted.")
        above = pixels[index]
    return pixels


def _undo_average(line: bytes, above: bytes, channels: int) -> bytearray:
    """Each byte is a difference from the mean of those to the left and above."""
    out = bytearray(line)
    for at in range(len(out)):
        left = out[at - channels] if at >= channels else 0
        out[at] = (out[at] + ((left + above[at]) >> 1)) & 0xFF
    return out


def _undo_paeth(line: bytes, above: bytes, channels: int) -> bytearray:
    """Each byte is a difference from that neighbour which is nearest to left + above - corner."""
    out = bytearray(line)
    for at in range(len(out)):
        up = above[at]
        left, corner = (out[at - channels], above[at - channels]) if at >= channels else (0, 0)
        to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
        if to_left <= to_up and to_left <= to_corner:
            nearest = left
        else:
            nearest = up if to_up <= to_corner else corner
        out[at] = (out[at] + nearest) & 0xFF
    return out
