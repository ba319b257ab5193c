"""Optimizers with the gradient of an embedding, against Keras 2.15."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sparse_gradient_cases import CASES, trained_table

import tensorlet as tf
from tensorlet.ops.gradient_rows import rows_of

GOLDEN = Path(__file__).parents[2] / "golden"


TABLES = json.loads((GOLDEN / "sparse_gradients.json").read_text(encoding="utf-8"))["tables"]


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_a_trained_embedding_is_that_of_keras(name: str, eagerly: bool) -> None:
    np.testing.assert_allclose(trained_table(tf, name, eagerly), TABLES[name], rtol=1e-4, atol=1e-5)


def test_a_gradient_of_gather_has_its_rows() -> None:
    table = tf.Variable([[1.0], [2.0], [4.0]])

    def gradient(ids: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.gather(table, ids) ** 2) + tf.reduce_sum(tf.gather(table, [[0]]))
        return tape.gradient(loss, table)

    found = gradient(tf.constant([2, 2]))
    np.testing.assert_array_equal(found, [[1.0], [0.0], [16.0]])
    rows = rows_of(found)
    assert rows is not None
    pairs = zip(rows.indices.numpy().tolist(), rows.values.numpy().ravel().tolist(), strict=True)
    assert sorted(pairs) == [(0, 1.0), (2, 8.0), (2, 8.0)]
    assert rows_of(2.0 * found) is None


def test_the_limit_of_a_norm_counts_rows_that_occur_twice_as_two() -> None:
    # By hand: both rows are 3, their norm is sqrt(18) and not 6.
    table = tf.Variable([[0.0], [0.0]])
    optimizer = tf.keras.optimizers.SGD(1.0, clipnorm=1.0)
    with tf.GradientTape() as tape:
        loss = 3.0 * tf.reduce_sum(tf.gather(table, [1, 1]))
    optimizer.apply_gradients([(tape.gradient(loss, table), table)])
    np.testing.assert_allclose(table.numpy(), [[0.0], [-2.0 / np.sqrt(2.0)]], rtol=1e-6)
