"""Gamma functions, systems of equations and bits, against hand-worked numbers and those of TensorFlow 2.15."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

X = np.array([0.1, 0.5, 1.0, 1.5, 2.0, 3.3, 10.0, 100.0, -0.5, -1.5, -2.7])
#: tf.math.digamma(X) of TensorFlow 2.15.
DIGAMMA = [
    -10.42375494, -1.96351003, -0.57721566, 0.03648997, 0.42278434, 1.03482249, 2.25175259, 4.60016185, 0.03648997,
    0.70315664, -1.11534713,
]  # fmt: skip


def values(tensor: Any) -> Any:
    return tensor.numpy().tolist()


def test_lgamma_is_accurate_and_its_slope_is_digamma() -> None:
    expected = [math.lgamma(x) for x in X]
    np.testing.assert_allclose(tf.math.lgamma(X).numpy(), expected, rtol=1e-13, atol=1e-14)
    single = tf.math.lgamma(X.astype("float32")).numpy()
    np.testing.assert_allclose(single, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(tf.math.digamma(X).numpy(), DIGAMMA, rtol=1e-6)
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.math.lgamma(x)
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), DIGAMMA, rtol=1e-6)
    assert values(tf.math.lgamma([0.0, -1.0])) == [math.inf, math.inf]
    assert math.isnan(float(tf.math.lgamma(math.nan)))


def test_zeta_and_polygamma() -> None:
    found = tf.math.zeta(tf.constant([2.0, 3.0, 1.5], tf.float64), tf.constant([1.0, 0.5, 2.0], tf.float64))
    np.testing.assert_allclose(found.numpy(), [1.64493407, 8.41439832, 1.61237535], rtol=1e-8)
    x = tf.constant([0.7, 3.0], tf.float64)
    np.testing.assert_allclose(tf.math.polygamma(2.0, x).numpy(), [-6.43499287, -0.15411381], rtol=1e-7)
    np.testing.assert_allclose(tf.math.polygamma(0, x).numpy(), tf.math.digamma(x).numpy())


def test_compiled_gamma_functions_agree() -> None:
    compiled = tf.function(lambda x: (tf.math.lgamma(x), tf.math.digamma(x)))
    for one, other in zip(compiled(X), (tf.math.lgamma(X), tf.math.digamma(X)), strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-13)


def test_systems_from_a_decomposition() -> None:
    a = np.array([[4.0, 2.0], [2.0, 3.0]])
    b = np.array([[2.0], [5.0]])
    x = np.linalg.solve(a, b)
    np.testing.assert_allclose(tf.linalg.cholesky_solve(tf.linalg.cholesky(a), b).numpy(), x)
    np.testing.assert_allclose(tf.linalg.triangular_solve(a, b).numpy(), [[0.5], [4 / 3]])
    np.testing.assert_allclose(tf.linalg.triangular_solve(a, b, lower=False).numpy(), [[-1 / 3], [5 / 3]])
    assert float(tf.linalg.logdet(a)) == pytest.approx(math.log(8.0))
    sign, logarithm = tf.linalg.slogdet(-a[:, ::-1])
    assert (float(sign), float(logarithm)) == (-1.0, pytest.approx(math.log(8.0)))


def test_pseudo_inverse_and_rank() -> None:
    a = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    np.testing.assert_allclose(tf.linalg.pinv(a).numpy(), np.linalg.pinv(a), atol=1e-14)
    assert int(tf.linalg.matrix_rank(a)) == 2
    assert values(tf.linalg.matrix_rank([[[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]])) == [1, 0]


def test_diagonals_and_cross_products() -> None:
    assert values(tf.linalg.set_diag(tf.zeros([2, 3]), [1.0, 2.0])) == [[1, 0, 0], [0, 2, 0]]
    assert values(tf.linalg.set_diag(tf.zeros([3, 2]), [1.0, 2.0])) == [[1, 0], [0, 2], [0, 0]]
    assert values(tf.linalg.tensor_diag_part(tf.reshape(tf.range(36), [2, 3, 2, 3]))) == [
        [0, 7, 14],
        [21, 28, 35],
    ]
    assert values(tf.linalg.cross([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])) == [-3.0, 6.0, -3.0]
    with pytest.raises(ShapeError, match="last axis of length 3"):
        tf.linalg.cross([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ShapeError, match="the same twice"):
        tf.linalg.tensor_diag_part(tf.zeros([2, 3]))


def test_running_sums_in_logarithms() -> None:
    x = tf.constant([-1000.0, 0.0, 1.0, -5.0])
    np.testing.assert_allclose(
        tf.math.cumulative_logsumexp(x).numpy(), [-1000.0, 0.0, 1.3132617, 1.3150722], rtol=1e-6
    )
    assert values(tf.math.cumulative_logsumexp(x[:3], exclusive=True)) == [-math.inf, -1000.0, 0.0]
    found = tf.math.cumulative_logsumexp(tf.constant([[1.0, 0.0, 1.0]]), axis=1, reverse=True)
    np.testing.assert_allclose(found.numpy(), [[1.8619949, 1.3132617, 1.0]], rtol=1e-6)


def test_bits() -> None:
    a, b = tf.constant([12, 10, 255], tf.uint8), tf.constant([10, 3, 1], tf.uint8)
    assert values(tf.bitwise.bitwise_and(a, b)) == [8, 2, 1]
    assert values(tf.bitwise.bitwise_or(a, b)) == [14, 11, 255]
    assert values(tf.bitwise.bitwise_xor(a, b)) == [6, 9, 254]
    assert values(tf.bitwise.invert(a)) == [243, 245, 0]
    assert values(tf.bitwise.left_shift(tf.constant([1, -1]), tf.constant([4, 1]))) == [16, -2]
    assert values(tf.bitwise.right_shift(tf.constant([-8]), tf.constant([1]))) == [-4]


def test_polynomials_need_a_list() -> None:
    assert values(tf.math.polyval([1.0, -3.0, 2.0], [1.0, 5.0])) == [0.0, 12.0]
    with pytest.raises(InvalidArgumentError, match="a list of coefficients"):
        tf.math.polyval(2.0, [1.0])
