"""Spaces of configurations, and random draws from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tensorlet.errors import InvalidArgumentError

#: The attempts to draw a configuration that has not been drawn before.
ATTEMPTS = 20


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, all equally likely; whole ones if both ends are.

    >>> Range(0.0, 0.5).draw(np.random.default_rng(0)) < 0.5
    True
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high or not math.isfinite(self.low) or not math.isfinite(self.high):
            raise InvalidArgumentError(f"{self!r}: expected two finite numbers, the smaller one first.")

    def draw(self, random: np.random.Generator) -> float:
        """Draws a number."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return int(random.integers(self.low, self.high + 1))
        return float(random.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogRange:
    """Numbers above 0 between two ends, whose logarithms are equally likely.

    >>> 1e-4 <= LogRange(1e-4, 0.1).draw(np.random.default_rng(0)) <= 0.1
    True
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high or not math.isfinite(self.high):
            raise InvalidArgumentError(f"{self!r}: expected two numbers above 0, the smaller one first.")

    def draw(self, random: np.random.Generator) -> float:
        """Draws a number."""
        return float(math.exp(random.uniform(math.log(self.low), math.log(self.high))))


#: For each argument of the function that builds a model (and ``batch_size``) a list of values, or a range.
Space: TypeAlias = Mapping[str, "Range | LogRange | Sequence[Any]"]


def check(space: Space) -> None:
    """Refuses spaces from which nothing can be drawn.

    Raises:
        InvalidArgumentError: for an empty list, or a value that is neither a list nor a range.
    """
    for name, values in space.items():
        if isinstance(values, Range | LogRange):
            continue
        if isinstance(values, str) or not isinstance(values, Sequence) or not len(values):
            raise InvalidArgumentError(
                f"The space of '{name}' is {values!r}. Expected a list of values, Range(low, high) or "
                "LogRange(low, high)."
            )


def draw(space: Space, count: int, seed: int) -> list[dict[str, Any]]:
    """Draws different configurations; fewer, if the space has no more.

    Args:
        space: see `Space`.
        count: the number of configurations.
        seed: the same one gives the same configurations.

    >>> draw({"width": [8, 16]}, 3, seed=0)
    [{'width': 16}, {'width': 8}]
    """
    random = np.random.default_rng(seed)
    found: list[dict[str, Any]] = []
    for _ in range(count):
        for _ in range(ATTEMPTS):
            one = {name: _value(values, random) for name, values in space.items()}
            if one not in found:
                found.append(one)
                break
    return found


def _value(values: Range | LogRange | Sequence[Any], random: np.random.Generator) -> Any:
    if isinstance(values, Range | LogRange):
        return values.draw(random)
    return values[int(random.integers(len(values)))]
