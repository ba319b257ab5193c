"""The source files of lessons: Markdown with both languages side by side, and the code once.

A source file is a row of passages. A Korean passage begins with the line ``<!-- ko -->`` and is followed by the same
passage in English, which begins with ``<!-- en -->``. A passage after ``<!-- both -->`` appears in both languages.
Blocks of Python are shared; words in them that depend on the language are written ``«합계|total»``, and ``@language``
is the language itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from importlib import resources
from typing import NamedTuple

LANGUAGES = ("ko", "en")

_MARK = re.compile(r"^<!-- (ko|en|both) -->$")
_WORDS = re.compile(r"«([^«»|\n]*)\|([^«»|\n]*)»")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
_TEXT_IN_FORMULA = re.compile(r"\\text\{[^}]*\}")
#: Korean needs fewer characters for the same sentence: how much longer the English passage may be.
_LONGEST, _SHORTEST = 3.4, 0.9
_SHORT_PASSAGE = 40
#: Notebooks show about this many columns of code without scrolling.
_WIDEST_CODE = 88


class Passage(NamedTuple):
    """A part of a source file: ``kind`` is ``"ko"``, ``"en"``, ``"both"`` or ``"code"``."""

    kind: str
    text: str
    line: int


def names() -> list[str]:
    """The lessons in their order, such as ``"softmax"``.

    >>> import tensorlet as tf
    >>> from tensorlet.lessons import source
    >>> source.names()[0]
    'softmax'
    """
    return [file_name(name)[3:-3] for name in _files()]


def file_name(name: str) -> str:
    """The file of a lesson, such as ``"01_softmax.md"``."""
    return next(file for file in _files() if name in (file, file[3:-3]))


def read(name: str) -> str:
    """The source of a lesson."""
    folder = resources.files("tensorlet.lessons") / "texts"
    return (folder / file_name(name)).read_text(encoding="utf-8")


def _files() -> list[str]:
    folder = resources.files("tensorlet.lessons") / "texts"
    return sorted(file.name for file in folder.iterdir() if file.name.endswith(".md"))


def passages(text: str) -> list[Passage]:
    """Divides a source file into its passages.

    >>> import tensorlet as tf
    >>> from tensorlet.lessons import source
    >>> [passage.kind for passage in source.passages("<!-- ko -->\\n안녕\\n<!-- en -->\\nHello\\n")]
    ['ko', 'en']
    """
    found: list[Passage] = []
    kind, lines, start, fence = "", [""], 1, False
    for number, line in enumerate([*text.splitlines(), "<!-- both -->"], start=1):
        mark = None if fence else _MARK.match(line)
        opens = not fence and line.startswith("```python")
        if mark or opens:
            _add(found, kind, lines, start)
            kind, lines, start = (mark[1] if mark else "code"), [], number + 1
        elif kind == "code" and line == "```":
            _add(found, kind, lines, start)
            kind, lines, start = "", [], number + 1
        else:
            lines.append(line)
        if line.startswith("```"):
            fence = not fence
    return found


def _add(found: list[Passage], kind: str, lines: list[str], start: int) -> None:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        found.append(Passage(kind, text, start))


def localized(text: str, language: str) -> str:
    """The lesson in one language, as Markdown that Jupytext reads; one cell for each passage.

    Args:
        text: a source file.
        language: ``"ko"`` or ``"en"``.
    """
    place = LANGUAGES.index(language)
    cells = []
    for passage in passages(text):
        words = _WORDS.sub(lambda match: match[place + 1], passage.text).replace("@language", language)
        if passage.kind == "code":
            cells.append(f"```python\n{words}\n```")
        elif passage.kind in (language, "both"):
            cells.append(words)
    # Two blank lines divide cells.
    return "\n\n\n".join(cells) + "\n"


def title(text: str, language: str) -> str:
    """The first heading of a lesson.

    >>> import tensorlet as tf
    >>> from tensorlet.lessons import source
    >>> source.title("<!-- ko -->\\n# 1. 하나\\n<!-- en -->\\n# 1. One\\n", "en")
    '1. One'
    """
    headings = re.findall(r"^# (.+)$", localized(text, language), re.MULTILINE)
    return str(headings[0]) if headings else ""


def problems(text: str) -> list[str]:
    """What is missing or differs between the languages; empty if both are complete.

    Both passages of a pair must have the same headings, items, rows of tables, links, pictures, formulas and names in
    code; the words of one language may not be in the other, and neither may be much shorter.

    Args:
        text: a source file.

    Returns:
        One sentence for each problem, with the line.

    >>> import tensorlet as tf
    >>> from tensorlet.lessons import source
    >>> source.problems("<!-- ko -->\\n`a`입니다.\\n<!-- en -->\\nThis is `b`.\\n")
    ["line 4: names in code differ between the languages: ['a'] and ['b']"]
    """
    found = []
    rows = passages(text)
    for place, passage in enumerate(rows):
        where = f"line {passage.line}"
        after = rows[place + 1] if place + 1 < len(rows) else None
        before = rows[place - 1] if place else None
        if passage.kind == "":
            found.append(f"{where}: text outside of a passage: {passage.text[:40]!r}")
        elif passage.kind == "ko" and (after is None or after.kind != "en"):
            found.append(f"{where}: this Korean passage has no English one")
        elif passage.kind == "en" and (before is None or before.kind != "ko"):
            found.append(f"{where}: this English passage has no Korean one")
        elif passage.kind == "en" and before is not None:
            found += [f"{where}: {problem}" for problem in _differences(before.text, passage.text)]
        elif passage.kind in ("code", "both"):
            found += [f"{where}: {problem}" for problem in _mixed_words(passage.text)]
            found += [f"{where}: {problem}" for problem in _wide_lines(passage)]
    return found


_COUNTED: dict[str, Callable[[str], object]] = {
    "headings": lambda text: re.findall(r"^(#+) ", text, re.MULTILINE),
    "items": lambda text: len(re.findall(r"^ *(?:[-*]|\d+\.) ", text, re.MULTILINE)),
    "rows of tables": lambda text: len(re.findall(r"^\|", text, re.MULTILINE)),
    "links and pictures": lambda text: Counter(re.findall(r"\]\(([^)]*)\)", text)),
    "formulas": lambda text: sorted(
        {
            _TEXT_IN_FORMULA.sub("", "".join(match.groups(""))).replace(" ", "")
            for match in _FORMULA.finditer(text)
        }
    ),
    "names in code": lambda text: sorted(set(_CODE_SPAN.findall(text))),
}


def _differences(korean: str, english: str) -> list[str]:
    found = []
    for what, count in _COUNTED.items():
        one, other = count(_WORDS.sub("", korean)), count(_WORDS.sub("", english))
        if one != other:
            found.append(f"{what} differ between the languages: {one} and {other}")
    if _HANGUL.search(english):
        found.append("Korean words in the English passage")
    if not _HANGUL.search(_CODE_SPAN.sub("", korean)):
        found.append("no Korean words in the Korean passage")
    found += [
        f"Markdown does not see this as bold: {words!r}"
        for text in (korean, english)
        for words in _lost_bold(text)
    ]
    share = len(english) / len(korean)
    if not _SHORTEST <= share <= _LONGEST and len(english) > _SHORT_PASSAGE:
        found.append(f"the English passage has {share:.1f} times the characters of the Korean one")
    return found


def _lost_bold(text: str) -> list[str]:
    """Bold words that Markdown shows with their stars: punctuation inside of a mark, and a letter outside."""
    found = []
    for match in re.finditer(r"(.?)\*\*([^*\n]+(?:\n[^*\n]+)?)\*\*(.?)", text):
        before, inside, after = match.groups()
        opens = before.isalnum() and not inside[0].isalnum()
        closes = after.isalnum() and not inside[-1].isalnum()
        if opens or closes:
            found.append(match[0])
    return found


def _mixed_words(text: str) -> list[str]:
    found = []
    for korean, english in _WORDS.findall(text):
        if not korean.strip() or not english.strip() or _HANGUL.search(english) or not _HANGUL.search(korean):
            found.append(f"«{korean}|{english}» is not Korean and English")
    rest = _WORDS.sub("", text)
    if _HANGUL.search(rest) or "«" in rest or "»" in rest:
        line = next(line for line in rest.splitlines() if _HANGUL.search(line) or "«" in line or "»" in line)
        found.append(f"words of one language in a part for both: {line.strip()!r}")
    return found


def _wide_lines(passage: Passage) -> list[str]:
    found = []
    for language in LANGUAGES if passage.kind == "code" else ():
        for line in localized(f"```python\n{passage.text}\n```", language).splitlines():
            columns = len(line) + len(_HANGUL.findall(line))
            if columns > _WIDEST_CODE:
                found.append(f"{columns} columns of code, more than {_WIDEST_CODE}: {line.strip()[:40]!r}")
    return found
