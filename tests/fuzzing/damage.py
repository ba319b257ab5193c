"""Ways to damage bytes and JSON values; each follows from a random generator alone."""

from __future__ import annotations

import random
from typing import Any

EXTREMES = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**62,
    2**63,
    2**64 - 1,
)


def damaged(rng: random.Random, content: bytes) -> bytes:
    """Content with some of its bytes changed, doubled, moved or lost."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        if not data:
            break
        at = rng.randrange(len(data))
        kind = rng.randrange(9)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind == 2:
            width = rng.choice((2, 4, 8))
            number = rng.choice(EXTREMES) % (1 << (8 * width))
            data[at : at + width] = number.to_bytes(width, rng.choice(("little", "big")))
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            del data[at : at + rng.choice((1, 2, 4, 16, 100))]
        elif kind == 5:
            length = rng.choice((1, 4, 16, 100, 1000))
            other = rng.randrange(len(data))
            data[at:at] = data[other : other + length]
        elif kind == 6:
            length = rng.choice((1, 4, 16, 100))
            data[at : at + length] = rng.randbytes(length)
        elif kind == 7:
            length = rng.choice((4, 16, 64))
            other = rng.randrange(len(data))
            data[at : at + length] = data[other : other + length]
        else:
            data[at : at + 8] = bytes(8)
    return bytes(data)


WEIRD: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 10**30, 1e308, "", "x", "Lambda", "relu", "../../evil", [], [[]], {}, [None, 5],
    [0, 0], [2**20, 2**20], ["dense", 0, 0, {}], {"class_name": "Dense", "config": {}}, {"class_name": "Lambda"},
)  # fmt: skip


def damaged_json(rng: random.Random, value: Any) -> Any:
    """A JSON value with one of its parts replaced, doubled or removed."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        copy = dict(value)
        key = rng.choice(sorted(copy))
        kind = rng.randrange(12)
        if kind == 0:
            del copy[key]
        elif kind == 1:
            copy[str(rng.choice(WEIRD))] = copy.pop(key)
        else:
            copy[key] = damaged_json(rng, copy[key])
        return copy
    if isinstance(value, list) and value and rng.random() < 0.9:
        copy_of_list = list(value)
        at = rng.randrange(len(copy_of_list))
        kind = rng.randrange(12)
        if kind == 0:
            del copy_of_list[at]
        elif kind == 1:
            copy_of_list.insert(at, rng.choice(copy_of_list))
        else:
            copy_of_list[at] = damaged_json(rng, copy_of_list[at])
        return copy_of_list
    return rng.choice(WEIRD)
