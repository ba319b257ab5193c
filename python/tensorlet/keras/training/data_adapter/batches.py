"""Batches that are created one by one: from generators, `Sequence`s and datasets that call Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.dtypes import string
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.data_adapter.adapter import DataAdapter
from tensorlet.keras.training.data_adapter.batch_parts import Batch, packed, unpack
from tensorlet.keras.training.data_adapter.class_weights import weighted_rows
from tensorlet.keras.training.data_adapter.columns import as_columns, step_dtype
from tensorlet.keras.training.data_adapter.epoch_plan import (
    EpochSettings,
    Group,
    next_permutation,
    warn_of_end,
)


@runtime_checkable
class NumberedBatches(Protocol):
    """A Keras `Sequence`: batches accessed by index."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> object: ...


BatchSource: TypeAlias = NumberedBatches | Iterable[object]


class Batches(DataAdapter):
    """Batches that are created one by one, by a generator, a `Sequence`, a dataset or another iterable.

    Args:
        source: the iterable.
        class_weight: a weight for each class, converted to sample weights.
        shuffle: whether to use the batches of a `Sequence` in a new order in each epoch, as Keras does.
        preparation: what is applied to x first, for models with layers that run on values.
        text: whether x may hold text.
    """

    def __init__(
        self,
        source: BatchSource,
        class_weight: dict[int, float] | None = None,
        shuffle: bool = False,
        preparation: Callable[[object], object] | None = None,
        text: bool = False,
    ) -> None:
        self._preparation = preparation
        self._text = text
        self.source = source
        self.shuffle = shuffle
        self.class_weight = class_weight
        self.length = _length(source)
        self._iterator: Iterator[object] | None = None
        self._restartable = isinstance(source, NumberedBatches) or not isinstance(source, Iterator)
        self._waiting: list[Batch] = []

    def first(self, rows: int = 1) -> Batch:
        """Returns the first batch, which the epoch also contains."""
        if not self._waiting and not self._fetch():
            raise _no_batches()
        return self._waiting[0]

    def steps(self, settings: EpochSettings) -> int | None:
        """Returns the number of batches in an epoch; None if it is unknown."""
        return self.length if settings.steps is None else settings.steps

    def next_epoch(self, settings: EpochSettings) -> list[Group]:
        """Returns an empty list: the batches are created one by one."""
        return []

    def has_next_epoch(self, settings: EpochSettings) -> bool:
        """Whether there are batches left for another epoch; warns if not."""
        starts_anew = self._iterator is None and self._restartable
        if not (self.exhausted or starts_anew or self._waiting or self._fetch()):
            self.exhausted = True
            warn_of_end(0, settings.steps)
        return not self.exhausted

    def batches(self, groups: list[Group], settings: EpochSettings) -> Iterator[Batch]:
        """Yields the batches of the next epoch.

        Each epoch of a `Sequence` starts at its first batch. Other input continues where it stopped if ``steps``
        specifies the number of batches in an epoch.

        Raises:
            InvalidArgumentError: if there are none.
        """
        steps = self.steps(settings) if settings.steps is not None else None
        given = 0
        while steps is None or given < steps:
            if not self._waiting and not self._fetch():
                break
            given += 1
            yield self._waiting.pop()
        if given == 0:
            raise _no_batches()
        if steps is not None and given < steps:
            self.exhausted = not settings.restart
            warn_of_end(given, steps)
        from_the_start = steps is None or settings.restart or isinstance(self.source, NumberedBatches)
        if self._restartable and from_the_start:
            self._iterator = None

    def on_epoch_end(self) -> None:
        """Calls the hook of the source, if it has one: a `Sequence` may reorder its rows."""
        hook = getattr(self.source, "on_epoch_end", None)
        if hook is not None:
            hook()

    @property
    def holds_text(self) -> bool:
        """Whether the next batch has text."""
        return bool(self._waiting) and any(leaf.dtype is string for leaf in flatten(self._waiting[0]))

    def _fetch(self) -> bool:
        """Adds the next batch to the queue; returns False if there is none."""
        if self._iterator is None:
            self._iterator = self._started()
        for item in self._iterator:
            self._waiting.append(self._prepared(item))
            return True
        return False

    def _started(self) -> Iterator[object]:
        if not isinstance(self.source, NumberedBatches):
            return iter(self.source)
        count = len(self.source)
        order = next_permutation(count).tolist() if self.shuffle else range(count)
        return map(self.source.__getitem__, order)

    def _prepared(self, item: object) -> Batch:
        x, y, weight = unpack(item)
        x = x if self._preparation is None else self._preparation(x)
        y = None if y is None else as_columns(y)
        weight = weighted_rows(y, None if weight is None else as_columns(weight), self.class_weight)
        data = packed(as_columns(x, text=self._text), y, weight)
        leaves = [
            EagerTensor(np.ascontiguousarray(_with_rows(leaf), step_dtype(leaf.dtype).numpy))
            for leaf in flatten(data)
        ]
        batch: Batch = pack_like(data, leaves)
        return batch


def _no_batches() -> InvalidArgumentError:
    return InvalidArgumentError(
        "The input yielded no batches. Expected an iterable of (x, y) batches. A generator can be used only "
        "once: for several epochs, use an infinite generator and steps_per_epoch, or pass a "
        "tf.data.Dataset or a keras.utils.Sequence."
    )


def _with_rows(leaf: np.ndarray) -> np.ndarray:
    if leaf.ndim == 0:
        raise InvalidArgumentError(
            "The input yields single examples, expected batches: arrays with one row per example. "
            "Use dataset.batch(32), or stack the examples in the generator."
        )
    return leaf


def _length(source: BatchSource) -> int | None:
    try:
        return len(source) if isinstance(source, Sized) else None
    except TypeError:  # a dataset of unknown length
        return None
