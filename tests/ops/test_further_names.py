"""Rarer functions, with values of TensorFlow 2.15."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

VALUES = [-1.0, 0.0, 1.5, 2.0, 5.0, 15.0]


def test_histograms_of_intervals_of_one_width() -> None:
    bins = tf.histogram_fixed_width_bins(VALUES, [0.0, 5.0], nbins=5)
    assert bins.numpy().tolist() == [0, 0, 1, 2, 4, 4]
    counts = tf.function(lambda x: tf.histogram_fixed_width(x, [0.0, 5.0], nbins=5, dtype=tf.int64))(VALUES)
    assert counts.numpy().tolist() == [2, 1, 1, 0, 2]
    assert counts.dtype == tf.int64
    for ends, count in (([0.0, 5.0], 0), ([0.0], 5)):
        with pytest.raises(InvalidArgumentError, match=r"value_range=\[lowest, highest\]"):
            tf.histogram_fixed_width_bins(VALUES, ends, nbins=count)


def test_the_beginnings_of_sequences_are_reversed() -> None:
    rows = tf.constant([[1, 2, 3, 0], [4, 5, 0, 0]])
    assert tf.reverse_sequence(rows, [3, 2], seq_axis=1).numpy().tolist() == [[3, 2, 1, 0], [5, 4, 0, 0]]
    turned = tf.reverse_sequence(tf.transpose(rows), [3, 2], seq_axis=0, batch_axis=1)
    assert tf.transpose(turned).numpy().tolist() == [[3, 2, 1, 0], [5, 4, 0, 0]]
    vectors = np.arange(12.0).reshape(2, 3, 2)
    found = tf.function(lambda x: tf.reverse_sequence(x, [2, 0], seq_axis=1))(vectors).numpy()
    np.testing.assert_array_equal(found, np.stack([vectors[0][[1, 0, 2]], vectors[1]]))
    with pytest.raises(InvalidArgumentError, match="seq_axis=1 for rows"):
        tf.reverse_sequence(rows, [3, 2])


def test_division_that_rounds_towards_zero() -> None:
    x, y = tf.constant([-7, 7, -7, 6, 0]), tf.constant([2, -2, -2, -3, 5])
    assert tf.truncatediv(x, y).numpy().tolist() == [-3, -3, 3, -2, 0]
    assert tf.truncatemod(x, y).numpy().tolist() == [-1, 1, -1, 0, 0]
    with pytest.raises(InvalidArgumentError, match=r"tf.truncatediv.*float32"):
        tf.truncatediv(1.5, 2.0)


def test_weighted_moments() -> None:
    x, weights = tf.constant([[1.0, 2.0], [3.0, 5.0]]), tf.constant([[1.0, 2.0], [3.0, 1.0]])
    mean, variance = tf.nn.weighted_moments(x, [0], weights)
    np.testing.assert_allclose([mean, variance], [[2.5, 3.0], [0.75, 2.0]], rtol=1e-6)
    mean, variance = tf.nn.weighted_moments(x, [0, 1], tf.constant([[2.0, 1.0]]), keepdims=True)
    assert mean.shape == variance.shape == (1, 1)
    assert float(mean[0, 0]) == pytest.approx(2.5)


def test_local_response_normalization() -> None:
    x = tf.reshape(tf.range(12.0), [1, 1, 2, 6])
    expected = [0.0, 0.5186108, 0.70710677, 0.736947, 0.9940884, 1.3042371]
    found = tf.nn.lrn(x, depth_radius=2, bias=1.0, alpha=0.1, beta=0.75)
    np.testing.assert_allclose(found.numpy()[0, 0, 0], expected, rtol=1e-6)
    compiled = tf.function(lambda x: tf.nn.local_response_normalization(x, 2, 1.0, 0.1, 0.75))(x)
    np.testing.assert_allclose(compiled.numpy(), found.numpy(), rtol=1e-6)
    with pytest.raises(ShapeError, match=r"\[batch, height, width, channels\]"):
        tf.nn.lrn(tf.ones((2, 3)))


def test_checks_have_short_names() -> None:
    tf.assert_equal(tf.constant(1), 1)
    tf.assert_rank(tf.ones((2, 2)), 2)
    with pytest.raises(InvalidArgumentError):
        tf.assert_less(2, 1)
