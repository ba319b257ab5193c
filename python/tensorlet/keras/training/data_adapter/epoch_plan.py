"""Which rows an epoch takes, in which order and in batches of which sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tensorlet.backends.dispatch import permutation
from tensorlet.core import random_state
from tensorlet.data.row_numbers import Block, as_numbers
from tensorlet.errors import warn_user


@dataclass(frozen=True)
class EpochSettings:
    """How the batches of each epoch are taken.

    Attributes:
        batch_size: rows in a batch; input that yields batches has its own.
        steps: batches in an epoch; None: all there are.
        shuffle: take the rows of arrays in a new random order in each epoch.
        restart: begin each epoch at the first batch, even if ``steps`` left some over.
        epochs: how many epochs are planned; arrays are repeated that often.
    """

    batch_size: int
    steps: int | None = None
    shuffle: bool = False
    restart: bool = False
    epochs: int = 1


class Group(NamedTuple):
    """Batches of one size, of which the last one may be smaller: one call of the backend can run them.

    Attributes:
        order: the row numbers, batch after batch; None: the first rows in their stored order.
        rows: how many.
        batch_size: rows in a batch.
        steps: how many batches.
    """

    order: np.ndarray | None
    rows: int
    batch_size: int
    steps: int

    def numbers(self) -> np.ndarray:
        """The row numbers, as an array."""
        return np.arange(self.rows) if self.order is None else self.order

    def batches(self) -> Iterator[slice | np.ndarray]:
        """The rows of each batch."""
        for rows in row_ranges(self.rows, self.batch_size):
            yield rows if self.order is None else self.order[rows]


def row_ranges(count: int, batch_size: int) -> Sequence[slice]:
    """The rows of each batch, in order.

    >>> row_ranges(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + batch_size, count)) for start in range(0, count, batch_size)]


def grouped(picks: Sequence[Block]) -> list[Group]:
    """Batches in groups that one call of the backend can run.

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
        # A smaller batch ends its group; a larger one belongs to the next.
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
    """The rows of each batch, where arrays are passed over as often as there are epochs."""
    for _ in range(settings.epochs):
        order = next_permutation(count) if settings.shuffle else None
        for rows in row_ranges(count, settings.batch_size):
            yield range(rows.start, rows.stop) if order is None else order[rows]


def next_permutation(count: int) -> np.ndarray:
    """A new random order; `tf.random.set_seed` decides which."""
    key = random_state.key_of(None)
    call = random_state.STATE.counters.get(key, 0)
    random_state.STATE.counters[key] = call + 1
    return permutation(count, key, call)


def redraw_permutation() -> None:
    """Makes the next call of `next_permutation` return the order of the last call again."""
    random_state.STATE.counters[random_state.key_of(None)] -= 1


def warn_of_end(given: int, steps: int | None) -> None:
    """Warns that the input ended before the epochs that were asked for."""
    of = "" if steps is None else f" of {steps}"
    warn_user(
        f"The input ran out of data after {given}{of} batches of an epoch, so training or evaluation ends here. "
        "A generator gives its batches only once: let it go on, repeat the dataset (dataset.repeat()), or ask for "
        "fewer steps or epochs."
    )
