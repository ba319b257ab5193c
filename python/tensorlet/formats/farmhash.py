"""FarmHash's ``Fingerprint64``: a 64-bit hash of a string, the same on every machine and in every version.

Source: G. Pike, FarmHash, 2014. TensorFlow uses it for the buckets of `tf.strings.to_hash_bucket_fast`.
"""

from __future__ import annotations

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F

Pair = tuple[int, int]


def fingerprint64(text: bytes) -> int:
    """Returns the fingerprint of a string.

    >>> fingerprint64(b"") == 0x9AE16A3B2F90404F
    True
    """
    size = len(text)
    if size <= 16:
        return _up_to_16(text, size)
    if size <= 32:
        return _up_to_32(text, size)
    return _up_to_64(text, size) if size <= 64 else _longer(text, size)


def _word(text: bytes, start: int) -> int:
    return int.from_bytes(text[start : start + 8], "little")


def _rotated(value: int, places: int) -> int:
    value &= _MASK
    return (value >> places | value << (64 - places)) & _MASK


def _shifted(value: int) -> int:
    value &= _MASK
    return value ^ (value >> 47)


def _mixed(first: int, second: int, factor: int) -> int:
    half = _shifted((first ^ second) * factor)
    return _shifted((second ^ half) * factor) * factor & _MASK


def _up_to_16(text: bytes, size: int) -> int:
    factor = _K2 + size * 2
    if size >= 8:
        first, last = _word(text, 0) + _K2 & _MASK, _word(text, size - 8)
        left = _rotated(last, 37) * factor + first
        right = (_rotated(first, 25) + last) * factor
        return _mixed(left & _MASK, right & _MASK, factor)
    if size >= 4:
        first, last = int.from_bytes(text[:4], "little"), int.from_bytes(text[-4:], "little")
        return _mixed(size + (first << 3), last, factor)
    if size == 0:
        return _K2
    low = text[0] + (text[size >> 1] << 8)
    high = size + (text[-1] << 2)
    return _shifted(low * _K2 ^ high * _K0) * _K2 & _MASK


def _ends(text: bytes, size: int, factor: int, first_factor: int) -> tuple[int, int, int]:
    """Combines both ends of a string of more than 16 bytes: returns its first word, and two sums."""
    a, b = _word(text, 0) * first_factor & _MASK, _word(text, 8)
    c, d = _word(text, size - 8) * factor & _MASK, _word(text, size - 16) * _K2
    left = _rotated(a + b, 43) + _rotated(c, 30) + d & _MASK
    right = a + _rotated(b + _K2, 18) + c & _MASK
    return a, left, right


def _up_to_32(text: bytes, size: int) -> int:
    factor = _K2 + size * 2
    _, left, right = _ends(text, size, factor, _K1)
    return _mixed(left, right, factor)


def _up_to_64(text: bytes, size: int) -> int:
    factor = _K2 + size * 2
    a, left, right = _ends(text, size, factor, _K2)
    both = _mixed(left, right, factor)
    e, f = _word(text, 16) * factor & _MASK, _word(text, 24)
    g = (left + _word(text, size - 32)) * factor & _MASK
    h = (both + _word(text, size - 24)) * factor
    outer = _rotated(e + f, 43) + _rotated(g, 30) + h & _MASK
    inner = e + _rotated(f + a, 18) + g & _MASK
    return _mixed(outer, inner, factor)


def _of_32_bytes(text: bytes, start: int, first: int, second: int) -> Pair:
    w, x, y, z = (_word(text, start + 8 * number) for number in range(4))
    first += w
    second = _rotated(second + first + z, 21)
    before = first
    first += x + y
    second += _rotated(first, 44)
    return first + z & _MASK, second + before & _MASK


def _block(
    text: bytes, start: int, state: tuple[int, int, int, Pair, Pair], factor: int, weight: int
) -> tuple[int, int, int, Pair, Pair]:
    """Mixes 64 bytes into the state; ``weight`` is 1, or 9 for the last block."""
    x, y, z, v, w = state
    x = _rotated(x + y + v[0] + _word(text, start + 8), 37) * factor & _MASK
    y = _rotated(y + v[1] + _word(text, start + 48), 42) * factor & _MASK
    x ^= w[1] * weight & _MASK
    y = y + v[0] * weight + _word(text, start + 40) & _MASK
    z = _rotated(z + w[0], 33) * factor & _MASK
    v = _of_32_bytes(text, start, v[1] * factor, x + w[0])
    w = _of_32_bytes(text, start + 32, z + w[1], y + _word(text, start + 16))
    return z, y, x, v, w


def _longer(text: bytes, size: int) -> int:
    y = 81 * _K1 + 113 & _MASK
    z = _shifted(y * _K2 + 113) * _K2 & _MASK
    state = (81 * _K2 + _word(text, 0) & _MASK, y, z, (0, 0), (0, 0))
    end = (size - 1) // 64 * 64
    for start in range(0, end, 64):
        state = _block(text, start, state, _K1, 1)
    x, y, z, v, w = state
    factor = _K1 + ((z & 0xFF) << 1)
    rest = (size - 1) % 64
    first = w[0] + rest
    v = (v[0] + first & _MASK, v[1])
    w = (first + v[0] & _MASK, w[1])
    x, y, z, v, w = _block(text, end + rest - 63, (x, y, z, v, w), factor, 9)
    left = _mixed(v[0], w[0], factor) + _shifted(y) * _K0 + z & _MASK
    right = _mixed(v[1], w[1], factor) + x & _MASK
    return _mixed(left, right, factor)
