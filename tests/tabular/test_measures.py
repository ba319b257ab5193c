"""Measures against scikit-learn's, and intervals against worked examples."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from tensorlet.tabular.measures import (
    calibration_bins,
    class_measures,
    confusion_matrix,
    number_measures,
    wilson,
)


def predictions(rows=400, classes=4):
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, rows)
    logits = random.normal(size=(rows, classes)) + 1.5 * np.eye(classes)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return labels, probabilities


def test_measures_of_classes_are_those_of_scikit_learn():
    labels, probabilities = predictions()
    found = class_measures(labels, probabilities)
    predicted = probabilities.argmax(1)
    assert found["accuracy"].value == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert found["balanced_accuracy"].value == pytest.approx(
        metrics.balanced_accuracy_score(labels, predicted)
    )
    assert found["macro_f1"].value == pytest.approx(metrics.f1_score(labels, predicted, average="macro"))
    assert found["log_loss"].value == pytest.approx(metrics.log_loss(labels, probabilities))
    assert np.array_equal(confusion_matrix(labels, predicted, 4), metrics.confusion_matrix(labels, predicted))


def test_measures_of_numbers_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    truth = random.normal(10, 3, 300)
    guess = truth + random.normal(size=300)
    found = number_measures(truth, guess)
    assert found["r2"].value == pytest.approx(metrics.r2_score(truth, guess))
    assert found["mae"].value == pytest.approx(metrics.mean_absolute_error(truth, guess))
    assert found["rmse"].value == pytest.approx(metrics.root_mean_squared_error(truth, guess))


def test_calibration():
    labels = np.array([0, 0, 0, 1])
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.75, 0.25], [0.75, 0.25]])
    # Two rows of 0.95 that are right, two of 0.75 of which one is: (0.05 * 2 + 0.25 * 2) / 4.
    assert class_measures(labels, probabilities)["calibration_error"].value == pytest.approx(0.15)
    assert calibration_bins(labels, probabilities) == [
        {"confidence": 0.75, "accuracy": 0.5, "rows": 2},
        {"confidence": 0.95, "accuracy": 1.0, "rows": 2},
    ]


def test_wilson():
    # The example of 81 of 263 in R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998.
    assert [round(end, 4) for end in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(end, 4) for end in wilson(0, 20)] == [0.0, 0.1611]


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(1)
    covered = 0
    for run in range(60):
        labels = random.integers(0, 2, 150)
        right = random.random(150) < 0.8
        probabilities = np.eye(2)[np.where(right, labels, 1 - labels)] * 0.8 + 0.1
        one = class_measures(labels, probabilities, run)["balanced_accuracy"]
        covered += one.low <= 0.8 <= one.high
    assert 52 <= covered <= 60
    assert class_measures(labels, probabilities)["macro_f1"].method == "bootstrap"


def test_more_rows_give_narrower_intervals():
    few, many = (number_measures(np.arange(n) % 7, np.arange(n) % 5)["mae"] for n in (50, 5000))
    assert many.high - many.low < 0.2 * (few.high - few.low)
    assert few.standard_error == pytest.approx((few.high - few.low) / 3.92, rel=1e-3)
