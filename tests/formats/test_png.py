"""PNG files, and `tf.image.decode_png`."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError, ShapeError
from tensorlet.formats.png import SIGNATURE, decode, encode


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def file_of(
    rows: bytes, width: int, height: int, kind: int, *extra: bytes, depth: int = 8, woven: int = 0
) -> bytes:
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([depth, kind, 0, 0, woven])
    return b"".join(
        [SIGNATURE, chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    )


def filtered(pixels: np.ndarray, filters: list[int]) -> bytes:
    """The rows with these filters, byte by byte as the specification has it."""
    height, width, channels = pixels.shape
    lines = pixels.reshape(height, -1).astype(int)
    out = bytearray()
    for y, number in enumerate(filters):
        out.append(number)
        for x in range(width * channels):
            left = lines[y, x - channels] if x >= channels else 0
            up = lines[y - 1, x] if y else 0
            corner = lines[y - 1, x - channels] if y and x >= channels else 0
            nearest = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
            guess = (0, left, up, (left + up) // 2, nearest)[number]
            out.append((lines[y, x] - guess) % 256)
    return bytes(out)


def test_a_file_holds_the_pixels() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    content = encode(pixels)
    header, body = content[8:33], content[33:]
    assert header == b"\0\0\0\rIHDR\0\0\0\4\0\0\0\2\x08\2\0\0\0" + zlib.crc32(header[4:21]).to_bytes(4, "big")
    length = int.from_bytes(body[:4], "big")
    rows = np.frombuffer(zlib.decompress(body[8 : 8 + length]), np.uint8).reshape(2, 13)
    assert rows[:, 0].tolist() == [0, 0]
    assert np.array_equal(rows[:, 1:].reshape(2, 4, 3), pixels)
    assert body[8 + length + 4 :] == b"\0\0\0\0IEND\xaeB`\x82"


@pytest.mark.parametrize(("channels", "kind"), [(1, 0), (2, 4), (3, 2), (4, 6)])
def test_every_filter_is_undone(channels: int, kind: int) -> None:
    rng = np.random.default_rng(channels)
    pixels = rng.integers(0, 256, size=(10, 7, channels), dtype=np.uint8)
    filters = [4, 3, 2, 1, 0, 1, 2, 3, 4, 4]
    assert np.array_equal(decode(file_of(filtered(pixels, filters), 7, 10, kind)), pixels)


def test_a_palette_gives_the_colours() -> None:
    palette = chunk(b"PLTE", bytes([0, 0, 0, 10, 20, 30]))
    assert decode(file_of(b"\0\1\0", 2, 1, 3, palette)).tolist() == [[[10, 20, 30], [0, 0, 0]]]


def test_plots_of_matplotlib_are_read() -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("agg")
    from matplotlib import image, pyplot

    figure = pyplot.figure(figsize=(2, 1))
    figure.gca().plot([1, 3, 2], label="loss")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    pyplot.close(figure)
    buffer.seek(0)
    expected = np.round(image.imread(buffer) * 255).astype(np.uint8)
    pixels = tf.image.decode_png(buffer.getvalue(), channels=4)
    assert pixels.dtype is tf.uint8 and pixels.shape == expected.shape
    assert np.array_equal(pixels.numpy(), expected)
    assert tf.expand_dims(pixels, 0).shape == (1, *expected.shape)


@pytest.mark.parametrize(
    ("given", "channels", "expected"),
    [
        ([9], 3, [9, 9, 9]),
        ([9], 4, [9, 9, 9, 255]),
        ([9, 50], 1, [9]),
        ([9, 50], 4, [9, 9, 9, 50]),
        ([10, 20, 30], 4, [10, 20, 30, 255]),
        ([10, 20, 30, 40], 3, [10, 20, 30]),
        ([10, 20, 30, 40], 0, [10, 20, 30, 40]),
        # (6968 * 100 + 23434 * 50 + 2366 * 200) / 32768 = 71.46
        ([100, 50, 200], 1, [71]),
        ([255, 255, 255], 1, [255]),
    ],
)
def test_channels_are_added_and_left_out(given: list[int], channels: int, expected: list[int]) -> None:
    file = tf.image.encode_png(np.array([[given]], np.uint8))
    assert tf.io.decode_png(file, channels).numpy().tolist() == [[expected]]


GOOD = file_of(b"\0\1", 1, 1, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no PNG file"),
        (b"\xff\xd8\xff\xe0 a photograph", "is no PNG file"),
        (GOOD[:-5], "ends within a part"),
        (GOOD[:30] + b"x" + GOOD[31:], "checksum of a part is wrong"),
        (file_of(b"\0\1", 1, 1, 0, depth=16), r"16 bits a channel, colour type 0; only 8 bits"),
        (file_of(b"\0\1", 1, 1, 0, woven=1), "interlaced; only 8 bits"),
        (file_of(b"\0\1", 1, 1, 9), "colour type 9"),
        (file_of(b"\0\1", 0, 1, 0), "0 by 1 pixels, which cannot be"),
        (file_of(b"\0\1", 2**31 - 1, 2**31 - 1, 0), "which cannot be"),
        (file_of(b"\0\1", 2, 1, 0), "not as many pixels"),
        (file_of(b"\0\1\2", 1, 1, 0), "not as many pixels"),
        (file_of(b"\7\1", 1, 1, 0), "a row has filter 7"),
        (file_of(b"\0\1", 1, 1, 3), "a colour that its palette lacks"),
        (SIGNATURE + chunk(b"IHDR", b"short") + chunk(b"IEND", b""), "the header has 5 bytes"),
        (SIGNATURE + chunk(b"IEND", b""), "there is no header"),
        (GOOD[:33] + chunk(b"IDAT", b"not packed") + chunk(b"IEND", b""), "cannot be unpacked"),
    ],
)
def test_other_files_are_explained(content: bytes, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        decode(content)


def test_a_small_file_that_unpacks_to_much_is_refused_early() -> None:
    bomb = file_of(bytes(1 << 24), 1, 1, 0)
    assert len(bomb) < 1 << 15
    with pytest.raises(FileFormatError, match="not as many pixels"):
        decode(bomb)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: tf.image.decode_png("plot.png"),
            InvalidArgumentError,
            "decode_png got str, expected the bytes",
        ),
        (lambda: tf.image.decode_png(GOOD, dtype=tf.uint16), InvalidArgumentError, "channels of uint8"),
        (lambda: tf.image.decode_png(GOOD, channels=5), InvalidArgumentError, "channels=5"),
        (lambda: tf.image.encode_png(np.zeros((2, 2), np.uint8)), ShapeError, r"uint8 of shape \[2, 2\]"),
        (lambda: tf.image.encode_png(np.zeros((2, 2, 1))), ShapeError, "got float64"),
    ],
)
def test_other_arguments_are_explained(call: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        call()
