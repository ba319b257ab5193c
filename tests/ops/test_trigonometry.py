"""Inverse trigonometric and hyperbolic functions against numbers worked out by hand and against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tensorlet as tf


@pytest.mark.parametrize(
    ("name", "x", "value", "slope"),
    [
        ("asin", 0.5, math.pi / 6, 2 / math.sqrt(3)),
        ("acos", 0.5, math.pi / 3, -2 / math.sqrt(3)),
        ("atan", 1.0, math.pi / 4, 0.5),
        ("sinh", 1.0, 1.1752012, 1.5430806),
        ("cosh", 1.0, 1.5430806, 1.1752012),
        ("asinh", 1.0, math.log(1 + math.sqrt(2)), 1 / math.sqrt(2)),
        ("acosh", 2.0, math.log(2 + math.sqrt(3)), 1 / math.sqrt(3)),
        ("atanh", 0.5, 0.5 * math.log(3), 4 / 3),
    ],
)
def test_value_and_slope(name: str, x: float, value: float, slope: float) -> None:
    v = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = getattr(tf, name)(v)
    assert float(y) == pytest.approx(value, rel=1e-6)
    assert float(tape.gradient(y, v)) == pytest.approx(slope, rel=1e-5)
    assert getattr(tf, name) is getattr(tf.math, name)


@pytest.mark.parametrize("name", ["sinh", "cosh", "acosh", "atanh", "asinh", "asin", "acos", "atan"])
def test_as_numpy_where_rounding_could_hurt(name: str) -> None:
    x = np.array([1e-7, -1e-7, 1e-3, 0.7, -0.7, 1 + 1e-6, 3.0, 80.0, -80.0, 1e10], np.float32)
    with np.errstate(all="ignore"):
        expected = getattr(np, {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(name, name), None)
        expected = expected or getattr(np, "arc" + name[1:])
        wanted = expected(x.astype(np.float64)).astype(np.float32)
        np.testing.assert_allclose(getattr(tf, name)(x).numpy(), wanted, rtol=2e-6, equal_nan=True)


def test_atan2_knows_the_quadrant() -> None:
    y, x = tf.Variable([1.0, 1.0, -1.0, 0.0]), tf.Variable([1.0, -1.0, -1.0, -1.0])
    with tf.GradientTape() as tape:
        angle = tf.atan2(y, x)
    np.testing.assert_allclose(angle.numpy(), np.array([0.25, 0.75, -0.75, 1.0]) * np.pi, rtol=1e-6)
    to_y, to_x = tape.gradient(angle, [y, x])
    np.testing.assert_allclose(to_y.numpy(), [0.5, -0.5, -0.5, -1.0], rtol=1e-6)
    np.testing.assert_allclose(to_x.numpy(), [-0.5, -0.5, 0.5, 0.0], rtol=1e-6)


def test_whole_numbers_are_refused() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"tf\.asin: 'x' is int32"):
        tf.asin([1, 0])
