"""Permutation importance: how much worse a model becomes when a column is shuffled."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tensorlet.tabular.columns.encoder import CATEGORIES, MANY_CATEGORIES, NUMBERS, Encoder
from tensorlet.tabular.measures import TINY
from tensorlet.tabular.weighting import weighted_mean

#: For each column the inputs of the model, and in each the positions, that belong to it.
Places = dict[str, dict[str, list[int]]]
REPEATS = 5
#: With more columns than this, only those are shuffled whose values go most with the answers of the model.
MOST_SHUFFLED = 100


@dataclass
class Importance:
    """How much a column matters.

    Attributes:
        name: the column.
        value: by how much the loss (log-loss, or the mean square error as a share of the variance) grows on average.
        error: the standard error of this mean over the repetitions.
    """

    name: str
    value: float
    error: float

    def to_json(self) -> dict[str, Any]:
        """Returns the attributes as a dictionary."""
        return asdict(self)


def permutation_importance(
    model: Any,
    encoder: Encoder,
    inputs: dict[str, np.ndarray],
    labels: np.ndarray,
    classes: bool,
    seed: int = 0,
    repeats: int = REPEATS,
    weights: np.ndarray | None = None,
) -> list[Importance]:
    """Measures how much the loss grows when the values of one column are shuffled among the rows.

    Args:
        model: a model with the inputs of the encoder.
        encoder: the encoding of the columns.
        inputs: encoded rows.
        labels: their labels.
        classes: whether the labels are classes.
        seed: the seed of the shuffling.
        repeats: the number of times that each column is shuffled.
        weights: how much each row counts; None if all count the same.

    Returns:
        The columns, most important first. With more than `MOST_SHUFFLED`, those that go most with the answers.

    Source: L. Breiman, *Random forests*, 2001, section 10; A. Fisher, C. Rudin, F. Dominici, *All models are wrong,
    but many are useful*, 2019.
    """
    random = np.random.default_rng(seed)

    def answers(values: dict[str, np.ndarray]) -> np.ndarray:
        return np.asarray(model.predict(values, batch_size=4096, verbose=0))

    def loss(found: np.ndarray) -> float:
        if classes:
            losses = -np.log(np.clip(found[np.arange(len(labels)), labels], TINY, 1))
            return weighted_mean(losses, weights)
        return weighted_mean((found[:, 0] - labels) ** 2, weights) / (float(labels.var()) or 1.0)

    unchanged = answers(inputs)
    base = loss(unchanged)
    result = []
    for name, places in _candidates(places_of(encoder), inputs, unchanged).items():
        growth = []
        for _repeat in range(repeats):
            order = random.permutation(len(labels))
            shuffled = dict(inputs)
            for group, columns in places.items():
                changed = inputs[group].copy()
                changed[:, columns] = inputs[group][order][:, columns]
                shuffled[group] = changed
            growth.append(loss(answers(shuffled)) - base)
        result.append(Importance(name, float(np.mean(growth)), float(np.std(growth) / np.sqrt(repeats))))
    return sorted(result, key=lambda one: -one.value)


def _candidates(places: Places, inputs: dict[str, np.ndarray], answers: np.ndarray) -> Places:
    """Returns the columns that are shuffled: all, or those that explain most of the variance of an answer."""
    if len(places) <= MOST_SHUFFLED:
        return places
    centered = answers - answers.mean(0)
    total = (centered**2).sum(0)
    centered = centered[:, total > 0] / np.sqrt(total[total > 0])
    explained = {
        group: _of_numbers(array, centered) if group == NUMBERS else _of_codes(array, centered)
        for group, array in inputs.items()
    }
    worth = {
        name: max(explained[group][columns].max() for group, columns in found.items() if columns)
        for name, found in places.items()
    }
    kept = set(sorted(worth, key=lambda name: -worth[name])[:MOST_SHUFFLED])
    return {name: found for name, found in places.items() if name in kept}


def _of_numbers(numbers: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Returns the largest squared correlation of each column with an answer."""
    if not answers.shape[1]:
        return np.zeros(numbers.shape[1])
    centered = numbers - numbers.mean(0)
    lengths = np.maximum((centered**2).sum(0), TINY)
    return np.asarray(((centered.T @ answers) ** 2).max(1) / lengths)


def _of_codes(codes: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Returns for each column the largest share of the variance of an answer that the means of its codes explain."""
    found = np.zeros(codes.shape[1])
    for column in range(codes.shape[1] if answers.shape[1] else 0):
        _known, numbers = np.unique(codes[:, column], return_inverse=True)
        counts = np.bincount(numbers)
        sums = np.stack([np.bincount(numbers, answer) for answer in answers.T])
        found[column] = (sums**2 / counts).sum(1).max()
    return found


def places_of(encoder: Encoder) -> Places:
    """Returns for each column the inputs of the model, and in each the positions, that belong to it."""
    found: dict[str, dict[str, list[int]]] = {}
    used = {NUMBERS: 0, CATEGORIES: 0, MANY_CATEGORIES: 0}
    for column in encoder.columns:
        group = encoder.group_of(column)
        count = len(encoder.parts[column.name]) if group == NUMBERS else 1
        found[column.name] = {group: list(range(used[group], used[group] + count))}
        used[group] += count
    return found
