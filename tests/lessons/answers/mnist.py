"""Answers to the exercises of lesson 7."""

import math


def batches(x, y, size, random):
    order = random.permutation(len(x))
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        yield x[rows], y[rows]


def misaligned(x, y, size, random):
    order, other = random.permutation(len(x)), random.permutation(len(x))
    for start in range(0, len(x), size):
        yield x[order[start : start + size]], y[other[start : start + size]]


def unshuffled(x, y, size, random):
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


def with_repeats(x, y, size, random):
    for start in range(0, len(x), size):
        rows = random.integers(0, len(x), min(size, len(x) - start))
        yield x[rows], y[rows]


def failing(x, y, size, random):
    yield x[:size], y[:size]
    raise KeyError("rows")


RIGHT = {
    "7a": [
        lambda n, size: math.ceil(n / size),
        lambda n, size: -(-n // size),
        lambda n, size: (n + size - 1) // size,
    ],
    "7b": [(200, 1500), [200, 100 * 15]],
    "7c": [batches, lambda *arguments: list(batches(*arguments))],
}
WRONG = {
    "7a": [lambda n, size: n // size, lambda n, size: n / size, lambda n, size: n // size + 1],
    "7b": [(100, 1500), (200, 100), (200, 300_000), 1500],
    "7c": [
        misaligned,
        unshuffled,
        with_repeats,
        failing,
        lambda x, y, size, random: list(batches(x, y, size, random))[:-1],
        lambda x, y, size, random: [1, 2, 3],
        lambda x, y, size, random: 7,
    ],
}
