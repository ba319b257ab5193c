"""The modified Bessel functions, against values and gradients of TensorFlow 2.15 in float64."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

X = [-3.5, -0.3, 0.0, 0.5, 2.0, 7.9, 8.0, 8.1, 20.0, 100.0]
#: Function -> values and gradients at `X`.
EXPECTED = {
    "bessel_i0": (
        [7.37820343222548, 1.0226268793516, 1.0, 1.06348337074132, 2.27958530233607, 389.406283282158,
         427.564115721805, 469.500606710121, 43558282.5595535, 1.07375170713107e+42],
        [-6.20583492225836, -0.151693840003593, 0.0, 0.257894305390896, 1.59063685463733, 363.853944084508,
         399.87313678256, 439.484308910359, 42454973.3851278, 1.06836939033816e+42],
    ),
    "bessel_i0e": (
        [0.222802438010779, 0.757580625182548, 1.0, 0.64503527044915, 0.308508322553671, 0.144369864141042,
         0.14343178185685, 0.142511809488295, 0.089780311884826, 0.0399443792990967],
        [0.0354024614077292, 0.645203064542709, 0.0, -0.488614467264279, -0.0932390333047333, -0.00947336470114826,
         -0.00928928856415218, -0.0091111211624586, -0.00227408970153736, -0.000200226273966431],
    ),
    "bessel_i1": (
        [-6.20583492225836, -0.151693840003593, 0.0, 0.257894305390896, 1.59063685463733, 363.853944084508,
         399.87313678256, 439.484308910359, 42454973.3851278, 1.06836939033816e+42],
        # At 0 TensorFlow says 1.0; the derivative is 0.5, as the one of `bessel_i1e`.
        [5.60510774015166, 0.516980746006288, 0.5, 0.547694759959531, 1.4842668750174, 343.348822005638,
         377.579973623985, 415.243284622423, 41435533.8902972, 1.06306801322769e+42],
    ),
    "bessel_i1e": (
        [-0.18739997660305, -0.112377560639839, 0.0, 0.156420803184872, 0.215269289248938, 0.134896499439894,
         0.134142493292698, 0.133400688325837, 0.0875062221832887, 0.0397441530251303],
        [-0.018140389050285, 0.270611195743246, 0.5, 0.175772860894535, -0.0143956113197355, -0.00760214155706612,
         -0.00747852309743507, -0.00735809961850889, -0.00210122140762707, -0.000197215256284869],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_values_and_gradients(name: str) -> None:
    function = getattr(tf.math, name)
    values, gradients = EXPECTED[name]
    x = tf.constant(X, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    np.testing.assert_allclose(y.numpy(), values, rtol=4e-15)
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), gradients, rtol=3e-13)
    near = tf.constant([-2.5, 0.25, 4.0], tf.float64)
    for given, numeric in zip(*tf.test.compute_gradient(function, [near]), strict=True):
        np.testing.assert_allclose(given, numeric, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", EXPECTED)
def test_compiled_functions_run_on_the_engine_in_float32(name: str) -> None:
    function = getattr(tf.math, name)
    x = tf.constant([*X[:-1], 80.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tf.function(function)(x).numpy()
    expected = function(tf.cast(x, tf.float64)).numpy()
    np.testing.assert_allclose(found, expected, rtol=2e-5)
    np.testing.assert_allclose(function(x).numpy(), expected, rtol=2e-5)


def test_small_numbers_keep_their_digits() -> None:
    x = np.array([1e-12, -1e-7, 1e-3])
    np.testing.assert_allclose(tf.math.bessel_i1(tf.constant(x)).numpy(), x / 2 + x**3 / 16, rtol=1e-12)


def test_numbers_that_are_not_finite() -> None:
    x = tf.constant([np.inf, -np.inf, np.nan], tf.float64)
    assert np.isnan(tf.math.bessel_i0e(x).numpy()).tolist() == [False, False, True]
    np.testing.assert_array_equal(tf.math.bessel_i0e(x).numpy()[:2], [0.0, 0.0])
    np.testing.assert_array_equal(tf.math.bessel_i0(tf.constant([500.0, -500.0])).numpy(), [np.inf, np.inf])
    np.testing.assert_array_equal(tf.math.bessel_i1(tf.constant([500.0, -500.0])).numpy(), [np.inf, -np.inf])


@pytest.mark.parametrize("name", EXPECTED)
def test_whole_numbers_are_refused(name: str) -> None:
    with pytest.raises(InvalidArgumentError, match=f"tf.math.{name}.*int32"):
        getattr(tf.math, name)([1, 2])
