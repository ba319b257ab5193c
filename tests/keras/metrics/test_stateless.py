"""Metrics as functions of the values of their variables, and what refuses bad input."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf

metrics = tf.keras.metrics


def test_a_stateless_update_leaves_the_variables() -> None:
    metric = metrics.MeanSquaredError()
    values = [np.float32(4.0), np.float32(1.0)]
    total, count = metric.stateless_update_state(values, [[0.0], [1.0]], [[2.0], [1.0]])
    assert (float(total), float(count)) == (8.0, 3.0)
    assert [float(one) for one in metric.variables] == [0.0, 0.0]
    assert float(metric.stateless_result([total, count])) == pytest.approx(8 / 3)


def test_a_stateless_reset_leaves_the_variables() -> None:
    metric = metrics.Sum()
    metric.update_state([1.0, 2.0])
    assert [float(one) for one in metric.stateless_reset_state()] == [0.0]
    assert float(metric.result()) == 3.0


def test_the_variables_come_back_after_an_error() -> None:
    metric = metrics.Sum()
    metric.update_state([5.0])
    with pytest.raises(ValueError, match="but there are"):
        metric.stateless_result([1.0, 2.0])
    with pytest.raises(ValueError):
        metric.stateless_update_state([1.0], "text")
    assert float(metric.result()) == 5.0


def test_the_best_classes_may_be_given_in_order() -> None:
    metric = metrics.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True)
    assert float(metric([2, 1, 0], [[0, 2, 1], [1, 0, 2], [2, 1, 0]])) == pytest.approx(2 / 3)
    assert metric.k == 2 and metric.get_config()["from_sorted_ids"] is True


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"average": "most"}, "Invalid `average` argument value"),
        ({"beta": 1}, "It should be a Python float"),
        ({"beta": 0.0}, "It should be > 0"),
        ({"threshold": "0.5"}, "It should be a Python float"),
        ({"threshold": 1.5}, "It should verify 0 < threshold <= 1"),
    ],
)
def test_scores_refuse_what_cannot_be_meant(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        metrics.FBetaScore(**options)


def test_a_column_needs_columns() -> None:
    with pytest.raises(ValueError, match="must be a 2D array"):
        metrics.Precision(class_id=1).update_state([0, 1], [0.5, 0.5])
