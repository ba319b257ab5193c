"""Rows that belong together: sums and other reductions, and sorting into groups, by hand-worked numbers."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf

ROWS = np.array([[1.0, 4.0], [2.0, 3.0], [5.0, 1.0]], np.float32)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sum", [[3, 7], [0, 0], [5, 1]]),
        ("mean", [[1.5, 3.5], [0, 0], [5, 1]]),
        ("max", [[2, 4], [0, 0], [5, 1]]),
        ("min", [[1, 3], [0, 0], [5, 1]]),
        ("prod", [[2, 12], [1, 1], [5, 1]]),
    ],
)
def test_sorted_segments(name: str, expected: list[list[float]]) -> None:
    result = getattr(tf.math, f"segment_{name}")(ROWS, [0, 0, 2])
    np.testing.assert_array_equal(result.numpy(), expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sum", [[2, 3], [6, 5]]),
        ("mean", [[2, 3], [3, 2.5]]),
        ("max", [[2, 3], [5, 4]]),
        ("min", [[2, 3], [1, 1]]),
        ("prod", [[2, 3], [5, 4]]),
    ],
)
def test_unsorted_segments(name: str, expected: list[list[float]]) -> None:
    result = getattr(tf.math, f"unsorted_segment_{name}")(ROWS, [1, 0, 1], 2)
    np.testing.assert_array_equal(result.numpy(), expected)


def test_negative_ids_and_empty_groups() -> None:
    np.testing.assert_array_equal(tf.math.unsorted_segment_sum([1.0, 2.0], [-1, 0], 2).numpy(), [2, 0])
    lowest = tf.math.unsorted_segment_max([1.0], [0], 2).numpy()
    np.testing.assert_array_equal(lowest, np.array([1.0, np.finfo(np.float32).min], np.float32))
    np.testing.assert_allclose(
        tf.math.unsorted_segment_sqrt_n([1.0, 3.0], [0, 0], 1).numpy(), [4 / np.sqrt(2)], rtol=1e-6
    )


def test_gradients_reach_the_rows() -> None:
    v = tf.Variable([1.0, 2.0, 5.0])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.math.segment_mean(v, [0, 0, 1]) * [4.0, 3.0])
    np.testing.assert_array_equal(tape.gradient(total, v).numpy(), [2, 2, 3])


def test_rows_are_partitioned_and_stitched_together_again() -> None:
    parts = tf.dynamic_partition(ROWS, [1, 0, 1], 2)
    np.testing.assert_array_equal(parts[0].numpy(), ROWS[1:2])
    np.testing.assert_array_equal(parts[1].numpy(), ROWS[[0, 2]])
    places = tf.dynamic_partition(tf.range(3), [1, 0, 1], 2)
    np.testing.assert_array_equal(tf.dynamic_stitch(places, parts).numpy(), ROWS)


def test_mistakes_are_explained() -> None:
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"must be sorted.*tf\.math\.unsorted_segment_sum"
    ):
        tf.math.segment_sum([1.0, 2.0], [1, 0])
    with pytest.raises(tf.errors.OutOfRangeError, match=r"go up to 2, but num_segments is 2"):
        tf.math.unsorted_segment_sum([1.0], [2], 2)
    with pytest.raises(ValueError, match=r"data has shape \[2\] and segment_ids has shape \[3\]"):
        tf.math.unsorted_segment_sum([1.0, 2.0], [0, 0, 1], 2)
