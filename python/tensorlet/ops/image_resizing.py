"""`tf.image.resize`: pictures of another size, with one matrix of weights for each axis.

Pixels are squares, and their middles are compared: the middle of pixel ``i`` is at ``i + 0.5``. Each row of the matrix
has the weights of the old pixels in one new pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.arguments import static_integer, static_integers
from tensorlet.ops.image_geometry import as_image, pad_to_bounding_box
from tensorlet.ops.registry import Tensor, TensorLike, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike

#: The steps in which cubic interpolation of TensorFlow rounds distances.
CUBIC_STEPS = 1024


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(0.0, 1.0 - x)


def _keys_cubic(x: np.ndarray) -> np.ndarray:
    near = ((1.5 * x - 2.5) * x) * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x >= 2.0, 0.0, np.where(x >= 1.0, far, near))


def _mitchell_cubic(x: np.ndarray) -> np.ndarray:
    near = ((7.0 / 6.0 * x - 2.0) * x) * x + 8.0 / 9.0
    far = ((-7.0 / 18.0 * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0
    return np.where(x >= 2.0, 0.0, np.where(x >= 1.0, far, near))


def _gaussian(x: np.ndarray) -> np.ndarray:
    return np.where(x >= 1.5, 0.0, np.exp(-2.0 * x * x))


def _lanczos(radius: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.where(x > radius, 0.0, np.sinc(x) * np.sinc(x / radius))


#: Method -> the radius of its kernel, and the kernel as a function of the distance. Sources: R. Keys, "Cubic
#: convolution interpolation for digital image processing", 1981; C. Duchon, "Lanczos filtering in one and two
#: dimensions", 1979; D. Mitchell and A. Netravali, "Reconstruction filters in computer graphics", 1988.
KERNELS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "bilinear": (1.0, _triangle),
    "bicubic": (2.0, _keys_cubic),
    "gaussian": (1.5, _gaussian),
    "lanczos3": (3.0, _lanczos(3.0)),
    "lanczos5": (5.0, _lanczos(5.0)),
    "mitchellcubic": (2.0, _mitchell_cubic),
}
#: Methods whose result of the same size is not the picture itself.
SMOOTHING = frozenset({"gaussian", "mitchellcubic"})
METHODS = (*sorted(KERNELS), "area", "nearest")


def resize_method(function: str, method: object) -> str:
    """The name of a method, such as ``"bicubic"`` for ``tf.image.ResizeMethod.BICUBIC``.

    Raises:
        InvalidArgumentError: for an unknown one.
    """
    name = str(method).rpartition(".")[2].lower()
    name = "nearest" if name == "nearest_neighbor" else name
    if name not in METHODS:
        raise InvalidArgumentError(
            f"{function}: method={method!r} is not supported. Use one of {', '.join(METHODS)}."
        )
    return name


class ResizeMethod:
    """The methods of `resize`, under TensorFlow's names."""

    AREA = "area"
    BICUBIC = "bicubic"
    BILINEAR = "bilinear"
    GAUSSIAN = "gaussian"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    MITCHELLCUBIC = "mitchellcubic"
    NEAREST_NEIGHBOR = "nearest"


