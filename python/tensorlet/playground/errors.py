"""Errors that the page shows in the language of its reader."""

from __future__ import annotations

from tensorlet.errors import InvalidArgumentError


class PlaygroundError(InvalidArgumentError):
    """Input of the page that cannot be used.

    Args:
        code: the name of the message in the page's tables (``static/messages``), without ``error.``.
        text: the message in English, for programs.
        values: what the page puts into its message.

    >>> error = PlaygroundError("too_many_rows", "The file has 9 rows, but at most 5 are read.", rows=9, most=5)
    >>> error.code, error.values
    ('too_many_rows', {'rows': 9, 'most': 5})
    """

    def __init__(self, code: str, text: str, **values: str | int | float) -> None:
        super().__init__(text)
        self.code = code
        self.values = values
