"""Pairs of words for word2vec, with values of Keras 2.15."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf

sequence = tf.keras.preprocessing.sequence


def test_near_words() -> None:
    pairs, labels = sequence.skipgrams([1, 0, 3, 2], 4, window_size=2, negative_samples=0.0, seed=1)
    assert sorted(pairs) == [[1, 3], [2, 3], [3, 1], [3, 2]]
    assert labels == [1, 1, 1, 1]
    assert sequence.skipgrams([0, 0], 4) == ([], [])


def test_random_pairs_follow_from_the_seed() -> None:
    options = {"vocabulary_size": 9, "window_size": 1, "negative_samples": 0.5, "seed": 3}
    pairs, labels = sequence.skipgrams(range(1, 9), **options)
    assert (pairs, labels) == sequence.skipgrams(range(1, 9), **options)
    assert sorted(labels) == [0] * 7 + [1] * 14
    assert all(abs(a - b) == 1 for (a, b), label in zip(pairs, labels, strict=True) if label)
    assert all(1 <= one <= 8 for pair in pairs for one in pair)
    _, both = sequence.skipgrams(range(1, 9), categorical=True, **options)
    assert both == [[1 - label, label] for label in labels]


def test_frequent_words_are_left_out() -> None:
    table = sequence.make_sampling_table(6)
    expected = [0.00315225, 0.00315225, 0.00547597, 0.00741556, 0.00912817, 0.01068435]
    np.testing.assert_allclose(table, expected, rtol=1e-5)
    pairs, _ = sequence.skipgrams([1, 2] * 50, 3, 1, 0.0, sampling_table=[0.0, 0.0, 1.0], seed=0)
    assert {first for first, _ in pairs} == {2}
    assert sequence.make_sampling_table(3, sampling_factor=1e9) == pytest.approx([1.0, 1.0, 1.0])
