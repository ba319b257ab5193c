"""`tf.io.decode_jpeg`, `decode_image` and similar functions: pictures in files, through Pillow (extra ``image``)."""

from __future__ import annotations

import io
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.core.tensor import EagerTensor, Tensor
from tensorlet.core.tracing import current_trace
from tensorlet.datasets.images import pixels_of_picture, png_pixels
from tensorlet.dtypes import as_dtype, string
from tensorlet.errors import FileFormatError, InvalidArgumentError, RunsEagerly, ShapeError
from tensorlet.ops.image_colours import convert_image_dtype

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, TensorLike

#: The first bytes of files -> their format.
SIGNATURES = {b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"BM": "BMP"}
#: The channels that a program may ask for, by the format of the file.
CHANNELS = {"PNG": (0, 1, 3, 4), "JPEG": (0, 1, 3), "GIF": (0, 3), "BMP": (0, 3, 4)}
#: Pillow's modes for 1, 3 and 4 channels.
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


class PictureError(FileFormatError, InvalidArgumentError):
    """A file that is not a picture, or is damaged."""


def pillow(function: str) -> ModuleType:
    """The module ``PIL.Image``.

    Raises:
        ImportError: if Pillow is not installed; the message says how to install it.
    """
    try:
        import PIL.Image
    except ImportError as error:
        raise ImportError(
            f"{function} reads and writes pictures with Pillow, which is not installed. Install it with "
            "pip install 'tensorlet[image]'."
        ) from error
    return PIL.Image


def file_format(content: bytes) -> str | None:
    """The format of a picture, by its first bytes; None if they are unknown."""
    return next((name for start, name in SIGNATURES.items() if content.startswith(start)), None)


def file_content(function: str, contents: TensorLike | bytes) -> bytes:
    """The bytes of a file, given as a string tensor or as Python's bytes.

    Raises:
        RunsEagerly: while a function is traced, which then runs as ordinary Python.
        InvalidArgumentError: for anything else.
    """
    if current_trace() is not None:
        raise RunsEagerly(
            f"{function} reads a file, so the function that calls it cannot be compiled. Call it in dataset.map, or "
            "before the compiled function."
        )
    if isinstance(contents, bytearray | memoryview):
        contents = bytes(contents)
    tensor = EAGER.convert(contents) if isinstance(contents, Tensor | bytes | np.ndarray) else None
    if tensor is None or tensor.dtype is not string or tensor.shape.rank != 0:
        shown = type(contents).__name__ if tensor is None else f"{tensor.dtype.name} of shape {tensor.shape}"
        raise InvalidArgumentError(
            f"{function} got {shown}, but the bytes of a file are expected: tf.io.read_file(path)."
        )
    content: bytes = tensor.numpy()
    return content


def _opened(function: str, content: bytes) -> Any:
    image = pillow(function)
    try:
        return image.open(io.BytesIO(content))
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError) as error:
        raise PictureError(
            f"{function}: the file is not a picture that can be read ({error}). JPEG, PNG, GIF and BMP are expected."
        ) from None


def _pixels(function: str, picture: Any, channels: int) -> np.ndarray:
    """The pixels of an opened picture as uint8 [height, width, channels]."""
    bands = len(picture.getbands())
    mode = MODES.get(channels) or (
        "L" if bands == 1 and picture.mode != "P" else "RGBA" if bands == 4 else "RGB"
    )
    if picture.format == "JPEG" and channels == 0 and bands == 4:
        mode = "RGB"  # CMYK
    try:
        if mode == "L" and picture.format == "JPEG":
            picture.draft("L", picture.size)
        array = np.asarray(picture if picture.mode == mode else picture.convert(mode))
    except (OSError, ValueError, SyntaxError, IndexError) as error:
        raise PictureError(
            f"{function}: the picture is truncated or damaged ({error}). Copy the file again."
        ) from None
    return array[:, :, None] if array.ndim == 2 else array


def _check_channels(function: str, channels: int | None, form: str) -> int:
    allowed = CHANNELS[form]
    if (channels or 0) not in allowed:
        raise InvalidArgumentError(
            f"{function}: channels={channels}, but for a {form} file one of {', '.join(map(str, allowed))} is "
            "expected; 0 means the channels of the file."
        )
    return channels or 0


