"""`search`: successive halving.

Source: K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", 2016.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.population.train_many import train_many
from tensorlet.tune.outcome import Outcome, Trial
from tensorlet.tune.perceptrons import SPACE, Perceptron
from tensorlet.tune.space import Space, check, draw
from tensorlet.tune.tasks import Data, Task, value_of
from tensorlet.tune.workers import Workers, open_workers

#: The rows in a batch if the space does not say.
BATCH_SIZE = 32
#: Whole numbers with at most so many different values are classes.
MOST_CLASSES = 1000
#: The share of the rows for validation if none are given.
VALIDATION_SHARE = 0.2

#: Called after each rung with the number of epochs, the trials that got there, best first, and the time in seconds.
Progress = Callable[[int, list[Trial], float], None]


class _Candidate(NamedTuple):
    configuration: dict[str, Any]
    seed: int


def search(
    data: Any,
    space: Space | None = None,
    *,
    build: Callable[..., Any] | None = None,
    validation_data: Any = None,
    trials: int = 27,
    epochs: int = 27,
    factor: int = 3,
    objective: str = "val_loss",
    repeats: int = 5,
    seed: int = 0,
    executor: object = None,
    progress: Progress | None = None,
) -> Outcome:
    """Searches for the best configuration by successive halving.

    All trials are trained for a few epochs; the best one in ``factor`` gets ``factor`` times as many, and so on up to
    ``epochs``. A trial starts anew with its seed each time, so its result depends on its configuration, its seed and
    the number of epochs only, and not on where it runs. In the end the best configuration is trained with other seeds.

    Args:
        data: ``(x, y)`` or ``(x, y, sample_weight)``: arrays with one row per example.
        space: for each argument of ``build`` a list of values, a `Range` or a `LogRange`; ``batch_size`` may be among
            them. By default `SPACE`.
        build: a function that returns a compiled model; by default a `Perceptron` for the data. For other processes it
            must be possible to pickle it.
        validation_data: the same as ``data``; by default a fifth of its rows, chosen with the seed.
        trials: the number of configurations.
        epochs: the number of epochs of the last rung.
        factor: one trial in ``factor`` gets to the next rung.
        objective: a name in the history. More of it is better if it is an accuracy, a precision, an area or such.
        repeats: the number of seeds with which the best configuration is trained in the end.
        seed: the seed of the configurations; that of trial ``i`` is ``seed + i``.
        executor: where to train; see `open_workers`.
        progress: called after each rung.

    Returns:
        The `Outcome`: ``best``, ``interval``, ``trials`` with their curves, ``model``.

    Raises:
        InvalidArgumentError: for arguments that cannot be used.
    """
    started = time.perf_counter()
    _check(trials=trials, epochs=epochs, repeats=repeats)
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 2:
        raise InvalidArgumentError(f"search: factor is {factor!r}, expected an integer of at least 2.")
    rows = divided(data, validation_data, seed)
    build = build or perceptron_for(rows)
    space = SPACE if space is None else space
    check(space)
    drawn = draw(space, trials, seed)
    candidates = [_Candidate(one, seed + number) for number, one in enumerate(drawn)]
    greater = more_is_better(objective)
    workers = open_workers(executor)
    found: list[Trial] = []
    try:
        for count in rungs(len(candidates), epochs, factor):
            reached = _rung(workers, rows, build, candidates, count, (objective, greater))
            found = [*sorted(reached, key=lambda one: one.value), *_others(found, reached)]
            if progress is not None:
                progress(count, found[: len(reached)], time.perf_counter() - started)
            kept = [_Candidate(dict(one.configuration), one.seed) for one in found[: len(reached)]]
            candidates = kept[: max(1, len(kept) // factor)]
    finally:
        workers.close()
    shown = [one._replace(value=-one.value) for one in found] if greater else found
    outcome = Outcome(objective, greater, shown)
    _repeat(outcome, rows, build, epochs, repeats, seed + trials)
    outcome.seconds = time.perf_counter() - started
    return outcome


def rungs(trials: int, epochs: int, factor: int) -> list[int]:
    """The numbers of epochs of the rungs: few enough that at least one trial reaches each.

    >>> rungs(27, 27, 3), rungs(5, 20, 3), rungs(1, 10, 3)
    ([1, 3, 9, 27], [6, 20], [10])
    """
    found = [epochs]
    left = trials
    while left >= factor and found[0] > 1:
        left //= factor
        found.insert(0, max(1, found[0] // factor))
    return found


def more_is_better(objective: str) -> bool:
    """Whether more of an objective is better, by its name.

    >>> more_is_better("val_accuracy"), more_is_better("val_loss")
    (True, False)
    """
    parts = ("acc", "auc", "precision", "recall", "f1", "r2", "iou", "similarity")
    return any(part in objective.lower() for part in parts)


def divided(data: Any, validation_data: Any, seed: int) -> Data:
    """The rows for training and for validation.

    Raises:
        ShapeError: if the data are not ``(x, y)`` or ``(x, y, sample_weight)``.
    """
    for name, value in (("data", data), ("validation_data", validation_data)):
        if value is not None and not (isinstance(value, list | tuple) and 2 <= len(value) <= 3):
            raise ShapeError(f"search: {name} must be (x, y) or (x, y, sample_weight).")
    if validation_data is not None:
        return Data(tuple(data), tuple(validation_data))
    count = len(data[1])
    order = np.random.default_rng(seed).permutation(count)
    held = max(1, int(VALIDATION_SHARE * count))
    if count < 2:
        raise ShapeError(f"search: there are {count} rows, expected at least 2.")
    parts = [_rows_of(part, order) for part in data]
    return Data(
        tuple(_slice(part, slice(held, None)) for part in parts),
        tuple(_slice(part, slice(0, held)) for part in parts),
    )


def _rows_of(part: Any, order: np.ndarray) -> Any:
    if isinstance(part, dict):
        return {name: np.asarray(array)[order] for name, array in part.items()}
    return np.asarray(part)[order]


def _slice(part: Any, rows: slice) -> Any:
    if isinstance(part, dict):
        return {name: array[rows] for name, array in part.items()}
    return part[rows]


def perceptron_for(rows: Data) -> Perceptron:
    """The perceptrons for arrays: whole labels are classes.

    Raises:
        ShapeError: if x has another number of axes than 2.
    """
    x, y = np.asarray(rows.training[0]), np.asarray(rows.training[1])
    if x.ndim != 2:
        raise ShapeError(
            f"search: x has the shape {x.shape}, expected [rows, features]. Pass a function that builds a model."
        )
    whole = y.ndim == 1 and y.dtype.kind in "biu" and len(y) > 0
    if whole and int(y.min()) >= 0 and int(y.max()) < MOST_CLASSES:
        return Perceptron(x.shape[1], max(int(y.max()), int(np.max(rows.validation[1]))) + 1)
    return Perceptron(x.shape[1], 0, 1 if y.ndim == 1 else y.shape[1])


def _rung(
    workers: Workers,
    rows: Data,
    build: Callable[..., Any],
    candidates: Sequence[_Candidate],
    epochs: int,
    objective: tuple[str, bool],
) -> list[Trial]:
    """Trains candidates for some epochs."""
    groups: dict[int, list[_Candidate]] = {}
    for one in candidates:
        groups.setdefault(int(one.configuration.get("batch_size", BATCH_SIZE)), []).append(one)
    pieces = []
    for size, group in groups.items():
        share = len(group) if workers.count == 1 else max(1, -(-len(group) // (2 * workers.count)))
        pieces += [(size, group[start : start + share]) for start in range(0, len(group), share)]
    tasks = [Task(build, [_arguments(one) for one in piece], [one.seed for one in piece], epochs, size)
             for size, piece in pieces]  # fmt: skip
    name, greater = objective
    found = []
    for (_, piece), histories in zip(pieces, workers.run(rows, tasks), strict=True):
        for one, history in zip(piece, histories, strict=True):
            if name not in history:
                raise InvalidArgumentError(
                    f"search: objective is '{name}', but the history has {', '.join(history)}."
                )
            found.append(
                Trial(one.configuration, one.seed, epochs, history, value_of(history, name, epochs, greater))
            )
    return found


def _others(before: Sequence[Trial], reached: Sequence[Trial]) -> list[Trial]:
    """The trials that did not get to the last rung."""
    seeds = {one.seed for one in reached}
    return [one for one in before if one.seed not in seeds]


def _arguments(one: _Candidate) -> dict[str, Any]:
    return {name: value for name, value in one.configuration.items() if name != "batch_size"}


def _repeat(
    outcome: Outcome, rows: Data, build: Callable[..., Any], epochs: int, repeats: int, seed: int
) -> None:
    """Trains the best configuration with other seeds."""
    best = _Candidate(dict(outcome.best.configuration), seed)
    trained = train_many(
        build,
        [_arguments(best)] * repeats,
        rows.training,
        epochs=epochs,
        batch_size=int(best.configuration.get("batch_size", BATCH_SIZE)),
        validation_data=rows.validation,
        seeds=seed,
    )
    outcome.repeats = [one.history.history[outcome.objective][-1] for one in trained]
    outcome.model = trained[0].model


def _check(**given: object) -> None:
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InvalidArgumentError(f"search: {name} is {value!r}, expected an integer of at least 1.")
