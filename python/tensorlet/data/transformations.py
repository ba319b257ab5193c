"""Datasets that choose, order and stack the elements of another one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, TypeVar

import numpy as np

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.data import row_numbers as orders
from tensorlet.data.dataset import Dataset
from tensorlet.data.elements import (
    mapped_specs,
    merged,
    stacked,
    with_first_axis,
    without_first_axis,
)
from tensorlet.data.options import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Options
from tensorlet.data.row_numbers import BatchStream, Block, RowStream, Shuffler
from tensorlet.errors import DTypeError, InvalidArgumentError

Item = TypeVar("Item")


def whole(value: Any, what: str, least: int) -> int:
    """A whole number of at least ``least``.

    Raises:
        TypeError, InvalidArgumentError: for anything else.
    """
    try:
        number = int(value.__index__() if hasattr(value, "__index__") else value)
        if number != value:
            raise TypeError
    except (TypeError, ValueError):
        raise TypeError(f"{what} is {value!r}, expected a whole number of at least {least}.") from None
    if number < least:
        raise InvalidArgumentError(f"{what} is {number}, expected a whole number of at least {least}.")
    return number


class Derived(Dataset):
    """A dataset that is made from another one, and has elements of the same form unless it says otherwise.

    Args:
        source: the other dataset.
    """

    def __init__(self, source: Dataset) -> None:
        self._source = source

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._source.element_spec

    def _count(self) -> int:
        return self._source._count()


class Reordered(Derived):
    """A dataset that only says which elements come when.

    The same holds for elements, for row numbers of single rows, and for those of whole batches.
    """

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        """The order, of anything.

        Args:
            items: begins an iteration over the source.
        """
        raise NotImplementedError

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        """The order, of row numbers that come many at a time."""
        raise NotImplementedError

    def _one_by_one(self) -> Iterator[Any]:
        return self._over(self._source._elements)

    def _rows(self) -> RowStream | None:
        found = self._source._rows()
        if found is None:
            return None
        blocks = found.blocks
        return RowStream(
            found.columns,
            found.structure,
            lambda: self._over_rows(blocks),
            functions=found.functions,
        )

    def _batches(self) -> BatchStream | None:
        found = self._source._batches()
        if found is None:
            return None
        picks = found.picks
        return BatchStream(found.columns, found.structure, lambda: self._over(picks), found.functions)


class Shuffled(Reordered):
    """See `Dataset.shuffle`."""

    shown_name = "_ShuffleDataset"

    def __init__(self, source: Dataset, size: Any, seed: Any, again: bool | None) -> None:
        super().__init__(source)
        size = whole(size, "shuffle: buffer_size", UNKNOWN_CARDINALITY)
        if size in (0, -1):
            raise InvalidArgumentError(
                f"shuffle: buffer_size is {size}, expected at least 1; the number of elements shuffles them evenly."
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

    def __init__(self, source: Dataset, count: Any) -> None:
        super().__init__(source)
        self._times = -1 if count is None else whole(count, "repeat: count", -1)

    def _count(self) -> int:
        count = self._source._count()
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

    def __init__(self, source: Dataset, count: Any) -> None:
        super().__init__(source)
        self._number = max(whole(count, "take: count", -(1 << 62)), -1)

    def _count(self) -> int:
        count = self._source._count()
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

    def __init__(self, source: Dataset, count: Any) -> None:
        super().__init__(source)
        self._number = max(whole(count, "skip: count", -(1 << 62)), -1)

    def _count(self) -> int:
        count = self._source._count()
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

    def __init__(self, source: Dataset, shards: Any, index: Any) -> None:
        super().__init__(source)
        self._shards = whole(shards, "shard: num_shards", 1)
        self._index = whole(index, "shard: index", 0)
        if self._index >= self._shards:
            raise InvalidArgumentError(
                f"shard: index is {self._index}, expected one below num_shards, {self._shards}."
            )

    def _count(self) -> int:
        count = self._source._count()
        return len(range(self._index, count, self._shards)) if count >= 0 else count

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        return islice(items(), self._index, None, self._shards)

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return orders.every(blocks(), self._shards, self._index)


class Cached(Reordered):
    """See `Dataset.cache`."""

    shown_name = "CacheDataset"

    def __init__(self, source: Dataset) -> None:
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

    def _rows(self) -> RowStream | None:
        found = self._source._rows()
        return found if found is None or found.plain else super()._rows()

    def _batches(self) -> BatchStream | None:
        found = self._source._batches()
        if found is None or not all(function.row_wise for function in found.functions):
            return None  # the results are kept: the function may give others another time
        return super()._batches()


class Prefetched(Reordered):
    """See `Dataset.prefetch`."""

    shown_name = "_PrefetchDataset"

    def __init__(self, source: Dataset, size: Any = None) -> None:
        super().__init__(source)
        if size is not None:
            whole(size, "prefetch: buffer_size", -1)

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        return items()

    def _over_rows(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        return blocks()

    def _rows(self) -> RowStream | None:
        return self._source._rows()


class Optioned(Prefetched):
    """See `Dataset.with_options`."""

    shown_name = "_OptionsDataset"

    def __init__(self, source: Dataset, options: Options) -> None:
        super().__init__(source)
        if not isinstance(options, Options):
            raise TypeError(f"with_options got {options!r}, expected a tf.data.Options.")
        self.given = options


def options_of(dataset: Dataset) -> Options:
    """All options that a dataset was given."""
    found = Options()
    links = []
    current: Dataset | None = dataset
    while current is not None:
        links.append(current)
        current = vars(current).get("_source")
    for link in reversed(links):
        if isinstance(link, Optioned):
            found = found.merge(link.given)
    return found


class Counted(Prefetched):
    """A dataset of which somebody says how many elements it has.

    Args:
        source: the dataset.
        count: how many.
    """

    shown_name = "_AssertCardinalityDataset"

    def __init__(self, source: Dataset, count: int) -> None:
        super().__init__(source)
        self._said = count

    def _count(self) -> int:
        return self._said

    def _rows(self) -> RowStream | None:
        return None

    def _over(self, items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
        found = 0
        for item in items():
            found += 1
            if 0 <= self._said < found:
                break
            yield item
        if found != self._said:
            amount = "more" if found > self._said >= 0 else f"only {found}"
            raise InvalidArgumentError(
                f"assert_cardinality: the dataset was said to have {self._said} elements, but it has {amount}. "
                "Say the right number."
            )


class Concatenated(Derived):
    """See `Dataset.concatenate`."""

    shown_name = "_ConcatenateDataset"

    def __init__(self, source: Dataset, other: Any) -> None:
        super().__init__(source)
        if not isinstance(other, Dataset):
            raise TypeError(f"concatenate got {type(other).__name__}, expected a dataset.")
        self._other = other
        mine, theirs = flatten(source.element_spec), flatten(other.element_spec)
        if len(mine) != len(theirs) or any(
            one.dtype is not two.dtype for one, two in zip(mine, theirs, strict=True)
        ):
            raise DTypeError(
                f"concatenate: the elements of the two datasets differ: {source.element_spec} and "
                f"{other.element_spec}. Expected the same structure and dtypes; convert one with map and tf.cast."
            )

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements; lengths in which the two differ are None."""
        specs = self._source.element_spec
        pairs = zip(flatten(specs), flatten(self._other.element_spec), strict=True)
        return pack_like(specs, [merged(mine, theirs) for mine, theirs in pairs])

    def _count(self) -> int:
        counts = (self._source._count(), self._other._count())
        if INFINITE_CARDINALITY in counts:
            return INFINITE_CARDINALITY
        return UNKNOWN_CARDINALITY if UNKNOWN_CARDINALITY in counts else sum(counts)

    def _one_by_one(self) -> Iterator[Any]:
        return chain(self._source._elements(), self._other._elements())


