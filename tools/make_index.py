"""Writes ``tensorlet/_index.py``: the modules that register names, so that each is imported when it is first used.

    python tools/make_index.py               writes the table of this checkout
    python tools/make_index.py --check       checks whether it is up to date; exits with 1 if it is not
    python tools/make_index.py FOLDER        writes it in another folder that contains a ``tensorlet`` package

The sources are read, not run: the arguments of ``@register("kind", "name", ...)`` must be string literals.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = "tensorlet"
DECORATOR = "register"

HEADER = '''"""Which module registers which names. Written by ``tools/make_index.py``; do not edit."""

#: Kind -> module -> class or function -> the names under which it is registered.
INDEX: dict[str, dict[str, dict[str, str]]] = {
'''


class Entry(NamedTuple):
    """A registered object: the contents of one ``@register(...)``."""

    kind: str
    module: str
    thing: str
    names: str


def entries_of(source: str, module: str) -> Iterator[Entry]:
    """The objects that a source file registers.

    Raises:
        ValueError: if an argument of the decorator is not a string literal.
    """
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if not isinstance(decorator, ast.Call) or getattr(decorator.func, "id", None) != DECORATOR:
                continue
            words = [getattr(argument, "value", None) for argument in decorator.args]
            if not words or not all(isinstance(word, str) for word in words):
                raise ValueError(
                    f"{module}, line {decorator.lineno}: @{DECORATOR} takes string literals only, the kind first."
                )
            kind, *names = [str(word) for word in words]
            yield Entry(kind, module, node.name, " ".join(names or [node.name]))


def index_of(folder: Path) -> str:
    """The text of the table for the package in a folder.

    Raises:
        ValueError: if two objects of one kind have the same name.
    """
    package = folder / PACKAGE
    entries: list[Entry] = []
    for file in sorted(package.rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        if f"@{DECORATOR}(" in source:
            parts = file.relative_to(package).with_suffix("").parts
            module = ".".join([PACKAGE, *(parts[:-1] if parts[-1] == "__init__" else parts)])
            entries += entries_of(source, module)
    seen: dict[tuple[str, str], str] = {}
    for entry in entries:
        for name in entry.names.split():
            other = seen.setdefault((entry.kind, name), entry.module)
            if other != entry.module:
                raise ValueError(f"{other} and {entry.module} both register the {entry.kind} '{name}'.")
    return HEADER + "".join(_lines(entries)) + "}\n"


def _lines(entries: list[Entry]) -> Iterator[str]:
    for kind in sorted({entry.kind for entry in entries}):
        yield f'    "{kind}": {{\n'
        for module in sorted({entry.module for entry in entries if entry.kind == kind}):
            yield f'        "{module}": {{\n'
            for entry in entries:
                if (entry.kind, entry.module) == (kind, module):
                    yield f'            "{entry.thing}": "{entry.names}",\n'
            yield "        },\n"
        yield "    },\n"


def main(arguments: list[str]) -> int:
    """Writes or checks the table; returns 1 if it is out of date or a registration is invalid."""
    check = "--check" in arguments
    folders = [argument for argument in arguments if argument != "--check"]
    folder = Path(folders[0]) if folders else CHECKOUT / "python"
    file = folder / PACKAGE / "_index.py"
    try:
        text = index_of(folder)
    except ValueError as error:
        print(error)
        return 1
    if check:
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            print(f"{file} is out of date. Run: python tools/make_index.py")
            return 1
        print("the index is up to date")
        return 0
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.unlink(missing_ok=True)  # in a copy of the tree it may be a link to the original
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
