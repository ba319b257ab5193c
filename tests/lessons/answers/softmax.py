"""Answers to the exercises of lesson 1."""

import numpy as np

import tensorlet as tf


def stable(z):
    z = z - z.max()
    return np.exp(z) / np.exp(z).sum()


def overflowing(z):
    return np.exp(z) / np.exp(z).sum()


def powers_of_two(z):
    z = z - z.max()
    return 2**z / (2**z).sum()


RIGHT = {
    "1a": [stable, lambda z: tf.nn.softmax(z), lambda z: 1 / np.exp(z[None] - z[:, None]).sum(axis=1)],
    "1b": [np.log([0.5, 0.3, 0.2]), list(np.log([5.0, 3.0, 2.0])), tf.constant([1.0, 0.4892, 0.0837])],
    "1c": [([[-1, 0, 1]], [0, 1, 0]), (np.array([[1.0, 2.0, 3.0]]), tf.constant([0.0, 0.5, 0.0]))],
}
WRONG = {
    "1a": [
        overflowing,
        powers_of_two,
        lambda z: z / z.sum(),
        stable(np.array([1.0, 2.0])),
        lambda z: stable(z).sum(),
    ],
    "1b": [[0.5, 0.3, 0.2], [1, 2], [3, 2, 1], ["a", "b", "c"]],
    "1c": [([[-1, 0, 1]], [0, 0, 0]), ([[1, 0, -1]], [0, 1, 0]), ([-1, 0, 1], [0, 1, 0]), [1, 2, 3]],
}
