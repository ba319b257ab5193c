"""Gradients of `gather` as `tf.IndexedSlices`; the values are those of TensorFlow 2.15."""

from __future__ import annotations

import tensorlet as tf


def test_the_gradient_of_gather_has_rows() -> None:
    table = tf.Variable([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(table, [0, 2, 0]) ** 2)
    gradient = tape.gradient(loss, table)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.indices.numpy().tolist() == [0, 2, 0]
    assert gradient.values.numpy().tolist() == [[0.0, 2.0], [8.0, 10.0], [0.0, 2.0]]
    assert gradient.dense_shape.numpy().tolist() == [3, 2]
    assert tf.convert_to_tensor(gradient).numpy().tolist() == [[0.0, 4.0], [0.0, 0.0], [8.0, 10.0]]
    twice = tf.IndexedSlices(gradient.values * 2.0, gradient.indices, gradient.dense_shape)
    tf.keras.optimizers.SGD(0.5).apply_gradients([(twice, table)])
    assert table.numpy().tolist() == [[0.0, -3.0], [2.0, 3.0], [-4.0, -5.0]]


def test_indices_of_several_axes_and_layers() -> None:
    layer = tf.keras.layers.Embedding(4, 2)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.constant([[0, 1], [3, 3]])))
    (gradient,) = tape.gradient(loss, layer.trainable_variables)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.indices.numpy().tolist() == [0, 1, 3, 3]
    assert gradient.values.numpy().tolist() == [[1.0, 1.0]] * 4


def test_other_gradients_have_none() -> None:
    table = tf.Variable(tf.ones([3, 2]))
    with tf.GradientTape(persistent=True) as tape:
        whole = tf.reduce_sum(table**2)
        both = tf.reduce_sum(tf.gather(table, [0])) + whole
    for loss in (whole, both):
        gradient = tape.gradient(loss, table)
        assert not isinstance(gradient, tf.IndexedSlices)
        assert not hasattr(gradient, "values")


def test_in_traced_functions() -> None:
    table = tf.Variable([[0.0, 1.0], [2.0, 3.0]])

    @tf.function
    def rows(indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.gather(table, indices) ** 2)
        gradient = tape.gradient(loss, table)
        assert isinstance(gradient, tf.IndexedSlices)
        return gradient.values, gradient.indices

    values, indices = rows(tf.constant([1, 1]))
    assert values.numpy().tolist() == [[4.0, 6.0], [4.0, 6.0]]
    assert indices.numpy().tolist() == [1, 1]
