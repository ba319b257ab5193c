"""`tf.keras.utils`: labels, scales and seeds."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import OutOfRangeError


def test_to_categorical() -> None:
    np.testing.assert_array_equal(tf.keras.utils.to_categorical([[1], [0]]), [[0, 1], [1, 0]])
    with pytest.raises(OutOfRangeError, match="0 to 2"):
        tf.keras.utils.to_categorical([0, 3], 3)


def test_normalize_keeps_zeros() -> None:
    np.testing.assert_allclose(tf.keras.utils.normalize([[3.0, 4.0], [0.0, 0.0]]), [[0.6, 0.8], [0.0, 0.0]])


def test_the_seed_repeats_all_generators() -> None:
    drawn = []
    for _ in range(2):
        tf.keras.utils.set_random_seed(3)
        drawn.append((np.random.rand(), float(tf.random.normal([]))))  # noqa: NPY002
    assert drawn[0] == drawn[1]
