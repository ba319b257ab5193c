"""`tf.image`: brightness, contrast and colours.

Functions convert integers, such as bytes, to floats from 0 to 1, and convert the result back to the dtype.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import DType, as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.image_geometry import as_image
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorlet.type_aliases import DTypeLike


def convert_image_dtype(
    image: TensorLike, dtype: DTypeLike, saturate: bool = False, name: str | None = None
) -> Tensor:
    """Converts a picture to another dtype, scaled: floats range from 0 to 1, integers from 0 to their largest value.

    Args:
        image: a picture or a batch, of any number dtype.
        dtype: the new one.
        saturate: keep numbers that are out of range at its ends, in place of wrapping them around.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.convert_image_dtype(tf.constant([0, 255], tf.uint8), tf.float32).numpy()
    array([0., 1.], dtype=float32)
    """
    x, target = convert(image), as_dtype(dtype)
    source: DType = x.dtype
    if source is target:
        return x
    if source.is_floating and target.is_floating:
        return functions.cast(x, target)
    if source.is_integer and target.is_floating:
        return functions.cast(x, target) * (1.0 / _most(source))
    if source.is_floating:
        scaled = x * (_most(target) + 0.5)
        if saturate:
            scaled = functions.clip_by_value(scaled, 0.0, float(_most(target)))
        return functions.cast(scaled, target)
    most, least = _most(source), _most(target)
    if most > least:
        return functions.cast(x // ((most + 1) // (least + 1)), target)
    return functions.cast(x, target) * ((least + 1) // (most + 1))


def _most(dtype: DType) -> int:
    return int(np.iinfo(str(dtype.numpy)).max)


def _in_floats(image: TensorLike, change: Callable[[Tensor], Tensor]) -> Tensor:
    """Changes a picture as floats, and converts it back to its dtype."""
    x = convert(image)
    if x.dtype.is_floating:
        return change(x)
    floats = convert_image_dtype(x, "float32")
    return convert_image_dtype(change(floats), x.dtype, saturate=True)


def adjust_brightness(image: TensorLike, delta: TensorLike) -> Tensor:
    """Adds a number to all pixels.

    Args:
        image: a picture or a batch.
        delta: what is added, for floats from 0 to 1: between -1 and 1.

    >>> import tensorlet as tf
    >>> tf.image.adjust_brightness(tf.constant([[[0.25]]]), 0.5)[0, 0].numpy()
    array([0.75], dtype=float32)
    """
    return _in_floats(image, lambda x: x + functions.cast(delta, x.dtype))


def adjust_contrast(images: TensorLike, contrast_factor: TensorLike) -> Tensor:
    """Moves each channel away from its mean, or towards it: ``(x - mean) * contrast_factor + mean``.

    Args:
        images: a picture or a batch; the mean is taken over height and width.
        contrast_factor: above 1 for more contrast.

    >>> import tensorlet as tf
    >>> tf.image.adjust_contrast(tf.constant([[[1.0], [3.0]]]), 2.0)[0, :, 0].numpy()
    array([0., 4.], dtype=float32)
    """

    def change(x: Tensor) -> Tensor:
        x = as_image("tf.image.adjust_contrast", x, "images")
        mean = functions.reduce_mean(x, [-3, -2], keepdims=True)
        return (x - mean) * functions.cast(contrast_factor, x.dtype) + mean

    return _in_floats(images, change)


def adjust_gamma(image: TensorLike, gamma: float = 1, gain: float = 1) -> Tensor:
    """``gain * x ** gamma`` for floats from 0 to 1.

    Args:
        image: a picture or a batch.
        gamma: above 1 for a darker picture.
        gain: a factor.

    >>> import tensorlet as tf
    >>> tf.image.adjust_gamma(tf.constant([[[0.5]]]), 2)[0, 0].numpy()
    array([0.25], dtype=float32)
    """
    return _in_floats(image, lambda x: functions.pow(x, functions.cast(gamma, x.dtype)) * gain)


def _three_channels(function: str, image: TensorLike) -> Tensor:
    x = as_image(function, image)
    if x.shape[-1] != 3:
        raise ShapeError(
            f"{function}: the image has {x.shape[-1]} channels (shape {list(x.shape)}), but red, green and blue are "
            "expected."
        )
    return x


def rgb_to_grayscale(images: TensorLike, name: str | None = None) -> Tensor:
    """The brightness of colours: ``0.2989 red + 0.587 green + 0.114 blue``.

    Args:
        images: a picture or a batch with three channels.
        name: ignored.

    Returns:
        The same with one channel.

    >>> import tensorlet as tf
    >>> tf.image.rgb_to_grayscale(tf.constant([[[1.0, 0.0, 0.0]]]))[0, 0].numpy()
    array([0.2989], dtype=float32)
    """

    def change(x: Tensor) -> Tensor:
        x = _three_channels("tf.image.rgb_to_grayscale", x)
        weights = functions.cast([0.2989, 0.587, 0.114], x.dtype)
        return functions.reduce_sum(x * weights, -1, keepdims=True)

    return _in_floats(images, change)


def grayscale_to_rgb(images: TensorLike, name: str | None = None) -> Tensor:
    """Converts grayscale pictures to three equal channels.

    Args:
        images: a picture or a batch with one channel.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.grayscale_to_rgb(tf.constant([[[7]]]))[0, 0].numpy()
    array([7, 7, 7], dtype=int32)
    """
    x = as_image("tf.image.grayscale_to_rgb", images, "images")
    if x.shape[-1] != 1:
        raise ShapeError(
            f"tf.image.grayscale_to_rgb: the images have {x.shape[-1]} channels, but 1 is expected."
        )
    return functions.concat([x, x, x], axis=-1)


def rgb_to_hsv(images: TensorLike, name: str | None = None) -> Tensor:
    """Red, green and blue from 0 to 1 as hue, saturation and value from 0 to 1.

    Source: A. R. Smith, "Color gamut transform pairs", 1978.

    Args:
        images: floats with three channels on the last axis.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.rgb_to_hsv(tf.constant([[[0.0, 0.5, 0.0]]]))[0, 0].numpy().round(3)
    array([0.333, 1.   , 0.5  ], dtype=float32)
    """
    red, green, blue = functions.unstack(convert(images), axis=-1)
    value = functions.maximum(functions.maximum(red, green), blue)
    span = value - functions.minimum(functions.minimum(red, green), blue)
    saturation = functions.where(value > 0, span / functions.where(value > 0, value, 1.0), 0.0)
    sixth = 1.0 / (6.0 * functions.where(span > 0, span, 1.0))
    hue = functions.where(
        functions.equal(red, value),
        sixth * (green - blue),
        functions.where(
            functions.equal(green, value),
            sixth * (blue - red) + 2.0 / 6.0,
            sixth * (red - green) + 4.0 / 6.0,
        ),
    )
    hue = functions.where(span > 0, hue, 0.0)
    return functions.stack([functions.where(hue < 0, hue + 1.0, hue), saturation, value], axis=-1)


def hsv_to_rgb(images: TensorLike, name: str | None = None) -> Tensor:
    """The way back from `rgb_to_hsv`.

    >>> import tensorlet as tf
    >>> tf.image.hsv_to_rgb(tf.constant([[[0.0, 1.0, 0.5]]]))[0, 0].numpy()
    array([0.5, 0. , 0. ], dtype=float32)
    """
    hue, saturation, value = functions.unstack(convert(images), axis=-1)
    sector = hue * 6.0
    parts = (
        functions.abs(sector - 3.0) - 1.0,
        2.0 - functions.abs(sector - 2.0),
        2.0 - functions.abs(sector - 4.0),
    )
    mixed = [
        (functions.clip_by_value(part, 0.0, 1.0) * saturation + (1.0 - saturation)) * value for part in parts
    ]
    return functions.stack(mixed, axis=-1)


def adjust_saturation(image: TensorLike, saturation_factor: TensorLike, name: str | None = None) -> Tensor:
    """Multiplies the saturation of colours.

    Args:
        image: a picture or a batch with three channels.
        saturation_factor: 0 for grey.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.adjust_saturation(tf.constant([[[1.0, 0.0, 0.0]]]), 0.0)[0, 0].numpy()
    array([1., 1., 1.], dtype=float32)
    """

    def change(x: Tensor) -> Tensor:
        hue, saturation, value = functions.unstack(
            rgb_to_hsv(_three_channels("tf.image.adjust_saturation", x)), axis=-1
        )
        factor = functions.cast(saturation_factor, x.dtype)
        saturation = functions.clip_by_value(saturation * factor, 0.0, 1.0)
        return hsv_to_rgb(functions.stack([hue, saturation, value], axis=-1))

    return _in_floats(image, change)


def adjust_hue(image: TensorLike, delta: TensorLike, name: str | None = None) -> Tensor:
    """Turns the hue of colours.

    Args:
        image: a picture or a batch with three channels.
        delta: by how much of a turn: between -1 and 1.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.adjust_hue(tf.constant([[[1.0, 0.0, 0.0]]]), 0.5)[0, 0].numpy().round(6)
    array([0., 1., 1.], dtype=float32)
    """

    def change(x: Tensor) -> Tensor:
        hue, saturation, value = functions.unstack(
            rgb_to_hsv(_three_channels("tf.image.adjust_hue", x)), axis=-1
        )
        hue = hue + functions.cast(delta, x.dtype)
        hue = hue - functions.floor(hue)
        return hsv_to_rgb(functions.stack([hue, saturation, value], axis=-1))

    return _in_floats(image, change)


def per_image_standardization(image: TensorLike) -> Tensor:
    """Scales each picture to mean 0 and standard deviation 1: ``(x - mean) / max(deviation, 1 / sqrt(numbers))``.

    Args:
        image: a picture or a batch; integers become float32.

    >>> import tensorlet as tf
    >>> tf.image.per_image_standardization(tf.constant([[[1.0], [3.0]]]))[0, :, 0].numpy()
    array([-1.,  1.], dtype=float32)
    """
    x = as_image("tf.image.per_image_standardization", image)
    if not x.dtype.is_floating:
        x = functions.cast(x, "float32")
    axes = [-3, -2, -1]
    mean = functions.reduce_mean(x, axes, keepdims=True)
    variance = functions.reduce_mean(functions.square(x - mean), axes, keepdims=True)
    count = float(np.prod(x.shape[-3:]))
    return (x - mean) / functions.maximum(functions.sqrt(variance), 1.0 / np.sqrt(count).item())


def check_range(function: str, lower: float, upper: float) -> None:
    """Refuses factors that are negative or in the wrong order.

    Raises:
        InvalidArgumentError: names both.
    """
    if not 0 <= lower <= upper:
        raise InvalidArgumentError(
            f"{function}: lower={lower!r} and upper={upper!r}, but 0 <= lower <= upper is expected."
        )


def _mixed(function: str, images: TensorLike, kernel: np.ndarray) -> Tensor:
    x = _three_channels(function, as_image(function, images, "images"))
    return functions.tensordot(x, functions.cast(convert(kernel), x.dtype), [[len(x.shape) - 1], [0]])


#: Luma and two differences of colour of the European (YUV) and the American (YIQ) system of colour television.
_TO_YUV = np.array(
    [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
)
_FROM_YUV = np.array([[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]])
_TO_YIQ = np.array(
    [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]]
)
_FROM_YIQ = np.array(
    [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
)


def rgb_to_yuv(images: TensorLike) -> Tensor:
    """Red, green and blue to luma (Y) and two differences of colour (U and V).

    Args:
        images: floats ``[..., 3]``, a picture or a batch.

    >>> import tensorlet as tf
    >>> print(tf.image.rgb_to_yuv(tf.constant([[[1.0, 0.0, 0.0]]]))[0, 0, 0].numpy())
    0.299
    """
    return _mixed("tf.image.rgb_to_yuv", images, _TO_YUV)


def yuv_to_rgb(images: TensorLike) -> Tensor:
    """The reverse of `rgb_to_yuv`.

    >>> import tensorlet as tf
    >>> tf.image.yuv_to_rgb(tf.constant([[[0.5, 0.0, 0.0]]]))[0, 0].numpy()
    array([0.5, 0.5, 0.5], dtype=float32)
    """
    return _mixed("tf.image.yuv_to_rgb", images, _FROM_YUV)


def rgb_to_yiq(images: TensorLike) -> Tensor:
    """Red, green and blue to luma (Y) and two differences of colour (I and Q).

    Args:
        images: floats ``[..., 3]``, a picture or a batch.

    >>> import tensorlet as tf
    >>> print(tf.image.rgb_to_yiq(tf.constant([[[1.0, 0.0, 0.0]]]))[0, 0, 0].numpy())
    0.299
    """
    return _mixed("tf.image.rgb_to_yiq", images, _TO_YIQ)


def yiq_to_rgb(images: TensorLike) -> Tensor:
    """The reverse of `rgb_to_yiq`.

    >>> import tensorlet as tf
    >>> tf.image.yiq_to_rgb(tf.constant([[[0.5, 0.0, 0.0]]]))[0, 0].numpy()
    array([0.5, 0.5, 0.5], dtype=float32)
    """
    return _mixed("tf.image.yiq_to_rgb", images, _FROM_YIQ)