class Batched(Derived):
    """See `Dataset.batch`."""

    shown_name = "_BatchDataset"

    def __init__(self, source: Dataset, size: Any, drop_remainder: Any) -> None:
        super().__init__(source)
        self._size = whole(size, "batch: batch_size", 1)
        self._drop = bool(drop_remainder)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the batches; the first length is None if the last one may be smaller."""
        length = self._size if self._drop else None
        return mapped_specs(lambda spec: with_first_axis(spec, length), self._source.element_spec)

    def _count(self) -> int:
        count = self._source._count()
        if count < 0:
            return count
        return count // self._size if self._drop else -(-count // self._size)

    def _batches(self) -> BatchStream | None:
        rows = self._source._rows()
        if rows is None:
            return None
        blocks = rows.blocks
        return BatchStream(
            rows.columns,
            rows.structure,
            lambda: orders.rebatched(blocks(), self._size, self._drop),
            rows.functions,
        )

    def _one_by_one(self) -> Iterator[Any]:
        for group in grouped(self._source._elements(), self._size, self._drop):
            yield stacked(group)


def grouped(items: Iterable[Item], size: int, drop_remainder: bool) -> Iterator[list[Item]]:
    """The items, some at a time."""
    items = iter(items)
    while group := list(islice(items, size)):
        if drop_remainder and len(group) < size:
            return
        yield group


class PaddedBatch(Batched):
    """See `Dataset.padded_batch`."""

    shown_name = "_PaddedBatchDataset"

    def __init__(self, source: Dataset, size: Any, shapes: Any, values: Any, drop_remainder: Any) -> None:
        super().__init__(source, size, drop_remainder)
        self._size = whole(size, "padded_batch: batch_size", 1)
        specs = flatten(source.element_spec)
        self._shapes = [None] * len(specs) if shapes is None else _shapes_of(shapes, source.element_spec)
        self._values = [0] * len(specs) if values is None else flatten(values)
        if len(self._values) == 1:
            self._values *= len(specs)
        if len(self._shapes) != len(specs) or len(self._values) != len(specs):
            raise InvalidArgumentError(
                f"padded_batch got {len(self._shapes)} padded_shapes and {len(self._values)} padding_values, expected "
                f"one for each part of an element: {source.element_spec}."
            )

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the batches."""
        specs = self._source.element_spec
        padded = []
        for spec, shape in zip(flatten(specs), self._shapes, strict=True):
            lengths = spec.shape if shape is None else [None if n in (None, -1) else int(n) for n in shape]
            padded.append(type(spec)(lengths, spec.dtype))
        length = self._size if self._drop else None
        return pack_like(specs, [with_first_axis(spec, length) for spec in padded])

    def _batches(self) -> None:
        return None

    def _one_by_one(self) -> Iterator[Any]:
        for group in grouped(self._source._elements(), self._size, self._drop):
            columns = zip(*(flatten(element) for element in group), strict=True)
            leaves = [
                EagerTensor(_padded([tensor._array for tensor in column], shape, value))
                for column, shape, value in zip(columns, self._shapes, self._values, strict=True)
            ]
            yield pack_like(group[0], leaves)


