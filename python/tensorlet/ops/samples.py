"""Sample inputs that operations are tested with: always the same numbers for the same arguments."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from tensorlet.ops.registry import Sample


def _generator(*key: Any) -> np.random.Generator:
    """A generator whose seed is a function of the arguments, so that no sample depends on another."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def real(
    *shape: int, dtype: str = "float32", low: float = -2.0, high: float = 2.0, seed: int = 0
) -> np.ndarray:
    """Floating-point numbers between ``low`` and ``high``; another ``seed`` gives others."""
    numbers = _generator("real", shape, low, high, seed).uniform(low, high, shape)
    return np.asarray(numbers, dtype)


def positive(*shape: int, dtype: str = "float32", seed: int = 0) -> np.ndarray:
    """Floating-point numbers from 0.25 to 3: far enough from zero for finite differences."""
    return real(*shape, dtype=dtype, low=0.25, high=3.0, seed=seed)


def distinct(*shape: int, dtype: str = "float32", seed: int = 0) -> np.ndarray:
    """Floating-point numbers at least 0.1 apart and away from zero: no ties and no kinks nearby."""
    count = int(np.prod(shape))
    numbers = (np.arange(count) - count // 2) * 0.1 + 0.05
    return np.asarray(_generator("distinct", shape, seed).permutation(numbers).reshape(shape), dtype)


def integers(*shape: int, dtype: str = "int32", low: int = -5, high: int = 6, seed: int = 0) -> np.ndarray:
    """Integers from ``low`` up to but not including ``high``."""
    numbers = _generator("integers", shape, low, high, seed).integers(low, high, shape)
    return np.asarray(numbers).astype(dtype)


def booleans(*shape: int, seed: int = 0) -> np.ndarray:
    """Booleans."""
    return np.asarray(_generator("booleans", shape, seed).integers(0, 2, shape)).astype(bool)


def special(dtype: str = "float32") -> np.ndarray:
    """Both zeros, ones, both infinities and NaN."""
    return np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, np.inf, -np.inf, np.nan], dtype)


def special_pairs(dtype: str = "float32") -> tuple[np.ndarray, np.ndarray]:
    """Every special value against every other, by broadcasting."""
    return special(dtype).reshape(-1, 1), special(dtype)


def of_one_float(low: float = -2.0, high: float = 2.0) -> list[Sample]:
    """Samples for an element-wise operation of one floating-point input.

    Args:
        low: the lower end of the range where the operation is smooth.
        high: the upper end of that range.
    """
    return [
        Sample(real(2, 3, low=low, high=high)),
        Sample(real(5, dtype="float64", low=low, high=high)),
        Sample(real(low=low, high=high)),
        Sample(real(1, 1, low=low, high=high)),
        Sample(real(0, 3)),
        Sample(real(17, 33, low=low, high=high)),
        Sample(special(), differentiable=()),
        Sample(special("float64"), differentiable=()),
    ]


def of_one_number(low: float = -2.0, high: float = 2.0) -> list[Sample]:
    """`of_one_float` and integers."""
    return [*of_one_float(low, high), Sample(integers(2, 3)), Sample(integers(4, dtype="int64"))]


def of_two_floats(low: float = -2.0, high: float = 2.0) -> list[Sample]:
    """Samples for a broadcasting operation of two floating-point inputs between ``low`` and ``high``."""

    def numbers(*shape: int, dtype: str = "float32", seed: int = 0) -> np.ndarray:
        return real(*shape, dtype=dtype, low=low, high=high, seed=seed)

    return [
        Sample(numbers(2, 3), numbers(2, 3, seed=1)),
        Sample(numbers(2, 3), numbers(3, seed=1)),
        Sample(numbers(2, 1, 3), numbers(4, 1, seed=1)),
        Sample(numbers(), numbers(2, 2, seed=1)),
        Sample(numbers(), numbers(seed=1)),
        Sample(numbers(1), numbers(1, seed=1)),
        Sample(numbers(0, 3), numbers(3, seed=1)),
        Sample(numbers(3, 2, dtype="float64"), numbers(3, 1, dtype="float64", seed=1)),
        Sample(*special_pairs(), differentiable=()),
    ]


def of_two_numbers(low: float = -2.0, high: float = 2.0, lowest: int = -5) -> list[Sample]:
    """`of_two_floats` and integers from ``lowest`` to 5."""
    return [
        *of_two_floats(low, high),
        Sample(integers(2, 3, low=lowest), integers(3, low=lowest, seed=1)),
        Sample(integers(4, dtype="int64", low=lowest), integers(4, dtype="int64", low=lowest, seed=1)),
    ]


def of_two_booleans() -> list[Sample]:
    """Samples for a broadcasting operation of two booleans."""
    both = np.array([False, True])
    return [
        Sample(both.reshape(2, 1), both),
        Sample(booleans(), booleans(seed=1)),
        Sample(booleans(0, 2), booleans(2, seed=1)),
        Sample(booleans(1), booleans(1, seed=1)),
    ]
