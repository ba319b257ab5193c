"""A limit on the size of weights that loading a file may create."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorlet.errors import ShapeError

#: The number of bytes that each surrounding `weights_within` block still allows; empty outside of such blocks.
_allowed: list[int] = []


@contextlib.contextmanager
def weights_within(bytes_allowed: int) -> Iterator[None]:
    """Context manager in which layers may create weights of at most this many bytes in total.

    Files are loaded in such a block, because a damaged file might otherwise request all available memory.

    Raises:
        ShapeError: inside the block, for a weight that exceeds the limit.

    >>> import tensorlet as tf
    >>> from tensorlet.keras.layers.weight_limits import weights_within
    >>> with weights_within(1000):
    ...     tf.keras.layers.Dense(5).build_for((None, 4))
    """
    _allowed.append(bytes_allowed)
    try:
        yield
    finally:
        _allowed.pop()


def check_allowed(layer: str, lengths: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Raises an error for a weight that exceeds the limits of the surrounding `weights_within` blocks."""
    size = dtype.itemsize
    for length in lengths:
        size *= length
    if _allowed and size > _allowed[-1]:
        raise ShapeError(
            f'the layer "{layer}" requests a weight of shape {lengths}, which has {size} bytes, more than the file '
            "can contain."
        )
    if _allowed:
        _allowed[-1] -= size
