"""Orders and distinct elements of long arrays, without comparing elements where that is quicker."""

from __future__ import annotations

import numpy as np

#: Rows of this length are worth two passes of sorting by 16 bits.
LONG = 2048


def order_of_long(row: np.ndarray) -> np.ndarray:
    """The stable order of numbers of 32 bits, by two passes over halves of 16, which NumPy sorts without comparing."""
    if row.dtype.kind == "f":
        bits = np.where(np.isnan(row), np.float32(np.nan), row + np.float32(0)).view(
            np.uint32
        )  # one NaN, one zero
        keys = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))  # in the order of the numbers
    else:
        keys = row.view(np.uint32) ^ np.uint32(1 << 31)
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    return order[np.argsort((keys >> 16).astype(np.uint16)[order], kind="stable")]


def distinct(array: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What `np.unique` returns; integers of a short range are counted in a table, which needs no sorting."""
    if array.dtype.kind in "iu" and array.size:
        low, high = int(array.min()), int(array.max())
        if high - low < 2 * array.size:
            numbers = array.astype(np.int64) - low
            counts = np.bincount(numbers, minlength=high - low + 1)
            present = np.flatnonzero(counts)
            places_of_values = np.cumsum(counts > 0) - 1
            values = (present + low).astype(array.dtype)
            return values, _first_places(numbers, present), places_of_values[numbers], counts[present]
        bits = int(array.size - 1).bit_length()
        if (high - low).bit_length() + bits < 63:
            return _distinct_by_places(array, low, bits)
    values, first, inverse, counts = np.unique(
        array, return_index=True, return_inverse=True, return_counts=True
    )
    return values, first, inverse, counts


def _first_places(numbers: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Where each number of ``present`` stands first. Most stand at the beginning; only the others are looked for."""
    table = np.full(int(present[-1]) + 1, -1)
    beginning = numbers[: max(1024, 4 * len(present))]
    # Of equal numbers, the last one to be written is the first to appear.
    table[beginning[::-1]] = np.arange(len(beginning) - 1, -1, -1)
    late = np.flatnonzero((table < 0)[numbers[len(beginning) :]]) + len(beginning)
    table[numbers[late[::-1]]] = late[::-1]
    return table[present]


def _distinct_by_places(
    array: np.ndarray, low: int, bits: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The same by one sort of numbers of 64 bits that hold an element and its place, which takes `bits` bits."""
    packed = np.sort((array.astype(np.int64) - low) << bits | np.arange(array.size))
    places, numbers = packed & ((1 << bits) - 1), packed >> bits
    starts = np.ones(array.size, bool)
    np.not_equal(numbers[1:], numbers[:-1], out=starts[1:])
    inverse = np.empty(array.size, np.int64)
    inverse[places] = np.cumsum(starts) - 1
    borders = np.flatnonzero(starts)
    values = (numbers[borders] + low).astype(array.dtype)
    return values, places[borders], inverse, np.diff(borders, append=array.size)
