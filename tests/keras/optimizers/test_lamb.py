"""Lamb against its formula in float64, and Adafactor's small slots."""

from __future__ import annotations

import numpy as np

import tensorlet as tf


def test_lamb_follows_its_formula() -> None:
    start = np.array([[3.0, -4.0], [0.5, 1.0]])
    gradients = [np.array([[1.0, 0.5], [-2.0, 0.1]]), np.array([[0.2, -0.5], [1.0, 0.3]])]
    variable = tf.Variable(start.astype(np.float32))
    optimizer = tf.keras.optimizers.Lamb(learning_rate=0.1, beta_1=0.8, beta_2=0.9)
    w, m, v = start.copy(), np.zeros((2, 2)), np.zeros((2, 2))
    for t, gradient in enumerate(gradients, 1):
        optimizer.apply_gradients([(tf.constant(gradient, tf.float32), variable)])
        m, v = 0.8 * m + 0.2 * gradient, 0.9 * v + 0.1 * gradient**2
        update = m / (1 - 0.8**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-7)
        w -= 0.1 * np.linalg.norm(w) / np.linalg.norm(update) * update
        np.testing.assert_allclose(variable.numpy(), w, rtol=1e-5)


def test_lamb_takes_plain_steps_from_zeros() -> None:
    variable = tf.Variable([0.0, 0.0])
    tf.keras.optimizers.Lamb(learning_rate=0.1).apply_gradients([(tf.constant([2.0, -1.0]), variable)])
    np.testing.assert_allclose(variable.numpy(), [-0.1, 0.1], rtol=1e-5)


def test_adafactor_keeps_a_row_and_a_column_of_a_matrix() -> None:
    optimizer = tf.keras.optimizers.Adafactor()
    matrix, vector = tf.Variable(np.ones((3, 4), np.float32)), tf.Variable([1.0, 2.0])
    optimizer.build([matrix, vector])
    shapes = [tuple(one.shape) for one in optimizer.variables[1:]]
    assert shapes == [(3,), (4,), (3, 4), (2,)]
