"""Batches that come one by one: generators, `Sequence`s and datasets that call Python."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tensorlet.backends.dispatch import permutation
from tensorlet.core import random_state
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.data_adapter.batch_parts import packed, unpack
from tensorlet.keras.training.data_adapter.class_weights import weighted_rows
from tensorlet.keras.training.data_adapter.columns import as_columns, step_dtype


class Batches:
    """Batches that come one by one: a generator, a `Sequence`, a dataset, or anything to iterate over.

    Args:
        source: what to iterate over.
        steps: how many batches make an epoch; None: all there are.
        class_weight: a weight for each class, turned into sample weights.

    Attributes:
        shuffled: take the batches of a `Sequence` in a new order in each epoch, as Keras does.
        again: begin each epoch at the first batch, also where ``steps`` left some.
    """

    shuffled = False
    again = False

    def __init__(self, source: Any, steps: int | None, class_weight: dict[int, float] | None = None) -> None:
        self.source = source
        self.known = hasattr(source, "__len__") and hasattr(source, "__getitem__")
        total = _length(source)
        self.steps = steps if steps is not None else total
        self.class_weight = class_weight
        self.on_epoch_end: Callable[[], Any] | None = getattr(source, "on_epoch_end", None)
        self._iterator: Iterator[Any] | None = None
        self._keep = steps is not None
        self._restartable = not isinstance(source, Iterator)
        self._peeked: list[Any] = []

    def first(self) -> Any:
        """The first batch; it comes again when the batches are run."""
        if not self._peeked:
            try:
                self._peeked.append(self._prepared(next(self._current())))
            except StopIteration:
                raise _nothing() from None
        return self._peeked[0]

    def epoch(self) -> Iterator[Any]:
        """The batches of the next epoch.

        Raises:
            InvalidArgumentError: if there are none.
        """
        given = 0
        restarts = int(self._restartable)
        while self.steps is None or given < self.steps:
            try:
                batch = self._peeked.pop() if self._peeked else self._prepared(next(self._current()))
            except StopIteration:
                self._iterator = None
                if given == 0 and restarts:
                    restarts -= 1
                    continue
                if given == 0:
                    raise _nothing() from None
                if self._keep:
                    warn_of_end(given, self.steps)
                break
            given += 1
            yield batch
        if not self._keep or (self.again and self._restartable):
            self._iterator = None

    def _current(self) -> Iterator[Any]:
        if self._iterator is None:
            if self.known:
                self._iterator = map(self.source.__getitem__, self._order(len(self.source)))
            else:
                self._iterator = iter(self.source)
        return self._iterator

    def _order(self, count: int) -> Any:
        return next_permutation(count).tolist() if self.shuffled else range(count)

    def _prepared(self, item: Any) -> Any:
        x, y, weight = unpack(tuple(item) if isinstance(item, list) else item)
        y = None if y is None else as_columns(y)
        weight = weighted_rows(y, None if weight is None else as_columns(weight), self.class_weight)
        data = packed(as_columns(x), y, weight)
        leaves = [
            EagerTensor(np.ascontiguousarray(_rows(leaf), step_dtype(leaf.dtype).numpy))
            for leaf in flatten(data)
        ]
        return pack_like(data, leaves)


def next_permutation(count: int) -> np.ndarray:
    """A new random order; `tf.random.set_seed` decides the numbers."""
    key = random_state.key_of(None)
    call = random_state.STATE.counters.get(key, 0)
    random_state.STATE.counters[key] = call + 1
    return permutation(count, key, call)


def warn_of_end(given: int, steps: int | None) -> None:
    """Says that the input ended in the middle of an epoch."""
    warnings.warn(
        f"The input ran out of data after {given} of {steps} batches, so this epoch is shorter. Repeat the dataset "
        "(dataset.repeat()), let the generator go on, or ask for fewer steps.",
        stacklevel=2,
    )


def _nothing() -> InvalidArgumentError:
    return InvalidArgumentError(
        "The input gave no batch at all. Expected something that yields (x, y) batches. A generator gives its batches "
        "only once: for several epochs let it go on without an end and give steps_per_epoch, or pass a "
        "tf.data.Dataset or a keras.utils.Sequence."
    )


def _rows(leaf: np.ndarray) -> np.ndarray:
    if leaf.ndim == 0:
        raise InvalidArgumentError(
            "The input yields single examples, expected batches of them: arrays with one row for each example. "
            "Write dataset.batch(32), or let the generator stack its examples."
        )
    return leaf


def _length(source: Any) -> int | None:
    try:
        return len(source)
    except TypeError:
        return None
