"""Random numbers from a counter: Philox4x32-10, in NumPy.

A counter-based generator has no state. Its output is a function of a key (the
seed) and a counter, so any number of a sequence can be computed independently, on
any thread, with the same result. This file is the definition; the native engine
computes the same words.

Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy
as 1, 2, 3", SC 2011.

A call of a random operation is identified by three numbers: the seed (64 bits, the
key), the stream (32 bits; separates the operations of one program) and the call
counter (64 bits; separates the calls of one operation). Its word number ``i``
is lane ``i % 4`` of block ``i // 4``.
"""

from __future__ import annotations

import numpy as np

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MASK = 0xFFFFFFFF

#: The stream that permutations are drawn from.
PERMUTATION_STREAM = 0xFFFFFFFF


def philox(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Philox4x32-10.

    Args:
        counter: uint32 words ``[4, n]``, one column per block.
        key: two 32-bit words.

    Returns:
        uint32 ``[4, n]``.

    >>> import numpy as np
    >>> from tensorlet.ops.philox import philox
    >>> [hex(word) for word in philox(np.zeros((4, 1), np.uint32), (0, 0))[:, 0]]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    # The words are kept in 64 bits, so that a product of two of them does not overflow.
    c0, c1, c2, c3 = counter.astype(np.uint64)
    k0, k1 = key
    for _ in range(_ROUNDS):
        product0, product2 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (product2 >> _HALF) ^ c1 ^ np.uint64(k0),
            product2 & _LOW,
            (product0 >> _HALF) ^ c3 ^ np.uint64(k1),
            product0 & _LOW,
        )
        k0, k1 = (k0 + _KEY_STEPS[0]) & _MASK, (k1 + _KEY_STEPS[1]) & _MASK
    return np.stack([c0, c1, c2, c3]).astype(np.uint32)


def words(count: int, seed: int, stream: int, call: int) -> np.ndarray:
    """The first ``count`` words (uint32) of one call of a random operation.

    Args:
        count: the number of words.
        seed: the key; its low 64 bits are used.
        stream: identifies the operation in the program; its low 32 bits are used.
        call: the call counter; its low 64 bits are used.
    """
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    counter = np.empty((4, len(blocks)), np.uint32)
    counter[0] = blocks & _LOW
    counter[1] = ((blocks >> _HALF) + np.uint64((call >> 32) & _MASK)) & _LOW
    counter[2] = stream & _MASK
    counter[3] = call & _MASK
    lanes = philox(counter, (seed & _MASK, (seed >> 32) & _MASK))
    return np.ascontiguousarray(lanes.T).reshape(-1)[:count]


def _pairs(word: np.ndarray) -> np.ndarray:
    """64-bit words from pairs of 32-bit ones, the low half first."""
    wide = word.astype(np.uint64)
    return wide[1::2] << _HALF | wide[0::2]


def uniform(count: int, dtype: np.dtype, seed: int, stream: int, call: int) -> np.ndarray:
    """Numbers in ``[0, 1)``: 24 random bits for float32, 53 for float64."""
    if dtype == np.float32:
        word = words(count, seed, stream, call)
        return (word >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)
    word = _pairs(words(2 * count, seed, stream, call))
    return (word >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(count: int, dtype: np.dtype, seed: int, stream: int, call: int) -> np.ndarray:
    """Standard normal numbers by the Box-Muller transform, computed in float64.

    Source: G. Box, M. Muller, "A note on the generation of random normal deviates",
    Annals of Mathematical Statistics 29 (1958).
    """
    even = count + count % 2
    if dtype == np.float32:
        bits = (words(even, seed, stream, call) >> np.uint32(8)).astype(np.float64)
        first, second = (bits[0::2] + 1.0) * 2.0**-24, bits[1::2] * 2.0**-24
    else:
        numbers = uniform(even, np.dtype(np.float64), seed, stream, call)
        first, second = 1.0 - numbers[0::2], numbers[1::2]
    # `first` is in (0, 1], so that its logarithm is finite.
    radius, angle = np.sqrt(-2.0 * np.log(first)), 2.0 * np.pi * second
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return pairs.reshape(-1)[:count].astype(dtype)


def integers(
    count: int, dtype: np.dtype, low: int, span: int, seed: int, stream: int, call: int
) -> np.ndarray:
    """Integers in ``[low, low + span)``: the high half of a 64-bit word times ``span``.

    Source: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
    """
    word = _pairs(words(2 * count, seed, stream, call))
    return (_high_product(word, span) + np.uint64(low & 0xFFFFFFFFFFFFFFFF)).astype(np.int64).astype(dtype)


def _high_product(word: np.ndarray, span: int) -> np.ndarray:
    """``(word * span) >> 64`` of unsigned 64-bit numbers, by halves."""
    word_high, word_low = word >> _HALF, word & _LOW
    span_high, span_low = np.uint64(span >> 32), np.uint64(span & _MASK)
    middle = word_high * span_low + (word_low * span_low >> _HALF)
    other = word_low * span_high + (middle & _LOW)
    return word_high * span_high + (middle >> _HALF) + (other >> _HALF)


def permutation(count: int, seed: int, call: int, stream: int = PERMUTATION_STREAM) -> np.ndarray:
    """A random order of ``0 .. count - 1`` (int64), by the Fisher-Yates shuffle, from the end.

    Args:
        count: the number of elements, less than 2**32.
        seed: the key.
        call: the call counter, for example the number of the epoch.
        stream: identifies the operation; by default that of the orders of epochs.
    """
    order = list(range(count))
    word = words(max(count - 1, 0), seed, stream, call).tolist()
    for draw, last in zip(word, range(count - 1, 0, -1), strict=True):
        other = draw * (last + 1) >> 32
        order[last], order[other] = order[other], order[last]
    return np.array(order, np.int64)
