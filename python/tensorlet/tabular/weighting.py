"""Weights of rows: a column that says how much each row counts."""

from __future__ import annotations

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.values import numbers_of
from tensorlet.tabular.reading.formats import MISSING, is_plain_number
from tensorlet.tabular.reading.second_look import short
from tensorlet.tabular.reading.source import Table
from tensorlet.tabular.table_error import TableError

#: The name of the weights among the arrays of a row on disk.
WEIGHTS = "weights"


def weights_of(table: Table, column: Column) -> np.ndarray:
    """Returns the weights of the rows of a table, of shape [rows], as float64.

    Args:
        table: the table.
        column: the column of the weights.

    Raises:
        TableError: for a value that is missing, negative, infinite or not a number, with its line.
    """
    values = table.data.column(column.name)
    weights = numbers_of(values, column.number_format)
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise TableError(
            table.name,
            _wrong(values[row].as_py(), float(weights[row])),
            _("A weight is a number that is not negative; with 0 a row does not count. Correct the value, or leave "
              "out --weights."),
            None if table.line_of is None else table.line_of(row),
            column.name,
        )  # fmt: skip
    return weights


def _wrong(value: object, weight: float) -> str:
    """Returns what is wrong with a weight."""
    if weight < 0 and np.isfinite(weight):
        return _("the weight is negative: {weight:g}.").format(weight=weight)
    if isinstance(value, str) and value not in MISSING and not is_plain_number(value.strip()):
        return _("the weight '{text}' is not a number.").format(text=short(value))
    if np.isinf(weight):
        return _("the weight is infinite, or beyond 3.4e38.")
    return _("the row has no weight.")


def check_total(weights: np.ndarray, name: str, column: str) -> None:
    """Checks that some rows count.

    Args:
        weights: the weights of the rows of a part.
        name: the name of the table.
        column: the name of the column.

    Raises:
        TableError: if all weights are 0.
    """
    if not weights.any():
        raise TableError(
            name,
            _(
                "the weights are 0 in all rows, or in all of those for training, for validation or for the test."
            ),
            _("Expected some weights greater than 0 in each part. --seed divides the rows in another way."),
            column=column,
        )


def relative(weights: np.ndarray | None) -> np.ndarray | None:
    """Returns weights whose mean is 1, as float32: losses then have the size that they have without weights.

    >>> import numpy as np
    >>> relative(np.array([1.0, 3.0]))
    array([0.5, 1.5], dtype=float32)
    """
    return None if weights is None else (weights / weights.mean()).astype(np.float32)


def weighted_mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Returns the mean of values, each of which counts by its weight."""
    return float(values.mean()) if weights is None else float(np.average(values, weights=weights))


def class_shares(labels: np.ndarray, classes: int, weights: np.ndarray | None) -> np.ndarray:
    """Returns the share of each class."""
    sums = np.bincount(labels, weights, classes)
    return np.asarray(sums / sums.sum())


def effective_rows(weights: np.ndarray) -> float:
    """Returns how many rows of equal weight would be as informative.

    Source: L. Kish, *Survey Sampling*, 1965, section 11.7: ``(sum of w)^2 / (sum of w^2)``.

    >>> import numpy as np
    >>> effective_rows(np.array([2.0, 2.0, 0.0]))
    2.0
    """
    largest = weights.max()
    scaled = weights / largest if largest > 0 else weights
    return float(scaled.sum() ** 2 / (scaled @ scaled)) if largest > 0 else 0.0


def weights_note(name: str, parts: list[np.ndarray]) -> str:
    """Returns a sentence on the weights of the parts: training, validation and test."""
    sums = np.array([part.sum() for part in parts])
    shares = sums / sums.sum()
    return _(
        "The rows count by column '{name}': {train:.0%} of the weight is for training, {validation:.0%} for validation "
        "and {test:.0%} for the test, which is worth {rows:,.0f} rows of the same weight. The confusion matrix and the "
        "chart of the calibration count rows."
    ).format(name=name, train=shares[0], validation=shares[1], test=shares[2], rows=effective_rows(parts[2]))
