"""Checks which way imports point: each room of the package may import only from rooms to its left.

    python tools/check_imports.py            checks the package of this checkout
    python tools/check_imports.py FOLDER     checks another folder that holds a ``tensorlet`` package

Imports inside functions count as well: a late import hides a wrong direction, it does not mend it. The
few that are meant stand in ``EXCEPTIONS`` with their reason. The engine crate must not know of Python.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parents[1]

#: The rooms from left to right. Rooms in one row may not import each other, except where `BESIDE` says so.
ROWS: tuple[tuple[str, ...], ...] = (
    (
        "_index",
        "errors",
        "extensions",
        "public_names",
        "numpy_threads",
        "type_aliases",
        "_native",
        "_version",
    ),
    ("registry", "settings"),
    ("debug", "engine"),
    ("dtypes", "formats"),
    ("ops",),
    ("graph",),
    ("backends",),
    ("core",),
    ("checkpoint", "data", "datasets", "preprocessing", "summary"),
    ("keras",),
    ("plots",),
    ("compat",),
    ("api",),
    ("demo", "export", "visualize"),
    ("cli",),
    ("__main__",),
)

#: (file, imported room): why the arrow may point to the right or to the side.
EXCEPTIONS: dict[tuple[str, str], str] = {}

PACKAGE = "tensorlet"
#: A dependency on a crate that knows of Python: ``pyo3 = ...``, ``"numpy" = ...`` or ``[dependencies.pyo3]``.
PYTHON_CRATE = re.compile(r'\s*(?:\[.*dependencies\.)?"?(pyo3[\w-]*|numpy|tensorlet-python)"?\s*[=.\]]')
#: ``__init__`` of the package gathers every room; whoever imports it could reach anything.
FRONT_DOOR = "__init__"


class Import(NamedTuple):
    """One import statement's target room and the line that it stands on."""

    room: str
    line: int


def position(room: str) -> int | None:
    """The row of a room, counted from the left; None for a room that the list does not know."""
    for row, rooms in enumerate(ROWS):
        if room in rooms:
            return row
    return None


def room_of(module: str) -> str:
    """``tensorlet.core.tensor`` lies in the room ``core``; ``tensorlet`` itself is the front door."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else FRONT_DOOR


def imports_of(source: str, module: str, is_package: bool, rooms: set[str]) -> Iterator[Import]:
    """Every import of the package's own modules in a source file, those inside functions included."""
    for node in executed_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    yield Import(room_of(alias.name), node.lineno)
        elif isinstance(node, ast.ImportFrom):
            origin = absolute_name(node, module, is_package)
            if origin.split(".")[0] != PACKAGE:
                continue
            if origin != PACKAGE:
                yield Import(room_of(origin), node.lineno)
                continue
            for alias in node.names:  # ``from tensorlet import errors`` imports a room, not the front door
                yield Import(alias.name if alias.name in rooms else FRONT_DOOR, node.lineno)


def executed_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node of a tree except what stands under ``if TYPE_CHECKING:``, which never runs."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            todo += node.orelse
        else:
            todo += ast.iter_child_nodes(node)


def absolute_name(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """The full name that ``from X import ...`` means, with leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    parts = module.split(".")
    keep = len(parts) - node.level + (1 if is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def check_package(folder: Path) -> list[str]:
    """One sentence for each import of the package in ``folder`` that points the wrong way."""
    package = folder / PACKAGE
    files = sorted(package.rglob("*.py"))
    known = {room for row in ROWS for room in row}
    found = {file.relative_to(package).parts[0].removesuffix(".py") for file in files} - {FRONT_DOOR}
    complaints = [
        f"{PACKAGE}/{room}: this room is not in the list of {Path(__file__).name}; give it its place in ROWS."
        for room in sorted(found - known)
    ]
    for file in files:
        complaints += check_file(file, package, known)
    return complaints


def check_file(file: Path, package: Path, known: set[str]) -> list[str]:
    """The complaints about one file."""
    relative = file.relative_to(package)
    parts = relative.with_suffix("").parts
    here = parts[0]
    if here == FRONT_DOOR or here not in known:
        return []
    is_package = parts[-1] == "__init__"
    module = ".".join([PACKAGE, *(parts[:-1] if is_package else parts)])
    complaints = []
    for room, line in imports_of(file.read_text(encoding="utf-8"), module, is_package, known):
        if room == here or (relative.as_posix(), room) in EXCEPTIONS:
            continue
        if not may_import(here, room):
            complaints.append(
                f"{PACKAGE}/{relative.as_posix()}:{line}: {here} may not import {room}, which lies "
                f"{'beside it' if position(room) == position(here) else 'to its right'}. "
                f"Move what both need to the left of {here}."
            )
    return complaints


def may_import(here: str, room: str) -> bool:
    """Whether an arrow from ``here`` to ``room`` points to the left."""
    mine, other = position(here), position(room)
    if room == FRONT_DOOR:
        # Only what users could have written themselves goes through the front door.
        return mine is not None and mine > (position("keras") or 0)
    return mine is not None and other is not None and other < mine


def unused_exceptions(folder: Path) -> list[str]:
    """Exceptions that no import needs any more: they would hide the next mistake."""
    complaints = []
    known = {room for row in ROWS for room in row}
    for (name, room), _reason in EXCEPTIONS.items():
        file = folder / PACKAGE / name
        parts = Path(name).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        module = ".".join([PACKAGE, *(parts[:-1] if is_package else parts)])
        rooms = (
            {found.room for found in imports_of(file.read_text(encoding="utf-8"), module, is_package, known)}
            if file.is_file()
            else set()
        )
        if room not in rooms:
            complaints.append(f"EXCEPTIONS: {name} does not import {room}; take the exception out.")
    return complaints


def check_engine(manifest: str) -> list[str]:
    """The engine's ``Cargo.toml`` must not name a crate that knows of Python."""
    return [
        f"crates/engine/Cargo.toml:{number}: the engine knows nothing of Python and may not "
        f"depend on {found[1]}."
        for number, line in enumerate(manifest.splitlines(), start=1)
        if (found := PYTHON_CRATE.match(line))
    ]


def main(arguments: list[str]) -> int:
    """Prints the complaints; 1 if there are any."""
    folder = Path(arguments[0]) if arguments else CHECKOUT / "python"
    complaints = check_package(folder)
    if not arguments:
        complaints += unused_exceptions(folder)
        complaints += check_engine(
            (CHECKOUT / "crates" / "engine" / "Cargo.toml").read_text(encoding="utf-8")
        )
    for complaint in complaints:
        print(complaint)
    if complaints:
        print(f"{len(complaints)} imports point the wrong way")
        return 1
    print("every import points to the left")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
