"""`tf.image`: boxes in pictures: drawn, cut out and resized, and the best of those that overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import float32, int32
from tensorlet.errors import InvalidArgumentError, RunsEagerly, ShapeError, TracingError
from tensorlet.ops.arguments import static_integer, static_integers
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.dtypes import DType
    from tensorlet.type_aliases import FloatLike

_CORNERS = "[y1, x1, y2, x2]"
#: The colours of boxes without colours of their own, in turn: red, green, blue, opacity.
_COLORS = (
    (1.0, 1.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0), (1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 1.0), (0.5, 0.0, 0.5, 1.0),
    (0.5, 0.5, 0.0, 1.0), (0.5, 0.0, 0.0, 1.0), (0.0, 0.0, 0.5, 1.0), (0.0, 1.0, 1.0, 1.0), (1.0, 0.0, 1.0, 1.0),
)  # fmt: skip


def _places(low: Tensor, high: Tensor, length: int, count: int) -> Tensor:
    """Where ``count`` pixels of each box are along an axis of ``length`` pixels: ``[boxes, count]``."""
    if count == 1:
        return functions.expand_dims(0.5 * (low + high) * float(length - 1), 1)
    steps = convert(np.arange(count, dtype=np.float32))
    scale = (high - low) * float(length - 1) / float(count - 1)
    return functions.expand_dims(low * float(length - 1), 1) + functions.expand_dims(scale, 1) * steps


def _number(value: FloatLike) -> float:
    return float(np.asarray(value))


def _rows(image: Tensor, batch: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """The pixels at whole places: ``[boxes, height, width, channels]``."""
    height, width, channels = image.shape[1:]
    flat = functions.reshape(image, [-1, channels])
    row = functions.expand_dims(batch * (height * width), 1) + functions.cast(y, int32) * width
    return functions.gather(
        flat, functions.expand_dims(row, 2) + functions.expand_dims(functions.cast(x, int32), 1)
    )


def draw_bounding_boxes(
    images: TensorLike, boxes: TensorLike, colors: TensorLike | None, name: str | None = None
) -> Tensor:
    """Draws the outlines of boxes, one pixel wide, on pictures. Later boxes cover earlier ones.

    Args:
        images: ``[batch, height, width, channels]`` floating-point numbers, with 1, 3 or 4 channels.
        boxes: ``[batch, boxes, 4]``: rows of ``[y1, x1, y2, x2]``, where 0 is the first pixel and 1 the last one.
            Sides outside of the picture are not drawn.
        colors: ``[colors, channels]``, used in turn; None for ten colours that start with yellow, blue and red, or
            1.0 for pictures of one channel.
        name: ignored.

    Returns:
        Pictures of the same shape.

    Raises:
        ShapeError: for another shape of the pictures, boxes or colours.

    >>> import tensorlet as tf
    >>> x = tf.zeros([1, 4, 5, 1])
    >>> tf.image.draw_bounding_boxes(x, [[[0.0, 0.0, 0.7, 0.5]]], [[1.0]])[0, :, :, 0].numpy().tolist()
    [[1.0, 1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    found, corners = convert(images), convert(boxes)
    if not found.dtype.is_floating:
        found = functions.cast(found, float32)
    if len(found.shape) != 4 or len(corners.shape) != 3 or corners.shape[-1] != 4:
        raise ShapeError(
            f"draw_bounding_boxes: images has shape {list(found.shape)} and boxes {list(corners.shape)}. Expected "
            f"[batch, height, width, channels] and [batch, boxes, 4], the {_CORNERS} of the boxes."
        )
    if corners.shape[0] != found.shape[0]:
        raise ShapeError(
            f"draw_bounding_boxes: there are {found.shape[0]} images, but boxes for {corners.shape[0]}. Expected the "
            "same number."
        )
    height, width, channels = found.shape[1:]
    paints = _paints(colors, channels, found.dtype)
    scale = convert(np.array([height - 1, width - 1] * 2, np.float32))
    places = functions.cast(functions.cast(corners, float32) * scale, int32)
    for box in range(corners.shape[1]):
        outline = _outline(places[:, box], height, width)
        found = functions.where(outline, paints[box % int(paints.shape[0])], found)
    return found


def _paints(colors: TensorLike | None, channels: int, dtype: DType) -> Tensor:
    """The colours of boxes: ``[colors, channels]``."""
    if colors is None:
        table = np.ones((1, 1)) if channels == 1 else np.array(_COLORS)[:, :channels]
        return functions.cast(convert(table.astype(np.float32)), dtype)
    paints = functions.cast(convert(colors), dtype)
    if len(paints.shape) != 2 or paints.shape[0] < 1 or paints.shape[1] < channels:
        raise ShapeError(
            f"draw_bounding_boxes: colors has shape {list(paints.shape)}. Expected [colors, {channels}]: a row with a "
            "number for each channel of the images, or several rows."
        )
    return paints[:, :channels]


def _outline(places: Tensor, height: int, width: int) -> Tensor:
    """Which pixels are on the sides of a box in each picture: ``[batch, height, width, 1]``."""
    top, left, bottom, right = (functions.reshape(places[:, side], [-1, 1, 1, 1]) for side in range(4))
    row = convert(np.arange(height, dtype=np.int32).reshape(1, -1, 1, 1))
    column = convert(np.arange(width, dtype=np.int32).reshape(1, 1, -1, 1))
    within = functions.logical_and(
        functions.logical_and(row >= top, row <= bottom),
        functions.logical_and(column >= left, column <= right),
    )
    on_rows = functions.logical_or(functions.equal(row, top), functions.equal(row, bottom))
    on_columns = functions.logical_or(functions.equal(column, left), functions.equal(column, right))
    return functions.logical_and(within, functions.logical_or(on_rows, on_columns))


def crop_and_resize(
    image: TensorLike, boxes: TensorLike, box_indices: TensorLike, crop_size: Sequence[int],
    method: str = "bilinear", extrapolation_value: FloatLike = 0.0, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Cuts boxes out of pictures and resizes them to one size.

    Args:
        image: ``[batch, height, width, channels]`` numbers.
        boxes: ``[boxes, 4]``: rows of ``[y1, x1, y2, x2]``, where 0 is the first pixel and 1 the last one. With
            ``y1 > y2`` the piece is upside down. A box may reach beyond the picture.
        box_indices: ``[boxes]``: the number of each box's picture.
        crop_size: the height and width of the results.
        method: 'bilinear' or 'nearest'.
        extrapolation_value: the value of places outside of the picture.
        name: ignored.

    Returns:
        float32 ``[boxes, crop_height, crop_width, channels]``.

    Raises:
        ShapeError: for another shape of the pictures or boxes.
        InvalidArgumentError: for another method.

    >>> import tensorlet as tf
    >>> x = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.image.crop_and_resize(x, [[0.5, 0.5, 1.0, 1.0]], [0], [2, 2])[0, :, :, 0].numpy()
    array([[4., 5.],
           [7., 8.]], dtype=float32)
    """
    pictures, corners = functions.cast(convert(image), float32), convert(boxes)
    if len(pictures.shape) != 4 or len(corners.shape) != 2 or corners.shape[-1] != 4:
        raise ShapeError(
            f"tf.image.crop_and_resize: the pictures have shape {list(pictures.shape)} and the boxes "
            f"{list(corners.shape)}, but [batch, height, width, channels] and [boxes, 4] are expected."
        )
    if method not in ("bilinear", "nearest"):
        raise InvalidArgumentError(
            f"tf.image.crop_and_resize: method={method!r}; expected 'bilinear' or 'nearest'."
        )
    height, width = static_integers("tf.image.crop_and_resize", "crop_size", crop_size)
    tall, wide = pictures.shape[1:3]
    batch = functions.cast(convert(box_indices), int32)
    y = _places(corners[:, 0], corners[:, 2], tall, height)
    x = _places(corners[:, 1], corners[:, 3], wide, width)
    outside_y = functions.logical_or(y < 0.0, y > float(tall - 1))
    outside_x = functions.logical_or(x < 0.0, x > float(wide - 1))
    y, x = functions.clip_by_value(y, 0.0, float(tall - 1)), functions.clip_by_value(x, 0.0, float(wide - 1))
    if method == "nearest":
        found = _rows(pictures, batch, functions.floor(y + 0.5), functions.floor(x + 0.5))
    else:
        found = _between(pictures, batch, y, x)
    outside = functions.logical_or(functions.expand_dims(outside_y, 2), functions.expand_dims(outside_x, 1))
    return functions.where(functions.expand_dims(outside, 3), convert(extrapolation_value, float32), found)


def _between(pictures: Tensor, batch: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """The pixels at any places, from the four around each."""
    top, left, bottom, right = functions.floor(y), functions.floor(x), functions.ceil(y), functions.ceil(x)
    down = functions.expand_dims(functions.expand_dims(y - top, 2), 3)
    along = functions.expand_dims(functions.expand_dims(x - left, 1), 3)
    rows = []
    for line in (top, bottom):
        first, second = _rows(pictures, batch, line, left), _rows(pictures, batch, line, right)
        rows.append(first + (second - first) * along)
    return rows[0] + (rows[1] - rows[0]) * down


def _values(function: str, argument: str, value: TensorLike) -> np.ndarray:
    try:
        return np.asarray(convert(value))
    except TracingError as error:
        raise RunsEagerly(
            f"{function}: how many boxes are left depends on the values of {argument}, so the function that calls it "
            "cannot be compiled."
        ) from error


def non_max_suppression(
    boxes: TensorLike, scores: TensorLike, max_output_size: TensorLike, iou_threshold: FloatLike = 0.5,
    score_threshold: FloatLike = float("-inf"), name: str | None = None,
) -> Tensor:  # fmt: skip
    """The numbers of the boxes with the best scores, without those that overlap a better one.

    Args:
        boxes: ``[boxes, 4]``: rows of ``[y1, x1, y2, x2]``, two opposite corners.
        scores: ``[boxes]``.
        max_output_size: how many boxes to keep at most.
        iou_threshold: the largest area that two boxes may share, as a part of the area that they cover together.
        score_threshold: boxes whose score is not above this are left out.
        name: ignored.

    Returns:
        int32: the numbers of the boxes that are kept, best first.

    Raises:
        ShapeError: if there is not one score for each box.
        RunsEagerly: while a function is traced, which then runs as ordinary Python.

    >>> import tensorlet as tf
    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
    >>> tf.image.non_max_suppression(boxes, [0.9, 0.8, 0.7], 3).numpy()
    array([0, 2], dtype=int32)
    """
    function = "tf.image.non_max_suppression"
    corners, marks = _values(function, "boxes", boxes), _values(function, "scores", scores)
    if corners.ndim != 2 or corners.shape[1] != 4 or marks.shape != corners.shape[:1]:
        raise ShapeError(
            f"{function}: the boxes have shape {list(corners.shape)} and the scores {list(marks.shape)}, but "
            f"[boxes, 4], rows of {_CORNERS}, and [boxes] are expected."
        )
    most = static_integer(function, "max_output_size", max_output_size)
    low, high = np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])
    areas = (high - low).prod(axis=1)
    kept: list[int] = []
    waiting = np.argsort(-marks, kind="stable")
    waiting = waiting[marks[waiting] > _number(score_threshold)]
    while len(waiting) and len(kept) < most:
        best, waiting = int(waiting[0]), waiting[1:]
        kept.append(best)
        sides = np.minimum(high[best], high[waiting]) - np.maximum(low[best], low[waiting])
        shared = sides.clip(0).prod(axis=1)
        together = areas[best] + areas[waiting] - shared
        overlap = np.divide(shared, together, out=np.zeros_like(shared), where=together > 0)
        waiting = waiting[overlap <= _number(iou_threshold)]
    return convert(np.array(kept, np.int32))
