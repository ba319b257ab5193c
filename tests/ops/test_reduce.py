"""Reductions, positions, running sums and statistics against numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, InvalidArgumentError, OutOfRangeError, ShapeError, TracingError

INF, NAN = math.inf, math.nan
X = [[1.0, 2.0, 3.0], [4.0, 5.0, 9.0]]


def values(tensor: Any) -> Any:
    """A tensor as nested Python lists."""
    return tensor.numpy().tolist()


def slope(function: Any, x: Any) -> Any:
    """The gradient of the sum of the function's elements, as lists."""
    x = tf.constant(x, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        result = function(x)
    return values(tape.gradient(result, x))


@pytest.mark.parametrize(
    ("function", "whole", "columns", "rows"),
    [
        (tf.reduce_sum, 24, [5, 7, 12], [6, 18]),
        (tf.reduce_mean, 4, [2.5, 3.5, 6], [2, 6]),
        (tf.reduce_max, 9, [4, 5, 9], [3, 9]),
        (tf.reduce_min, 1, [1, 2, 3], [1, 4]),
        (tf.reduce_prod, 1080, [4, 10, 27], [6, 180]),
        (tf.math.reduce_variance, 20 / 3, [2.25, 2.25, 9], [2 / 3, 14 / 3]),
        (tf.math.reduce_std, math.sqrt(20 / 3), [1.5, 1.5, 3], [math.sqrt(2 / 3), math.sqrt(14 / 3)]),
        (
            tf.math.reduce_euclidean_norm,
            math.sqrt(136),
            [math.sqrt(17), math.sqrt(29), math.sqrt(90)],
            [math.sqrt(14), math.sqrt(122)],
        ),
    ],
)
def test_reductions(function: Any, whole: float, columns: list[float], rows: list[float]) -> None:
    for dtype in (tf.float32, tf.float64):
        x = tf.constant(X, dtype)
        assert function(x).dtype == dtype
        assert function(x).shape == ()
        np.testing.assert_allclose(function(x), whole, rtol=1e-6)
        np.testing.assert_allclose(function(x, axis=0), columns, rtol=1e-6)
        np.testing.assert_allclose(function(x, axis=-1), rows, rtol=1e-6)
        np.testing.assert_allclose(function(x, axis=[1], keepdims=True), np.reshape(rows, (2, 1)), rtol=1e-6)
        np.testing.assert_allclose(function(x, [0, 1], True), [[whole]], rtol=1e-6)


def test_reductions_of_whole_numbers() -> None:
    x = tf.constant([[1, 2], [3, 5]])
    assert values(tf.reduce_sum(x, 0)) == [4, 7]
    assert values(tf.reduce_prod(x)) == 30
    assert tf.reduce_sum(x).dtype == tf.int32
    # The mean of whole numbers is cut off towards zero: 11/4 and -3/2.
    assert values(tf.reduce_mean(x)) == 2
    assert values(tf.reduce_mean([-1, -2])) == -1
    assert values(tf.reduce_sum(tf.constant([200, 100], tf.uint8))) == 44


def test_reductions_of_nothing() -> None:
    nothing = tf.zeros([0, 2])
    assert values(tf.reduce_sum(nothing, 0)) == [0.0, 0.0]
    assert values(tf.reduce_prod(nothing)) == 1.0
    assert np.isnan(tf.reduce_mean(nothing).numpy())
    assert values(tf.reduce_any(nothing > 0)) is False
    assert values(tf.reduce_all(nothing > 0)) is True
    assert tf.reduce_sum(nothing, 1).shape == (0,)
    for function in (tf.reduce_max, tf.reduce_min, tf.reduce_logsumexp):
        with pytest.raises(ShapeError, match=r"float32\[0, 2\].*no elements to choose from"):
            function(nothing, 0)
    with pytest.raises(ShapeError, match=r"tf\.argmax: .*no elements"):
        tf.argmax(nothing)


def test_any_and_all() -> None:
    x = tf.constant([[True, False], [True, True]])
    assert values(tf.reduce_any(x, 1)) == [True, True]
    assert values(tf.reduce_all(x, 1)) == [False, True]
    assert values(tf.reduce_all(x)) is False
    with pytest.raises(DTypeError, match=r"tf\.reduce_all: 'input_tensor' is int32"):
        tf.reduce_all([1, 0])


def test_nan_and_infinity_pass_through() -> None:
    x = tf.constant([1.0, NAN, INF])
    for function in (tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_min, tf.reduce_prod):
        assert np.isnan(function(x).numpy())
    assert values(tf.reduce_max([1.0, INF])) == INF


def test_slopes_of_reductions() -> None:
    assert slope(lambda x: tf.reduce_sum(x, 0) * [1.0, 2.0, 3.0], X) == [[1, 2, 3], [1, 2, 3]]
    assert slope(tf.reduce_mean, [1.0, 2.0, 3.0, 4.0]) == [0.25] * 4
    assert slope(lambda x: tf.reduce_max(x, 1), [[1.0, 1.0, 0.0], [2.0, 3.0, 1.0]]) == [
        [0.5, 0.5, 0],
        [0, 1, 0],
    ]
    assert slope(tf.reduce_min, [[1.0, 1.0], [1.0, 2.0]]) == [[1 / 3, 1 / 3], [1 / 3, 0]]
    # d var / dx = 2 (x - mean) / n
    assert slope(tf.math.reduce_variance, [1.0, 2.0, 6.0]) == [-4 / 3, -2 / 3, 2]
    # The slope of the length is the direction.
    np.testing.assert_allclose(slope(tf.norm, [3.0, -4.0]), [0.6, -0.8], rtol=1e-15)


def test_slope_of_a_product_that_holds_zeros() -> None:
    rows = lambda x: tf.reduce_prod(x, axis=1)  # noqa: E731
    assert slope(rows, [[2.0, 3.0, 5.0], [0.0, 3.0, 5.0], [0.0, 0.0, 5.0]]) == [
        [15, 10, 6],
        [15, 0, 0],
        [0, 0, 0],
    ]
    x = tf.constant([0.0, 3.0, 5.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            product = tf.reduce_prod(x)
        first = inner.gradient(product, x)
    # The first row of the second derivatives: d²(abc)/da d(a, b, c) = (0, c, b); the sum over rows is taken.
    assert values(first) == [15.0, 0.0, 0.0]
    assert values(outer.gradient(first, x)) == [0 + 5 + 3, 5 + 0 + 0, 3 + 0 + 0]


def test_logarithm_of_a_sum_of_exponentials() -> None:
    assert values(tf.reduce_logsumexp([0.0, 0.0])) == pytest.approx(math.log(2))
    assert values(tf.reduce_logsumexp([1000.0, 0.0])) == 1000.0
    assert values(tf.reduce_logsumexp([-INF, -INF])) == -INF
    assert values(tf.reduce_logsumexp([INF, 0.0])) == INF
    assert tf.reduce_logsumexp(X, axis=1, keepdims=True).shape == (2, 1)
    np.testing.assert_allclose(slope(tf.reduce_logsumexp, [0.0, math.log(3)]), [0.25, 0.75], rtol=1e-12)


def test_norms() -> None:
    matrix = [[3.0, -4.0], [1.0, 2.0]]
    assert values(tf.norm([3.0, -4.0], ord=1)) == 7.0
    assert values(tf.norm([3.0, -4.0], ord=2)) == 5.0
    assert values(tf.norm([3.0, -4.0], ord=INF)) == 4.0
    assert values(tf.norm([3.0, -4.0], ord=3)) == pytest.approx(91 ** (1 / 3))
    assert values(tf.norm(matrix, ord=1, axis=[0, 1])) == 6.0
    assert values(tf.norm(matrix, ord=INF, axis=[0, 1])) == 7.0
    assert values(tf.norm(matrix, ord="fro", axis=[-2, -1])) == pytest.approx(math.sqrt(30))
    assert values(tf.norm(matrix, axis=1)) == [5.0, pytest.approx(math.sqrt(5))]
    scaled, length = tf.linalg.normalize([[3.0, 4.0], [0.0, 2.0]], axis=1)
    np.testing.assert_allclose(scaled, [[0.6, 0.8], [0.0, 1.0]], rtol=1e-6)
    assert values(length) == [[5.0], [2.0]]
    with pytest.raises(InvalidArgumentError, match="ord=-1 is not supported for vectors"):
        tf.norm([1.0], ord=-1)
    with pytest.raises(DTypeError, match=r"tf\.norm: 'tensor' is int32"):
        tf.norm([3, 4])


def test_positions_of_extremes() -> None:
    x = [[1.0, 9.0, 9.0], [7.0, 2.0, NAN]]
    assert values(tf.argmax(x, axis=1)) == [1, 2]
    assert values(tf.argmin(x, axis=1)) == [0, 2]
    assert values(tf.argmax([[1, 5], [3, 2]])) == [1, 0]
    assert values(tf.argmax([False, True, True])) == 1
    assert tf.argmax(x).dtype == tf.int64
    assert tf.argmax(x, output_type=tf.int32).dtype == tf.int32
    with pytest.raises(ShapeError, match=r"tf\.argmax: axis=2 is out of range"):
        tf.argmax(x, axis=2)


def test_in_top_k() -> None:
    predictions = [[0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [NAN, 0.0, 1.0]]
    assert values(tf.math.in_top_k([2, 0, 2], predictions, 1)) == [False, False, False]
    assert values(tf.math.in_top_k([2, 0, 2], predictions, 2)) == [True, True, False]
    with pytest.raises(OutOfRangeError, match="Row 1 has the label 3"):
        tf.math.in_top_k([0, 3], [[0.1, 0.9, 0.0], [0.1, 0.9, 0.0]], 1)


def test_running_sums_and_products() -> None:
    x = tf.constant([1.0, 2.0, 3.0, 4.0, 5.0])
    assert values(tf.cumsum(x)) == [1, 3, 6, 10, 15]
    assert values(tf.cumsum(x, exclusive=True)) == [0, 1, 3, 6, 10]
    assert values(tf.cumsum(x, reverse=True)) == [15, 14, 12, 9, 5]
    assert values(tf.cumsum(x, exclusive=True, reverse=True)) == [14, 12, 9, 5, 0]
    assert values(tf.math.cumprod(x)) == [1, 2, 6, 24, 120]
    assert values(tf.math.cumprod(x, exclusive=True)) == [1, 1, 2, 6, 24]
    assert values(tf.math.cumprod(x, reverse=True)) == [120, 120, 60, 20, 5]
    assert values(tf.math.cumprod(x, exclusive=True, reverse=True)) == [120, 60, 20, 5, 1]
    assert values(tf.cumsum([[1, 2], [3, 4]], axis=-1)) == [[1, 3], [3, 7]]
    assert values(tf.math.cumprod([[1, 2], [3, 4]], axis=0)) == [[1, 2], [3, 8]]
    assert tf.math.cumprod(tf.zeros([0])).shape == (0,)
    # An infinite element must not make NaN of what stands before it.
    assert values(tf.cumsum([INF, 1.0], exclusive=True)) == [0, INF]
    assert slope(tf.cumsum, [1.0, 2.0, 3.0]) == [3, 2, 1]
    assert slope(lambda x: tf.cumsum(x, exclusive=True, reverse=True), [1.0, 2.0, 3.0]) == [0, 1, 2]
    assert slope(tf.math.cumprod, [2.0, 0.0, 5.0]) == [1, 12, 0]


def test_counts() -> None:
    assert values(tf.math.count_nonzero([[0, 1], [2, 3]], axis=0)) == [1, 2]
    assert values(tf.math.count_nonzero([True, False, True])) == 2
    assert tf.math.count_nonzero([1.0], dtype=tf.int32).dtype == tf.int32
    assert values(tf.nn.zero_fraction([0.0, 1.0, 0.0, 2.0])) == 0.5
    assert values(tf.math.bincount([[1, 1], [3, 0]])) == [1, 2, 0, 1]
    assert values(tf.math.bincount([1, 1, 3], minlength=6)) == [0, 2, 0, 1, 0, 0]
    assert values(tf.math.bincount([1, 1, 3], maxlength=2)) == [0, 2]
    assert values(tf.math.bincount([1, 1, 3], weights=[0.5, 0.25, 2.0])) == [0, 0.75, 0, 2]
    assert values(tf.math.bincount([1, 1, 3], binary_output=True)) == [0, 1, 0, 1]
    with pytest.raises(InvalidArgumentError, match="smallest element -1"):
        tf.math.bincount([-1])
    with pytest.raises(ShapeError, match="'weights' has 1 elements"):
        tf.math.bincount([1, 2], weights=[1.0])
    with pytest.raises(TracingError, match=r"tf\.one_hot"):
        tf.function(lambda x: tf.math.bincount(x))(tf.range(9))


def test_confusion_matrix() -> None:
    labels, predictions = [0, 1, 2, 2], [0, 2, 2, 2]
    expected = [[1, 0, 0], [0, 0, 1], [0, 0, 2]]
    assert values(tf.math.confusion_matrix(labels, predictions)) == expected
    assert tf.math.confusion_matrix(labels, predictions).dtype == tf.int32
    weighted = tf.math.confusion_matrix(labels, predictions, 3, weights=[1, 2, 3, 4], dtype=tf.float32)
    assert values(weighted) == [[1, 0, 0], [0, 0, 2], [0, 0, 7]]
    traced = tf.function(lambda x, y: tf.math.confusion_matrix(x, y, num_classes=3))
    assert values(traced(tf.constant(labels), tf.constant(predictions))) == expected
    with pytest.raises(OutOfRangeError, match="'predictions' contains 2"):
        tf.math.confusion_matrix([0, 1], [1, 2], num_classes=2)
    with pytest.raises(ShapeError, match=r"tf\.argmax"):
        tf.math.confusion_matrix([0, 1], [[0, 1], [1, 0]])
    with pytest.raises(TracingError, match="Pass num_classes"):
        tf.function(lambda x: tf.math.confusion_matrix(x, x))(tf.range(9))
