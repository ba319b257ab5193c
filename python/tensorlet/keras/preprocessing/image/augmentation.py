"""Random changes of one picture, on NumPy: `random_rotation`, `random_brightness` and similar functions.

They draw from NumPy's global generator, as in Keras: ``numpy.random.seed`` makes them repeatable.
"""
# ruff: noqa: NPY002

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.preprocessing.image.affine import apply_affine_transform
from tensorlet.keras.utils.image_utils import array_to_img, img_to_array


def random_rotation(x: np.ndarray, rg: float, **options: Any) -> np.ndarray:
    """Turns a picture by a random angle.

    Args:
        x: a picture with three axes.
        rg: the largest angle, in degrees, in either direction.
        options: ``row_axis``, ``col_axis``, ``channel_axis``, ``fill_mode``, ``cval`` and ``interpolation_order``,
            as for `apply_affine_transform` (where the last one is called ``order``).
    """
    return apply_affine_transform(x, theta=np.random.uniform(-rg, rg), **_options(options))


def random_shift(x: np.ndarray, wrg: float, hrg: float, **options: Any) -> np.ndarray:
    """Moves a picture by random parts of its width (at most ``wrg``) and height (at most ``hrg``).

    Args:
        x: a picture with three axes.
        wrg, hrg: the largest shifts, as parts of the width and height.
        options: see `random_rotation`.
    """
    height, width = x.shape[options.get("row_axis", 1)], x.shape[options.get("col_axis", 2)]
    tx = np.random.uniform(-hrg, hrg) * height
    ty = np.random.uniform(-wrg, wrg) * width
    return apply_affine_transform(x, tx=tx, ty=ty, **_options(options))


def random_shear(x: np.ndarray, intensity: float, **options: Any) -> np.ndarray:
    """Shears a picture by a random angle.

    Args:
        x: a picture with three axes.
        intensity: the largest angle, in degrees, in either direction.
        options: see `random_rotation`.
    """
    return apply_affine_transform(x, shear=np.random.uniform(-intensity, intensity), **_options(options))


def random_zoom(x: np.ndarray, zoom_range: tuple[float, float], **options: Any) -> np.ndarray:
    """Zooms a picture by random factors, one for each axis.

    Args:
        x: a picture with three axes.
        zoom_range: the smallest and the largest factor.
        options: see `random_rotation`.
    """
    low, high = _pair("zoom_range", zoom_range)
    zx, zy = (1, 1) if low == high == 1 else np.random.uniform(low, high, 2)
    return apply_affine_transform(x, zx=zx, zy=zy, **_options(options))


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Adds a number to all pixels, within the smallest and largest one of the picture.

    >>> import numpy as np
    >>> from tensorlet.keras.preprocessing.image import apply_channel_shift
    >>> apply_channel_shift(np.array([[[0.0, 5.0, 9.0]]]), 3).ravel()
    array([3., 8., 9.])
    """
    return np.clip(x + intensity, np.min(x), np.max(x)).astype(x.dtype, copy=False)


def random_channel_shift(x: np.ndarray, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """`apply_channel_shift` with a random number between ``-intensity_range`` and ``intensity_range``."""
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """Makes a picture darker (below 1) or lighter (above 1), through Pillow.

    Args:
        x: a picture [height, width, channels].
        brightness: the factor.
        scale: whether its smallest number is made 0 and its largest one 255 first.

    Raises:
        ImportError: if Pillow is not installed.
    """
    lowest, highest = np.min(x), np.max(x)
    beyond = bool(lowest < 0 or highest > 255)
    image = array_to_img(x, scale=beyond or scale)

    from PIL import ImageEnhance

    changed = img_to_array(ImageEnhance.Brightness(image).enhance(brightness))
    if beyond and not scale:
        changed = changed / 255 * (highest - lowest) + lowest
    return changed


def random_brightness(x: np.ndarray, brightness_range: tuple[float, float], scale: bool = True) -> np.ndarray:
    """`apply_brightness_shift` with a random factor from a range."""
    low, high = _pair("brightness_range", brightness_range)
    return apply_brightness_shift(x, np.random.uniform(low, high), scale)


def _pair(argument: str, value: Any) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise InvalidArgumentError(
            f"{argument}={value!r}, but two numbers are expected: the smallest and the largest."
        )
    return value[0], value[1]


def _options(options: dict[str, Any]) -> dict[str, Any]:
    """The options of `apply_affine_transform`."""
    known = dict(options)
    if "interpolation_order" in known:
        known["order"] = known.pop("interpolation_order")
    return known
