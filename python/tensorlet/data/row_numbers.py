"""Streams of row numbers: the order of the rows of arrays, computed without reading the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import numpy as np

from tensorlet.backends.dispatch import permutation
from tensorlet.core import active_tapes, random_state
from tensorlet.core.buffers import array_of
from tensorlet.core.eager import EAGER
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.ops.registry import interpreting

#: Row numbers: a range where they are consecutive, else an int64 array.
Block = range | np.ndarray
Item = TypeVar("Item")

#: The number of row numbers that are shuffled at a time.
CHUNK = 1 << 16
#: The number of rows to which functions are applied at a time where single rows are wanted.
ROWS_AT_A_TIME = 128
_MASK = (1 << 64) - 1


class ElementFunction(Protocol):
    """A function that takes and returns stacked elements."""

    @property
    def row_wise(self) -> bool:
        """Whether each row of the result depends only on the same row of the argument."""

    @property
    def repeatable(self) -> bool:
        """Whether another call gives the same result."""

    def __call__(self, element: object) -> Any:
        """The result for stacked elements, in the interpreter in force."""


Functions = tuple[ElementFunction, ...]


class RowStream:
    """Single rows of arrays, in some order.

    Args:
        columns: arrays, [rows, ...].
        structure: how one row of each forms an element.
        blocks: the order of the rows: yields row numbers in blocks.
        plain: whether each row occurs once, in the order of the arrays.
        functions: applied to the rows, one after the other.
    """

    def __init__(
        self,
        columns: list[np.ndarray],
        structure: object,
        blocks: Callable[[], Iterator[Block]],
        plain: bool = False,
        functions: Functions = (),
    ) -> None:
        self.columns = columns
        self.structure = structure
        self.blocks = blocks
        self.plain = plain
        self.functions = functions

    def is_repeatable(self) -> bool:
        """Whether reading the same row numbers again gives the same elements."""
        return all(function.repeatable for function in self.functions)

    def chunks(self) -> Iterator[tuple[Block, Any]]:
        """Row numbers, and the stacked elements of these rows."""
        for block in self.blocks():
            for start in range(0, len(block), ROWS_AT_A_TIME):
                part = block[start : start + ROWS_AT_A_TIME]
                leaves = [EagerTensor(gathered(column, part)) for column in self.columns]
                yield part, transformed(self.functions, pack_like(self.structure, leaves))

    def elements(self) -> Iterator[Any]:
        """The rows, one by one."""
        if not self.functions:
            for block in self.blocks():
                for row in block if isinstance(block, range) else block.tolist():
                    yield pack_like(
                        self.structure, [EagerTensor(column[row, ...]) for column in self.columns]
                    )
            return
        for numbers, element in self.chunks():
            arrays = [array_of(tensor) for tensor in flatten(element)]
            for row in range(len(numbers)):
                yield pack_like(element, [EagerTensor(array[row, ...]) for array in arrays])


class BatchStream:
    """Batches of rows of arrays.

    Args:
        columns: arrays, [rows, ...].
        structure: how they form a batch.
        picks: yields the row numbers of each batch.
        functions: applied to each batch, one after the other.
    """

    def __init__(
        self,
        columns: list[np.ndarray],
        structure: object,
        picks: Callable[[], Iterator[Block]],
        functions: Functions = (),
    ) -> None:
        self.columns = columns
        self.structure = structure
        self.picks = picks
        self.functions = functions

    def is_repeatable(self) -> bool:
        """Whether reading the same row numbers again gives the same batches."""
        return all(function.repeatable for function in self.functions)

    def elements(self) -> Iterator[Any]:
        """The batches, gathered."""
        structure, columns, functions = self.structure, self.columns, self.functions
        if type(structure) is tuple and not any(isinstance(part, tuple | dict) for part in structure):
            for block in self.picks():
                batch = tuple([EagerTensor(gathered(column, block)) for column in columns])
                yield transformed(functions, batch) if functions else batch
            return
        for block in self.picks():
            batch = pack_like(structure, [EagerTensor(gathered(column, block)) for column in columns])
            yield transformed(functions, batch)


def transformed(functions: Functions, element: object) -> Any:
    """Applies functions to an element, one after the other."""
    if not functions:
        return element
    with interpreting(EAGER), active_tapes.paused():
        for function in functions:
            element = function(element)
    return element


def gathered(column: np.ndarray, block: Block) -> np.ndarray:
    """Gathers rows; returns a view where they are consecutive."""
    if isinstance(block, range):
        return column[block.start : block.stop : block.step]
    return column.take(block, axis=0)


def as_numbers(block: Block) -> np.ndarray:
    """The row numbers as an array."""
    if isinstance(block, range):
        return np.arange(block.start, block.stop, block.step)
    return block


def rebatched(blocks: Iterable[Block], size: int, drop_remainder: bool) -> Iterator[Block]:
    """Regroups row numbers into batches of one size; the last one may be smaller.

    >>> list(rebatched([range(3), range(2)], 2, False))
    [range(0, 2), array([2, 0]), range(1, 2)]
    """
    rest: list[Block] = []
    have = 0
    for block in blocks:
        start = 0
        if have:
            start = size - have
            rest.append(block[:start])
            have += len(rest[-1])
            if have < size:
                continue
            yield np.concatenate([as_numbers(part) for part in rest])
        for begin in range(start, len(block) - size + 1, size):
            yield block[begin : begin + size]
            start = begin + size
        rest = [block[start:]]
        have = len(rest[0])
    if have and not drop_remainder:
        yield rest[0] if len(rest) == 1 else np.concatenate([as_numbers(part) for part in rest])


def taken(blocks: Iterable[Block], count: int) -> Iterator[Block]:
    """The first ``count`` row numbers; all for -1."""
    for block in blocks:
        if count < 0:
            yield block
            continue
        if not count:
            return
        part = block[:count]
        count -= len(part)
        yield part
        if not count:
            return


def skipped(blocks: Iterable[Block], count: int) -> Iterator[Block]:
    """All but the first ``count`` row numbers; none for -1."""
    if count < 0:
        return
    for block in blocks:
        part = block[count:]
        count = max(count - len(block), 0)
        if len(part):
            yield part


def every(blocks: Iterable[Block], step: int, first: int) -> Iterator[Block]:
    """Every ``step``-th row number, from number ``first`` on."""
    for block in blocks:
        part = block[first::step]
        first = (first - len(block)) % step if len(block) > first else first - len(block)
        if len(part):
            yield part


class Shuffler:
    """The random numbers of one shuffle, which differ from iteration to iteration.

    Args:
        seed: the seed of this shuffle; None for that of `tf.random.set_seed`, or else random.
        again: whether each iteration has an order of its own.
    """

    def __init__(self, seed: int | None, again: bool) -> None:
        self.key = random_state.key_of(seed)
        self.again = again
        self.iteration = 0
        self.base = 0
        if seed is None:  # each shuffle of a program has numbers of its own
            count = random_state.STATE.counters.get(self.key, 0)
            random_state.STATE.counters[self.key] = count + 1
            self.base = (count + 1) << 32

    def next_call(self) -> int:
        """The number of the next iteration."""
        call = self.base + self.iteration
        if self.again:
            self.iteration += 1
        return call

    def blocks(self, blocks: Iterable[Block], size: int) -> Iterator[np.ndarray]:
        """Shuffled row numbers: each is drawn from a buffer of ``size``, and the next one takes its place.

        If the buffer holds all of them, every order is equally likely.
        """
        call = self.next_call()
        words = _words(self.key, call)
        held = np.empty(0, np.int64)
        for block in blocks:
            numbers = as_numbers(block)
            if len(held) < size:
                missing = size - len(held)
                held = np.concatenate([held, numbers[:missing]])
                numbers = numbers[missing:]
            for start in range(0, len(numbers), CHUNK):
                part = numbers[start : start + CHUNK]
                yield _exchanged(held, part, _below(size, words.random_raw(len(part))))
        if len(held):
            yield held[permutation(len(held), self.key, call)]

    def items(self, items: Iterable[Item], size: int) -> Iterator[Item]:
        """Shuffled elements, in the same way."""
        call = self.next_call()
        words = _words(self.key, call)
        held: list[Item] = []
        for item in items:
            if len(held) < size:
                held.append(item)
                continue
            place = int(_below(size, words.random_raw(1))[0])
            given, held[place] = held[place], item
            yield given
        for place in permutation(len(held), self.key, call).tolist():
            yield held[place]

    def numbers(self) -> Iterator[int]:
        """An endless sequence of random 32-bit integers."""
        words = _words(self.key, self.next_call())
        while True:
            yield from (words.random_raw(256) >> np.uint64(32)).tolist()


def _words(key: int, call: int) -> np.random.Philox:
    """64-bit random numbers: Philox4x64-10 (Salmon et al., 2011), in NumPy."""
    return np.random.Philox(key=np.array([key & _MASK, call & _MASK], np.uint64))


def _below(size: int, words: np.ndarray) -> np.ndarray:
    """Random places below ``size``, in the narrowest dtype, since 16 bits are sorted fastest."""
    places = (words >> np.uint64(32)) * np.uint64(size) >> np.uint64(32)
    return places.astype(np.uint16 if size <= 1 << 16 else np.int64)


def _exchanged(held: np.ndarray, incoming: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The numbers that leave the buffer when each incoming number replaces a held one.

    Number i leaves ``places[i]``. It is the last earlier incoming number that was put there, or else the number
    that the buffer held before.
    """
    order = np.argsort(places, kind="stable")
    in_order = places[order]
    same = np.flatnonzero(in_order[1:] == in_order[:-1])
    outgoing = held[places]
    outgoing[order[same + 1]] = incoming[order[same]]
    held[places] = incoming
    return outgoing
