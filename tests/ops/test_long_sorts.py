"""Distinct elements and the largest elements of rows, against NumPy's slower ways."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.ops.long_sorts import distinct

DRAW = np.random.default_rng(0)


@pytest.mark.parametrize(
    "array",
    [
        DRAW.integers(0, 1 << 30, 5000),
        DRAW.integers(-(1 << 40), 1 << 40, 777),
        DRAW.integers(-(2**62), 2**62, 100),
        np.repeat(DRAW.integers(0, 1 << 30, 500), 3).astype(np.int32),
        DRAW.integers(-5, 5, 70),
        np.array([3], np.int32),
        np.array([], np.int64),
        np.array([7, 7, 1 << 20]),
    ],
)
def test_distinct_elements_are_those_of_numpy(array: np.ndarray) -> None:
    right = np.unique(array, return_index=True, return_inverse=True, return_counts=True)
    for found, expected in zip(distinct(array), right, strict=True):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype


@pytest.mark.parametrize("decimals", [6, 1])
def test_the_largest_of_several_rows(decimals: int) -> None:
    rows = np.round(DRAW.normal(size=(50, 1000)), decimals).astype(np.float32)
    rows[3, :995] = np.nan
    values, places = tf.math.top_k(rows, 10)
    order = np.argsort(-rows, axis=-1, kind="stable")[:, :10]
    np.testing.assert_array_equal(places, order)
    np.testing.assert_array_equal(values, np.take_along_axis(rows, order, -1))
