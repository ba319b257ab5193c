"""PNG files from and to tensors of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.core.tensor import EagerTensor
from tensorlet.core.tracing import current_trace
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, RunsEagerly, ShapeError
from tensorlet.formats.png import KINDS, decode, encode

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, TensorLike

#: The weights of red, green and blue in the luminance of a pixel, times 32768 (ITU-R BT.601, as in TensorFlow).
LUMINANCE = (9797, 19234, 3737)
#: The factor from 8 to 16 bits: 0 stays 0, and 255 becomes 65535.
WIDEN = 257


def png_pixels(content: bytes, channels: int, dtype: DTypeLike) -> EagerTensor:
    """The pixels of a PNG file; see `tensorlet.datasets.image_files.decode_png`."""
    wanted = as_dtype(dtype)
    if wanted.name not in ("uint8", "uint16") or channels not in (0, 1, 2, 3, 4):
        raise InvalidArgumentError(
            f"decode_png got channels={channels!r} and dtype={dtype!r}. Expected 0, 1, 3 or 4 channels, and uint8 or "
            "uint16."
        )
    pixels = decode(content, "the PNG file given to decode_png", with_key=channels in (2, 4))
    if pixels.dtype == np.uint16 and wanted.name == "uint8":
        pixels = (pixels >> 8).astype(np.uint8)
    elif pixels.dtype != wanted.numpy:
        pixels = pixels.astype(np.uint16) * np.uint16(WIDEN)
    return EagerTensor(_with_channels(pixels, channels or pixels.shape[2]))


def encode_png(image: TensorLike, compression: int = -1, name: str | None = None) -> EagerTensor:
    """Encodes an image as the bytes of a PNG file, a string tensor.

    Args:
        image: uint8 or uint16, of shape [height, width, channels] with 1 to 4 channels: gray, gray and alpha,
            color, color and alpha.
        compression, name: ignored.

    Raises:
        ShapeError: for another shape or dtype.
    """
    if current_trace() is not None:
        raise RunsEagerly("encode_png writes a file, so the function that calls it cannot be compiled.")
    pixels = pixels_of_picture("encode_png", image, tuple(KINDS), (np.uint8, np.uint16))
    return EAGER.convert(encode(pixels))


def pixels_of_picture(
    function: str, image: TensorLike, channels: tuple[int, ...], dtypes: tuple[type, ...]
) -> np.ndarray:
    """The pixels of one picture.

    Raises:
        ShapeError: for another shape or dtype.
    """
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] not in channels or pixels.dtype not in dtypes or not pixels.size:
        fix = (
            " Convert it with tf.image.convert_image_dtype(x, tf.uint8)." if pixels.dtype.kind == "f" else ""
        )
        raise ShapeError(
            f"{function} got {pixels.dtype.name} of shape {list(pixels.shape)}, expected "
            f"{' or '.join(np.dtype(one).name for one in dtypes)} of shape [height, width, channels] with "
            f"{', '.join(map(str, channels))} channels.{fix}"
        )
    return pixels


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
