"""Pictures as Pillow's images and as arrays: `load_img`, `img_to_array`, `array_to_img`, `save_img`, `smart_resize`."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.tensor import Operators
from tensorlet.datasets.image_files import PictureError, pillow
from tensorlet.errors import InvalidArgumentError, ShapeError, warn_user
from tensorlet.formats.atomic import write_atomically
from tensorlet.keras import config
from tensorlet.ops.image_geometry import as_image, crop_to_bounding_box
from tensorlet.ops.image_resizing import resize

if TYPE_CHECKING:
    from PIL.Image import Image

    from tensorlet.type_aliases import ArrayLike

#: What `load_img` calls the colours, and Pillow's names; other modes that are left as they are.
COLOUR_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_ALSO_GREY = ("I;16", "I")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def checked_data_format(function: str, data_format: str | None) -> str:
    """``"channels_last"`` or ``"channels_first"``; None means the setting of Keras."""
    data_format = data_format or config.image_data_format()
    if data_format not in ("channels_first", "channels_last"):
        raise InvalidArgumentError(
            f"{function}: data_format={data_format!r}, but 'channels_last' or 'channels_first' is expected."
        )
    return data_format


def load_img(
    path: Any, grayscale: bool = False, color_mode: str = "rgb", target_size: Any = None,
    interpolation: str = "nearest", keep_aspect_ratio: bool = False,
) -> Image:  # fmt: skip
    """Reads a picture from a file, as an image of Pillow; `img_to_array` makes an array of it.

    Args:
        path: the path of the file, or an ``io.BytesIO`` with its bytes.
        grayscale: the same as ``color_mode="grayscale"``.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        target_size: the height and width to which the picture is resized.
        interpolation: how it is resized: ``"nearest"``, ``"bilinear"``, ``"bicubic"``, ``"hamming"``, ``"box"`` or
            ``"lanczos"``.
        keep_aspect_ratio: whether the edges are cut off first, so that the proportions stay.

    Raises:
        ImportError: if Pillow is not installed.
        FileNotFoundError: if the file does not exist.
        InvalidArgumentError: if it is not a picture, or for another option.

    >>> import os, tempfile
    >>> import numpy as np
    >>> import tensorlet as tf
    >>> path = os.path.join(tempfile.mkdtemp(), "grey.png")
    >>> tf.keras.utils.save_img(path, np.full((4, 6, 1), 7.0), scale=False)
    >>> image = tf.keras.utils.load_img(path, target_size=(2, 3))
    >>> tf.keras.utils.img_to_array(image).shape
    (2, 3, 3)
    """
    color_mode = "grayscale" if grayscale else color_mode
    if color_mode not in COLOUR_MODES:
        raise InvalidArgumentError(
            f"load_img: color_mode={color_mode!r}, but 'rgb', 'rgba' or 'grayscale' is expected."
        )
    pil = pillow("load_img")
    if not isinstance(path, io.BytesIO | str | bytes | os.PathLike):
        raise TypeError(f"load_img got {type(path).__name__}, but a path or an io.BytesIO is expected.")
    try:
        # The whole file is read now, so that it does not stay open.
        content = path if isinstance(path, io.BytesIO) else io.BytesIO(_read(path))
        image = pil.open(content)
        if image.mode != COLOUR_MODES[color_mode] and not (
            color_mode == "grayscale" and image.mode in _ALSO_GREY
        ):
            image = image.convert(COLOUR_MODES[color_mode])
        image.load()
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, ValueError, pil.DecompressionBombError) as error:
        raise PictureError(f"load_img: {path!r} cannot be read as a picture ({error}).") from None
    return (
        image if target_size is None else _resized(pil, image, target_size, interpolation, keep_aspect_ratio)
    )


def _read(path: Any) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _resized(pil: Any, image: Any, target_size: Any, interpolation: str, keep_aspect_ratio: bool) -> Any:
    if interpolation not in INTERPOLATIONS:
        raise InvalidArgumentError(
            f"load_img: interpolation={interpolation!r}, but one of {', '.join(INTERPOLATIONS)} is expected."
        )
    height, width = int(target_size[0]), int(target_size[1])
    if image.size == (width, height):
        return image
    method = getattr(pil.Resampling, interpolation.upper())
    if not keep_aspect_ratio:
        return image.resize((width, height), method)
    old_width, old_height = image.size
    crop_height = min(old_height, old_width * height // width)
    crop_width = min(old_width, old_height * width // height)
    top, left = (old_height - crop_height) // 2, (old_width - crop_width) // 2
    box = (left, top, left + crop_width, top + crop_height)
    return image.resize((width, height), method, box=box)


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """An image of Pillow, or an array, as a float array with three axes.

    Args:
        img: the image; grey images get an axis for their channel.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        dtype: of the result; ``floatx`` by default.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> tf.keras.utils.img_to_array(np.zeros((2, 3), np.uint8)).shape
    (2, 3, 1)
    """
    order = checked_data_format("img_to_array", data_format)
    array = np.asarray(img, dtype=dtype or config.floatx())
    if array.ndim == 2:
        return array[None] if order == "channels_first" else array[:, :, None]
    if array.ndim != 3:
        raise ShapeError(f"img_to_array got an image of shape {array.shape}, but 2 or 3 axes are expected.")
    return array.transpose(2, 0, 1) if order == "channels_first" else array


def array_to_img(
    x: ArrayLike, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Image:
    """An array as an image of Pillow.

    Args:
        x: of shape [height, width, channels] with 1, 3 or 4 channels.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        scale: whether the smallest number becomes 0 and the largest one 255.
        dtype: of the array before it is converted; ``floatx`` by default.

    Raises:
        ImportError: if Pillow is not installed.
        ShapeError: for another shape.
    """
    order = checked_data_format("array_to_img", data_format)
    array = np.asarray(x, dtype=dtype or config.floatx())
    if array.ndim != 3:
        fix = " For one picture of a batch, write x[0]." if array.ndim == 4 else ""
        raise ShapeError(
            f"array_to_img got shape {array.shape}, but one picture (height, width, channels) is expected.{fix}"
        )
    if order == "channels_first":
        array = array.transpose(1, 2, 0)
    if scale:
        array = array - np.min(array)
        largest = np.max(array)
        array = array / largest * 255 if largest else array * 255
    pil = pillow("array_to_img")
    channels = array.shape[2]
    if channels == 1 and array.size and np.max(array) > 255:
        return pil.fromarray(array[:, :, 0].astype("int32"))
    if channels not in (1, 3, 4):
        raise ShapeError(f"array_to_img: the picture has {channels} channels, but 1, 3 or 4 are expected.")
    with np.errstate(invalid="ignore"):
        pixels = _as_bytes(array)
    return pil.fromarray(pixels[:, :, 0] if channels == 1 else pixels)


def _as_bytes(array: np.ndarray) -> np.ndarray:
    """Numbers as bytes; what is outside of 0 to 255 wraps around, as in C."""
    return array.astype(np.int64).astype(np.uint8) if array.dtype.kind == "f" else array.astype(np.uint8)


def save_img(
    path: Any, x: ArrayLike, data_format: str | None = None, file_format: str | None = None, scale: bool = True,
    **kwargs: Any,
) -> None:  # fmt: skip
    """Writes an array as a picture.

    Args:
        path: the path, or an opened file (then ``file_format`` is needed). The file is complete or not there.
        x, data_format, scale: see `array_to_img`.
        file_format: such as ``"png"``; by default the ending of the path says it.
        kwargs: options of Pillow, such as ``quality``.

    Raises:
        InvalidArgumentError: for an unknown format.
    """
    image = array_to_img(x, data_format, scale)
    is_path = isinstance(path, str | bytes | os.PathLike)
    form = file_format or (os.path.splitext(os.fsdecode(path))[1] if is_path else "")
    form = form.lower().lstrip(".")
    if image.mode == "RGBA" and form in ("jpg", "jpeg"):
        warn_user("save_img: JPEG files have no alpha channel; the picture is saved without it.")
        image = image.convert("RGB")
    pil = pillow("save_img")
    pil.init()
    name = pil.EXTENSION.get(f".{form}")
    if name is None or name not in pil.SAVE:
        raise InvalidArgumentError(
            f"save_img: the format {form!r} is not known. Use an ending such as .png or .jpg, or file_format='png'."
        )
    written = io.BytesIO()
    image.save(written, name, **kwargs)
    if is_path:
        write_atomically(os.fsdecode(path), written.getvalue())
    else:
        path.write(written.getvalue())


def smart_resize(x: Any, size: Any, interpolation: str = "bilinear") -> Any:
    """Pictures of another size without distortion: the largest central part with its proportions is resized.

    Args:
        x: one picture [height, width, channels] or a batch of them: an array or a tensor.
        size: the new height and width.
        interpolation: the ``method`` of `tf.image.resize`.

    Returns:
        float32, an array for an array and a tensor for a tensor.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> tf.keras.preprocessing.image.smart_resize(np.zeros((4, 6, 3)), (2, 2)).shape
    (2, 2, 3)
    """
    if len(size) != 2:
        raise InvalidArgumentError(
            f"smart_resize: size={size!r}, but two integers are expected: height and width."
        )
    images = as_image("smart_resize", x, "x")
    height, width = images.shape[-3:-1]
    target_height, target_width = (int(one) for one in size)
    crop_height = min(height, int(np.float32(width * target_height) / np.float32(target_width)))
    crop_width = min(width, int(np.float32(height * target_width) / np.float32(target_height)))
    top, left = (height - crop_height) // 2, (width - crop_width) // 2
    part = crop_to_bounding_box(images, top, left, crop_height, crop_width)
    resized = resize(part, (target_height, target_width), interpolation)
    return resized if isinstance(x, Operators) else np.asarray(resized)
