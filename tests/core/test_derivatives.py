"""Forward mode, Jacobians of batches, gradients in a graph, and `tf.IndexedSlices`: the values of TensorFlow 2.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32)
W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)


def numbers(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [numbers(one) for one in value]
    return None if value is None else np.asarray(value).round(5).tolist()


@pytest.mark.parametrize("persistent", [False, True])
def test_batch_jacobian(persistent: bool) -> None:
    x = tf.constant(X)
    with tf.GradientTape(persistent=persistent) as tape:
        tape.watch(x)
        y = tf.matmul(x, W) ** 2
    assert numbers(tape.batch_jacobian(y, x)) == [
        [[18.0, 72.0], [48.0, 120.0], [90.0, 180.0]],
        [[38.0, 152.0], [104.0, 260.0], [198.0, 396.0]],
        [[58.0, 232.0], [160.0, 400.0], [306.0, 612.0]],
    ]


def test_batch_jacobian_without_a_connection_or_rows() -> None:
    x = tf.constant(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.ones([3, 2])
        z = tf.reduce_sum(x)
    assert numbers(tape.batch_jacobian(y, x)) == np.zeros((3, 2, 2)).tolist()
    with pytest.raises(ShapeError, match="both need as many rows"):
        tape.batch_jacobian(z, x)


def test_forward_accumulator() -> None:
    p, q = tf.constant(2.0), tf.Variable(3.0)
    with tf.autodiff.ForwardAccumulator([p, q], [tf.constant(1.0), tf.constant(10.0)]) as forward:
        y = p * q
        z = p + q * q
        apart = tf.constant(2.0) * 3.0
    assert numbers(forward.jvp([y, z, apart])) == [23.0, 61.0, None]
    assert numbers(forward.jvp(apart, unconnected_gradients="zero")) == 0.0
    with pytest.raises(ShapeError, match="the shape of its primal"):
        tf.autodiff.ForwardAccumulator(p, tf.zeros([2]))


def test_hessian_vector_product() -> None:
    p = tf.constant([1.0, 2.0])
    with tf.autodiff.ForwardAccumulator(p, tf.constant([1.0, 0.0])) as forward:
        with tf.GradientTape() as tape:
            tape.watch(p)
            y = tf.reduce_sum(p**3) * p[0]
        gradient = tape.gradient(y, p)
    assert numbers(forward.jvp(gradient)) == [12.0, 12.0]


def test_forward_accumulator_of_a_layer() -> None:
    layer = tf.keras.layers.Dense(1, kernel_initializer="ones")
    x = tf.constant([[2.0, 3.0], [1.0, 4.0]])
    layer.build(x.shape)
    with tf.autodiff.ForwardAccumulator(layer.kernel, tf.constant([[1.0], [0.0]])) as forward:
        loss = tf.reduce_sum((layer(x) - tf.constant([[1.0], [-1.0]])) ** 2.0)
    assert numbers(forward.jvp(loss)) == 28.0


def test_gradients_in_a_graph() -> None:
    v = tf.Variable(3.0)

    @tf.function
    def several(x: Any, z: Any) -> Any:
        y = tf.reduce_sum(x * z + tf.sin(z)) * v
        weighted = tf.gradients([y, x], [x], grad_ys=[tf.constant(2.0), None])
        return tf.gradients(y, [x, z, v]), weighted

    first, second = several(tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0]))
    np.testing.assert_allclose(first[0], [9.0, 12.0], rtol=1e-6)
    np.testing.assert_allclose(first[1], [0.03002, 4.03907], rtol=1e-4)
    np.testing.assert_allclose(first[2], 10.38432, rtol=1e-6)
    np.testing.assert_allclose(second[0], [19.0, 25.0], rtol=1e-6)

    @tf.function
    def inner(x: Any) -> Any:
        y = x * x
        z = y * 3.0
        stopped = tf.gradients(z + x, x, stop_gradients=[y])
        none = tf.gradients(tf.constant(2.0), x)
        return tf.gradients(z, y), stopped, tf.gradients(tf.gradients(z * x, x), x), none

    assert numbers(inner(tf.constant(2.0))) == [[3.0], [1.0], [36.0], [None]]
    with pytest.raises(RuntimeError, match=r"Use tf\.GradientTape"):
        tf.gradients(v, v)


def test_indexed_slices() -> None:
    rows = tf.IndexedSlices(tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), tf.constant([0, 2, 0]), [4, 2])
    assert rows.dtype is tf.float32 and rows.shape == (4, 2)
    whole = [[6.0, 8.0], [0.0, 0.0], [3.0, 4.0], [0.0, 0.0]]
    assert (
        numbers(tf.convert_to_tensor(rows)) == whole and numbers(rows * 2.0) == (np.array(whole) * 2).tolist()
    )
    table = tf.Variable(tf.ones([4, 2]))
    tf.keras.optimizers.SGD(0.1).apply_gradients([(rows, table)])
    np.testing.assert_allclose(table, [[0.4, 0.2], [1.0, 1.0], [0.7, 0.6], [1.0, 1.0]], rtol=1e-6)
    traced = tf.function(lambda x: tf.reduce_sum(tf.IndexedSlices(x, [1], [3, 2]), 0))
    assert numbers(traced(tf.constant([[1.0, 5.0]]))) == [1.0, 5.0]
    with pytest.raises(InvalidArgumentError, match="without dense_shape"):
        tf.convert_to_tensor(tf.IndexedSlices([[1.0]], [0]))