def _shapes_of(shapes: Any, specs: Any) -> list[Any]:
    """The padded shapes of the leaves: lists of lengths stand where tensors do."""
    if isinstance(specs, dict):
        return [shape for name in sorted(specs) for shape in _shapes_of(shapes[name], specs[name])]
    if isinstance(specs, tuple):
        return [shape for part, spec in zip(shapes, specs, strict=False) for shape in _shapes_of(part, spec)]
    return [shapes]


def _padded(arrays: list[np.ndarray], shape: Any, value: Any) -> np.ndarray:
    longest = [max(lengths) for lengths in zip(*(array.shape for array in arrays), strict=True)]
    wanted = longest
    if shape is not None:
        wanted = [most if n in (None, -1) else int(n) for most, n in zip(longest, list(shape), strict=True)]
        if any(most > length for most, length in zip(longest, wanted, strict=True)):
            raise InvalidArgumentError(
                f"padded_batch: an element of shape {longest} does not fit into the padded shape {wanted}. Make it "
                "longer, or leave the length open with None."
            )
    fill = np.asarray(value.numpy() if hasattr(value, "numpy") else value).astype(arrays[0].dtype)
    found = np.full((len(arrays), *wanted), fill)
    for row, array in enumerate(arrays):
        place: tuple[Any, ...] = (row, *map(slice, array.shape))
        found[place] = array
    return found