def _decoded(function: str, contents: Any, channels: int, ratio: int = 1) -> EagerTensor:
    """One picture, from a file of any format but those that the function does not read."""
    content = file_content(function, contents)
    form = file_format(content)
    if form is None or (form == "BMP") != (function == "decode_bmp"):
        raise PictureError(
            f"{function}: the file is {'not a JPEG, PNG, GIF or BMP' if form is None else f'a {form}'} file. "
            "tf.io.decode_image reads all of these formats."
        )
    _check_channels(function, channels, form)
    if form == "PNG":
        return png_pixels(content, channels, "uint8")
    picture = _opened(function, content)
    if getattr(picture, "n_frames", 1) > 1:
        raise PictureError(
            f"{function}: the file has {picture.n_frames} frames. Use tf.io.decode_gif, or decode_image."
        )
    if ratio != 1:
        picture.draft(None, (picture.width // ratio, picture.height // ratio))
    return EagerTensor(_pixels(function, picture, channels))


def decode_jpeg(
    contents: TensorLike | bytes, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True,
    try_recover_truncated: bool = False, acceptable_fraction: float = 1.0, dct_method: str = "",
    name: str | None = None,
) -> EagerTensor:  # fmt: skip
    """The pixels of a JPEG file (PNG files, and GIF files with one frame, are read, too).

    The numbers are those of TensorFlow with ``dct_method="INTEGER_ACCURATE"``; its default is a little less exact.

    Args:
        contents: the bytes of the file, a string tensor.
        channels: 1 for grey, 3 for colour; 0 for what the file has.
        ratio: 1, 2, 4 or 8: how many times smaller the result is.
        fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method, name: ignored.

    Returns:
        uint8 of shape [height, width, channels].

    Raises:
        InvalidArgumentError: if the file is not a picture or is truncated.
        ImportError: if Pillow is not installed.

    >>> import tensorlet as tf
    >>> file = tf.io.encode_jpeg(tf.fill([2, 3, 3], tf.constant(128, tf.uint8)))
    >>> tf.io.decode_jpeg(file).shape
    TensorShape([2, 3, 3])
    """
    if ratio not in (1, 2, 4, 8):
        raise InvalidArgumentError(f"decode_jpeg: ratio={ratio}, but 1, 2, 4 or 8 is expected.")
    return _decoded("decode_jpeg", contents, channels, ratio)


def decode_png(
    contents: TensorLike | bytes, channels: int = 0, dtype: DTypeLike = "uint8", name: str | None = None
) -> EagerTensor:
    """The pixels of a PNG file, such as a plot that matplotlib saved in memory (JPEG files are read, too).

    Args:
        contents: the bytes of the file: a string tensor, or Python's bytes.
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
    content = file_content("decode_png", contents)
    if file_format(content) in ("JPEG", "GIF") and as_dtype(dtype).name == "uint8":
        return _decoded("decode_png", content, channels)
    return png_pixels(content, channels, dtype)


def decode_and_crop_jpeg(
    contents: TensorLike | bytes, crop_window: TensorLike, channels: int = 0, ratio: int = 1, **ignored: Any
) -> EagerTensor:
    """A part of a JPEG file: `decode_jpeg`, and then the window [top, left, height, width] of it."""
    top, left, height, width = (int(one) for one in np.asarray(crop_window))
    pixels = decode_jpeg(contents, channels, ratio).numpy()
    inside = top >= 0 and left >= 0 and height > 0 and width > 0
    if not inside or top + height > pixels.shape[0] or left + width > pixels.shape[1]:
        raise InvalidArgumentError(
            f"decode_and_crop_jpeg: crop_window {[top, left, height, width]} is not inside of the picture of "
            f"{pixels.shape[0]} x {pixels.shape[1]} pixels."
        )
    return EagerTensor(np.ascontiguousarray(pixels[top : top + height, left : left + width]))


def decode_bmp(contents: TensorLike | bytes, channels: int = 0, name: str | None = None) -> EagerTensor:
    """The pixels of a BMP file, uint8 of shape [height, width, channels]. Errors as for `decode_jpeg`.

    Args:
        contents: the bytes of the file, a string tensor.
        channels: 0 (what the file has), 3 or 4.
        name: ignored.
    """
    return _decoded("decode_bmp", contents, channels)


def decode_gif(contents: TensorLike | bytes, name: str | None = None) -> EagerTensor:
    """All frames of a GIF file, uint8 of shape [frames, height, width, 3]. Errors as for `decode_jpeg`."""
    content = file_content("decode_gif", contents)
    if file_format(content) in (None, "BMP"):
        raise PictureError("decode_gif: the file is not a GIF file. tf.io.decode_image reads other formats.")
    return EagerTensor(_frames("decode_gif", _opened("decode_gif", content)))


def _frames(function: str, picture: Any) -> np.ndarray:
    frames = []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        frames.append(_pixels(function, picture, 3))
    return np.stack(frames)


def decode_image(
    contents: TensorLike | bytes, channels: int | None = None, dtype: DTypeLike = "uint8", name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:  # fmt: skip
    """The pixels of a JPEG, PNG, GIF or BMP file.

    Args:
        contents: the bytes of the file, a string tensor.
        channels: 1, 3 or 4, as far as the format allows; 0 or None for what the file has.
        dtype: uint8, uint16, or a float dtype, whose numbers are from 0 to 1.
        name: ignored.
        expand_animations: whether a GIF file gives all frames, with one more axis; otherwise its first one.

    Returns:
        A tensor of shape [height, width, channels], or [frames, height, width, 3].

    Raises:
        InvalidArgumentError: if the file is not a picture or is truncated.
        ImportError: if Pillow is not installed (PNG files do not need it).

    >>> import tensorlet as tf
    >>> file = tf.io.encode_png(tf.constant([[[0], [255]]], tf.uint8))
    >>> tf.io.decode_image(file, dtype=tf.float32).numpy().ravel()
    array([0., 1.], dtype=float32)
    """
    kind = as_dtype(dtype)
    content = file_content("decode_image", contents)
    form = file_format(content)
    if form is None:
        raise PictureError(
            "decode_image: the file is not a JPEG, PNG, GIF or BMP file. Convert it to one of these formats."
        )
    wanted = _check_channels("decode_image", channels, form)
    if form == "PNG":
        pixels = png_pixels(content, wanted, "uint8" if kind.name == "uint8" else "uint16")
    else:
        picture = _opened("decode_image", content)
        expand = form == "GIF" and expand_animations
        found = _frames("decode_image", picture) if expand else _pixels("decode_image", picture, wanted)
        pixels = EagerTensor(found)
    return pixels if pixels.dtype is kind else convert_image_dtype(pixels, kind)


def is_jpeg(contents: TensorLike | bytes, name: str | None = None) -> EagerTensor:
    """Whether the bytes are those of a JPEG file.

    >>> import tensorlet as tf
    >>> tf.io.is_jpeg(tf.constant(b"no picture")).numpy()
    np.False_
    """
    return EagerTensor(np.array(file_format(file_content("is_jpeg", contents)) == "JPEG"))


def encode_jpeg(
    image: TensorLike, format: str = "", quality: int = 95, progressive: bool = False, optimize_size: bool = False,
    chroma_downsampling: bool = True, density_unit: str = "in", x_density: int = 300, y_density: int = 300,
    xmp_metadata: str = "", name: str | None = None,
) -> EagerTensor:  # fmt: skip
    """A picture as the bytes of a JPEG file.

    Args:
        image: uint8 of shape [height, width, channels] with 1 or 3 channels.
        format: ``"grayscale"`` or ``"rgb"``; by default what the channels say.
        quality: from 0 to 100.
        progressive, optimize_size: how the file is written.
        chroma_downsampling: whether colours have half the resolution.
        density_unit, x_density, y_density: pixels per inch (``"in"``) or centimetre (``"cm"``).
        xmp_metadata, name: ignored.

    Raises:
        ShapeError: for another shape or dtype.
        ImportError: if Pillow is not installed.
    """
    if current_trace() is not None:
        raise RunsEagerly("encode_jpeg writes a file, so the function that calls it cannot be compiled.")
    pixels = pixels_of_picture("encode_jpeg", image, (1, 3), (np.uint8,))
    if format not in ("", "grayscale" if pixels.shape[2] == 1 else "rgb"):
        raise ShapeError(f"encode_jpeg: format={format!r} does not fit {pixels.shape[2]} channels.")
    picture = pillow("encode_jpeg").fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    factor = 2.54 if density_unit == "cm" else 1.0
    written = io.BytesIO()
    picture.save(
        written, "JPEG", quality=int(quality), progressive=progressive, optimize=optimize_size,
        subsampling=2 if chroma_downsampling else 0, dpi=(x_density * factor, y_density * factor),
    )  # fmt: skip
    return EAGER.convert(written.getvalue())


def read_picture(function: str, path: str, channels: int) -> np.ndarray:
    """The pixels of a picture in a file as uint8 [height, width, channels]; the first frame of an animation.

    Args:
        function: its name in messages.
        path: the file; PNG files are read without Pillow.
        channels: 1, 3 or 4; the picture is converted to them.

    Raises:
        InvalidArgumentError: if it is not a picture, or is damaged; the message names the file.
        ImportError: if Pillow is needed and not installed.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        if file_format(content) == "PNG":
            return png_pixels(content, channels, "uint8").numpy()
        return _pixels(function, _opened(function, content), channels)
    except FileFormatError as error:
        raise PictureError(f"{path}: {error}") from None
