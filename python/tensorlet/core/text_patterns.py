"""Regular expressions of TensorFlow (RE2) as those of Python."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from tensorlet.errors import InvalidArgumentError

#: POSIX classes, which stand in brackets: ``[[:digit:]_]``.
CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": r" \t", "digit": "0-9", "lower": "a-z", "space": r"\s",
    "punct": r"!-/:-@\[-`{-~", "upper": "A-Z", "word": r"\w", "xdigit": "0-9a-fA-F", "cntrl": r"\x00-\x1f\x7f",
    "graph": "!-~", "print": " -~",
}  # fmt: skip
_POSIX = re.compile(r"\[:(\w+):\]")
_GROUP = re.compile(r"\\([0-9\\])")


@functools.lru_cache(maxsize=256)
def pattern_of(function: str, pattern: bytes) -> re.Pattern[str]:
    """The compiled pattern; as in RE2, ``\\w``, ``\\d`` and ``\\s`` are ASCII, and ``.`` is a character.

    Raises:
        InvalidArgumentError: for a pattern that Python does not have.

    >>> pattern_of("f", rb"[[:digit:]]+").sub("#", "a12")
    'a#'
    """
    text = pattern.decode("utf-8", "surrogateescape")
    text = _POSIX.sub(lambda found: CLASSES.get(found[1], found[0]), text)
    try:
        return re.compile(text, re.ASCII)
    except re.error as error:
        raise InvalidArgumentError(
            f"{function}: the pattern {pattern.decode(errors='replace')!r} is not supported ({error})."
        ) from None


def rewriter(rewrite: bytes) -> Callable[[re.Match[str]], str]:
    r"""What a match is replaced by: ``\0`` is the match, ``\1`` its first group.

    >>> pattern_of("f", rb"(a)(b)").sub(rewriter(rb"\2\1<\0>"), "ab")
    'ba<ab>'
    """
    parts = _GROUP.split(rewrite.decode("utf-8", "surrogateescape"))

    def replaced(match: re.Match[str]) -> str:
        return "".join(
            part if number % 2 == 0 else "\\" if part == "\\" else match[int(part)] or ""
            for number, part in enumerate(parts)
        )

    return replaced
