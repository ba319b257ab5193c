"""`tf.image.draw_bounding_boxes`. The values are those of TensorFlow 2.15."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import ShapeError

BOXES = np.array(
    [[[0.1, 0.2, 0.8, 0.9], [0.0, 0.0, 0.5, 0.5]], [[-0.3, 0.3, 0.6, 1.5], [0.4, 0.4, 0.4, 0.4]]], np.float32
)


def pictures(channels: int) -> np.ndarray:
    return np.zeros((2, 7, 9, channels), np.float32)


def test_sides_and_their_order() -> None:
    found = tf.image.draw_bounding_boxes(pictures(1), BOXES, [[2.0], [3.0]])[..., 0].numpy().astype(int)
    lines = ["".join(map(str, row)) for row in found.reshape(14, 9)]
    assert lines == [
        "333332220", "320030020", "320030020", "333330020", "022222220", "000000000", "000000000",
        "002000000", "002000000", "002300000", "002222222", "000000000", "000000000", "000000000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("channels", "colors", "sums"),
    [
        (3, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [[15, 14, 0], [10, 1, 0]]),
        (3, [[1.0, 0.5, 0.25]], [[29, 14.5, 7.25], [11, 5.5, 2.75]]),
        (3, [[1.0, 0.0, 0.0, 4.0]], [[29, 0, 0], [11, 0, 0]]),
        (3, None, [[15, 15, 14], [10, 10, 1]]),
        (1, None, [[29], [11]]),
        (4, None, [[15, 15, 14, 29], [10, 10, 1, 11]]),
    ],
)
def test_colors(channels: int, colors: object, sums: list[list[float]]) -> None:
    found = tf.image.draw_bounding_boxes(pictures(channels), BOXES, colors)
    assert found.numpy().sum((1, 2)).tolist() == sums


def test_boxes_outside_and_upside_down_are_not_drawn() -> None:
    for boxes in (
        [[[1.2, 0.2, 1.8, 0.9]], [[-1.0, -1.0, 2.0, 2.0]]],
        [[[0.8, 0.2, 0.1, 0.9]], [[0.1, 0.9, 0.8, 0.2]]],
        np.zeros((2, 0, 4), np.float32),
    ):
        assert not tf.image.draw_bounding_boxes(pictures(3), boxes, [[1.0, 0.0, 0.0]]).numpy().any()


def test_dtypes_and_traced_functions() -> None:
    half = tf.image.draw_bounding_boxes(pictures(3).astype(np.float16), BOXES, None)
    assert half.dtype is tf.float16
    traced = tf.function(tf.image.draw_bounding_boxes)(pictures(3), BOXES, [[1.0, 0.5, 0.25]])
    assert traced.numpy().sum((1, 2)).tolist() == [[29, 14.5, 7.25], [11, 5.5, 2.75]]


def test_wrong_shapes() -> None:
    with pytest.raises(ShapeError, match="the same number"):
        tf.image.draw_bounding_boxes(pictures(3), BOXES[:1], None)
    with pytest.raises(ShapeError, match="a row with a number for each channel"):
        tf.image.draw_bounding_boxes(pictures(3), BOXES, [[1.0, 0.0]])
    with pytest.raises(ShapeError, match="y1, x1, y2, x2"):
        tf.image.draw_bounding_boxes(pictures(3)[0], BOXES, None)
