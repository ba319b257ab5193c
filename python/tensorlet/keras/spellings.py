"""Spellings of the years before: each is taken, and noted once."""

from __future__ import annotations

import os
import warnings

from tensorlet.errors import InvalidArgumentError

_noted: set[str] = set()


def note_old_spelling(old: str, today: str, stacklevel: int = 3) -> None:
    """Says once, in a quiet warning, what today's name of an old spelling is.

    Args:
        old: what the program says, such as ``"Adam(lr=...)"``.
        today: what to write in its place, such as ``"Adam(learning_rate=...)"``.
        stacklevel: how many calls lie between the user's line and the warning.

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
        warnings.warn(note, FutureWarning, stacklevel=stacklevel + 1)
