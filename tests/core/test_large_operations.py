"""Large operations outside of traced functions have the bits of traced ones, and small ones those of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core import large_operations
from tensorlet.core.large_operations import BY_WORK, FUNCTIONS, LARGE, LARGE_FOR_SIMPLE, SIMPLE
from tensorlet.ops import convolution

X = np.random.default_rng(0).normal(size=(LARGE // 256, 256)).astype(np.float32)
ONE_INPUT = {
    "cos": tf.cos, "erf": tf.math.erf, "exp": tf.exp, "expm1": tf.math.expm1, "log": lambda x: tf.math.log(x * x + 1.0),
    "log1p": lambda x: tf.math.log1p(x * x), "log_softmax": tf.nn.log_softmax, "maximum": lambda x: tf.maximum(0.0, x),
    "sigmoid": tf.sigmoid, "sin": tf.sin, "softmax": tf.nn.softmax, "softplus": tf.nn.softplus, "tan": tf.tan,
    "tanh": tf.tanh,
}  # fmt: skip
#: Simple operations, on a matrix.
SIMPLE_ONES = {
    "abs": tf.abs, "add": lambda x: x + x[0], "divide": lambda x: x / x[0], "minimum": lambda x: tf.minimum(x, 0.0),
    "multiply": lambda x: x * x, "negative": lambda x: -x, "reduce_max": lambda x: tf.reduce_max(x, 0),
    "reduce_mean": lambda x: tf.reduce_mean(x, 1), "reduce_min": lambda x: tf.reduce_min(x, 1),
    "reduce_sum": tf.reduce_sum, "sqrt": tf.sqrt, "square": tf.square, "subtract": lambda x: 1.0 - x,
    "transpose": tf.transpose,
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_operations, "_programs", {})
    monkeypatch.setattr(large_operations, "_seen", {})


def test_every_function_is_tested():
    assert set(ONE_INPUT) | {"pow", "where"} == FUNCTIONS
    assert set(SIMPLE_ONES) == SIMPLE


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


def test_selections():
    truth, x = tf.constant(X > 0), tf.constant(X)
    np.testing.assert_array_equal(tf.where(truth, x, 0.0), np.where(X > 0, X, 0))
    assert [key[0] for key in large_operations._programs] == ["where"]


@pytest.mark.parametrize("name", SIMPLE_ONES)
def test_simple_operations_have_a_program_from_the_second_time_on(name):
    x = tf.constant(np.abs(np.resize(X, (LARGE_FOR_SIMPLE // 128, 128))) + 0.5)
    function = SIMPLE_ONES[name]
    first = function(x)
    assert not large_operations._programs
    second = function(x)
    assert [key[0] for key in large_operations._programs] == [name]
    np.testing.assert_allclose(second, first, rtol=1e-5)
    np.testing.assert_array_equal(second, function(x))
    np.testing.assert_array_equal(second, tf.function(function)(x))


def _pictures(channels):
    return tf.constant(np.resize(X, (4, 24, 24, channels)))


@pytest.mark.parametrize("pooling", [tf.nn.max_pool2d, tf.nn.avg_pool2d])
def test_convolution_and_pooling(pooling):
    x, filters = _pictures(8), tf.Variable(np.resize(X, (3, 3, 8, 16)) / 10)

    def gradients(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            seen = pooling(tf.nn.conv2d(x, filters, 1, "SAME"), 2, 2, "VALID")
            loss = tf.reduce_mean(seen**2)
        return tape.gradient(loss, [x, filters])

    traced = tf.function(gradients)(x)
    assert not large_operations._programs
    for found, expected in zip(gradients(x), traced, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-8)
    names = {key[0] for key in large_operations._programs}
    kind = "max_pool2d" if pooling is tf.nn.max_pool2d else "avg_pool2d"
    last = {"max_pool2d": "max_pool2d_scatter", "avg_pool2d": "avg_pool2d_gradient"}[kind]
    assert {"conv2d", "conv2d_input_gradient", "conv2d_filter_gradient", kind, last} <= names
    assert names <= BY_WORK.keys() | FUNCTIONS


def test_small_convolutions_are_left_to_the_reference():
    tf.nn.conv2d(_pictures(1)[:, :8, :8], tf.ones((3, 3, 1, 4)), 1, "SAME")
    assert not large_operations._programs


def test_gradients_that_nobody_needs_are_not_computed(monkeypatch):
    def refuse(*inputs, **attributes):
        raise AssertionError("pictures are constants")

    monkeypatch.setattr(convolution, "conv2d_input_gradient", refuse)
    x, filters = _pictures(8), tf.Variable(np.ones((3, 3, 8, 2), np.float32))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.nn.conv2d(x, filters, 1, "SAME"))
    assert tape.gradient(loss, filters).shape == (3, 3, 8, 2)


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


def test_programs_of_large_results_make_room(monkeypatch):
    monkeypatch.setattr(large_operations, "MOST_ELEMENTS", 3 * LARGE)
    for rows in range(5):
        tf.exp(tf.constant(np.ones((LARGE + rows,), np.float32)))
    assert [key[1][0] for key in large_operations._programs] == [(LARGE + 3,), (LARGE + 4,)]


def test_products_of_turned_matrices():
    x = tf.constant(np.resize(X, (128, 96)))
    turned = tf.transpose(x)
    np.testing.assert_array_equal(tf.matmul(turned, x), tf.matmul(x, x, transpose_a=True))
    assert len(large_operations._programs) == 2
