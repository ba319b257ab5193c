"""Spellings of the years before: each is taken, and noted once."""

from __future__ import annotations

import os
import sys
import warnings

from tensorlet.errors import InvalidArgumentError

_noted: set[str] = set()


def note_old_spelling(old: str, today: str) -> None:
    """Says once, in a quiet warning, what today's name of an old spelling is.

    The warning names the line outside Tensorlet that the call came from.

    Args:
        old: what the program says, such as ``"Adam(lr=...)"``.
        today: what to write in its place, such as ``"Adam(learning_rate=...)"``.

    Raises:
        InvalidArgumentError: if the environment says ``TENSORLET_DEPRECATIONS=error``.

    >>> import warnings
    >>> from tensorlet.keras.spellings import note_old_spelling
    >>> with warnings.catch_warnings(record=True) as noted:
    ...     warnings.simplefilter("always")
    ...     for _ in range(3):
    ...         note_old_spelling("example(old=...)", "example(new=...)")
    >>> [str(one.message) for one in noted]
    ["example(old=...) is an old spelling; today's is example(new=...)."]
    """
    note = f"{old} is an old spelling; today's is {today}."
    if os.environ.get("TENSORLET_DEPRECATIONS") == "error":
        raise InvalidArgumentError(f"{note} Write that, or unset TENSORLET_DEPRECATIONS.")
    if old not in _noted:
        _noted.add(old)
        warnings.warn(note, FutureWarning, stacklevel=_depth())


def _depth() -> int:
    """How many calls up the user's line stands, counted as `warnings.warn` counts from `note_old_spelling`."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("tensorlet"):
        frame, depth = frame.f_back, depth + 1
    return depth
