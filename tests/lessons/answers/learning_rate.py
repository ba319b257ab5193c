"""Answers to the exercises of lesson 4."""

import tensorlet as tf


def descend(slope, w, rate, steps):
    for _ in range(steps):
        w = w - rate * slope(w)
    return w


RIGHT = {
    "4a": [0.1, 0.09, 0.08, tf.constant(0.11)],
    "4b": [0.2, 1 / 5],
    "4c": [descend],
}
WRONG = {
    "4a": [0.01, 0.2, 0.3, 0.5, -0.1],
    "4b": [0.1, 1.0, 0.5, 0.15, 0, -0.2],
    "4c": [
        lambda slope, w, rate, steps: descend(slope, w, -rate, steps),
        lambda slope, w, rate, steps: descend(slope, w, rate, steps + 1),
        lambda slope, w, rate, steps: descend(lambda v: 2 * v, w, rate, steps),
        lambda slope, w, rate, steps: [descend(slope, w, rate, k) for k in range(3)],
    ],
}
