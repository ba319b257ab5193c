"""The warning for legacy spellings, which are accepted and reported once."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from tensorlet.errors import InvalidArgumentError
from tensorlet.localization import translate as _
from tensorlet.settings import DEPRECATIONS

_reported: set[str] = set()

#: Modules whose frames are skipped to find the user's line: Tensorlet, and Python's import system.
_SKIPPED = ("tensorlet", "importlib")


def warn_legacy(legacy: str, current: str) -> None:
    """Warns once for each legacy spelling, naming the current one.

    The warning shows the line outside Tensorlet that made the call.

    Args:
        legacy: the legacy spelling, such as ``"Adam(lr=...)"``.
        current: its replacement, such as ``"Adam(learning_rate=...)"``.

    Raises:
        InvalidArgumentError: if the environment variable ``TENSORLET_DEPRECATIONS`` is ``error``.

    >>> import warnings
    >>> from tensorlet.compat.deprecation import warn_legacy
    >>> with warnings.catch_warnings(record=True) as noted:
    ...     warnings.simplefilter("always")
    ...     for _ in range(3):
    ...         warn_legacy("example(old=...)", "example(new=...)")
    >>> [str(one.message) for one in noted]
    ['example(old=...) is a legacy spelling; use example(new=...).']
    """
    note = _("{legacy} is a legacy spelling; use {current}.").format(legacy=legacy, current=current)
    wanted = DEPRECATIONS.read()
    if wanted == "error":
        raise InvalidArgumentError(f"{note} Change it, or unset TENSORLET_DEPRECATIONS.")
    if wanted == "ignore" or legacy in _reported:
        return
    _reported.add(legacy)
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_SKIPPED):
        frame = frame.f_back
    if frame is None:
        warnings.warn(note, FutureWarning, stacklevel=2)
        return
    names = frame.f_globals
    warnings.warn_explicit(
        note, FutureWarning, frame.f_code.co_filename, frame.f_lineno,
        names.get("__name__"), names.setdefault("__warningregistry__", {}),
    )  # fmt: skip
