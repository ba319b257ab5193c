"""Output on a terminal: colours where they are wanted, tables, and widths of Korean text."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from tensorlet.localization.width import width_of

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def has_colour(stream: TextIO) -> bool:
    """Whether to use colours: on a terminal, unless ``NO_COLOR`` is set (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(getattr(stream, "isatty", lambda: False)())


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """Returns text in a style ("bold", "dim", "red", "green", "yellow", "cyan") if the stream shows colours."""
    if not has_colour(stream or sys.stdout):
        return text
    return f"\033[{_STYLES[style]}m{text}\033[0m"


def cut(text: str, width: int) -> str:
    """Returns a text of at most this many cells, with an ellipsis if it was longer; without control characters."""
    clean = "".join(character if character.isprintable() else "·" for character in text)
    if width_of(clean) <= width:
        return clean
    while clean and width_of(clean) > width - 1:
        clean = clean[:-1]
    return clean + "…"


def aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = (), widest: int = 40) -> list[str]:
    """Returns rows as lines with aligned columns.

    Args:
        rows: the cells; the first row may be a header.
        right: the columns that are aligned to the right.
        widest: cells longer than this are cut.

    >>> aligned([["a", "n"], ["long", "1"]], right=[1])
    ['  a     n', '  long  1']
    """
    cells = [[cut(cell, widest) for cell in row] for row in rows]
    widths = [max(width_of(row[index]) for row in cells) for index in range(len(cells[0]))] if cells else []
    lines = []
    for row in cells:
        padded = []
        for index, cell in enumerate(row):
            space = " " * (widths[index] - width_of(cell))
            padded.append(space + cell if index in right else cell + space)
        lines.append(("  " + "  ".join(padded)).rstrip())
    return lines
