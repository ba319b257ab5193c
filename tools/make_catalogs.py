"""Writes the catalogues of translated messages, or checks that they are complete.

    python tools/make_catalogs.py            adds new messages, removes old ones, lists what has no translation
    python tools/make_catalogs.py --check    fails if a catalogue differs from the source code or lacks a translation

Messages are the strings in calls of ``translate``, ``plural`` and ``mark`` (or ``_``) of `tensorlet.localization`, and
the descriptions of subcommands.
Each room has its own catalogue: ``python/tensorlet/localization/catalogs/LANGUAGE/ROOM.po``.
"""

from __future__ import annotations

import ast
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from tensorlet.localization import LANGUAGES
from tensorlet.localization.catalog import Catalog, read_catalog, write_catalog

PACKAGE = Path(__file__).resolve().parents[1] / "python" / "tensorlet"
CATALOGS = PACKAGE / "localization" / "catalogs"
FUNCTIONS = ("_", "translate", "mark", "plural")
#: The table of subcommands, whose descriptions are messages.
COMMANDS = "COMMANDS"
HEADER = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nLanguage: {}\n"
#: Korean has one form for all numbers.
PLURAL_FORMS = "Plural-Forms: nplurals=1; plural=0;\n"


def messages_of(source: str, file: str = "") -> Iterator[tuple[str, str | None]]:
    """Yields each message of a source file with its plural, in order.

    Raises:
        SystemExit: for a call whose argument is not a literal string.

    >>> list(messages_of('print(_("one"), plural("{n} row", "{n} rows", n))'))
    [('one', None), ('{n} row', '{n} rows')]
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == COMMANDS:
            yield from ((text, None) for _module, text in ast.literal_eval(node.value).values())
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Name)
            or node.func.id not in FUNCTIONS
        ):
            continue
        wanted = 2 if node.func.id == "plural" else 1
        words = [part.value for part in node.args[:wanted] if isinstance(part, ast.Constant)]
        if all(
            isinstance(part, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
            for part in node.args[:wanted]
        ):
            continue  # a constant that `mark` has marked
        if len(words) != wanted or not all(isinstance(word, str) for word in words):
            raise SystemExit(f"{file}:{node.lineno}: {node.func.id}() needs literal strings, without f.")
        yield str(words[0]), str(words[1]) if wanted == 2 else None


def messages_of_rooms() -> dict[str, dict[str, str | None]]:
    """Returns the messages of each room that has any: text -> plural. Shared ones stay in the first room."""
    rooms: dict[str, dict[str, str | None]] = {}
    seen: set[str] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "tensorlet.localization" not in source:
            continue
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for text, many in messages_of(source, str(path)):
            if text not in seen or text in rooms.get(room, {}):
                seen.add(text)
                rooms.setdefault(room, {})[text] = many
    return rooms


def faults_of(language: str) -> list[str]:
    """Returns what is wrong with the catalogues of a language, one line each."""
    rooms, found = messages_of_rooms(), []
    for path in sorted((CATALOGS / language).glob("*.po")):
        if path.stem not in rooms:
            found.append(f"{path.name}: no room has this name, or the room has no messages")
    for room, texts in rooms.items():
        path = CATALOGS / language / f"{room}.po"
        catalog = read_catalog(path) if path.exists() else Catalog()
        for text in texts:
            translation = catalog.messages.get(text)
            if not translation:
                found.append(f"{path.name}: no translation of {text!r}")
            elif fields_of(translation) != fields_of(text):
                found.append(f"{path.name}: other {{fields}} in the translation of {text!r}")
        found += [
            f"{path.name}: not in the source code: {text!r}" for text in catalog.messages if text not in texts
        ]
    return found


def fields_of(text: str) -> set[str]:
    """Returns the names in braces in a message.

    >>> sorted(fields_of("{count:,} rows in {path}"))
    ['count', 'path']
    """
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def update(language: str) -> None:
    """Adds new messages to the catalogues of a language, without translation, and removes old ones."""
    for room, texts in messages_of_rooms().items():
        path = CATALOGS / language / f"{room}.po"
        catalog = read_catalog(path) if path.exists() else Catalog()
        catalog.header = HEADER.format(language) + PLURAL_FORMS
        catalog.plurals = {text: many for text, many in texts.items() if many is not None}
        write_catalog(path, catalog, list(texts))


def main(arguments: list[str]) -> int:
    """Runs the tool; returns the exit status."""
    languages = [name for name in LANGUAGES if name != "en"]
    if "--check" not in arguments:
        for language in languages:
            update(language)
    faults = [f"{language}/{fault}" for language in languages for fault in faults_of(language)]
    print("\n".join(faults) or "The catalogues are complete.")
    return int(bool(faults) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
