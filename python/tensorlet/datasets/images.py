"""`tf.image.decode_png` and `tf.image.encode_png`: conversion between PNG files and tensors of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.core.tensor import EagerTensor
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.formats.png import KINDS, decode, encode

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, TensorLike

#: The weights of red, green and blue in the luminance of a pixel, times 32768 (ITU-R BT.709).
LUMINANCE = (6968, 23434, 2366)
#: The factor from 8 to 16 bits: 0 stays 0, and 255 becomes 65535.
WIDEN = 257


def decode_png(
    contents: bytes | bytearray | memoryview,
    channels: int = 0,
    dtype: DTypeLike = "uint8",
    name: str | None = None,
) -> EagerTensor:
    """Decodes the pixels of a PNG file, such as a plot that matplotlib saved in memory.

    Args:
        contents: the bytes of the file.
        channels: 1 for grayscale, 3 for color, 4 for color and alpha; 0 for the channels of the file.
        dtype: uint8 or uint16; a file with another depth is converted.
        name: ignored.

    Returns:
        A tensor of shape [height, width, channels].

    Raises:
        FileFormatError: if the bytes are not a complete PNG file.

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
    wanted = as_dtype(dtype)
    if wanted.name not in ("uint8", "uint16") or channels not in (0, 1, 2, 3, 4):
        raise InvalidArgumentError(
            f"decode_png got channels={channels!r} and dtype={dtype!r}. Expected 0, 1, 3 or 4 channels, and uint8 or "
            "uint16."
        )
    pixels = decode(bytes(contents), "the PNG file given to decode_png", with_key=channels in (2, 4))
    if pixels.dtype == np.uint16 and wanted.name == "uint8":
        pixels = (pixels >> 8).astype(np.uint8)
    elif pixels.dtype != wanted.numpy:
        pixels = pixels.astype(np.uint16) * np.uint16(WIDEN)
    return EagerTensor(_with_channels(pixels, channels or pixels.shape[2]))


def encode_png(image: TensorLike, compression: int = -1, name: str | None = None) -> bytes:
    """Encodes an image as the bytes of a PNG file.

    Args:
        image: uint8 or uint16, of shape [height, width, channels] with 1 to 4 channels: gray, gray and alpha,
            color, color and alpha.
        compression, name: ignored.

    Raises:
        ShapeError: for another shape or dtype.
    """
    pixels = np.asarray(image)
    supported = pixels.dtype in (np.uint8, np.uint16)
    if pixels.ndim != 3 or pixels.shape[2] not in KINDS or not supported or not pixels.size:
        raise ShapeError(
            f"encode_png got {pixels.dtype.name} of shape {list(pixels.shape)}, expected uint8 or uint16 of shape "
            "[height, width, channels] with 1 to 4 channels."
        )
    return encode(pixels)


def _with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    have, dtype = pixels.shape[2], pixels.dtype
    if have == channels:
        return np.ascontiguousarray(pixels)
    opaque = np.full((*pixels.shape[:2], 1), np.iinfo(dtype).max, dtype)
    alpha = pixels[:, :, -1:] if have in (2, 4) else opaque
    colours = pixels[:, :, : have - 1] if have in (2, 4) else pixels
    if channels < 3 and colours.shape[2] == 3:
        colours = ((colours.astype(np.int64) @ LUMINANCE) >> 15).astype(dtype)[:, :, None]
    elif channels >= 3 and colours.shape[2] == 1:
        colours = np.repeat(colours, 3, axis=2)
    return np.concatenate([colours, alpha], axis=2) if channels in (2, 4) else np.ascontiguousarray(colours)
