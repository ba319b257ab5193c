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


PALETTE = chunk(b"PLTE", bytes([0, 0, 0, 10, 20, 30]))


def test_a_palette_gives_the_colours() -> None:
    assert decode(file_of(b"\0\1\0", 2, 1, 3, PALETTE)).tolist() == [[[10, 20, 30], [0, 0, 0]]]


def test_a_palette_may_have_alpha_values() -> None:
    alpha = chunk(b"tRNS", bytes([7, 200]))
    assert decode(file_of(b"\0\1\0", 2, 1, 3, PALETTE, alpha)).tolist() == [[[10, 20, 30, 200], [0, 0, 0, 7]]]


@pytest.mark.parametrize(
    ("depth", "row", "expected"),
    [
        (1, 0b10110000, [255, 0, 255, 255]),
        (2, 0b00011011, [0, 85, 170, 255]),
    ],
)
def test_few_bits_become_eight(depth: int, row: int, expected: list[int]) -> None:
    assert decode(file_of(bytes([0, row]), 4, 1, 0, depth=depth))[0, :, 0].tolist() == expected


def test_a_palette_of_four_bits() -> None:
    assert decode(file_of(b"\0\x10", 2, 1, 3, PALETTE, depth=4)).tolist() == [[[10, 20, 30], [0, 0, 0]]]


def test_sixteen_bits_stay_or_become_eight() -> None:
    file = file_of(b"\0\x12\x34\xff\xff", 2, 1, 0, depth=16)
    pixels = decode(file)
    assert pixels.dtype == np.uint16 and pixels.tolist() == [[[0x1234], [0xFFFF]]]
    assert tf.image.decode_png(file, dtype=tf.uint16).numpy().tolist() == [[[0x1234], [0xFFFF]]]
    assert tf.image.decode_png(file).numpy().tolist() == [[[0x12], [0xFF]]]
    alpha = tf.image.decode_png(file, channels=2, dtype=tf.uint16)
    assert alpha.numpy().tolist() == [[[0x1234, 0xFFFF], [0xFFFF, 0xFFFF]]]


def test_eight_bits_become_sixteen() -> None:
    file = tf.image.encode_png(np.array([[[0], [1], [255]]], np.uint8))
    assert tf.image.decode_png(file, dtype=tf.uint16).numpy().tolist() == [[[0], [257], [65535]]]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_are_written(channels: int) -> None:
    pixels = np.random.default_rng(channels).integers(0, 2**16, size=(3, 5, channels), dtype=np.uint16)
    file = tf.image.encode_png(pixels)
    np.testing.assert_array_equal(tf.image.decode_png(file, dtype=tf.uint16), pixels)


def test_one_transparent_colour_is_alpha_where_alpha_is_wanted() -> None:
    file = file_of(b"\0\x05\x06", 2, 1, 0, chunk(b"tRNS", b"\0\x05"))
    assert tf.image.decode_png(file).numpy().tolist() == [[[5], [6]]]
    assert tf.image.decode_png(file, channels=2).numpy().tolist() == [[[5, 0], [6, 255]]]


def interlaced(pixels: np.ndarray) -> bytes:
    """The rows of the seven passes of Adam7, unfiltered."""
    passes = (
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    )
    return b"".join(
        b"\0" + line.tobytes()
        for top, left, down, right in passes
        for line in pixels[top::down, left::right]
        if line.size
    )


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (9, 17)])
def test_interlaced_files_are_read(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, size=(*size, 3), dtype=np.uint8)
    np.testing.assert_array_equal(decode(file_of(interlaced(pixels), size[1], size[0], 2, woven=1)), pixels)


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
        # (9797 * 100 + 19234 * 50 + 3737 * 200) / 32768 = 82.06
        ([100, 50, 200], 1, [82]),
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
        (b"", "is not a PNG file"),
        (b"\xff\xd8\xff\xe0 a photograph", "is not a PNG file"),
        (GOOD[:-5], "cannot be read: unexpected end of file. It is damaged or truncated"),
        (GOOD[:30] + b"x" + GOOD[31:], "CRC error: .* IHDR"),
        (GOOD[:-14] + b"x" + GOOD[-13:], "CRC error: .* IDAT"),
        (file_of(b"\0\1", 1, 1, 9), "Invalid color type 9"),
        (file_of(b"\0\1", 1, 1, 2, depth=4), "Invalid color/depth combination"),
        (file_of(b"\0\1", 0, 1, 0), "Invalid image dimensions"),
        (
            file_of(b"\0\1", 2**31 - 1, 2**31 - 1, 0),
            "2147483647 by 2147483647 pixels, more than the 67108864 bytes",
        ),
        (file_of(b"\0\1", 5000, 5000, 0), "5000 by 5000 pixels, more than"),
        (file_of(b"\0\1", 2, 1, 0), "does not have enough data"),
        (file_of(b"\7\1", 1, 1, 0), "[Ff]ilter"),
        (file_of(b"\0\1", 1, 1, 3), "Missing palette"),
        (SIGNATURE + chunk(b"IHDR", b"short") + chunk(b"IEND", b""), "cannot be read"),
        (SIGNATURE + chunk(b"IEND", b""), "before IHDR"),
        (GOOD[:33] + chunk(b"IDAT", b"not packed") + chunk(b"IEND", b""), "deflate stream"),
    ],
)
def test_other_files_are_explained(content: bytes, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        decode(content)


def test_pixels_beyond_those_of_the_header_are_not_unpacked() -> None:
    bomb = file_of(bytes(1 << 24), 1, 1, 0)
    assert len(bomb) < 1 << 15
    assert decode(bomb).tolist() == [[[0]]]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: tf.image.decode_png("plot.png"),
            InvalidArgumentError,
            "decode_png got str, but the bytes",
        ),
        (lambda: tf.image.decode_png(GOOD, dtype=tf.float32), InvalidArgumentError, "uint8 or uint16"),
        (lambda: tf.image.decode_png(GOOD, channels=5), InvalidArgumentError, "channels=5"),
        (lambda: tf.image.encode_png(np.zeros((2, 2), np.uint8)), ShapeError, r"uint8 of shape \[2, 2\]"),
        (lambda: tf.image.encode_png(np.zeros((2, 2, 1))), ShapeError, "got float64"),
    ],
)
def test_other_arguments_are_explained(call: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        call()
