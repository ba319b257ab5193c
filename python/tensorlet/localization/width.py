"""Widths of texts on a terminal, where a Korean letter takes two cells."""

from __future__ import annotations

import unicodedata


def width_of(text: str) -> int:
    """Returns the number of cells of a terminal that a text takes; Korean letters take two.

    >>> width_of("abc"), width_of("열")
    (3, 2)
    """
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def wrapped(text: str, width: int) -> list[str]:
    """Returns a text as lines of at most ``width`` cells, broken at spaces; a longer word has a line of its own.

    >>> wrapped("가중치는 스레드 수와 관계없이 같습니다", 20)
    ['가중치는 스레드 수와', '관계없이 같습니다']
    """
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
