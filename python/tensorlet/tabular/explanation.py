"""Why a model answers as it does: partial dependence, and Shapley values of one row."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.encoder import Encoder
from tensorlet.tabular.columns.values import date_text
from tensorlet.tabular.importance import places_of
from tensorlet.tabular.model import TabularModel

#: With up to this many columns, Shapley values are exact: all sets of columns are tried.
EXACT = 11
#: The number of rows that stand for "the column is unknown".
BACKGROUND = 64
#: The number of pairs of orders of the columns that are drawn with more columns.
PAIRS = 300
#: The number of values of a column for which the partial dependence is computed.
POINTS = 11

Inputs = dict[str, np.ndarray]


@dataclass
class Contribution:
    """How much a column contributes to the answer for one row.

    Attributes:
        name: the column.
        value: its value in the row, as text.
        amount: its Shapley value, in the unit of the answer.
        error: the standard error of a sampled value; 0 for exact ones.
    """

    name: str
    value: str
    amount: float
    error: float


@dataclass
class RowExplanation:
    """Why a model answers as it does for one row.

    Attributes:
        output: what is explained: the name of the class whose probability it is; "" for a number.
        answer: the answer for the row.
        average: the mean answer for the background rows. The amounts add up to ``answer - average``.
        contributions: the columns, the largest amount first.
        exact: whether all sets of columns were tried.
    """

    output: str
    answer: float
    average: float
    contributions: list[Contribution]
    exact: bool


def explain_row(
    model: TabularModel, row: Inputs, background: Inputs, values: dict[str, str], seed: int = 0
) -> RowExplanation:
    """Divides the answer for a row among its columns.

    The Shapley value of a column is its mean contribution over all orders in which the columns can become known. A
    column that is not known yet has the values of the background rows.

    Args:
        model: the model.
        row: the encoded row, with one row in each array.
        background: encoded rows.
        values: the values of the row as text, by column.
        seed: the seed of the sampling.

    Source: L. S. Shapley, *A value for n-person games*, 1953; E. Štrumbelj, I. Kononenko, *Explaining prediction models
    and individual predictions with feature contributions*, 2014 (the sampling).
    """
    encoder = model.encoder
    places = list(places_of(encoder).values())
    output = int(_outputs(model, row)[0].argmax()) if model.classes else 0

    def answers(inputs: Inputs) -> np.ndarray:
        return _outputs(model, inputs)[:, output].astype(np.float64)

    count = len(places)
    if count <= EXACT:
        amounts, errors = _exact(answers, row, background, places), np.zeros(count)
    else:
        amounts, errors = _sampled(answers, row, background, places, seed)
    names = [column.name for column in encoder.columns]
    found = [
        Contribution(name, values.get(name, ""), float(amount), float(error))
        for name, amount, error in zip(names, amounts, errors, strict=True)
    ]
    found.sort(key=lambda one: -abs(one.amount))
    title = model.classes[output] if model.classes else ""
    return RowExplanation(
        title, float(answers(row)[0]), float(answers(background).mean()), found, count <= EXACT
    )


def _outputs(model: TabularModel, inputs: Inputs) -> np.ndarray:
    found = np.asarray(model.model.predict(inputs, batch_size=8192, verbose=0))
    return found.reshape(len(found), -1)


def _mixed(row: Inputs, background: Inputs, known: np.ndarray, places: list[dict[str, list[int]]]) -> Inputs:
    """Returns rows whose known columns are those of the row, and whose others are those of the background.

    Args:
        row: the row.
        background: one row for each row of the result.
        known: of shape [rows, columns].
        places: for each column its inputs and positions.
    """
    mixed = {name: array.copy() for name, array in background.items()}
    for column, groups in enumerate(places):
        rows = np.flatnonzero(known[:, column])
        for group, positions in groups.items():
            mixed[group][np.ix_(rows, np.array(positions))] = row[group][0, positions]
    return mixed


def _exact(
    answers: Callable[[Inputs], np.ndarray],
    row: Inputs,
    background: Inputs,
    places: list[dict[str, list[int]]],
) -> np.ndarray:
    count, rows = len(places), len(next(iter(background.values())))
    sets = (np.arange(1 << count)[:, None] >> np.arange(count)) & 1
    worth = np.empty(len(sets))
    step = max(1, 65_536 // rows)
    for start in range(0, len(sets), step):
        part = sets[start : start + step].astype(bool)
        repeated = {name: np.tile(array, (len(part), 1)) for name, array in background.items()}
        mixed = _mixed(row, repeated, np.repeat(part, rows, axis=0), places)
        worth[start : start + step] = answers(mixed).reshape(len(part), rows).mean(1)
    sizes = sets.sum(1)
    weights = np.array(
        [math.factorial(k) * math.factorial(count - k - 1) / math.factorial(count) for k in range(count)]
    )
    amounts = np.empty(count)
    for column in range(count):
        without = np.flatnonzero(sets[:, column] == 0)
        gains = worth[without | (1 << column)] - worth[without]
        amounts[column] = (weights[sizes[without]] * gains).sum()
    return amounts


def _sampled(
    answers: Callable[[Inputs], np.ndarray],
    row: Inputs,
    background: Inputs,
    places: list[dict[str, list[int]]],
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Draws orders of the columns in pairs, an order and its reverse, and returns means and standard errors."""
    random = np.random.default_rng(seed)
    count, rows = len(places), len(next(iter(background.values())))
    gains = np.empty((PAIRS, 2, count))
    for pair in range(PAIRS):
        order = random.permutation(count)
        other = int(random.integers(rows))
        for turn, sequence in enumerate((order, order[::-1])):
            known = np.zeros((count + 1, count), bool)
            for step, column in enumerate(sequence):
                known[step + 1 :, column] = True
            start = {
                name: np.repeat(array[other : other + 1], count + 1, axis=0)
                for name, array in background.items()
            }
            gains[pair, turn, sequence] = np.diff(answers(_mixed(row, start, known, places)))
    means = gains.mean(1)
    return means.mean(0), means.std(0, ddof=1) / math.sqrt(PAIRS)


