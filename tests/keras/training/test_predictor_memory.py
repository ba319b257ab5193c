"""What `predict` keeps for the numbers of rows that it has seen is bounded by bytes."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core import function
from tensorlet.keras.training import predictor


@pytest.fixture
def model():
    inputs = tf.keras.Input((4,))
    # The rows depend on each other, so that each number of rows has a program of its own.
    outputs = tf.keras.layers.Lambda(lambda x: x - tf.reduce_mean(x, axis=0))(inputs)
    return tf.keras.Model(inputs, outputs)


def test_programs_of_other_numbers_of_rows_are_forgotten(model, monkeypatch):
    monkeypatch.setattr(predictor, "MOST_PREDICTOR_BYTES", 1000)
    monkeypatch.setattr(function, "MOST_LENGTH_BYTES", 1000)
    for rows in (20, 21, 22, 23, 24, 20):
        x = np.random.default_rng(rows).normal(size=(rows, 4)).astype("float32")
        np.testing.assert_allclose(
            model.predict(x, verbose=0, batch_size=rows), x - x.mean(axis=0), atol=1e-6
        )
        # x - mean and what it needs: about 400 bytes each
        for kept in (model._programs.predictors, *(f._concretes for f in model._programs.functions.values())):
            assert sum(one.bytes for one in kept.values()) <= 1000 + 500
            assert 1 <= len(kept) < 5


def test_bytes_are_those_of_the_values_of_a_run():
    concrete = tf.function(lambda x: tf.exp(x) + 1.0).get_concrete_function(tf.TensorSpec([5], tf.float32))
    assert concrete.bytes == 2 * 5 * 4
