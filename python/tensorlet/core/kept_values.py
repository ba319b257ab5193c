"""Calls that leave all variables as they were: a model is called to be built, and not for the user."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from tensorlet.core.variable import Variable


class _State(threading.local):
    def __init__(self) -> None:
        self.kept: dict[int, tuple[Variable, np.ndarray]] | None = None


_state = _State()


class unchanged_variables:  # noqa: N801 - reads as a statement: with unchanged_variables()
    """A ``with`` block at whose end each variable has the value that it had before its first assignment in the block.

    >>> import tensorlet as tf
    >>> from tensorlet.core.kept_values import unchanged_variables
    >>> v = tf.Variable(1.0)
    >>> with unchanged_variables():
    ...     float(v.assign_add(2.0))
    3.0
    >>> float(v)
    1.0
    """

    def __enter__(self) -> None:
        self._outer = _state.kept
        _state.kept = {}

    def __exit__(self, *_: object) -> None:
        kept, _state.kept = _state.kept, self._outer
        for variable, value in (kept or {}).values():
            variable._array[...] = value


def keep_values(variables: Iterable[Variable]) -> None:
    """Is called before variables change: remembers their values if a block asks for it."""
    kept = _state.kept
    if kept is not None:
        for variable in variables:
            if id(variable) not in kept:
                kept[id(variable)] = (variable, variable._array.copy())
