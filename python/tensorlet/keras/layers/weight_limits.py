"""A bound on the weights that a file may ask for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorlet.errors import ShapeError

#: Bytes of weights that each surrounding `weights_within` block still allows; empty without such a block.
_allowed: list[int] = []


@contextlib.contextmanager
def weights_within(bytes_allowed: int) -> Iterator[None]:
    """A ``with`` block in which layers may make weights of so many bytes together.

    Reading a file is such a block: a few damaged bytes in it must not ask for all the memory there is.

    Raises:
        ShapeError: inside the block, for the weight that is too large.

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
    """Refuses a weight that is larger than the `weights_within` blocks around allow."""
    size = dtype.itemsize
    for length in lengths:
        size *= length
    if _allowed and size > _allowed[-1]:
        raise ShapeError(
            f'the layer "{layer}" asks for a weight of shape {lengths}, which is {size} bytes and more than the file '
            "can hold."
        )
    if _allowed:
        _allowed[-1] -= size
