"""`tf.image`: how much pictures vary, where their edges are, and how much two of them differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.ops.convolution_functions import depthwise_conv2d
from tensorlet.ops.image_colours import convert_image_dtype
from tensorlet.ops.image_geometry import as_image
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.dtypes import DType

#: Sobel's filter for the change downwards; its transpose is that for the change to the right.
SOBEL = ((-1, -2, -1), (0, 0, 0), (1, 2, 1))


def total_variation(images: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the absolute differences of neighboring pixels; small for smooth pictures.

    Args:
        images: a picture [height, width, channels], or a batch of them.
        name: ignored.

    Returns:
        One number, or one for each picture of the batch.

    >>> import tensorlet as tf
    >>> float(tf.image.total_variation(tf.constant([[[1.0], [3.0]], [[2.0], [2.0]]])))
    4.0
    """
    x = as_image("tf.image.total_variation", images, "images")
    down = functions.abs(x[..., 1:, :, :] - x[..., :-1, :, :])
    right = functions.abs(x[..., :, 1:, :] - x[..., :, :-1, :])
    axes = [-3, -2, -1]
    return functions.reduce_sum(down, axes) + functions.reduce_sum(right, axes)


def image_gradients(image: TensorLike) -> tuple[Tensor, Tensor]:
    """The differences of each pixel to the one below and to the one on the right; 0 at the lower and right border.

    Args:
        image: a batch [batch, height, width, channels].

    Returns:
        Both, of the shape of the batch.

    Raises:
        ShapeError: for another number of axes.

    >>> import tensorlet as tf
    >>> down, right = tf.image.image_gradients(tf.constant([[[[1.0], [3.0]], [[2.0], [2.0]]]]))
    >>> down[0, :, :, 0].numpy().tolist(), right[0, :, :, 0].numpy().tolist()
    ([[1.0, -1.0], [0.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]])
    """
    x = _batch("tf.image.image_gradients", image)
    none, end = (0, 0), (0, 1)
    down = functions.pad(x[:, 1:] - x[:, :-1], [none, end, none, none])
    right = functions.pad(x[:, :, 1:] - x[:, :, :-1], [none, none, end, none])
    return down, right


def sobel_edges(image: TensorLike) -> Tensor:
    """The change downwards and to the right at each pixel, by Sobel's filters; borders are mirrored.

    Args:
        image: a batch [batch, height, width, channels] of floats, at least 2 pixels high and wide.

    Returns:
        [batch, height, width, channels, 2].

    Raises:
        ShapeError: for another number of axes.

    >>> import tensorlet as tf
    >>> edges = tf.image.sobel_edges(tf.constant([[[[0.0], [1.0], [2.0]]] * 3]))
    >>> edges[0, 1, 1, 0].numpy()
    array([0., 8.], dtype=float32)
    """
    x = _batch("tf.image.sobel_edges", image)
    height, width = x.shape[1], x.shape[2]
    padded = functions.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="REFLECT")

    def filtered(filters: np.ndarray) -> Tensor:
        total: Tensor | None = None
        for (row, column), factor in np.ndenumerate(filters):
            if factor:
                part = padded[:, row : row + height, column : column + width] * float(factor)
                total = part if total is None else total + part
        return total

    down = np.array(SOBEL)
    return functions.stack([filtered(down), filtered(down.T)], axis=-1)


def psnr(a: TensorLike, b: TensorLike, max_val: float, name: str | None = None) -> Tensor:
    """Peak signal-to-noise ratio in decibels: ``10 log10(max_val ** 2 / mean((a - b) ** 2))``.

    Args:
        a, b: pictures [..., height, width, channels] of one shape.
        max_val: the largest value that a pixel may have: 1.0, or 255 for bytes.
        name: ignored.

    Returns:
        One number for each picture.

    Raises:
        ShapeError: if the shapes differ.

    >>> import tensorlet as tf
    >>> float(tf.image.psnr(tf.zeros((4, 4, 1)), 0.1 * tf.ones((4, 4, 1)), 1.0))
    20.0
    """
    x, y, most = _pair("tf.image.psnr", a, b, max_val)
    error = functions.reduce_mean(functions.square(x - y), [-3, -2, -1])
    return 20 * float(np.log10(most)) - (10 / float(np.log(10))) * functions.log(error)


