"""The rows of an epoch: their order and their division into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tensorlet.backends.dispatch import permutation
from tensorlet.core import random_state
from tensorlet.data.row_numbers import Block, as_numbers
from tensorlet.errors import warn_user
from tensorlet.localization import translate as _


@dataclass(frozen=True)
class EpochSettings:
    """The settings for the batches of each epoch.

    Attributes:
        batch_size: the number of rows in a batch; input that yields batches has its own.
        steps: the number of batches in an epoch; None for all of them.
        shuffle: whether to use the rows of arrays in a new random order in each epoch.
        restart: whether to start each epoch at the first batch, even if ``steps`` did not use all of them.
        epochs: the number of planned epochs; arrays are repeated this often.
    """

    batch_size: int
    steps: int | None = None
    shuffle: bool = False
    restart: bool = False
    epochs: int = 1


class Group(NamedTuple):
    """Batches of one size, of which the last may be smaller, so that one call of the backend can run them.

    Attributes:
        order: the row indices, batch after batch; None for the first rows in their stored order.
        rows: the number of rows.
        batch_size: the number of rows in a batch.
        steps: the number of batches.
    """

    order: np.ndarray | None
    rows: int
    batch_size: int
    steps: int

    def numbers(self) -> np.ndarray:
        """Returns the row indices as an array."""
        return np.arange(self.rows) if self.order is None else self.order

    def batches(self) -> Iterator[slice | np.ndarray]:
        """Yields the rows of each batch."""
        for rows in row_ranges(self.rows, self.batch_size):
            yield rows if self.order is None else self.order[rows]


def row_ranges(count: int, batch_size: int) -> Sequence[slice]:
    """Returns the rows of each batch, in order.

    >>> row_ranges(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + batch_size, count)) for start in range(0, count, batch_size)]


def grouped(picks: Sequence[Block]) -> list[Group]:
    """Groups batches so that one call of the backend can run each group.

    >>> [tuple(group) for group in grouped([range(0, 2), range(2, 4), range(4, 5)])]
    [(None, 5, 2, 3)]
    >>> [group.rows for group in grouped([range(0, 2), range(2, 3), range(0, 2), range(2, 3)])]
    [3, 3]
    """
    found = []
    first = 0
    for place, pick in enumerate(picks):
        last = place + 1 == len(picks)
        size = len(picks[first])
        # A smaller batch ends its group; a larger one starts the next.
        if last or len(pick) < size or len(picks[place + 1]) > size:
            found.append(_group(picks[first : place + 1]))
            first = place + 1
    return found


def _group(picks: Sequence[Block]) -> Group:
    rows = sum(map(len, picks))
    order = None if _in_stored_order(picks) else np.concatenate([as_numbers(pick) for pick in picks])
    return Group(order, rows, len(picks[0]), len(picks))


def _in_stored_order(picks: Sequence[Block]) -> bool:
    expected = 0
    for pick in picks:
        if not isinstance(pick, range) or pick.start != expected or pick.step != 1:
            return False
        expected = pick.stop
    return True


def repeated_batches(count: int, settings: EpochSettings) -> Iterator[Block]:
    """Yields the rows of each batch, repeating the arrays for the number of epochs."""
    for _epoch in range(settings.epochs):
        order = next_permutation(count) if settings.shuffle else None
        for rows in row_ranges(count, settings.batch_size):
            yield range(rows.start, rows.stop) if order is None else order[rows]


def next_permutation(count: int) -> np.ndarray:
    """Returns a new random order, determined by `tf.random.set_seed`."""
    key = random_state.key_of(None)
    call = random_state.STATE.counters.get(key, 0)
    random_state.STATE.counters[key] = call + 1
    return permutation(count, key, call)


def redraw_permutation() -> None:
    """Makes the next call of `next_permutation` repeat the order of the last one."""
    random_state.STATE.counters[random_state.key_of(None)] -= 1


def warn_of_end(given: int, steps: int | None) -> None:
    """Warns that the input ended before the requested number of epochs."""
    batches = (
        _("{given} batches of an epoch").format(given=given)
        if steps is None
        else _("{given} of {steps} batches of an epoch").format(given=given, steps=steps)
    )
    warn_user(
        _(
            "The input ran out of data after {batches}, so training or evaluation ends here. A generator can be used "
            "only once: use an infinite one, repeat the dataset (dataset.repeat()), or request fewer steps or epochs."
        ).format(batches=batches)
    )
