"""Means, variances and their gradients take few passes over the rows, and their values stay what they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.backends.native import executable
from tensorlet.backends.native.instructions import Program
from tensorlet.backends.native.translate import lower

X = np.random.default_rng(0).normal(2.0, 3.0, (6, 5)).astype(np.float32)


def program_of(function: Any, *arguments: Any) -> Program:
    return executable.optimized(lower(tf.function(function).get_concrete_function(*arguments).graph), False)


def reductions(function: Any, *arguments: Any) -> int:
    return sum(value.op == "reduce" for value in program_of(function, *arguments).values())


def gradient_of(function: Any) -> Any:
    def gradient(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    return gradient


def normalized(x: Any, axis: int = 0) -> Any:
    mean, variance = tf.nn.moments(x, [axis], keepdims=axis != 0)
    weights = tf.constant(np.linspace(-1, 2, x.shape[-1]), tf.float32)
    return tf.nn.batch_normalization(x, mean, variance, weights, weights + 2.0, 1e-3)


def test_mean_and_variance_share_the_mean() -> None:
    assert reductions(lambda x: tf.nn.moments(x, [0]), tf.constant(X)) == 2
    assert (
        reductions(lambda x: (tf.reduce_sum(x, 0), tf.reduce_sum(x, 0, keepdims=True)), tf.constant(X)) == 1
    )
    assert reductions(lambda x: (tf.reduce_sum(x, 0), tf.reduce_mean(x, 0)), tf.constant(X)) == 2


def test_the_gradient_of_batch_normalization_takes_two_sums() -> None:
    # Mean and variance, the sum of the gradient, and the sum of the gradient times the deviation.
    function = gradient_of(lambda x: tf.reduce_sum(normalized(x) * tf.exp(x)))
    assert reductions(function, tf.constant(X)) == 4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("axis", [0, 1])
def test_gradients_are_those_of_the_operations(axis: int, dtype: str) -> None:
    def loss(x: Any) -> Any:
        mean, variance = tf.nn.moments(x, [axis], keepdims=True)
        y = (x - mean) * tf.math.rsqrt(variance + 1e-3) * tf.cast(tf.range(5), x.dtype)
        return tf.reduce_sum(tf.sin(y) + y * tf.reduce_mean(y, axis=axis, keepdims=True))

    x = tf.constant(X.astype(dtype))
    for function in (
        loss,
        gradient_of(loss),
        gradient_of(lambda x: tf.reduce_sum(gradient_of(loss)(x) ** 2)),
    ):
        np.testing.assert_allclose(
            tf.function(function)(x), function(x), rtol=1e-3 if dtype == "float32" else 1e-9, atol=1e-4
        )


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.reduce_sum((x - tf.reduce_mean(x, 0)) * x, 0),
        lambda x: tf.reduce_sum((x - tf.reduce_mean(x, 1, keepdims=True)) * 2.0, 0),
        lambda x: tf.reduce_sum((x - tf.reduce_mean(x * 2.0, 0)) * 2.0, 0),
        lambda x: tf.reduce_sum(tf.reduce_mean(x, 0) - x, 0),
        lambda x: tf.reduce_sum(-x * tf.exp(x[:1]), 0),
        lambda x: tf.reduce_mean(x * tf.exp(x[:, :1]), 1, keepdims=True),
        lambda x: tf.reduce_sum(x * tf.exp(x[:, :1]), 0),
        lambda x: tf.reduce_sum(x * tf.exp(x[0]), [0, 1]),
        lambda x: tf.reduce_sum(tf.reshape(x, [2, 3, 5]) * tf.exp(x[0]), [0, 1]),
    ],
)
def test_sums_that_look_alike(function: Any) -> None:
    np.testing.assert_allclose(
        tf.function(function)(tf.constant(X)), function(tf.constant(X)), rtol=1e-4, atol=1e-4
    )


def test_sums_of_deviations_are_zero() -> None:
    def function(x: Any) -> Any:
        return tf.reduce_sum((x - tf.reduce_mean(x, 0)) * tf.exp(x[0]), 0, keepdims=True)

    np.testing.assert_array_equal(tf.function(function)(tf.constant(X)), np.zeros((1, 5)))
    assert reductions(function, tf.constant(X)) == 0
