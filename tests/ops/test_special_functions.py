"""Incomplete gamma and beta functions, Bessel functions and other integrals, against TensorFlow 2.15 in float64."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from special_function_cases import CASES, values_and_gradients

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

GOLDEN = GOLDEN_FOLDER / "special_functions.json"
EXPECTED = json.loads(GOLDEN.read_text(encoding="utf-8"))["functions"]


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str) -> None:
    value, gradients = values_and_gradients(tf, name)
    expected = EXPECTED[name]
    np.testing.assert_allclose(value, expected["value"], rtol=1e-9, atol=1e-13)
    for found, gradient in zip(gradients, expected["gradients"], strict=True):
        if gradient is not None:  # TensorFlow has none for the first arguments of betainc
            np.testing.assert_allclose(found, gradient, rtol=1e-6, atol=1e-9)


def test_gradients_of_the_first_arguments_of_betainc() -> None:
    near = [tf.constant(one, tf.float64) for one in ([2.0, 60.0, 0.7], [3.0, 55.0, 1.5], [0.3, 0.5, 0.9])]
    for given, numeric in zip(*tf.test.compute_gradient(tf.math.betainc, near, 1e-6), strict=True):
        np.testing.assert_allclose(given, numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_compiled_functions_run_on_the_engine_in_float32(name: str) -> None:
    function = tf.math
    for part in name.split("."):
        function = getattr(function, part)
    arguments = [tf.constant(one) for one in CASES[name]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tf.function(function)(*arguments)
    assert found.dtype == tf.float32
    exact = function(*[tf.cast(one, tf.float64) for one in arguments]).numpy()
    with np.errstate(over="ignore", under="ignore"):
        np.testing.assert_allclose(found.numpy(), exact.astype(np.float32), rtol=1e-6, atol=1e-38)


def test_the_ends_of_the_ranges() -> None:
    a, x = [1.0, 2.0, -1.0, 0.0, 3.0], [0.0, np.inf, 1.0, 1.0, -1.0]
    np.testing.assert_array_equal(tf.math.igamma(a, x).numpy(), [0, 1, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(tf.math.igammac(a, x).numpy(), [1, 0, np.nan, np.nan, np.nan])
    found = tf.math.betainc([2.0, 2.0, 2.0, -1.0], 3.0, [0.0, 1.0, 1.5, 0.5]).numpy()
    np.testing.assert_array_equal(found, [0, 1, np.nan, np.nan])
    special = tf.math.special
    edge = [0.0, -1.0, np.nan]
    for name, at_zero in {"k0": np.inf, "k1e": np.inf, "y0": -np.inf, "y1": -np.inf}.items():
        found = getattr(special, f"bessel_{name}")(edge).numpy()
        np.testing.assert_array_equal(found, [at_zero, np.nan, np.nan])
    np.testing.assert_array_equal(special.expint([*edge, np.inf]).numpy(), [-np.inf, np.nan, np.nan, np.inf])
    np.testing.assert_allclose(special.spence(edge).numpy(), [np.pi**2 / 6, np.nan, np.nan])
    np.testing.assert_array_equal(special.dawsn([np.inf, -np.inf]).numpy(), [0.0, 0.0])
    np.testing.assert_array_equal(special.fresnel_sin([np.inf, -np.inf]).numpy(), [0.5, -0.5])


def test_small_numbers_keep_their_digits() -> None:
    x = tf.constant([1e-12, -1e-9], tf.float64)
    np.testing.assert_allclose(tf.math.special.dawsn(x).numpy(), x.numpy(), rtol=1e-14)
    np.testing.assert_allclose(tf.math.special.bessel_j1(x).numpy(), x.numpy() / 2, rtol=1e-14)
    np.testing.assert_allclose(tf.math.igamma(np.float64(2), [1e-9]).numpy(), [5e-19], rtol=1e-8)


def test_whole_numbers_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"tf.math.igamma.*int32"):
        tf.math.igamma([1, 2], [1, 2])
    with pytest.raises(InvalidArgumentError, match=r"tf.math.special.dawsn.*int32"):
        tf.math.special.dawsn([1, 2])
