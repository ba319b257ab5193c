"""Sizes, colors, margins and patches of pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tensorlet import ops
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.keras import config
from tensorlet.keras.ops.promotion import tensor
from tensorlet.ops import image_colours, image_resizing
from tensorlet.ops.image_geometry import extract_patches as patches_of_batch
from tensorlet.ops.registry import Tensor, TensorLike


def is_first(data_format: str | None) -> bool:
    """Whether the channels come before the height.

    Raises:
        InvalidArgumentError: for an unknown format.
    """
    found = config.image_data_format() if data_format is None else data_format
    if found not in ("channels_first", "channels_last"):
        raise InvalidArgumentError(f"data_format is {found!r}, expected 'channels_first' or 'channels_last'.")
    return found == "channels_first"


def picture(function: str, images: TensorLike) -> Tensor:
    """One picture or a batch of them.

    Raises:
        ShapeError: for another number of axes.
    """
    found = tensor(images)
    if len(found.shape) not in (3, 4):
        raise ShapeError(
            f"{function}: Invalid images rank: expected rank 3 (one picture) or rank 4 (a batch), but the shape is "
            f"{tuple(found.shape)}."
        )
    return found


def channels_last(x: Tensor, first: bool) -> Tensor:
    """Pictures with the channels as the last axis."""
    return ops.transpose(x, [0, 2, 3, 1] if len(x.shape) == 4 else [1, 2, 0]) if first else x


def channels_back(x: Tensor, first: bool) -> Tensor:
    """The inverse of `channels_last`."""
    return ops.transpose(x, [0, 3, 1, 2] if len(x.shape) == 4 else [2, 0, 1]) if first else x


def as_before(x: Tensor, before: Tensor) -> Tensor:
    """Pictures in the dtype that they had; integers are rounded, and limited to what it holds."""
    if not before.dtype.is_integer:
        return ops.cast(x, before.dtype)
    return ops.cast(
        ops.clip_by_value(ops.round(x), float(before.dtype.min), float(before.dtype.max)), before.dtype
    )


def _colors(
    function: str,
    change: Callable[[Tensor], Tensor],
    images: TensorLike,
    data_format: str | None,
    floats: bool,
) -> Tensor:
    found, first = picture(function, images), is_first(data_format)
    last = channels_last(found, first)
    if last.shape[-1] != 3:
        raise ShapeError(
            f"{function}: Input images must have 3 channels, but received images with {last.shape[-1]} channels. "
            f"images.shape={tuple(found.shape)}, data_format={data_format!r}."
        )
    if floats and not found.dtype.is_floating:
        raise DTypeError(
            f"{function}: Invalid images dtype: expected float dtype. Received: images.dtype={found.dtype.name}. "
            "Divide pictures of bytes by 255.0."
        )
    return channels_back(change(last), first)


def rgb_to_grayscale(images: TensorLike, data_format: str | None = None) -> Tensor:
    """The brightness of colors: 0.2989 red + 0.587 green + 0.114 blue, one channel.

    Args:
        images: one picture of three channels, or a batch.
        data_format: ``"channels_last"`` or ``"channels_first"``; that of `keras.config` by default.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.image.rgb_to_grayscale([[[1.0, 0.0, 0.0]]]).numpy().round(4))
    [[[0.2989]]]
    """
    return _colors("rgb_to_grayscale", image_colours.rgb_to_grayscale, images, data_format, floats=False)


def rgb_to_hsv(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value of colors, all from 0 to 1; arguments as for `rgb_to_grayscale`, floats.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.image.rgb_to_hsv([[[0.0, 1.0, 0.0]]]).numpy().round(4))
    [[[0.3333 1.     1.    ]]]
    """
    return _colors("rgb_to_hsv", image_colours.rgb_to_hsv, images, data_format, floats=True)


def hsv_to_rgb(images: TensorLike, data_format: str | None = None) -> Tensor:
    """The inverse of `rgb_to_hsv`.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.image.hsv_to_rgb([[[0.0, 1.0, 0.5]]]).numpy())
    [[[0.5 0.  0. ]]]
    """
    return _colors("hsv_to_rgb", image_colours.hsv_to_rgb, images, data_format, floats=True)


