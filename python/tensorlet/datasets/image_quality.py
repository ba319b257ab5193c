"""`tf.image.adjust_jpeg_quality` and `random_jpeg_quality`: pictures as they come back from a JPEG file."""

from __future__ import annotations

from tensorlet.core.tensor import Tensor
from tensorlet.datasets.image_files import decode_jpeg, encode_jpeg
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops import random
from tensorlet.ops.image_colours import convert_image_dtype
from tensorlet.ops.registry import convert
from tensorlet.type_aliases import TensorLike


def adjust_jpeg_quality(
    image: TensorLike, jpeg_quality: int, dct_method: str = "", name: str | None = None
) -> Tensor:
    """A picture with the losses of a JPEG file, through Pillow (extra ``image``).

    Args:
        image: of shape [height, width, channels] with 1 or 3 channels; floats from 0 to 1, or uint8.
        jpeg_quality: from 0 to 100.
        dct_method, name: ignored.

    Raises:
        InvalidArgumentError: for another quality.
        ShapeError: for another shape.
        ImportError: if Pillow is not installed.

    >>> import tensorlet as tf
    >>> tf.image.adjust_jpeg_quality(tf.fill([8, 8, 3], 0.5), 50)[0, 0].numpy().round(1).tolist()
    [0.5, 0.5, 0.5]
    """
    quality = int(jpeg_quality)
    if not 0 <= quality <= 100:
        raise InvalidArgumentError(
            f"tf.image.adjust_jpeg_quality: jpeg_quality={jpeg_quality!r}, but a number from 0 to 100 is expected."
        )
    x = convert(image)
    pixels = convert_image_dtype(x, "uint8", saturate=True)
    written = encode_jpeg(pixels, quality=quality)
    return convert_image_dtype(decode_jpeg(written, channels=x.shape[-1]), x.dtype, saturate=True)


def random_jpeg_quality(
    image: TensorLike, min_jpeg_quality: int, max_jpeg_quality: int, seed: int | None = None
) -> Tensor:
    """A picture with the losses of a JPEG file of a random quality; see `adjust_jpeg_quality`.

    Args:
        image: see `adjust_jpeg_quality`.
        min_jpeg_quality, max_jpeg_quality: the quality is at least the first and less than the second.
        seed: see `tf.random.set_seed`.

    Raises:
        InvalidArgumentError: unless ``0 <= min_jpeg_quality < max_jpeg_quality <= 100``.

    >>> import tensorlet as tf
    >>> tf.image.random_jpeg_quality(tf.fill([8, 8, 1], 0.5), 50, 90).shape
    TensorShape([8, 8, 1])
    """
    if not 0 <= min_jpeg_quality < max_jpeg_quality <= 100:
        raise InvalidArgumentError(
            f"tf.image.random_jpeg_quality: min_jpeg_quality={min_jpeg_quality} and max_jpeg_quality="
            f"{max_jpeg_quality}, but numbers from 0 to 100 are expected, the first of which is the smaller one."
        )
    quality = random.uniform([], min_jpeg_quality, max_jpeg_quality, dtype="int32", seed=seed)
    return adjust_jpeg_quality(image, int(quality))
