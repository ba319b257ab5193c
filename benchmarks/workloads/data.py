"""Drawn data for the workloads."""

from __future__ import annotations

import numpy as np


def table(rows: int, columns: int = 20, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Rows of normal numbers, and class numbers."""
    generator = np.random.default_rng(0)
    return generator.normal(size=(rows, columns)).astype(np.float32), generator.integers(0, classes, rows)


def pixels(rows: int) -> np.ndarray:
    """Rows of 784 numbers from 0 to 1, of which about a fifth are not zero, as in pictures of digits."""
    generator = np.random.default_rng(0)
    drawn = generator.integers(1, 256, (rows, 784), dtype=np.uint8)
    drawn[generator.random((rows, 784), dtype=np.float32) >= 0.2] = 0
    return (drawn / np.float32(255)).astype(np.float32)
