"""Answers to the exercises of lesson 2."""

import numpy as np

import tensorlet as tf


def picked(p, labels):
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))


def one_hot(p, labels):
    return -tf.reduce_mean(tf.reduce_sum(tf.one_hot(labels, 3, dtype=tf.float64) * tf.math.log(p), axis=1))


RIGHT = {
    "2a": [picked, one_hot, lambda p, y: tf.keras.losses.SparseCategoricalCrossentropy()(y, p)],
    "2b": [np.log(10), 2.3, 2.30, tf.constant(2.3026)],
    "2c": [[0.7, -0.8, 0.1], np.array([[0.7, -0.8, 0.1]])],
}
WRONG = {
    "2a": [
        lambda p, y: -picked(p, y),
        lambda p, y: len(y) * picked(p, y),
        lambda p, y: -np.log(p[np.arange(len(y)), y]),
        lambda p, y: -np.log(p).mean(),
        lambda p, y: picked(p, y) / np.log(2),
    ],
    "2b": [10, 0.1, 1.0986, [2.3, 2.3]],
    "2c": [[0.7, 0.2, 0.1], [-0.7, 0.8, -0.1], [0.7, -0.8], [0.3, -0.2, -0.1]],
}
