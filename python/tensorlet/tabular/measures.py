"""Measures of predictions with confidence intervals.

Intervals are of 95 %. That of the accuracy is Wilson's (E. B. Wilson, *Probable inference, the law of succession, and
statistical inference*, 1927); those of all other measures are percentiles of bootstrap samples of the rows (B. Efron,
*Bootstrap methods*, 1979).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tensorlet.tabular.weighting import effective_rows, weighted_mean

#: The quantile of the normal distribution for 95 %.
Z = 1.959963984540054
#: The number of bootstrap samples, and of rows drawn in all.
SAMPLES, MOST_DRAWN = 1000, 10_000_000
BINS = 10
#: Probabilities are not taken to be smaller than this.
TINY = 1e-7


@dataclass
class Measure:
    """A measure with its interval.

    Attributes:
        value: the measure on the test rows.
        low, high: the ends of the interval of 95 %.
        method: "Wilson" or "bootstrap".
    """

    value: float
    low: float
    high: float
    method: str

    @property
    def standard_error(self) -> float:
        """The standard error that the width of the interval corresponds to."""
        return (self.high - self.low) / (2 * Z)


def wilson(right: float, count: float) -> tuple[float, float]:
    """Returns Wilson's interval of a share.

    >>> [round(end, 3) for end in wilson(9, 10)]
    [0.596, 0.982]
    """
    if count == 0:
        return 0.0, 1.0
    share, square = right / count, Z * Z
    middle = share + square / (2 * count)
    half = Z * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    return max(0.0, (middle - half) / (1 + square / count)), min(1.0, (middle + half) / (1 + square / count))


def class_measures(
    labels: np.ndarray, probabilities: np.ndarray, seed: int = 0, weights: np.ndarray | None = None
) -> dict[str, Measure]:
    """Measures the predictions of classes.

    Args:
        labels: the indices of the true classes, of shape [rows].
        probabilities: of shape [rows, classes].
        seed: the seed of the bootstrap samples.
        weights: how much each row counts, of shape [rows]; None if all count the same.

    Returns:
        accuracy, balanced_accuracy (the mean of the recalls), macro_f1, log_loss, and calibration_error: the
        expected calibration error over ten bins of the largest probability (Naeini et al., 2015).

    >>> import numpy as np
    >>> found = class_measures(np.array([0, 1, 1, 0]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]]))
    >>> round(found["accuracy"].value, 3), round(found["log_loss"].value, 3)
    (0.75, 0.4)
    """
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(1)
    right = predicted == labels
    losses = -np.log(np.clip(probabilities[np.arange(len(labels)), labels], TINY, 1.0))
    confidence = probabilities.max(1)
    pairs = labels * classes + predicted
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)

    def all_measures(rows: np.ndarray | slice) -> list[float]:
        count = None if weights is None else weights[rows]
        table = np.bincount(pairs[rows], count, classes * classes).reshape(classes, classes)
        return [
            *_from_table(table),
            weighted_mean(losses[rows], count),
            _calibration_error(bins[rows], confidence[rows], right[rows], count),
        ]

    names = ("balanced_accuracy", "macro_f1", "log_loss", "calibration_error")
    share = weighted_mean(right, weights)
    count = len(right) if weights is None else effective_rows(weights)
    low, high = wilson(share * count, count)
    accuracy = Measure(share, low, high, "Wilson")
    return {"accuracy": accuracy, **_bootstrapped(names, all_measures, len(labels), seed, weights)}


def _from_table(table: np.ndarray) -> tuple[float, float]:
    """Returns the balanced accuracy and the macro F1 of a confusion matrix; only classes that occur count."""
    truth, guess, hits = table.sum(1), table.sum(0), np.diag(table)
    present = truth > 0
    recall = hits[present] / truth[present]
    occurs = (truth + guess) > 0
    f1 = 2 * hits[occurs] / (truth + guess)[occurs]
    return float(recall.mean()), float(f1.mean())


def _calibration_error(
    bins: np.ndarray, confidence: np.ndarray, right: np.ndarray, weights: np.ndarray | None
) -> float:
    counts = np.bincount(bins, weights, BINS)
    if weights is not None:
        confidence, right = confidence * weights, right * weights
    gaps = np.bincount(bins, confidence, BINS) - np.bincount(bins, right, BINS)
    return float(np.abs(gaps).sum() / counts.sum())


def calibration_bins(labels: np.ndarray, probabilities: np.ndarray) -> list[dict[str, float]]:
    """Returns for each bin of the largest probability that has rows: its mean, the share that is right, the rows."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        {
            "confidence": float(confidence[bins == one].mean()),
            "accuracy": float(right[bins == one].mean()),
            "rows": int((bins == one).sum()),
        }
        for one in range(BINS)
        if (bins == one).any()
    ]


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Returns how many rows of each class (rows) were taken for each class (columns).

    >>> import numpy as np
    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    array([[1, 0],
           [1, 1]])
    """
    return np.bincount(labels * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def number_measures(
    labels: np.ndarray, predicted: np.ndarray, seed: int = 0, weights: np.ndarray | None = None
) -> dict[str, Measure]:
    """Measures the predictions of a number.

    Args:
        labels: the true numbers, of shape [rows].
        predicted: the predictions, of shape [rows].
        seed: the seed of the bootstrap samples.
        weights: how much each row counts, of shape [rows]; None if all count the same.

    Returns:
        r2 (the share of the variance that is explained), mae (mean absolute error), rmse (root of the mean square).

    >>> import numpy as np
    >>> found = number_measures(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    >>> [round(one.value, 3) for one in found.values()]
    [0.5, 0.333, 0.577]
    """
    labels, predicted = np.asarray(labels, np.float64), np.asarray(predicted, np.float64)
    errors = predicted - labels

    def all_measures(rows: np.ndarray | slice) -> list[float]:
        count = None if weights is None else weights[rows]
        squares = weighted_mean(errors[rows] ** 2, count)
        mean = weighted_mean(labels[rows], count)
        variance = weighted_mean((labels[rows] - mean) ** 2, count)
        r2 = 1 - squares / variance if variance > 0 else 0.0
        return [r2, weighted_mean(np.abs(errors[rows]), count), math.sqrt(squares)]

    return _bootstrapped(("r2", "mae", "rmse"), all_measures, len(labels), seed, weights)


def _bootstrapped(
    names: tuple[str, ...],
    measure: Callable[[np.ndarray | slice], list[float]],
    count: int,
    seed: int,
    weights: np.ndarray | None = None,
) -> dict[str, Measure]:
    random = np.random.default_rng(seed)
    samples = max(100, min(SAMPLES, MOST_DRAWN // max(count, 1)))
    found = (random.integers(0, count, count) for _ in range(samples))
    # A sample without a row that counts says nothing.
    drawn = np.array([measure(rows) for rows in found if weights is None or weights[rows].any()])
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    values = measure(slice(None))
    return {
        name: Measure(values[index], float(low[index]), float(high[index]), "bootstrap")
        for index, name in enumerate(names)
    }
