"""What a worker does: it trains some configurations on data that it has been sent once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tensorlet.keras.population.train_many import train_many


class Data(NamedTuple):
    """The rows of a search.

    Attributes:
        training: ``(x, y)`` or ``(x, y, sample_weight)``.
        validation: the same.
    """

    training: tuple[Any, ...]
    validation: tuple[Any, ...]


class Task(NamedTuple):
    """Configurations with the same number of epochs and of rows in a batch.

    Attributes:
        build: the function that builds a compiled model.
        configurations: its arguments.
        seeds: the seed of each.
        epochs: the number of epochs.
        batch_size: the number of rows in a batch.
    """

    build: Callable[..., Any]
    configurations: list[dict[str, Any]]
    seeds: list[int]
    epochs: int
    batch_size: int


#: The histories of the configurations of a task.
Histories = list[dict[str, list[float]]]
#: The data that this process has been sent, by the token of the search.
_kept: dict[str, Data] = {}
#: Data of more searches are forgotten, the oldest first.
MOST_KEPT = 2


def run(data: Data, task: Task) -> Histories:
    """Trains the configurations of a task."""
    trained = train_many(
        task.build,
        task.configurations,
        data.training,
        epochs=task.epochs,
        batch_size=task.batch_size,
        validation_data=data.validation,
        seeds=task.seeds,
    )
    return [{name: list(values) for name, values in one.history.history.items()} for one in trained]


def run_with_token(token: str, data: Data | None, task: Task) -> Histories | None:
    """Trains on the data of a token; None if this process does not have them and they do not come with the task."""
    if data is not None:
        while len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[token] = data
    known = _kept.get(token)
    return None if known is None else run(known, task)


def value_of(history: Mapping[str, list[float]], objective: str, epochs: int, greater: bool) -> float:
    """The objective after the last epoch, so that less is better; infinite for a model that has diverged.

    Raises:
        KeyError: if the history lacks it.
    """
    values = history[objective]
    if len(values) < epochs or not np.isfinite(values[-1]):
        return float("inf")
    return -values[-1] if greater else values[-1]
