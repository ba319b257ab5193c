"""Checks of shapes in files."""

from __future__ import annotations

from collections.abc import Iterable

#: The largest number of bytes that an array in NumPy can span.
MOST_BYTES = 1 << 62


def is_possible(shape: Iterable[int], item_bytes: int) -> bool:
    """Whether NumPy can create an array of this shape.

    A length of zero makes an array empty, however long its other axes are; NumPy still rejects shapes
    that could not be addressed.

    >>> from tensorlet.formats.shapes import is_possible
    >>> is_possible((2, 0), 4), is_possible((1 << 40, 1 << 40, 0), 4), is_possible((-1,), 4)
    (True, False, False)
    """
    span = item_bytes
    for length in shape:
        if length < 0:
            return False
        span *= max(length, 1)
        if span > MOST_BYTES:
            return False
    return True
