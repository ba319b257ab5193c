"""Answers to the exercises of lesson 12."""

import numpy as np


def measure(f, x, epsilon=1e-5):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        more, less = x.copy(), x.copy()
        more[place] += epsilon
        less[place] -= epsilon
        slopes[place] = (f(more) - f(less)) / (2 * epsilon)
    return slopes


def one_sided(f, x):
    eye = 1e-6 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + nudge) - f(x)) / 1e-6 for nudge in eye]).reshape(x.shape)


def careless(f, x):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        before = f(x)
        x[place] += 1e-5
        slopes[place] = (f(x) - before) / 1e-5
    return slopes


RIGHT = {
    "12a": [(8, 12, 4), [8.0, 12.0, 4.0]],
    "12b": [lambda y, d_y: d_y * (1 - y**2), lambda y, d_y: d_y * (1 - y) * (1 + y)],
    "12c": [measure, one_sided],
}
WRONG = {
    "12a": [(12, 8, 4), (4, 4, 4), (8, 12), (16, 24, 8)],
    "12b": [
        lambda y, d_y: 1 - y**2,
        lambda y, d_y: d_y * (1 - np.tanh(y) ** 2),
        lambda y, d_y: d_y * y * (1 - y),
    ],
    "12c": [
        careless,
        lambda f, x: 2 * x,
        lambda f, x: measure(f, x).ravel(),
        lambda f, x: measure(f, x, 1e-5).sum(),
    ],
}
