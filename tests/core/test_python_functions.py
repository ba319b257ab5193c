"""`tf.py_function`, `tf.numpy_function`, and functions that cannot be compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, PerformanceWarning


def test_results_have_the_dtypes_that_were_asked_for() -> None:
    x = tf.constant([1.0, 4.0])
    np.testing.assert_array_equal(tf.py_function(lambda v: v.numpy() * 2, [x], tf.float32), [2.0, 8.0])
    first, second = tf.py_function(lambda v: (v + 1, len(v)), [x], [tf.float32, tf.int32])
    assert first.numpy().tolist() == [2.0, 5.0] and second.dtype is tf.int32 and int(second) == 2
    assert tf.py_function(lambda v: None, [x], []) == []
    np.testing.assert_array_equal(tf.numpy_function(np.sqrt, [x], tf.float32), [1.0, 2.0])
    with pytest.raises(InvalidArgumentError, match="returned a float64 array, but Tout says float32"):
        tf.numpy_function(lambda v: v.astype("float64"), [x], tf.float32)
    with pytest.raises(InvalidArgumentError, match="returned 2 results, but Tout has 1"):
        tf.py_function(lambda v: (v, v), [x], [tf.float32])


def test_gradients_flow_through_py_function_only() -> None:
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = tf.py_function(lambda v: v * v, [x], tf.float32)
        z = tf.numpy_function(lambda v: v * v, [x], tf.float32)
    np.testing.assert_array_equal(tape.gradient(y, x), [2.0, 4.0])
    assert tape.gradient(z, x) is None


def test_a_function_that_calls_python_runs_as_python() -> None:
    calls = []

    def python(value: Any) -> Any:
        calls.append(value.numpy().tolist())
        return value + 1.0

    @tf.function
    def step(x: Any) -> Any:
        if tf.reduce_sum(x) > 0.0:
            x = x * 10.0
        return tf.py_function(python, [x], tf.float32)

    x = tf.Variable([1.0])
    with pytest.warns(
        PerformanceWarning, match=r"'step' cannot be compiled: tf.py_function runs Python on values"
    ):
        assert step(tf.constant([1.0])).numpy() == [11.0]
    with tf.GradientTape() as tape:
        y = step(x.value())
    assert tape.gradient(y, x).numpy() == [10.0]
    assert calls == [[10.0], [10.0]]


def test_in_a_map_of_a_dataset() -> None:
    dataset = tf.data.Dataset.range(3).map(lambda n: tf.numpy_function(lambda v: v * v, [n], tf.int64))
    assert [int(n) for n in dataset] == [0, 1, 4]


def test_the_next_element_of_an_iterator_is_another_one_at_each_call() -> None:
    @tf.function
    def take(iterator: Any) -> Any:
        return next(iterator) * 2

    elements = iter(tf.data.Dataset.range(3))
    with pytest.warns(PerformanceWarning, match="takes the next element of an iterator"):
        assert [int(take(elements)) for _ in range(3)] == [0, 2, 4]
