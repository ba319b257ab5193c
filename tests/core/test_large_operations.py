"""Large operations outside of traced functions have the bits of traced ones, and small ones those of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core import large_operations
from tensorlet.core.large_operations import FUNCTIONS, LARGE

X = np.random.default_rng(0).normal(size=(LARGE // 256, 256)).astype(np.float32)
ONE_INPUT = {
    "cos": tf.cos, "erf": tf.math.erf, "exp": tf.exp, "expm1": tf.math.expm1, "log": lambda x: tf.math.log(x * x + 1.0),
    "log1p": lambda x: tf.math.log1p(x * x), "log_softmax": tf.nn.log_softmax, "sigmoid": tf.sigmoid, "sin": tf.sin,
    "softmax": tf.nn.softmax, "softplus": tf.nn.softplus, "tan": tf.tan, "tanh": tf.tanh,
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_operations, "_programs", {})


def test_every_function_is_tested():
    assert set(ONE_INPUT) | {"pow"} == FUNCTIONS


@pytest.mark.parametrize("name", ONE_INPUT)
def test_the_bits_are_those_of_a_traced_function(name):
    x = tf.constant(X)
    if name in ("log", "log1p"):  # what stands before is fused into a traced function, with the same bits
        x = x * x + 1.0
    function = {"log": tf.math.log, "log1p": tf.math.log1p}.get(name, ONE_INPUT[name])
    np.testing.assert_array_equal(function(x), tf.function(function)(x))
    assert len(large_operations._programs) == 1
    np.testing.assert_allclose(function(x)[:2], function(x[:2]), rtol=1e-5, atol=1e-6)


def test_powers():
    x, y = tf.constant(np.abs(X)), tf.constant(X)
    np.testing.assert_array_equal(tf.pow(x, y), tf.function(tf.pow)(x, y))


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products(dtype, transposed):
    left = np.random.default_rng(1).normal(size=(1024, 256)).astype(dtype)
    a, b = tf.constant(left), tf.constant(left[:256].T.copy())
    assert a.shape[0] * 256 * 256 >= large_operations.LARGE_PRODUCT

    def product(a, b):
        return tf.matmul(a, b, transpose_b=transposed)

    np.testing.assert_array_equal(product(a, b), tf.function(product)(a, b))
    right = b.numpy().T if transposed else b.numpy()
    np.testing.assert_allclose(product(a, b), left @ right, rtol=1e-4, atol=1e-4)
    assert len(large_operations._programs) == 1


def test_small_operations_are_left_to_the_references():
    tf.exp(tf.constant(X[1:]))
    tf.matmul(tf.constant(X), tf.constant(X[:2].T.copy()))
    tf.constant(X) + 1.0
    assert not large_operations._programs


def test_other_dtypes_and_views():
    np.testing.assert_array_equal(
        tf.exp(tf.constant(X.astype(np.float16)))[0, :3], np.exp(X[0, :3].astype(np.float16))
    )
    turned = tf.constant(X.T)
    np.testing.assert_allclose(tf.exp(turned), np.exp(X.T), rtol=1e-6)


def test_gradients():
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.tanh(x))
    np.testing.assert_allclose(tape.gradient(y, x), 1 - np.tanh(X) ** 2, rtol=1e-4, atol=1e-6)


def test_few_programs_are_kept(monkeypatch):
    monkeypatch.setattr(large_operations, "MOST_PROGRAMS", 2)
    for rows in range(5):
        tf.exp(tf.constant(np.ones((LARGE + rows,), np.float32)))
    assert len(large_operations._programs) == 2
