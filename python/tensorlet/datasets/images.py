"""`tf.image.decode_png` and `tf.image.encode_png`: between PNG files and tensors of pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.core.tensor import EagerTensor
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.formats.png import KINDS, decode, encode

#: Shares of red, green and blue in the brightness of a pixel, of 32768 (ITU-R BT.709).
SHARES = (6968, 23434, 2366)
OPAQUE = 255


def decode_png(
    contents: Any, channels: int = 0, dtype: Any = "uint8", name: str | None = None
) -> EagerTensor:
    """The pixels of a PNG file, such as a plot that matplotlib has saved into memory.

    Args:
        contents: the file's bytes.
        channels: 1: grey, 3: colour, 4: colour and alpha; 0: as in the file.
        dtype: uint8.
        name: ignored.

    Returns:
        A tensor of shape [height, width, channels].

    Raises:
        FileFormatError: for bytes that are no PNG file of 8 bits a channel.

    >>> import tensorlet as tf
    >>> file = tf.image.encode_png(tf.constant([[[10, 20, 30]]], tf.uint8))
    >>> tf.image.decode_png(file, channels=4).numpy().tolist()
    [[[10, 20, 30, 255]]]
    """
    if not isinstance(contents, bytes | bytearray | memoryview | np.bytes_):
        raise InvalidArgumentError(
            f"decode_png got {type(contents).__name__}, expected the bytes of a file: open(path, 'rb').read(), or "
            "buffer.getvalue() of an io.BytesIO."
        )
    if as_dtype(dtype).name != "uint8" or channels not in (0, 1, 2, 3, 4):
        raise InvalidArgumentError(
            f"decode_png: channels={channels!r} and dtype={dtype!r}, expected 0, 1, 3 or 4 channels of uint8."
        )
    pixels = decode(bytes(contents), "the PNG file given to decode_png")
    return EagerTensor(_with_channels(pixels, channels or pixels.shape[2]))


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> bytes:
    """A picture as the bytes of a PNG file.

    Args:
        image: uint8 of shape [height, width, channels] with 1 to 4 channels: grey, grey and alpha, colour, colour
            and alpha.
        compression, name: ignored.

    Raises:
        ShapeError: for another shape or dtype.
    """
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] not in KINDS or pixels.dtype != np.uint8 or not pixels.size:
        raise ShapeError(
            f"encode_png got {pixels.dtype.name} of shape {list(pixels.shape)}, expected uint8 of shape "
            "[height, width, channels] with 1 to 4 channels."
        )
    return encode(pixels)


def _with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    have = pixels.shape[2]
    if have == channels:
        return np.ascontiguousarray(pixels)
    alpha = pixels[:, :, -1:] if have in (2, 4) else np.full((*pixels.shape[:2], 1), OPAQUE, np.uint8)
    colours = pixels[:, :, : have - 1] if have in (2, 4) else pixels
    if channels < 3 and colours.shape[2] == 3:
        colours = ((colours.astype(np.int64) @ SHARES) >> 15).astype(np.uint8)[:, :, None]
    elif channels >= 3 and colours.shape[2] == 1:
        colours = np.repeat(colours, 3, axis=2)
    return np.concatenate([colours, alpha], axis=2) if channels in (2, 4) else np.ascontiguousarray(colours)
