"""Points in the plane with classes: circles, moons, spirals, XOR, gaussians, and regions given as formulas.

Each generator uses only NumPy and its arguments, because the program that the page shows contains its source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np


def circles(counts: list[int], noise: float, rng: np.random.Generator) -> np.ndarray:
    """Rings around the origin, one for each class; the first is the innermost."""
    rings = []
    for place, count in enumerate(counts):
        radius = (place + 0.35) / len(counts) + rng.normal(0, noise / 3, count)
        angle = rng.uniform(0, 2 * np.pi, count)
        rings.append(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1))
    return np.concatenate(rings)


def moons(counts: list[int], noise: float, rng: np.random.Generator) -> np.ndarray:
    """Two half circles that reach into each other."""
    upper, lower = (rng.uniform(0, np.pi, count) for count in counts)
    x = np.concatenate([np.cos(upper) - 0.5, 0.5 - np.cos(lower)])
    y = np.concatenate([np.sin(upper) - 0.25, 0.25 - np.sin(lower)])
    return np.stack([x, y], axis=1) * 0.65 + rng.normal(0, noise / 2, (sum(counts), 2))


def spirals(counts: list[int], noise: float, rng: np.random.Generator) -> np.ndarray:
    """One arm for each class, turned around the origin."""
    arms = []
    for place, count in enumerate(counts):
        along = np.sqrt(rng.uniform(0.01, 1, count))
        angle = along * 3.5 * np.pi / np.sqrt(len(counts) / 2) + 2 * np.pi * place / len(counts)
        arm = np.stack([along * np.cos(angle), along * np.sin(angle)], axis=1)
        arms.append(arm + rng.normal(0, noise / 5, (count, 2)))
    return np.concatenate(arms)


def xor(counts: list[int], noise: float, rng: np.random.Generator) -> np.ndarray:
    """Class 0 where the signs of x and y are equal, class 1 where they differ."""
    points = rng.uniform(0.06, 1, (sum(counts), 2)) * rng.choice([-1.0, 1.0], (sum(counts), 1))
    points[counts[0] :, 1] *= -1
    return points + rng.normal(0, noise / 3, points.shape)


def gaussians(counts: list[int], noise: float, rng: np.random.Generator) -> np.ndarray:
    """One cloud for each class, with the centres on a circle."""
    clouds = []
    for place, count in enumerate(counts):
        angle = 2 * np.pi * place / len(counts) + 0.4
        centre = 0.65 * np.array([np.cos(angle), np.sin(angle)])
        clouds.append(rng.normal(centre, 0.08 + noise / 2, (count, 2)))
    return np.concatenate(clouds)


Generator = Callable[[list[int], float, np.random.Generator], np.ndarray]

#: Name -> (generator, fewest classes, most classes).
GENERATORS: dict[str, tuple[Generator, int, int]] = {
    "circles": (circles, 2, 4),
    "moons": (moons, 2, 2),
    "spirals": (spirals, 2, 5),
    "xor": (xor, 2, 2),
    "gaussians": (gaussians, 2, 8),
}


def counts_of(rows: int, classes: int, balance: float) -> list[int]:
    """Returns the number of points of each class.

    Args:
        rows: the number of all points.
        classes: the number of classes.
        balance: the share of the first class; the others share the rest equally. ``1 / classes`` is balanced.

    >>> counts_of(100, 2, 0.8), counts_of(100, 3, 1 / 3)
    ([80, 20], [33, 34, 33])
    """
    first = min(max(round(rows * balance), 1), rows - (classes - 1))
    edges = [round((rows - first) * place / (classes - 1)) for place in range(classes)]
    return [first, *(after - before for before, after in pairwise(edges))]


def classes_of_formulas(
    truths: Sequence[np.ndarray],
) -> np.ndarray:
    """Returns the class of each point: the first formula that is true there, or else one class more.

    >>> classes_of_formulas([np.array([True, False, False]), np.array([True, True, False])])
    array([0, 1, 2])
    """
    return np.argmax(np.stack([*truths, np.ones_like(truths[0])]), axis=0)