def resize(
    images: TensorLike, size: Sequence[int], interpolation: str = "bilinear", antialias: bool = False,
    crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False, fill_mode: str = "constant",
    fill_value: float = 0.0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures of another size.

    Args:
        images: one picture or a batch.
        size: the new height and width.
        interpolation: ``"bilinear"``, ``"nearest"``, ``"bicubic"``, ``"lanczos3"`` or ``"lanczos5"``.
        antialias: average over more pixels where pictures become smaller.
        crop_to_aspect_ratio: cut the longer sides first, so that nothing is stretched.
        pad_to_aspect_ratio: pad the shorter sides first, so that nothing is stretched.
        fill_mode: ``"constant"``.
        fill_value: of the padding.
        data_format: as for `rgb_to_grayscale`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.image.resize([[[1.0], [3.0]]], (1, 4)).numpy()[0, :, 0]
    array([1. , 1.5, 2.5, 3. ], dtype=float32)
    """
    if len(size) != 2:
        raise InvalidArgumentError(
            f"resize: size={size!r} has {len(size)} numbers. Give two: (height, width)."
        )
    height, width = (int(one) for one in size)
    if height < 1 or width < 1:
        raise InvalidArgumentError(
            f"resize: `size` must have positive height and width. Received: size={size!r}."
        )
    if pad_to_aspect_ratio and crop_to_aspect_ratio:
        raise InvalidArgumentError(
            "resize: pad_to_aspect_ratio and crop_to_aspect_ratio are both True. Choose one: padding keeps the whole "
            "picture, cropping fills the whole size."
        )
    if fill_mode != "constant":
        raise InvalidArgumentError(
            f"resize: Invalid value for `fill_mode`: {fill_mode!r}. Expected 'constant'."
        )
    found, first = picture("resize", images), is_first(data_format)
    x = channels_last(found, first)
    if crop_to_aspect_ratio:
        x = _cut_to_ratio(x, height, width)
    elif pad_to_aspect_ratio:
        x = _padded_to_ratio(x, height, width, fill_value)
    resized = image_resizing.resize(x, (height, width), interpolation, antialias=antialias)
    return channels_back(as_before(resized, found), first)


def _cut_to_ratio(x: Tensor, height: int, width: int) -> Tensor:
    rows, columns = (int(length) for length in x.shape[-3:-1])
    high = max(min(rows, int(float(columns * height) / width)), 1)
    wide = max(min(columns, int(float(rows * width) / height)), 1)
    top, left = (rows - high) // 2, (columns - wide) // 2
    return x[..., top : top + high, left : left + wide, :]


def _padded_to_ratio(x: Tensor, height: int, width: int, fill_value: float) -> Tensor:
    rows, columns = (int(length) for length in x.shape[-3:-1])
    top = (max(rows, int(float(columns * height) / width)) - rows) // 2
    left = (max(columns, int(float(rows * width) / height)) - columns) // 2
    margins = [[0, 0]] * (len(x.shape) - 3) + [[top, top], [left, left], [0, 0]]
    return ops.pad(x, margins, "CONSTANT", tensor(fill_value, x.dtype))


def extract_patches(
    images: TensorLike, size: int | Sequence[int], strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1, padding: str = "valid", data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """The windows of pictures, each as the channels of one place.

    Args:
        images: one picture or a batch.
        size: height and width of a window.
        strides: from one window to the next; ``size`` by default.
        dilation_rate: from one pixel of a window to the next.
        padding: ``"valid"`` or ``"same"``.
        data_format: as for `rgb_to_grayscale`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.image.extract_patches(tf.reshape(tf.range(4.0), [2, 2, 1]), 2).numpy()
    array([[[0., 1., 2., 3.]]], dtype=float32)
    """
    if not isinstance(size, int | tuple | list):
        raise TypeError(
            f"extract_patches: size={size!r} is a {type(size).__name__}. Expected an int or a tuple of two, (height, "
            "width)."
        )
    if not isinstance(size, int) and len(size) != 2:
        volumes = " Volumes (3D) are not supported." if len(size) == 3 else ""
        raise InvalidArgumentError(
            "extract_patches: Invalid `size` argument. Expected a tuple of length 2 or 3. "
            f"Received: size={size!r}.{volumes}"
        )
    found, first = picture("extract_patches", images), is_first(data_format)
    x = channels_last(found, first)
    single = len(x.shape) == 3
    window, step, gap = (
        [value, value] if isinstance(value, int) else list(value)
        for value in (size, strides or size, dilation_rate)
    )
    whole = ops.expand_dims(x, 0) if single else x
    parts = patches_of_batch(whole, [1, *window, 1], [1, *step, 1], [1, *gap, 1], padding.upper())
    return channels_back(ops.squeeze(parts, [0]) if single else parts, first)


def _margins(
    function: str, names: Sequence[str], before: int | None, after: int | None, target: int | None
) -> None:
    if [before, after, target].count(None) != 1:
        given = ", ".join(
            f"{name}={value}" for name, value in zip(names, (before, after, target), strict=True)
        )
        raise InvalidArgumentError(
            f"{function}: Must specify exactly two of {', '.join(names)}. Received: {given}."
        )
    for name, value in zip(names, (before, after, target), strict=True):
        if value is not None and value < 0:
            raise InvalidArgumentError(f"{function}: {name} must be >= 0. Received: {name}={value}.")


def _completed(
    function: str,
    names: Sequence[str],
    length: int,
    before: int | None,
    after: int | None,
    target: int | None,
    sign: int,
) -> tuple[int, int]:
    """How much is added (``sign`` 1) or cut off (-1) before and after, from two of three numbers."""
    _margins(function, names, before, after, target)
    total = None if target is None else sign * (target - length)
    if total is not None:
        before, after = (total - int(after or 0), after) if before is None else (before, total - before)
    found = int(before or 0), int(after or 0)
    for name, value in zip(names, found, strict=False):
        if value < 0:
            raise InvalidArgumentError(f"{function}: {name} must be >= 0. Received: {name}={value}.")
    return found


def pad_images(
    images: TensorLike, top_padding: int | None = None, left_padding: int | None = None,
    bottom_padding: int | None = None, right_padding: int | None = None, target_height: int | None = None,
    target_width: int | None = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Zeros around pictures; of the three numbers of each direction exactly two are given.

    Args:
        images: one picture or a batch.
        top_padding, bottom_padding, target_height: rows of zeros above and below, and the height of the result.
        left_padding, right_padding, target_width: the same of the columns.
        data_format: as for `rgb_to_grayscale`.

    >>> import tensorlet as tf
    >>> x = tf.ones([2, 2, 1])
    >>> tf.keras.ops.image.pad_images(x, 1, 0, target_height=4, target_width=2)[..., 0].numpy().tolist()
    [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]
    """
    found, first = picture("pad_images", images), is_first(data_format)
    rows, columns = (int(length) for length in (found.shape[-2:] if first else found.shape[-3:-1]))
    vertical, horizontal = ("top_padding", "bottom_padding", "target_height"), (
        "left_padding", "right_padding", "target_width")  # fmt: skip
    down = _completed("pad_images", vertical, rows, top_padding, bottom_padding, target_height, 1)
    across = _completed("pad_images", horizontal, columns, left_padding, right_padding, target_width, 1)
    margins = [[0, 0], list(down), list(across)] if first else [list(down), list(across), [0, 0]]
    return ops.pad(found, [[0, 0]] * (len(found.shape) - 3) + margins)


def crop_images(
    images: TensorLike, top_cropping: int | None = None, left_cropping: int | None = None,
    bottom_cropping: int | None = None, right_cropping: int | None = None, target_height: int | None = None,
    target_width: int | None = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures without their margins; of the three numbers of each direction exactly two are given.

    Args:
        images: one picture or a batch.
        top_cropping, bottom_cropping, target_height: rows that are cut off, and the height of the result.
        left_cropping, right_cropping, target_width: the same of the columns.
        data_format: as for `rgb_to_grayscale`.

    >>> import tensorlet as tf
    >>> tf.keras.ops.image.crop_images(tf.reshape(tf.range(4.0), [2, 2, 1]), 1, 0, 0, 1)[..., 0].numpy().tolist()
    [[2.0]]
    """
    found, first = picture("crop_images", images), is_first(data_format)
    rows, columns = (int(length) for length in (found.shape[-2:] if first else found.shape[-3:-1]))
    vertical, horizontal = ("top_cropping", "bottom_cropping", "target_height"), (
        "left_cropping", "right_cropping", "target_width")  # fmt: skip
    top, bottom = _completed("crop_images", vertical, rows, top_cropping, bottom_cropping, target_height, -1)
    left, right = _completed(
        "crop_images", horizontal, columns, left_cropping, right_cropping, target_width, -1
    )
    x = channels_last(found, first)
    places = np.arange(top, rows - bottom), np.arange(left, columns - right)
    if not (places[0].size and places[1].size):
        raise InvalidArgumentError(f"crop_images: nothing is left of pictures of {rows} x {columns}.")
    return channels_back(x[..., top : rows - bottom, left : columns - right, :], first)
