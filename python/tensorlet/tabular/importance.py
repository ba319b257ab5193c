"""Permutation importance: how much worse a model becomes when a column is shuffled."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tensorlet.tabular.columns.encoder import CATEGORIES, MANY_CATEGORIES, NUMBERS, Encoder
from tensorlet.tabular.measures import TINY

REPEATS = 5


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

    Returns:
        The columns, most important first.

    Source: L. Breiman, *Random forests*, 2001, section 10; A. Fisher, C. Rudin, F. Dominici, *All models are wrong,
    but many are useful*, 2019.
    """
    random = np.random.default_rng(seed)

    def loss(values: dict[str, np.ndarray]) -> float:
        found = np.asarray(model.predict(values, batch_size=4096, verbose=0))
        if classes:
            return float(-np.log(np.clip(found[np.arange(len(labels)), labels], TINY, 1)).mean())
        return float(((found[:, 0] - labels) ** 2).mean() / (labels.var() or 1.0))

    base = loss(inputs)
    result = []
    for name, places in places_of(encoder).items():
        growth = []
        for _repeat in range(repeats):
            order = random.permutation(len(labels))
            shuffled = dict(inputs)
            for group, columns in places.items():
                changed = inputs[group].copy()
                changed[:, columns] = inputs[group][order][:, columns]
                shuffled[group] = changed
            growth.append(loss(shuffled) - base)
        result.append(Importance(name, float(np.mean(growth)), float(np.std(growth) / np.sqrt(repeats))))
    return sorted(result, key=lambda one: -one.value)


def places_of(encoder: Encoder) -> dict[str, dict[str, list[int]]]:
    """Returns for each column the inputs of the model, and in each the positions, that belong to it."""
    found: dict[str, dict[str, list[int]]] = {}
    used = {NUMBERS: 0, CATEGORIES: 0, MANY_CATEGORIES: 0}
    for column in encoder.columns:
        group = encoder.group_of(column)
        count = len(encoder.parts[column.name]) if group == NUMBERS else 1
        found[column.name] = {group: list(range(used[group], used[group] + count))}
        used[group] += count
    return found
