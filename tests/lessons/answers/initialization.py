"""Answers to the exercises of lesson 15."""

import numpy as np


def he(fan_in, fan_out, random):
    return random.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in)


def uniform_he(fan_in, fan_out, random):
    limit = np.sqrt(6 / fan_in)
    return random.uniform(-limit, limit, (fan_in, fan_out))


RIGHT = {
    "15a": [he, uniform_he],
    "15b": [0.05, 1 / 20],
    "15c": [lambda W: np.unique(W, axis=1).shape[1], lambda W: len({tuple(column) for column in W.T})],
}
WRONG = {
    "15a": [
        lambda n, m, random: random.normal(size=(n, m)) / np.sqrt(n),
        lambda n, m, random: random.normal(size=(n, m)) * np.sqrt(2 / m),
        lambda n, m, random: random.uniform(0, np.sqrt(24 / n), (n, m)),
        lambda n, m, random: np.random.default_rng(0).normal(size=(n, m)) * np.sqrt(2 / n),
        lambda n, m, random: random.normal(size=(m, n)) * np.sqrt(2 / n),
    ],
    "15b": [0.0025, 0.0707, 20, 400],
    "15c": [lambda W: len(np.unique(W, axis=0)), lambda W: W.shape[1], lambda W: len(np.unique(W))],
}