def partial_dependence(model: TabularModel, inputs: Inputs, column: Column) -> tuple[list[str], np.ndarray]:
    """Returns the mean answer when a column has one value in all rows.

    Args:
        model: the model.
        inputs: encoded rows.
        column: the column.

    Returns:
        Values of the column as text, and the mean outputs, of shape [values, classes] or [values, 1].

    Source: J. H. Friedman, *Greedy function approximation: a gradient boosting machine*, 2001, section 8.2.
    """
    values, texts = _values_of(column)
    places = places_of(model.encoder)[column.name]
    encoded = _column_alone(model.encoder, column, values)
    means = []
    for index in range(len(values)):
        changed = dict(inputs)
        for group, positions in places.items():
            copy = inputs[group].copy()
            copy[:, positions] = encoded[group][index, positions]
            changed[group] = copy
        means.append(_outputs(model, changed).mean(0))
    return texts, np.array(means)


def _values_of(column: Column) -> tuple[list[Any], list[str]]:
    if column.kind == "category":
        return column.categories[:POINTS], column.categories[:POINTS]
    if column.kind == "boolean":
        return [False, True], column.categories or ["false", "true"]
    spread = np.linspace(column.minimum, column.maximum, POINTS).tolist()
    if column.kind == "date":
        days = [date_text(value) for value in spread]
        return days, days
    if column.is_whole and column.maximum - column.minimum < POINTS:
        spread = [float(value) for value in range(int(column.minimum), int(column.maximum) + 1)]
    return spread, [f"{value:.4g}" for value in spread]


def _column_alone(encoder: Encoder, column: Column, values: list[Any]) -> Inputs:
    """Encodes rows that have a value in one column only."""
    if column.kind == "date":
        plain = replace(column, date_format=None)
        encoder = Encoder([plain if one is column else one for one in encoder.columns])
    return encoder.encode_rows([{column.name: value} for value in values]).arrays
