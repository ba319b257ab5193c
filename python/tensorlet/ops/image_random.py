"""`tf.image.random_*`: pictures changed at random, to train on more of them than there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import image_colours as colours
from tensorlet.ops import random
from tensorlet.ops.arguments import static_integers
from tensorlet.ops.image_geometry import as_image, flip_left_right, flip_up_down
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike


def flip_some(x: Tensor, flipped: Tensor, seed: int | None) -> Tensor:
    """Flips each picture with probability 0.5."""
    shape = [x.shape[0], 1, 1, 1] if len(x.shape) == 4 else [1, 1, 1]
    return functions.where(random.uniform(shape, seed=seed) < 0.5, flipped, x)


def random_flip_left_right(image: TensorLike, seed: int | None = None) -> Tensor:
    """Mirrors each picture with probability 0.5.

    Args:
        image: one picture, or a batch of which each is decided by itself.
        seed: see `tf.random.set_seed`.

    >>> import tensorlet as tf
    >>> x = tf.image.random_flip_left_right(tf.reshape([1.0, 2.0], [1, 2, 1]))
    >>> sorted(x[0, :, 0].numpy().tolist())
    [1.0, 2.0]
    """
    x = as_image("tf.image.random_flip_left_right", image)
    return flip_some(x, flip_left_right(x), seed)


def random_flip_up_down(image: TensorLike, seed: int | None = None) -> Tensor:
    """Turns each picture upside down with a chance of a half; arguments as for `random_flip_left_right`.

    >>> import tensorlet as tf
    >>> tf.image.random_flip_up_down(tf.zeros([5, 2, 3, 1])).shape
    TensorShape([5, 2, 3, 1])
    """
    x = as_image("tf.image.random_flip_up_down", image)
    return flip_some(x, flip_up_down(x), seed)


def random_brightness(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """`adjust_brightness` by a random number between ``-max_delta`` and ``max_delta``.

    Args:
        image: a picture or a batch.
        max_delta: not negative.
        seed: see `tf.random.set_seed`.

    >>> import tensorlet as tf
    >>> tf.image.random_brightness(tf.constant([[[0.5]]]), 0.0)[0, 0].numpy()
    array([0.5], dtype=float32)
    """
    if max_delta < 0:
        raise InvalidArgumentError(
            f"tf.image.random_brightness: max_delta={max_delta!r}, but a number of at least 0 is expected."
        )
    return colours.adjust_brightness(image, random.uniform([], -max_delta, max_delta, seed=seed))


def random_contrast(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`adjust_contrast` by a random factor between ``lower`` and ``upper``.

    Args:
        image: a picture or a batch.
        lower, upper: not negative.
        seed: see `tf.random.set_seed`.

    >>> import tensorlet as tf
    >>> tf.image.random_contrast(tf.constant([[[0.5]]]), 1.0, 2.0)[0, 0].numpy()
    array([0.5], dtype=float32)
    """
    colours.check_range("tf.image.random_contrast", lower, upper)
    return colours.adjust_contrast(image, random.uniform([], lower, upper, seed=seed))


def random_saturation(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`adjust_saturation` by a random factor between ``lower`` and ``upper``; arguments as for `random_contrast`.

    >>> import tensorlet as tf
    >>> tf.image.random_saturation(tf.ones([1, 1, 3]), 0.5, 2.0)[0, 0].numpy()
    array([1., 1., 1.], dtype=float32)
    """
    colours.check_range("tf.image.random_saturation", lower, upper)
    return colours.adjust_saturation(image, random.uniform([], lower, upper, seed=seed))


def random_hue(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """`adjust_hue` by a random part of a turn between ``-max_delta`` and ``max_delta``.

    Args:
        image: a picture or a batch with three channels.
        max_delta: from 0 to 0.5.
        seed: see `tf.random.set_seed`.

    >>> import tensorlet as tf
    >>> tf.image.random_hue(tf.ones([1, 1, 3]), 0.2)[0, 0].numpy()
    array([1., 1., 1.], dtype=float32)
    """
    if not 0 <= max_delta <= 0.5:
        raise InvalidArgumentError(
            f"tf.image.random_hue: max_delta={max_delta!r}, but a number from 0 to 0.5 is expected."
        )
    return colours.adjust_hue(image, random.uniform([], -max_delta, max_delta, seed=seed))


def random_crop(
    value: TensorLike, size: ShapeLike, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Crops a piece of a given size at a random position.

    Args:
        value: any tensor.
        size: the size of the piece, along every axis.
        seed: see `tf.random.set_seed`.
        name: ignored.

    Raises:
        ShapeError: if the piece is larger than the tensor.

    >>> import tensorlet as tf
    >>> tf.image.random_crop(tf.zeros([28, 28, 3]), [24, 24, 3]).shape
    TensorShape([24, 24, 3])
    """
    x = convert(value)
    lengths = static_integers("tf.image.random_crop", "size", size)
    if len(lengths) != len(x.shape) or any(
        one > length for one, length in zip(lengths, x.shape, strict=True)
    ):
        raise ShapeError(
            f"tf.image.random_crop: size={list(lengths)} does not fit into a tensor of shape {list(x.shape)}."
        )
    for axis, (length, all_) in enumerate(zip(lengths, x.shape, strict=True)):
        if length < all_:
            start = random.uniform([], 0, all_ - length + 1, dtype="int32", seed=seed)
            x = functions.gather(x, start + functions.range(length), axis=axis)
    return x