def resize(
    images: TensorLike,
    size: ShapeLike,
    method: str = "bilinear",
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Pictures of another size.

    Args:
        images: one picture ``[height, width, channels]``, or a batch of them.
        size: the new height and width.
        method: ``"bilinear"`` (between the four nearest pixels), ``"nearest"``, ``"bicubic"``, ``"area"`` (the mean of
            the part of the picture that a new pixel covers), ``"gaussian"``, ``"lanczos3"``, ``"lanczos5"`` or
            ``"mitchellcubic"``.
        preserve_aspect_ratio: the largest size within ``size`` that keeps the proportions.
        antialias: average over more pixels where pictures become smaller; not for ``"nearest"`` and ``"area"``.
        name: ignored.

    Returns:
        float32, or with ``"nearest"`` the dtype of ``images``.

    Raises:
        InvalidArgumentError: for another method, or a size below 1.

    >>> import tensorlet as tf
    >>> tf.image.resize(tf.reshape([1.0, 3.0], [1, 2, 1]), [1, 4])[0, :, 0].numpy()
    array([1. , 1.5, 2.5, 3. ], dtype=float32)
    >>> tf.image.resize(tf.reshape([1.0, 3.0, 5.0], [1, 3, 1]), [1, 2], method="area")[0, :, 0].numpy().round(4)
    array([1.6667, 4.3333], dtype=float32)
    """
    x = as_image("tf.image.resize", images, "images")
    new = static_integers("tf.image.resize", "size", size)
    if len(new) != 2 or min(new) < 1:
        raise InvalidArgumentError(
            f"tf.image.resize: size={size!r}, but two integers of at least 1 are expected: height and width."
        )
    kind = resize_method("tf.image.resize", method)
    height, width = x.shape[-3:-1]
    if preserve_aspect_ratio:
        factor = min(new[0] / height, new[1] / width)
        new = (round(height * factor), round(width * factor))
    rank = len(x.shape)
    if kind != "nearest":
        x = functions.cast(x, "float32")
    for axis, length, target in ((rank - 3, height, new[0]), (rank - 2, width, new[1])):
        if length != target or kind in SMOOTHING:
            x = _resize_axis(x, axis, length, target, kind, antialias)
    return x


def resize_with_pad(
    image: TensorLike,
    target_height: int,
    target_width: int,
    method: str = "bilinear",
    antialias: bool = False,
) -> Tensor:
    """Pictures of another size and the same proportions, with zeros around them where they do not fill it.

    Args:
        image: one picture ``[height, width, channels]``, or a batch of them.
        target_height, target_width: the new size.
        method, antialias: see `resize`.

    >>> import tensorlet as tf
    >>> tf.image.resize_with_pad(tf.ones([2, 2, 1]), 2, 4)[0, :, 0].numpy()
    array([0., 1., 1., 0.], dtype=float32)
    """
    x = as_image("tf.image.resize_with_pad", image)
    target = [
        static_integer("tf.image.resize_with_pad", "target_height", target_height),
        static_integer("tf.image.resize_with_pad", "target_width", target_width),
    ]
    height, width = x.shape[-3:-1]
    factor = max(height / target[0], width / target[1])
    exact = (height / factor, width / factor)
    inner = [max(1, int(one)) for one in exact]
    top, left = (max(0, int((whole - one) / 2)) for whole, one in zip(target, exact, strict=True))
    resized = functions.cast(resize(x, inner, method, antialias=antialias), "float32")
    return pad_to_bounding_box(resized, top, left, target[0], target[1])


def _resize_axis(x: Tensor, axis: int, length: int, target: int, kind: str, antialias: bool) -> Tensor:
    """One axis in its new length."""
    scale = np.float32(length) / np.float32(target)
    middles = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * scale
    if kind == "nearest":
        nearest = np.minimum(np.floor(middles), length - 1).astype(np.int32)
        return functions.gather(x, nearest, axis=axis)
    if kind == "bilinear" and not (antialias and scale > 1):
        return _between_neighbours(x, axis, length, middles - np.float32(0.5))
    if kind == "area":
        weights = _overlaps(length, target)
    elif kind == "bicubic" and not antialias:
        weights = _cubic_weights(length, middles)
    else:
        weights = _kernel_weights(kind, length, target, antialias)
    moved = functions.tensordot(x, weights.astype(np.float32), [[axis], [1]])
    order = list(range(len(x.shape) - 1))
    return functions.transpose(moved, [*order[:axis], len(order), *order[axis:]])


def _between_neighbours(x: Tensor, axis: int, length: int, places: np.ndarray) -> Tensor:
    below = np.floor(places)
    part = (places - below).astype(np.float32)
    low = np.clip(below, 0, length - 1).astype(np.int32)
    high = np.clip(np.ceil(places), 0, length - 1).astype(np.int32)
    part = part.reshape([-1 if one == axis else 1 for one in range(len(x.shape))])
    start, end = functions.gather(x, low, axis=axis), functions.gather(x, high, axis=axis)
    return start + (end - start) * part


def _kernel_weights(kind: str, length: int, target: int, antialias: bool) -> np.ndarray:
    """The weights of a kernel, as wide as a new pixel with ``antialias``; outside of the picture there is nothing.

    Distances are float32 as in TensorFlow, since those at the border of a kernel may fall on either side of it.
    """
    radius, kernel = KERNELS[kind]
    scale = np.float32(1.0) / (np.float32(target) / np.float32(length))
    middles = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * scale
    spread = max(scale, np.float32(1.0)) if antialias else np.float32(1.0)
    distance = np.abs((np.arange(length, dtype=np.float32) + np.float32(0.5))[None, :] - middles[:, None])
    within = distance <= radius * spread
    return _summing_to_one(np.where(within, kernel(distance / spread), 0.0))


def _cubic_weights(length: int, middles: np.ndarray) -> np.ndarray:
    """The weights of the four nearest pixels, with the distances of TensorFlow's table."""
    places = middles - np.float32(0.5)
    first = np.floor(places)
    part = np.rint((places - first) * CUBIC_STEPS) / CUBIC_STEPS
    distance = np.abs(np.arange(length)[None, :] - (first.astype(np.float64) + part)[:, None])
    near = np.abs(np.arange(length)[None, :] - first[:, None].astype(np.int64) - 0.5) < 2.0
    return _summing_to_one(np.where(near, _keys_cubic(distance), 0.0))


def _overlaps(length: int, target: int) -> np.ndarray:
    """How much of each old pixel lies in each new one, as a part of the new one."""
    scale = length / target
    starts = np.arange(target)[:, None] * scale
    pixels = np.arange(length)[None, :]
    inside = np.minimum(pixels + 1, starts + scale) - np.maximum(pixels, starts)
    return np.maximum(inside, 0.0) / scale


def _summing_to_one(weights: np.ndarray) -> np.ndarray:
    totals = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, totals, out=np.zeros_like(weights), where=totals != 0)