def ssim(
    img1: TensorLike,
    img2: TensorLike,
    max_val: float,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Tensor:
    """Structural similarity of two pictures: 1 for equal ones (Wang et al., 2004).

    Means, variances and the covariance are taken over windows that are weighted by a Gaussian.

    Args:
        img1, img2: pictures [..., height, width, channels] of one shape, at least ``filter_size`` high and wide.
        max_val: the largest value that a pixel may have: 1.0, or 255 for bytes.
        filter_size, filter_sigma: of the Gaussian.
        k1, k2: keep the quotients finite.
        return_index_map: whether to return the similarity at each place.

    Returns:
        One number for each picture, or [..., height', width'].

    Raises:
        ShapeError: if the shapes differ, or the pictures are smaller than the filter.

    >>> import tensorlet as tf
    >>> picture = tf.reshape(tf.range(144.0), (12, 12, 1)) / 144
    >>> round(float(tf.image.ssim(picture, picture, 1.0)), 5)
    1.0
    """
    x, y, most = _pair("tf.image.ssim", img1, img2, max_val)
    lead, (height, width, channels) = tuple(x.shape[:-3]), tuple(x.shape[-3:])
    if min(height, width) < filter_size:
        raise ShapeError(
            f"tf.image.ssim: the pictures are {height} x {width}, smaller than filter_size={filter_size}. "
            "Pass a smaller filter_size."
        )
    places = np.arange(filter_size, dtype=np.float32) - (filter_size - 1) / 2
    bell = np.exp(-0.5 * (places / filter_sigma) ** 2)
    weights = np.outer(bell, bell) / bell.sum() ** 2
    filters = np.repeat(weights[..., None, None], channels, 2).astype(np.float32)

    def mean(values: Tensor) -> Tensor:
        flat = functions.reshape(values, (-1, height, width, channels))
        means = depthwise_conv2d(flat, filters, [1, 1, 1, 1], "VALID")
        return functions.reshape(means, (*lead, *means.shape[1:]))

    first, second, c1, c2 = mean(x), mean(y), (k1 * most) ** 2, (k2 * most) ** 2
    both, squares = first * second * 2.0, functions.square(first) + functions.square(second)
    luminance = (both + c1) / (squares + c1)
    covariance = mean(x * y) * 2.0 - both
    variances = mean(functions.square(x) + functions.square(y)) - squares
    found = luminance * (covariance + c2) / (variances + c2)
    if return_index_map:
        return functions.reduce_mean(found, -1)
    return functions.reduce_mean(found, [-3, -2, -1])


def _batch(function: str, image: TensorLike) -> Tensor:
    x = as_image(function, image)
    if len(x.shape) != 4:
        raise ShapeError(
            f"{function}: expected a batch [batch, height, width, channels], got shape {list(x.shape)}. "
            "For a single picture, pass image[None]."
        )
    return x


def _pair(function: str, a: TensorLike, b: TensorLike, max_val: float) -> tuple[Tensor, Tensor, float]:
    """Two pictures as floats, and the largest value among floats."""
    x, y = as_image(function, a), as_image(function, b)
    if tuple(x.shape) != tuple(y.shape):
        raise ShapeError(
            f"{function}: the pictures have shapes {list(x.shape)} and {list(y.shape)}. Expected the same shape."
        )
    dtype: DType = x.dtype
    if dtype.is_floating:
        return x, convert(y), float(max_val)
    most = float(max_val) / np.iinfo(str(dtype.numpy)).max
    return convert_image_dtype(x, "float32"), convert_image_dtype(y, "float32"), most
