"""Transformations that select and order the elements of another pipeline without changing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, SupportsIndex, TypeVar

from tensorlet.data import row_numbers as orders
from tensorlet.data.options import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Options
from tensorlet.data.pipeline import Pipeline, Transformation, whole_number
from tensorlet.data.row_numbers import BatchStream, Block, RowStream, Shuffler
from tensorlet.errors import InvalidArgumentError

Item = TypeVar("Item")


class Reordered(Transformation):
    """A transformation that only changes the order of the elements, or omits some.

    The same code orders elements, the row numbers of single rows, and the row numbers of whole batches.
    """

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        """Items of any kind in the new order.

        Args:
            items: starts an iteration over the items below.
        """
        raise NotImplementedError

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        """Row numbers, which arrive in blocks, in the new order."""
        raise NotImplementedError

    def one_by_one(self) -> Iterator[Any]:
        return self._over(self.source.elements)

    def rows(self) -> RowStream | None:
        found = self.source.rows()
        if found is None:
            return None
        blocks = found.blocks
        return RowStream(
            found.columns,
            found.structure,
            lambda: self._over_rows(blocks),
            functions=found.functions,
        )

    def batches(self) -> BatchStream | None:
        found = self.source.batches()
        if found is None:
            return None
        picks = found.picks
        return BatchStream(found.columns, found.structure, lambda: self._over(picks), found.functions)


class Shuffled(Reordered):
    """See `Dataset.shuffle`."""

    shown_name = "_ShuffleDataset"

    def __init__(
        self, source: Pipeline, size: SupportsIndex, seed: SupportsIndex | None, again: bool | None
    ) -> None:
        super().__init__(source)
        size = whole_number(size, "shuffle: buffer_size", UNKNOWN_CARDINALITY)
        if size in (0, -1):
            raise InvalidArgumentError(
                f"shuffle: buffer_size is {size}, but must be at least 1. For a uniform shuffle use the "
                "number of elements."
            )
        self._size = size if size > 0 else 1 << 62
        self._shuffler = Shuffler(None if seed is None else int(seed), again is None or bool(again))

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        return self._shuffler.items(items(), self._size)

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return self._shuffler.blocks(blocks(), self._size)


class Repeated(Reordered):
    """See `Dataset.repeat`."""

    shown_name = "_RepeatDataset"

    def __init__(self, source: Pipeline, count: SupportsIndex | None) -> None:
        super().__init__(source)
        self._times = -1 if count is None else whole_number(count, "repeat: count", -1)

    def count(self) -> int:
        count = self.source.count()
        if self._times == 0 or count == 0:
            return 0
        if self._times < 0:
            return INFINITE_CARDINALITY
        return count * self._times if count >= 0 else count

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        done = 0
        while done != self._times:
            empty = True
            for item in items():
                empty = False
                yield item
            if empty:
                return
            done += 1

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return self._over(blocks)


class Taken(Reordered):
    """See `Dataset.take`."""

    shown_name = "_TakeDataset"

    def __init__(self, source: Pipeline, count: SupportsIndex) -> None:
        super().__init__(source)
        self._number = max(whole_number(count, "take: count", -(1 << 62)), -1)

    def count(self) -> int:
        count = self.source.count()
        if self._number < 0 or 0 <= count < self._number:
            return count
        return UNKNOWN_CARDINALITY if count == UNKNOWN_CARDINALITY else self._number

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        return islice(items(), None if self._number < 0 else self._number)

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return orders.taken(blocks(), self._number)


class Skipped(Reordered):
    """See `Dataset.skip`."""

    shown_name = "_SkipDataset"

    def __init__(self, source: Pipeline, count: SupportsIndex) -> None:
        super().__init__(source)
        self._number = max(whole_number(count, "skip: count", -(1 << 62)), -1)

    def count(self) -> int:
        count = self.source.count()
        if self._number < 0:
            return 0
        return max(count - self._number, 0) if count >= 0 else count

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        return iter(()) if self._number < 0 else islice(items(), self._number, None)

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return orders.skipped(blocks(), self._number)


class Sharded(Reordered):
    """See `Dataset.shard`."""

    shown_name = "_ShardDataset"

    def __init__(self, source: Pipeline, shards: SupportsIndex, index: SupportsIndex) -> None:
        super().__init__(source)
        self._shards = whole_number(shards, "shard: num_shards", 1)
        self._index = whole_number(index, "shard: index", 0)
        if self._index >= self._shards:
            raise InvalidArgumentError(
                f"shard: index is {self._index}, but must be less than num_shards, {self._shards}."
            )

    def count(self) -> int:
        count = self.source.count()
        return len(range(self._index, count, self._shards)) if count >= 0 else count

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        return islice(items(), self._index, None, self._shards)

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return orders.every(blocks(), self._shards, self._index)


class Cached(Reordered):
    """See `Dataset.cache`."""

    shown_name = "CacheDataset"

    def __init__(self, source: Pipeline) -> None:
        super().__init__(source)
        self._kept: list[Any] | None = None

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        if self._kept is not None:
            yield from self._kept
            return
        seen = []
        for item in items():
            seen.append(item)
            yield item
        self._kept = seen

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return self._over(blocks)

    def rows(self) -> RowStream | None:
        found = self.source.rows()
        if found is None or found.plain:
            return found
        return super().rows() if found.is_repeatable() else None

    def batches(self) -> BatchStream | None:
        found = self.source.batches()
        if found is None or not found.is_repeatable():
            return None  # the results are cached: another call of the function may give other results
        return super().batches()


class Prefetched(Reordered):
    """See `Dataset.prefetch`."""

    shown_name = "_PrefetchDataset"

    def __init__(self, source: Pipeline, size: SupportsIndex | None = None) -> None:
        super().__init__(source)
        if size is not None:
            whole_number(size, "prefetch: buffer_size", -1)

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        return items()

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return blocks()

    def rows(self) -> RowStream | None:
        return self.source.rows()


class WithOptions(Prefetched):
    """See `Dataset.with_options`."""

    shown_name = "_OptionsDataset"

    def __init__(self, source: Pipeline, options: Options) -> None:
        super().__init__(source)
        if not isinstance(options, Options):
            raise TypeError(f"with_options got {options!r}, but a tf.data.Options is expected.")
        self.given = options


def options_of(pipeline: Pipeline) -> Options:
    """All options that were given to a pipeline and those below it; later ones take precedence."""
    given = []
    current: Pipeline | None = pipeline
    while current is not None:
        if isinstance(current, WithOptions):
            given.append(current.given)
        current = current.source
    found = Options()
    for options in reversed(given):
        found = found.merge(options)
    return found


class WithCardinality(Prefetched):
    """A pipeline whose number of elements the user has stated; see `tf.data.experimental.assert_cardinality`.

    Args:
        source: the pipeline.
        count: the number of elements.
    """

    shown_name = "_AssertCardinalityDataset"

    def __init__(self, source: Pipeline, count: int) -> None:
        super().__init__(source)
        self._expected = count

    def count(self) -> int:
        return self._expected

    def rows(self) -> RowStream | None:
        return None

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        found = 0
        for item in items():
            found += 1
            if 0 <= self._expected < found:
                break
            yield item
        if found != self._expected:
            actual = "more" if found > self._expected >= 0 else f"only {found}"
            raise InvalidArgumentError(
                f"assert_cardinality: {self._expected} elements were expected, but the dataset has {actual}. "
                "Correct the expected number."
            )
