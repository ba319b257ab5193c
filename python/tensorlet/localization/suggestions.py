"""Suggestions for misspelled names, in the language of the user."""

from __future__ import annotations

from collections.abc import Iterable

from tensorlet.errors import near_names
from tensorlet.localization import translate as _


def suggestion(name: str, candidates: Iterable[str]) -> str:
    """Returns ``Did you mean 'a' or 'b'?`` in the language in use, with a space before it; "" if nothing is near.

    >>> suggestion("epoch", ["epochs", "seed"])
    " Did you mean 'epochs'?"
    """
    names = [f"'{near}'" for near in near_names(name, candidates)]
    if not names:
        return ""
    return " " + _("Did you mean {names}?").format(names=_(" or ").join(names))
