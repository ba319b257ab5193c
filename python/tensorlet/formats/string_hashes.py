"""Hashes of TensorFlow that Keras's layers of categories use: SipHash with a key, and hashes of several values."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlet.formats.farmhash import fingerprint64

_MASK = (1 << 64) - 1
#: The factor of the hash of two hashes, as in MurmurHash 2.
_FACTOR = 0xC6A4A7935BD1E995
#: The first hash of a row of values.
START = 0xDECAFCAFFE


def _shift_mix(value: int) -> int:
    return value ^ (value >> 47)


def joined(first: int, second: int) -> int:
    """The hash of two hashes: ``FingerprintCat64`` of TensorFlow."""
    result = first ^ _FACTOR ^ (_shift_mix(second * _FACTOR & _MASK) * _FACTOR & _MASK)
    result = _shift_mix(result * _FACTOR & _MASK) * _FACTOR & _MASK
    return _shift_mix(result)


def crossed(values: Sequence[int | bytes]) -> int:
    """The hash of a row of integers and texts, as of ``tf.sparse.cross_hashed``.

    >>> crossed([b"a", 1]) % 7
    2
    """
    result = START
    for value in values:
        result = joined(result, fingerprint64(value) if isinstance(value, bytes) else value & _MASK)
    return result


def hash64(content: bytes, seed: int = START) -> int:
    """The hash of ``tf.strings.to_hash_bucket``, MurmurHash 2 of 64 bits.

    >>> hash64(b"a") % 10
    8
    """
    result = seed ^ (len(content) * _FACTOR & _MASK)
    whole = len(content) - len(content) % 8
    for start in range(0, whole, 8):
        word = int.from_bytes(content[start : start + 8], "little") * _FACTOR & _MASK
        result = ((result ^ (_shift_mix(word) * _FACTOR & _MASK)) * _FACTOR) & _MASK
    if whole < len(content):
        result = (result ^ int.from_bytes(content[whole:], "little")) * _FACTOR & _MASK
    return _shift_mix(_shift_mix(result) * _FACTOR & _MASK)


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & _MASK


def _rounds(a: int, b: int, c: int, d: int, count: int) -> tuple[int, int, int, int]:
    for _ in range(count):
        a, c = (a + b) & _MASK, (c + d) & _MASK
        b, d = _rotated(b, 13) ^ a, _rotated(d, 16) ^ c
        a = _rotated(a, 32)
        a, c = (a + d) & _MASK, (c + b) & _MASK
        d, b = _rotated(d, 21) ^ a, _rotated(b, 17) ^ c
        c = _rotated(c, 32)
    return a, b, c, d


def siphash(content: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 of 64 bits.

    Source: J.-P. Aumasson, D. Bernstein, "SipHash: a fast short-input PRF", 2012.

    >>> hex(siphash(bytes(range(15)), (0x0706050403020100, 0x0F0E0D0C0B0A0908)))  # the example of the paper
    '0xa129ca6149be45e5'
    """
    first, second = key[0] & _MASK, key[1] & _MASK
    a, b = first ^ 0x736F6D6570736575, second ^ 0x646F72616E646F6D
    c, d = first ^ 0x6C7967656E657261, second ^ 0x7465646279746573
    padded = content + bytes(7 - len(content) % 8) + bytes([len(content) & 255])
    for start in range(0, len(padded), 8):
        word = int.from_bytes(padded[start : start + 8], "little")
        a, b, c, d = _rounds(a, b, c, d ^ word, 2)
        a ^= word
    a, b, c, d = _rounds(a, b, c ^ 0xFF, d, 4)
    return a ^ b ^ c ^ d
