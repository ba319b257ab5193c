"""Answers to the exercises of lesson 14."""

import numpy as np

import tensorlet as tf

RIGHT = {
    "14a": [
        lambda z, alpha: np.where(z > 0, z, alpha * z),
        lambda z, alpha: np.maximum(alpha * z, z),
        lambda z, alpha: tf.nn.leaky_relu(z, alpha=alpha),
    ],
    "14b": [0.25**5, 0.000977, 0.00098],
    "14c": [lambda o: np.sum(o.max(axis=0) == 0), lambda o: sum(not column.any() for column in o.T)],
}
WRONG = {
    "14a": [
        lambda z, alpha: np.maximum(0, z),
        lambda z, alpha: np.maximum(0.1 * z, z),
        lambda z, alpha: alpha * z,
    ],
    "14b": [0.25, 1.25, 0.25**4, 0.25**8, 5],
    "14c": [lambda o: np.sum(o == 0), lambda o: np.sum(~o.any(axis=1)), lambda o: 2],
}
