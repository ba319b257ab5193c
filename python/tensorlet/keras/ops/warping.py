"""Pictures that are turned, bent, blurred and compared."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import random
from tensorlet.keras.ops.pictures import as_before, channels_back, channels_last, is_first, picture
from tensorlet.keras.ops.promotion import floating, tensor
from tensorlet.ops import convolution_functions as convolutions
from tensorlet.ops.image_resizing import KERNELS
from tensorlet.ops.image_transform import FILL_MODES, INTERPOLATIONS, transform
from tensorlet.ops.registry import Tensor, TensorLike

if TYPE_CHECKING:
    from tensorlet.keras.random import SeedGenerator

#: The methods of `scale_and_translate` -> the names of their kernels.
_METHODS = {
    **dict.fromkeys(("linear", "bilinear", "trilinear", "triangle"), "bilinear"),
    **dict.fromkeys(("cubic", "bicubic", "tricubic"), "bicubic"),
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
}
_FILL_MODES_OF_MAPS = ("constant", "nearest", "wrap", "mirror", "reflect")


def _one_of(function: str, name: str, value: object, known: Sequence[str]) -> None:
    if value not in known:
        raise InvalidArgumentError(
            f"{function}: Invalid value for argument `{name}`. Expected of one {set(known)}. Received: {name}={value}."
        )


def affine_transform(
    images: TensorLike, transform: TensorLike, interpolation: str = "bilinear", fill_mode: str = "constant",
    fill_value: float = 0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures whose place (x, y) is looked up at ``(a x + b y + c) / k, (d x + e y + f) / k``.

    Here ``k = g x + h y + 1``.

    Args:
        images: one picture or a batch.
        transform: [8] or [batch, 8]: a, b, c, d, e, f, g and h.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        fill_mode: what is outside of a picture: ``"constant"``, ``"nearest"``, ``"wrap"`` or ``"reflect"``.
        fill_value: the constant.
        data_format: ``"channels_last"`` or ``"channels_first"``; that of `keras.config` by default.

    >>> import tensorlet as tf
    >>> moved = tf.keras.ops.image.affine_transform([[[1.0], [2.0], [3.0]]], [1.0, 0, 1, 0, 1, 0, 0, 0])
    >>> moved[0, :, 0].numpy()
    array([2., 3., 0.], dtype=float32)
    """
    _one_of("affine_transform", "interpolation", interpolation, INTERPOLATIONS)
    _one_of("affine_transform", "fill_mode", fill_mode, FILL_MODES)
    found, matrices = picture("affine_transform", images), tensor(transform, "float32")
    if len(matrices.shape) not in (1, 2):
        raise ShapeError(
            f"affine_transform: Invalid transform rank: expected rank 1 (8 numbers for all pictures) or 2 (a row for "
            f"each), but the shape is {tuple(matrices.shape)}."
        )
    return _transformed(found, matrices, interpolation, fill_mode, fill_value, data_format)


def _transformed(
    found: Tensor,
    matrices: Tensor,
    interpolation: str,
    fill_mode: str,
    fill_value: float,
    data_format: str | None,
) -> Tensor:
    first, single = is_first(data_format), len(found.shape) == 3
    x = ops.cast(channels_last(found, first), "float32")
    x = ops.expand_dims(x, 0) if single else x
    matrices = ops.expand_dims(matrices, 0) if len(matrices.shape) == 1 else matrices
    moved = transform(x, matrices, fill_mode, fill_value, interpolation)
    return channels_back(as_before(ops.squeeze(moved, [0]) if single else moved, found), first)


