"""gettext catalogues as text (``.po`` files): reading and writing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tensorlet.errors import FileFormatError


@dataclass
class Catalog:
    """The messages of a catalogue.

    Attributes:
        messages: English text -> translation. A message with a plural is listed under its singular.
        plurals: the singular -> the plural, in English.
        header: the text of the entry for the empty message.
    """

    messages: dict[str, str] = field(default_factory=dict)
    plurals: dict[str, str] = field(default_factory=dict)
    header: str = ""


def read_catalog(path: str | Path) -> Catalog:
    """Reads a ``.po`` file.

    Raises:
        FileFormatError: for a line that is not part of a catalogue.
    """
    found = Catalog()
    for entry in _entries(Path(path)):
        text = entry.get("msgid", "")
        translation = entry.get("msgstr") or entry.get("msgstr[0]") or ""
        if not text:
            found.header = translation
            continue
        if "msgid_plural" in entry:
            found.plurals[text] = entry["msgid_plural"]
        if translation:
            found.messages[text] = translation
    return found


def _entries(path: Path) -> Iterator[dict[str, str]]:
    entry: dict[str, str] = {}
    key = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if line.startswith("#") or not line:
            continue
        if not line.startswith('"'):
            key, _, line = line.partition(" ")
            if key == "msgid" and entry:
                yield entry
                entry = {}
        if not key.startswith(("msgid", "msgstr")) or not line.startswith('"'):
            raise FileFormatError(f"{path}, line {number}: expected msgid, msgstr or a string in quotes.")
        entry[key] = entry.get(key, "") + str(ast.literal_eval(line))
    if entry:
        yield entry


def write_catalog(path: Path, catalog: Catalog, texts: list[str]) -> None:
    """Writes a ``.po`` file.

    Args:
        path: the file.
        catalog: the translations; those that are missing become empty strings.
        texts: the messages to write, in order.
    """
    lines = ['msgid ""', 'msgstr ""', *(_quoted(line) for line in catalog.header.splitlines(keepends=True))]
    for text in texts:
        translation = _quoted(catalog.messages.get(text, ""))
        lines += ["", f"msgid {_quoted(text)}"]
        if text in catalog.plurals:
            lines += [f"msgid_plural {_quoted(catalog.plurals[text])}", f"msgstr[0] {translation}"]
        else:
            lines.append(f"msgstr {translation}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
