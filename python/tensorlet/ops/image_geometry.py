"""`tf.image`: pictures made larger or smaller, cut, padded, turned and mirrored.

Pictures are ``[height, width, channels]``, or a batch ``[batch, height, width, channels]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.arguments import static_array, static_integer, static_integers
from tensorlet.ops.picture_arguments import place_windows, spatial
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import FloatLike, ShapeLike


def as_image(function: str, value: TensorLike, argument: str = "image") -> Tensor:
    """The value as a tensor of one picture or a batch of them.

    Raises:
        ShapeError: for another number of axes.
    """
    x = convert(value)
    if len(x.shape) not in (3, 4):
        fix = f" For grey pictures write {argument}[..., None]." if len(x.shape) == 2 else ""
        raise ShapeError(
            f"{function}: '{argument}' has shape {list(x.shape)}, but [height, width, channels] or [batch, height, "
            f"width, channels] is expected.{fix}"
        )
    return x


def _sizes(x: Tensor) -> tuple[int, int]:
    height, width = x.shape[-3:-1]
    return height, width


def flip_left_right(image: TensorLike, name: str | None = None) -> Tensor:
    """Flips pictures horizontally: the columns in reverse order.

    Args:
        image: one picture, or a batch of them.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.flip_left_right(tf.reshape([1.0, 2.0], [1, 2, 1]))[0, :, 0].numpy()
    array([2., 1.], dtype=float32)
    """
    return functions.reverse(as_image("tf.image.flip_left_right", image), [-2])


def flip_up_down(image: TensorLike, name: str | None = None) -> Tensor:
    """Pictures upside down: the rows in reverse order.

    Args:
        image: one picture, or a batch of them.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.flip_up_down(tf.reshape([1.0, 2.0], [2, 1, 1]))[:, 0, 0].numpy()
    array([2., 1.], dtype=float32)
    """
    return functions.reverse(as_image("tf.image.flip_up_down", image), [-3])


def transpose(image: TensorLike, name: str | None = None) -> Tensor:
    """Swaps height and width.

    Args:
        image: one picture, or a batch of them.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.transpose(tf.zeros([2, 3, 1])).shape
    TensorShape([3, 2, 1])
    """
    x = as_image("tf.image.transpose", image)
    return functions.transpose(x, [1, 0, 2] if len(x.shape) == 3 else [0, 2, 1, 3])


def rot90(image: TensorLike, k: int = 1, name: str | None = None) -> Tensor:
    """Pictures turned against the clock by ``k`` right angles.

    Args:
        image: one picture, or a batch of them.
        k: how many right angles; known while tracing.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.rot90(tf.reshape([1, 2], [1, 2, 1]))[:, 0, 0].numpy()
    array([2, 1], dtype=int32)
    """
    x = as_image("tf.image.rot90", image)
    turns = static_integer("tf.image.rot90", "k", k) % 4
    if turns == 1:
        return flip_up_down(transpose(x))
    if turns == 2:
        return flip_up_down(flip_left_right(x))
    return flip_left_right(transpose(x)) if turns == 3 else x


def crop_to_bounding_box(
    image: TensorLike,
    offset_height: int,
    offset_width: int,
    target_height: int,
    target_width: int,
    name: str | None = None,
) -> Tensor:
    """A rectangle cut out of pictures.

    Args:
        image: one picture, or a batch of them.
        offset_height, offset_width: the upper left corner.
        target_height, target_width: the size.
        name: ignored.

    Raises:
        ShapeError: if the rectangle stands out of the picture.

    >>> import tensorlet as tf
    >>> tf.image.crop_to_bounding_box(tf.reshape(tf.range(9), [3, 3, 1]), 1, 0, 1, 2)[0, :, 0].numpy()
    array([3, 4], dtype=int32)
    """
    function = "tf.image.crop_to_bounding_box"
    x = as_image(function, image)
    top, left, height, width = static_integers(
        function, "the offsets and sizes", [offset_height, offset_width, target_height, target_width]
    )
    old = _sizes(x)
    if min(top, left) < 0 or min(height, width) < 1 or top + height > old[0] or left + width > old[1]:
        raise ShapeError(
            f"{function}: a rectangle of {height} x {width} at ({top}, {left}) does not lie in pictures of {old[0]} x "
            f"{old[1]}."
        )
    return x[..., top : top + height, left : left + width, :]


def pad_to_bounding_box(
    image: TensorLike,
    offset_height: int,
    offset_width: int,
    target_height: int,
    target_width: int,
    name: str | None = None,
) -> Tensor:
    """Pictures inside larger ones of zeros.

    Args:
        image: one picture, or a batch of them.
        offset_height, offset_width: where their upper left corner comes to lie.
        target_height, target_width: the new size.
        name: ignored.

    Raises:
        ShapeError: if the pictures stand out of the new size.

    >>> import tensorlet as tf
    >>> tf.image.pad_to_bounding_box(tf.ones([1, 1, 1]), 0, 1, 1, 3)[0, :, 0].numpy()
    array([0., 1., 0.], dtype=float32)
    """
    function = "tf.image.pad_to_bounding_box"
    x = as_image(function, image)
    top, left, height, width = static_integers(
        function, "the offsets and sizes", [offset_height, offset_width, target_height, target_width]
    )
    old = _sizes(x)
    below, right = height - top - old[0], width - left - old[1]
    if min(top, left, below, right) < 0:
        raise ShapeError(
            f"{function}: pictures of {old[0]} x {old[1]} at ({top}, {left}) do not lie in {height} x {width}."
        )
    return functions.pad(x, [*[(0, 0)] * (len(x.shape) - 3), (top, below), (left, right), (0, 0)])


def resize_with_crop_or_pad(
    image: TensorLike, target_height: int, target_width: int, name: str | None = None
) -> Tensor:
    """Crops or pads pictures to a size, keeping their center.

    Args:
        image: one picture, or a batch of them.
        target_height, target_width: the new size.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.image.resize_with_crop_or_pad(tf.reshape([1.0, 2.0, 3.0], [1, 3, 1]), 2, 1)[:, :, 0].numpy()
    array([[2.],
           [0.]], dtype=float32)
    """
    x = as_image("tf.image.resize_with_crop_or_pad", image)
    height, width = static_integers(
        "tf.image.resize_with_crop_or_pad", "the size", [target_height, target_width]
    )
    old = _sizes(x)
    cut = (min(height, old[0]), min(width, old[1]))
    x = crop_to_bounding_box(x, (old[0] - cut[0]) // 2, (old[1] - cut[1]) // 2, *cut)
    return pad_to_bounding_box(x, (height - cut[0]) // 2, (width - cut[1]) // 2, height, width)


def central_crop(image: TensorLike, central_fraction: FloatLike) -> Tensor:
    """Crops the central part of pictures.

    Args:
        image: one picture, or a batch of them.
        central_fraction: how much of height and width is kept: above 0, at most 1.

    >>> import tensorlet as tf
    >>> tf.image.central_crop(tf.reshape(tf.range(4), [1, 4, 1]), 0.5).shape
    TensorShape([1, 2, 1])
    """
    x = as_image("tf.image.central_crop", image)
    part = float(static_array("tf.image.central_crop", "central_fraction", central_fraction))
    if not 0 < part <= 1:
        raise InvalidArgumentError(
            f"tf.image.central_crop: central_fraction={part}, but a number above 0 and up to 1 is expected."
        )
    old = _sizes(x)
    top, left = (int((length - length * part) / 2) for length in old)
    return crop_to_bounding_box(x, top, left, old[0] - 2 * top, old[1] - 2 * left)


def extract_patches(
    images: TensorLike,
    sizes: ShapeLike,
    strides: ShapeLike,
    rates: ShapeLike,
    padding: str,
    name: str | None = None,
) -> Tensor:
    """The windows of pictures, each as the channels of one place.

    Args:
        images: ``[batch, height, width, channels]``.
        sizes: height and width of a window, as ``[1, height, width, 1]``.
        strides: from one window to the next, as ``[1, height, width, 1]``.
        rates: from one pixel of a window to the next, as ``[1, height, width, 1]``.
        padding: ``"VALID"`` or ``"SAME"``; see `tf.nn.conv2d`.
        name: ignored.

    Returns:
        ``[batch, rows, columns, height * width * channels]``.

    >>> import tensorlet as tf
    >>> x = tf.reshape(tf.range(9), [1, 3, 3, 1])
    >>> tf.image.extract_patches(x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")[0, 0].numpy()
    array([[0, 1, 3, 4],
           [1, 2, 4, 5]], dtype=int32)
    """
    function = "tf.image.extract_patches"
    x = convert(images)
    if len(x.shape) != 4:
        raise ShapeError(f"{function}: 'images' has shape {list(x.shape)}, but four axes are expected.")
    taps, steps, gaps = (
        spatial(function, argument, value, 2)
        for argument, value in (("sizes", sizes), ("strides", strides), ("rates", rates))
    )
    windows = place_windows(function, padding, x.shape[1:3], taps, steps, gaps)
    pads, spans = [], []
    for axis in (0, 1):
        spans.append((windows.size[axis] - 1) * steps[axis] + 1)
        needed = spans[axis] + (taps[axis] - 1) * gaps[axis]
        pads.append((windows.before[axis], max(0, needed - windows.before[axis] - x.shape[axis + 1])))
    if any(pair != (0, 0) for pair in pads):
        x = functions.pad(x, [(0, 0), *pads, (0, 0)])
    places = [(i * gaps[0], j * gaps[1]) for i in range(taps[0]) for j in range(taps[1])]
    seen = [x[:, i : i + spans[0] : steps[0], j : j + spans[1] : steps[1], :] for i, j in places]
    return functions.concat(seen, axis=-1)