def perspective_transform(
    images: TensorLike, start_points: TensorLike, end_points: TensorLike, interpolation: str = "bilinear",
    fill_value: float = 0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures in which four points are moved to four others, as if seen from elsewhere.

    Args:
        images: one picture or a batch.
        start_points, end_points: [4, 2] or [batch, 4, 2]: x and y of the points.
        interpolation, fill_value, data_format: as for `affine_transform`.

    >>> import tensorlet as tf
    >>> corners = tf.constant([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    >>> x = tf.reshape(tf.range(9.0), [3, 3, 1])
    >>> float(tf.reduce_max(abs(tf.keras.ops.image.perspective_transform(x, corners, corners) - x))) < 1e-4
    True
    """
    _one_of("perspective_transform", "interpolation", interpolation, INTERPOLATIONS)
    found = picture("perspective_transform", images)
    start, end = tensor(start_points, "float32"), tensor(end_points, "float32")
    for name, points in (("start_points", start), ("end_points", end)):
        if len(points.shape) not in (2, 3) or tuple(points.shape[-2:]) != (4, 2):
            raise ShapeError(
                f"perspective_transform: Invalid {name} shape: expected the four corners of a picture as pairs, "
                f"(4, 2), or those of each picture of a batch, (N, 4, 2), but got {tuple(points.shape)}."
            )
    if tuple(start.shape) != tuple(end.shape):
        raise ShapeError(
            f"perspective_transform: start_points has the shape {tuple(start.shape)}, but end_points "
            f"{tuple(end.shape)}. Each corner needs a place to go to: give as many of both."
        )
    return _transformed(found, _homography(start, end), interpolation, "constant", fill_value, data_format)


def _homography(start: Tensor, end: Tensor) -> Tensor:
    """The eight numbers of `affine_transform` that look up ``end`` at ``start``."""
    x, y, u, v = end[..., 0], end[..., 1], start[..., 0], start[..., 1]
    one, zero = ops.ones_like(x), ops.zeros_like(x)
    columns = [[x, y, one, zero, zero, zero, -x * u, -y * u], [zero, zero, zero, x, y, one, -x * v, -y * v]]
    rows = ops.concat([ops.stack(row, -1) for row in columns], -2)
    return ops.squeeze(ops.solve(rows, ops.expand_dims(ops.concat([u, v], -1), -1)), [-1])


def map_coordinates(
    inputs: TensorLike,
    coordinates: TensorLike,
    order: int,
    fill_mode: str = "constant",
    fill_value: float = 0,
) -> Tensor:
    """The numbers of a tensor at places between its elements.

    Args:
        inputs: n axes.
        coordinates: [n, ...]: the place along each axis.
        order: 0 for the nearest element, 1 for linear interpolation.
        fill_mode: what is outside: ``"constant"``, ``"nearest"``, ``"wrap"``, ``"mirror"`` or ``"reflect"``.
        fill_value: the constant.

    >>> import tensorlet as tf
    >>> tf.keras.ops.image.map_coordinates([1.0, 2.0, 4.0], [[0.5, 1.5]], order=1).numpy()
    array([1.5, 3. ], dtype=float32)
    """
    x, places = tensor(inputs), floating(coordinates)
    if len(places.shape) < 2:
        raise ShapeError(
            f"map_coordinates: Invalid coordinates rank: expected at least rank 2. Received: {tuple(places.shape)}."
        )
    if places.shape[0] != len(x.shape):
        raise ShapeError(
            f"map_coordinates: First dim of `coordinates` must be the same as the rank of `inputs`, a row for each "
            f"axis, but it is {places.shape[0]} and `inputs` has shape {tuple(x.shape)}."
        )
    _one_of("map_coordinates", "fill_mode", fill_mode, _FILL_MODES_OF_MAPS)
    if order not in (0, 1):
        raise NotImplementedError(f"map_coordinates requires order<=1: 0 or 1. Received: order={order}.")
    axes = [
        [(*_inside(index, int(length), fill_mode), weight) for index, weight in _nodes(place, order)]
        for place, length in zip(ops.unstack(places, axis=0), x.shape, strict=True)
    ]
    total: Any = 0.0
    for corner in itertools.product(*axes):
        indices, valid, weights = zip(*corner, strict=True)
        numbers = ops.cast(
            ops.gather_nd(x, ops.stack([ops.cast(one, "int32") for one in indices], -1)), places.dtype
        )
        if fill_mode == "constant":
            whole = ops.reduce_all(ops.stack(list(valid)), 0)
            numbers = ops.where(whole, numbers, tensor(float(fill_value), places.dtype))
        factor = weights[0]
        for weight in weights[1:]:
            factor = factor * weight
        total = total + factor * numbers
    return ops.cast(ops.round(total) if x.dtype.is_integer else total, x.dtype)


def _nodes(place: Tensor, order: int) -> list[tuple[Tensor, Tensor]]:
    """The elements along one axis that a place is made of, with their weights."""
    if order == 0:
        return [(ops.round(place), ops.ones_like(place))]
    low = ops.floor(place)
    upper = place - low
    return [(low, 1.0 - upper), (low + 1.0, upper)]


def _inside(index: Tensor, length: int, fill_mode: str) -> tuple[Tensor, Tensor]:
    """Whole places brought into an axis, and whether they were inside."""
    valid = ops.logical_and(index >= 0.0, index < float(length))
    if fill_mode == "wrap":
        index = ops.floormod(index, float(length))
    elif fill_mode in ("mirror", "reflect"):
        # The mirror image begins with the last element again, or with the one before it.
        period = 2.0 * length - (2.0 if fill_mode == "mirror" else 0.0)
        within = ops.floormod(index, max(period, 1.0))
        index = ops.where(
            within >= float(length), period - within - (1.0 if fill_mode == "reflect" else 0.0), within
        )
    return ops.clip_by_value(index, 0.0, length - 1.0), valid


def gaussian_blur(
    images: TensorLike, kernel_size: Sequence[int] = (3, 3), sigma: Sequence[float] = (1.0, 1.0),
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures averaged with a Gaussian window; zeros are around them.

    Args:
        images: one picture or a batch, floats.
        kernel_size: the size of the window.
        sigma: its deviations.
        data_format: as for `affine_transform`.

    >>> import tensorlet as tf
    >>> print(tf.keras.ops.image.gaussian_blur(tf.ones([3, 3, 1]))[1, 1, 0].numpy())
    1.0
    """
    found, first = floating(picture("gaussian_blur", images)), is_first(data_format)
    # The second deviation is that of the height, as in Keras.
    across, down = (_bell(int(n), float(s)) for n, s in zip(kernel_size, sigma, strict=True))
    window = np.outer(down, across).reshape([int(n) for n in kernel_size])
    return channels_back(_windowed(channels_last(found, first), window, "SAME"), first)


def _bell(size: int, sigma: float) -> np.ndarray:
    numbers = np.exp(-0.5 * ((np.arange(size) - (size - 1) / 2) / sigma) ** 2)
    return np.asarray(numbers / numbers.sum())


def _windowed(x: Tensor, window: np.ndarray, padding: str) -> Tensor:
    """Each channel of pictures convolved with one window."""
    single = len(x.shape) == 3
    x = ops.expand_dims(x, 0) if single else x
    kernel = np.tile(window[:, :, None, None], (1, 1, int(x.shape[-1]), 1))
    found = convolutions.depthwise_conv2d(x, tensor(kernel, x.dtype), [1, 1, 1, 1], padding)
    return ops.squeeze(found, [0]) if single else found


def elastic_transform(
    images: TensorLike, alpha: float = 20.0, sigma: float = 5.0, interpolation: str = "bilinear",
    fill_mode: str = "reflect", fill_value: float = 0.0, seed: int | SeedGenerator | None = None,
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures whose pixels are moved at random, neighbors alike.

    Args:
        images: one picture or a batch.
        alpha: how far.
        sigma: how much alike neighbors move, in pixels.
        interpolation, fill_mode, fill_value, data_format: as for `affine_transform`.
        seed: an integer or a `keras.random.SeedGenerator`.

    Source: P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks applied to visual
    document analysis", 2003.

    >>> import tensorlet as tf
    >>> tf.keras.ops.image.elastic_transform(tf.ones([4, 4, 1]), alpha=0.0)[0, :, 0].numpy()
    array([1., 1., 1., 1.], dtype=float32)
    """
    _one_of("elastic_transform", "interpolation", interpolation, INTERPOLATIONS)
    _one_of("elastic_transform", "fill_mode", fill_mode, FILL_MODES)
    found, first = picture("elastic_transform", images), is_first(data_format)
    x = ops.cast(channels_last(found, first), "float32")
    single = len(x.shape) == 3
    x = ops.expand_dims(x, 0) if single else x
    batch, height, width, channels = (int(length) for length in x.shape)
    noise = random.uniform((batch, height, width, 2), -1.0, 1.0, seed=seed)
    size = int(6 * sigma) | 1
    moves = float(alpha) * _windowed(noise, np.outer(_bell(size, sigma), _bell(size, sigma)), "SAME")
    shape = [batch, height, width, channels]
    grid = np.meshgrid(*[np.arange(length, dtype="float32") for length in shape], indexing="ij")
    places = [grid[0], grid[1] + moves[..., 1:], grid[2] + moves[..., :1], grid[3]]
    order = INTERPOLATIONS[::-1].index(interpolation)
    moved = map_coordinates(
        x, ops.stack([ops.cast(one, "float32") for one in places]), order, fill_mode, fill_value
    )
    return channels_back(as_before(ops.squeeze(moved, [0]) if single else moved, found), first)


def scale_and_translate(
    images: TensorLike, output_shape: Sequence[int], scale: TensorLike, translation: TensorLike,
    spatial_dims: Sequence[int], method: str, antialias: bool = True,
) -> Tensor:  # fmt: skip
    """Pictures that are scaled and moved.

    Args:
        images: any axes.
        output_shape: the lengths of the result.
        scale, translation: a factor and a shift for each of ``spatial_dims``, numbers that are known.
        spatial_dims: the axes.
        method: ``"linear"``, ``"cubic"``, ``"lanczos3"`` or ``"lanczos5"``.
        antialias: average over more pixels where pictures become smaller.

    >>> import tensorlet as tf
    >>> tf.keras.ops.image.scale_and_translate([1.0, 2.0], (4,), [2.0], [0.0], (0,), "linear").numpy()
    array([1.  , 1.25, 1.75, 2.  ], dtype=float32)
    """
    _one_of("scale_and_translate", "method", method, tuple(_METHODS))
    found = tensor(images)
    x, factors, shifts = floating(found), np.asarray(tensor(scale)), np.asarray(tensor(translation))
    for axis, factor, shift in zip(spatial_dims, factors, shifts, strict=True):
        axis %= len(x.shape)
        weights = _moved_weights(
            int(x.shape[axis]), int(output_shape[axis]), factor, shift, _METHODS[method], antialias
        )
        x = ops.tensordot(x, tensor(weights, x.dtype), [[axis], [0]])
        x = ops.transpose(x, [*range(axis), len(x.shape) - 1, *range(axis, len(x.shape) - 1)])
    return as_before(x, found)


def _moved_weights(
    length: int, target: int, scale: float, shift: float, kind: str, antialias: bool
) -> np.ndarray:
    """The part of each element in each element of the result, [length, target]."""
    kernel = KERNELS[kind][1]
    width = max(1.0 / scale, 1.0) if antialias else 1.0
    middle = (np.arange(target) + 0.5) / scale - shift / scale - 0.5
    weights = kernel(np.abs(middle - np.arange(length)[:, None]) / width)
    total = weights.sum(0)
    safe = np.abs(total) > 1000.0 * np.finfo(np.float32).eps
    weights = np.where(safe, weights / np.where(safe, total, 1.0), 0.0)
    return np.asarray(np.where((middle >= -0.5) & (middle <= length - 0.5), weights, 0.0))


def sobel_edges(images: TensorLike, data_format: str | None = None) -> Tensor:
    """How fast the brightness changes, downwards and to the right.

    Args:
        images: [batch, height, width, channels], floats.
        data_format: as for `affine_transform`.

    Returns:
        [batch, height, width, channels, 2]; the images are reflected at their borders.

    >>> import tensorlet as tf
    >>> tf.keras.ops.image.sobel_edges(tf.reshape(tf.range(9.0), [1, 3, 3, 1]))[0, 1, 1, 0].numpy()
    array([24.,  8.], dtype=float32)
    """
    first = is_first(data_format)
    x = channels_last(floating(picture("sobel_edges", images)), first)
    x = ops.pad(x, [[0, 0]] * (len(x.shape) - 3) + [[1, 1], [1, 1], [0, 0]], "REFLECT")
    down = np.outer([-1.0, 0.0, 1.0], [1.0, 2.0, 1.0])
    return ops.stack([channels_back(_windowed(x, window, "VALID"), first) for window in (down, down.T)], -1)


def ssim(
    image1: TensorLike, image2: TensorLike, max_val: float = 1.0, filter_size: int = 11, filter_sigma: float = 1.5,
    k1: float = 0.01, k2: float = 0.03, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """The structural similarity of pictures: 1 for equal ones.

    Args:
        image1, image2: one picture each, or a batch, of one shape.
        max_val: the difference between the largest and the smallest possible number.
        filter_size, filter_sigma: of the Gaussian window in which they are compared.
        k1, k2: keep the quotients finite.
        data_format: as for `affine_transform`.

    Source: Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.

    >>> import tensorlet as tf
    >>> x = tf.reshape(tf.range(144.0) / 144.0, [12, 12, 1])
    >>> print(tf.keras.ops.image.ssim(x, x).numpy())
    1.0
    """
    found = [picture("ssim", one) for one in (image1, image2)]
    if tuple(found[0].shape) != tuple(found[1].shape):
        raise ShapeError(
            f"ssim: the shapes {tuple(found[0].shape)} and {tuple(found[1].shape)} must be equal."
        )
    first = is_first(data_format)
    x, y = (channels_last(floating(one), first) for one in found)
    window = np.outer(_bell(filter_size, filter_sigma), _bell(filter_size, filter_sigma))

    def mean(values: Tensor) -> Tensor:
        return _windowed(values, window, "VALID")

    low, high = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean_x, mean_y = mean(x), mean(y)
    spread = mean(x * x) - mean_x * mean_x + mean(y * y) - mean_y * mean_y
    together = 2.0 * (mean(x * y) - mean_x * mean_y)
    brightness = (2.0 * mean_x * mean_y + low) / (mean_x * mean_x + mean_y * mean_y + low)
    quotient = brightness * (together + high) / (spread + high)
    return ops.cast(ops.reduce_mean(quotient, [-3, -2, -1]), found[0].dtype)
