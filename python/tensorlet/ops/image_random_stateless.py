"""`tf.image.stateless_random_*`: pictures changed at random, by numbers that follow from a given seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import image_colours as colours
from tensorlet.ops.arguments import static_integers
from tensorlet.ops.image_geometry import as_image, flip_left_right, flip_up_down
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions
from tensorlet.ops.stateless_random import split_seed, stateless_uniform

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike


def _flip_some(x: Tensor, flipped: Tensor, seed: TensorLike) -> Tensor:
    shape = [x.shape[0], 1, 1, 1] if len(x.shape) == 4 else [1, 1, 1]
    return functions.where(stateless_uniform(shape, seed) < 0.5, flipped, x)


def stateless_random_flip_left_right(image: TensorLike, seed: TensorLike) -> Tensor:
    """Mirrors each picture with probability 0.5.

    Args:
        image: one picture, or a batch of which each is decided by itself.
        seed: two integers; the same ones give the same result.

    >>> import tensorlet as tf
    >>> x = tf.image.stateless_random_flip_left_right(tf.reshape([1.0, 2.0], [1, 2, 1]), seed=(1, 2))
    >>> sorted(x[0, :, 0].numpy().tolist())
    [1.0, 2.0]
    """
    x = as_image("tf.image.stateless_random_flip_left_right", image)
    return _flip_some(x, flip_left_right(x), seed)


def stateless_random_flip_up_down(image: TensorLike, seed: TensorLike) -> Tensor:
    """Turns each picture upside down with probability 0.5; see `stateless_random_flip_left_right`.

    >>> import tensorlet as tf
    >>> tf.image.stateless_random_flip_up_down(tf.zeros([5, 2, 3, 1]), seed=(1, 2)).shape
    TensorShape([5, 2, 3, 1])
    """
    x = as_image("tf.image.stateless_random_flip_up_down", image)
    return _flip_some(x, flip_up_down(x), seed)


def stateless_random_brightness(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """`adjust_brightness` by a random number between ``-max_delta`` and ``max_delta``.

    Args:
        image: a picture or a batch.
        max_delta: not negative.
        seed: two integers; the same ones give the same result.

    >>> import tensorlet as tf
    >>> tf.image.stateless_random_brightness(tf.constant([[[0.5]]]), 0.0, seed=(1, 2))[0, 0].numpy()
    array([0.5], dtype=float32)
    """
    if max_delta < 0:
        raise InvalidArgumentError(
            f"tf.image.stateless_random_brightness: max_delta={max_delta!r}, but a number of at least 0 is expected."
        )
    return colours.adjust_brightness(image, stateless_uniform([], seed, -max_delta, max_delta))


def stateless_random_contrast(image: TensorLike, lower: float, upper: float, seed: TensorLike) -> Tensor:
    """`adjust_contrast` by a random factor between ``lower`` and ``upper``.

    Args:
        image: a picture or a batch.
        lower, upper: not negative.
        seed: two integers; the same ones give the same result.

    >>> import tensorlet as tf
    >>> tf.image.stateless_random_contrast(tf.constant([[[0.5]]]), 1.0, 2.0, seed=(1, 2))[0, 0].numpy()
    array([0.5], dtype=float32)
    """
    colours.check_range("tf.image.stateless_random_contrast", lower, upper)
    return colours.adjust_contrast(image, stateless_uniform([], seed, lower, upper))


def stateless_random_saturation(image: TensorLike, lower: float, upper: float, seed: TensorLike) -> Tensor:
    """`adjust_saturation` by a random factor; arguments as for `stateless_random_contrast`.

    >>> import tensorlet as tf
    >>> tf.image.stateless_random_saturation(tf.ones([1, 1, 3]), 0.5, 2.0, seed=(1, 2))[0, 0].numpy()
    array([1., 1., 1.], dtype=float32)
    """
    colours.check_range("tf.image.stateless_random_saturation", lower, upper)
    return colours.adjust_saturation(image, stateless_uniform([], seed, lower, upper))


def stateless_random_hue(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """`adjust_hue` by a random part of a turn between ``-max_delta`` and ``max_delta``.

    Args:
        image: a picture or a batch with three channels.
        max_delta: from 0 to 0.5.
        seed: two integers; the same ones give the same result.

    >>> import tensorlet as tf
    >>> tf.image.stateless_random_hue(tf.ones([1, 1, 3]), 0.2, seed=(1, 2))[0, 0].numpy()
    array([1., 1., 1.], dtype=float32)
    """
    if not 0 <= max_delta <= 0.5:
        raise InvalidArgumentError(
            f"tf.image.stateless_random_hue: max_delta={max_delta!r}, but a number from 0 to 0.5 is expected."
        )
    return colours.adjust_hue(image, stateless_uniform([], seed, -max_delta, max_delta))


def stateless_random_crop(
    value: TensorLike, size: ShapeLike, seed: TensorLike, name: str | None = None
) -> Tensor:
    """Crops a piece of a given size at a random position.

    Args:
        value: any tensor.
        size: the size of the piece, along every axis.
        seed: two integers; the same ones give the same result.
        name: ignored.

    Raises:
        ShapeError: if the piece is larger than the tensor.

    >>> import tensorlet as tf
    >>> tf.image.stateless_random_crop(tf.zeros([28, 28, 3]), [24, 24, 3], seed=(1, 2)).shape
    TensorShape([24, 24, 3])
    """
    x = convert(value)
    lengths = static_integers("tf.image.stateless_random_crop", "size", size)
    if len(lengths) != len(x.shape) or any(
        one > length for one, length in zip(lengths, x.shape, strict=True)
    ):
        raise ShapeError(
            f"tf.image.stateless_random_crop: size={list(lengths)} does not fit into a tensor of shape {list(x.shape)}."
        )
    seeds = split_seed(seed, len(lengths))
    for axis, (length, all_) in enumerate(zip(lengths, x.shape, strict=True)):
        if length < all_:
            start = stateless_uniform([], seeds[axis], 0, all_ - length + 1, dtype="int32")
            x = functions.gather(x, start + functions.range(length), axis=axis)
    return x