class Unbatched(Derived):
    """See `Dataset.unbatch`."""

    shown_name = "_UnbatchDataset"

    def __init__(self, source: Dataset) -> None:
        super().__init__(source)
        self._specs = mapped_specs(without_first_axis, source.element_spec)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the rows."""
        return self._specs

    def _count(self) -> int:
        lengths = {spec.shape[0] for spec in flatten(self._source.element_spec) if spec.shape.rank}
        count = self._source._count()
        if count < 0:
            return count
        length = next(iter(lengths), None)
        return UNKNOWN_CARDINALITY if len(lengths) != 1 or length is None else count * length

    def _rows(self) -> RowStream | None:
        batches = self._source._batches()
        if batches is None or not all(function.row_wise for function in batches.functions):
            return None
        return RowStream(batches.columns, batches.structure, batches.picks, functions=batches.functions)

    def _one_by_one(self) -> Iterator[Any]:
        for element in self._source._elements():
            arrays = [tensor._array for tensor in flatten(element)]
            if len({len(array) for array in arrays}) > 1:
                raise InvalidArgumentError(
                    f"unbatch: the parts of an element have {' and '.join(str(len(array)) for array in arrays)} rows. "
                    "Expected the same number in each."
                )
            for row in range(len(arrays[0])):
                yield pack_like(element, [EagerTensor(array[row, ...]) for array in arrays])


class Windowed(Derived):
    """See `Dataset.window`."""

    shown_name = "_WindowDataset"

    def __init__(self, source: Dataset, size: Any, shift: Any, stride: Any, drop_remainder: Any) -> None:
        super().__init__(source)
        self._size = whole(size, "window: size", 1)
        self._shift = self._size if shift is None else whole(shift, "window: shift", 1)
        self._stride = whole(stride, "window: stride", 1)
        self._drop = bool(drop_remainder)

    @property
    def element_spec(self) -> Any:
        """Datasets of the parts of the elements."""
        specs = self._source.element_spec
        return pack_like(specs, [Variant([], spec) for spec in flatten(specs)])

    def _count(self) -> int:
        count = self._source._count()
        if count < 0:
            return count
        reach = (self._size - 1) * self._stride + 1
        if self._drop:
            return max((count - reach) // self._shift + 1, 0) if count >= reach else 0
        return -(-count // self._shift)

    def _one_by_one(self) -> Iterator[Any]:
        reach = (self._size - 1) * self._stride + 1
        items = self._source._elements()
        held: list[Any] = []
        while True:
            held += islice(items, max(reach - len(held), 0))
            if not held or (self._drop and len(held) < reach):
                return
            yield self._window(held[: reach : self._stride])
            missing = self._shift - len(held)
            held = held[self._shift :]
            if missing > 0:
                next(islice(items, missing, missing), None)

    def _window(self, elements: list[Any]) -> Any:
        """One element: a dataset of each part."""
        specs = self._source.element_spec
        columns = zip(*(flatten(element) for element in elements), strict=True)
        parts = [Variant(list(column), spec) for column, spec in zip(columns, flatten(specs), strict=True)]
        return pack_like(specs, parts)


class Variant(Dataset):
    """Some tensors as a dataset: a window.

    Args:
        tensors: the elements.
        spec: of each.
    """

    shown_name = "_VariantDataset"

    def __init__(self, tensors: list[Any], spec: Any) -> None:
        self._tensors = tensors
        self._spec = spec

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._spec

    def _count(self) -> int:
        return len(self._tensors)

    def _one_by_one(self) -> Iterator[Any]:
        return iter(self._tensors)
