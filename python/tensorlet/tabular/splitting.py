"""Division of the rows into training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensorlet.localization import translate as _


@dataclass
class Split:
    """The numbers of the rows for training, for validation (when to stop, which model) and for the test.

    Attributes:
        train, validation, test: numbers of rows.
        how: how the rows were divided, as a sentence.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    how: str = ""


def split_rows(
    labels: np.ndarray,
    classes: int = 0,
    seed: int = 0,
    test_share: float = 0.2,
    validation_share: float = 0.15,
    times: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Split:
    """Divides rows.

    Args:
        labels: the labels of the rows.
        classes: the number of classes; 0 for a number. Each class is divided in the same proportion.
        seed: the seed of the random order.
        test_share, validation_share: the shares of all rows.
        times: for each row its time: the latest rows are for the test, and the latest before them for validation.
        groups: for each row its group: no group is in two parts.

    >>> import numpy as np
    >>> split = split_rows(np.arange(10) % 2, classes=2, test_share=0.2, validation_share=0.2)
    >>> len(split.train), len(split.validation), len(split.test)
    (6, 2, 2)
    """
    count = len(labels)
    shares = (validation_share, test_share)
    if times is not None:
        order = np.argsort(times, kind="stable")
        test = max(1, round(count * test_share))
        validation = max(1, round(count * validation_share))
        return Split(
            order[: count - test - validation],
            order[count - test - validation : count - test],
            order[count - test :],
            _("by time: the latest rows are the test"),
        )
    random = np.random.default_rng(seed)
    if groups is not None:
        return _by_group(groups, random, shares)
    strata = [np.flatnonzero(labels == label) for label in range(classes)] if classes else [np.arange(count)]
    parts: list[list[np.ndarray]] = [[], [], []]
    for rows in strata:
        rows = random.permutation(rows)
        test, validation = _sizes(len(rows), test_share), _sizes(len(rows), validation_share)
        parts[2].append(rows[:test])
        parts[1].append(rows[test : test + validation])
        parts[0].append(rows[test + validation :])
    how = (
        _("at random, in the same proportions for each class (seed {seed})")
        if classes
        else _("at random (seed {seed})")
    )
    train, validation_rows, test_rows = (random.permutation(np.concatenate(part)) for part in parts)
    return Split(train, validation_rows, test_rows, how.format(seed=seed))


def _sizes(count: int, share: float) -> int:
    """Returns how many of the rows of a class go to a part: none of a single row, and one of few."""
    if count < 3:
        return 0
    return max(1, round(count * share))


def _by_group(groups: np.ndarray, random: np.random.Generator, shares: tuple[float, float]) -> Split:
    names = random.permutation(np.unique(groups))
    sizes = {name: int((groups == name).sum()) for name in names}
    parts: tuple[list[object], list[object], list[object]] = ([], [], [])
    wanted, filled = [len(groups) * share for share in shares], [0, 0]
    for name in names:
        part = next((index for index in (1, 0) if filled[index] < wanted[index]), -1)
        if part >= 0:
            filled[part] += sizes[name]
        parts[part + 1].append(name)
    rows = [np.flatnonzero(np.isin(groups, np.array(part, groups.dtype))) for part in parts]
    return Split(random.permutation(rows[0]), rows[1], rows[2], _("by group: no group is in two parts"))
