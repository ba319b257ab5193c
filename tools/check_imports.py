"""Checks how the files of the package import one another.

    python tools/check_imports.py            checks the package of this checkout
    python tools/check_imports.py FOLDER     checks another folder that contains a ``tensorlet`` package

Four things must hold:

1. No circles: no file imports itself, directly or through others.
2. Imports point downwards, between rooms and between the parts of a room (`ROOMS`).
3. Imports are at the top of a file. One inside a function saves start-up time, and has its reason in `LATE_IMPORTS`.
4. The engine crate does not depend on Python.

Imports inside functions count for 1 and 2 as well, since a late import only hides a wrong direction.
Imports under ``if TYPE_CHECKING:`` do not count, since they never run.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from import_rules import LATE_IMPORTS, ROOMS

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = "tensorlet"
#: A dependency on a crate for Python: ``pyo3 = ...``, ``"numpy" = ...`` or ``[dependencies.pyo3]``.
PYTHON_CRATE = re.compile(r'\s*(?:\[.*dependencies\.)?"?(pyo3[\w-]*|numpy|tensorlet-python)"?\s*[=.\]]')


class Import(NamedTuple):
    """One imported module, the line of the statement, and whether it is inside a function."""

    module: str
    line: int
    late: bool


class Source(NamedTuple):
    """One file of the package: its module name, its path below the package, and what it imports."""

    module: str
    path: str
    imports: tuple[Import, ...]


def read_package(folder: Path) -> dict[str, Source]:
    """Every file of the package in ``folder``, by module name."""
    package = folder / PACKAGE
    paths = {module_name(path, package): path for path in sorted(package.rglob("*.py"))}
    known = {*paths, f"{PACKAGE}._native"}  # the compiled engine has no source file here
    return {
        module: Source(
            module,
            path.relative_to(package).as_posix(),
            tuple(imports_of(path.read_text(encoding="utf-8"), module, path.name == "__init__.py", known)),
        )
        for module, path in paths.items()
    }


def module_name(path: Path, package: Path) -> str:
    """``core/tensor.py`` is ``tensorlet.core.tensor``; ``core/__init__.py`` is ``tensorlet.core``."""
    parts = [PACKAGE, *path.relative_to(package).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(source: str, module: str, is_package: bool, known: Container[str]) -> Iterator[Import]:
    """The imports of a source file, except those that only type checkers read.

    ``from tensorlet.core import tensor`` imports the module ``tensorlet.core.tensor`` where ``known`` has it.
    """
    for node, late in statements(ast.parse(source), late=False):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, late)
        elif isinstance(node, ast.ImportFrom):
            origin = absolute_name(node, module, is_package)
            for alias in node.names:
                full = f"{origin}.{alias.name}"
                yield Import(full if full in known else origin, node.lineno, late)


def statements(node: ast.AST, late: bool) -> Iterator[tuple[ast.AST, bool]]:
    """All nodes below one, and whether each is inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield other, late
                yield from statements(other, late)
            continue
        yield child, late
        yield from statements(child, late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def absolute_name(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """The full name of the module in ``from X import ...``, with leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    parts = module.split(".")
    keep = len(parts) - node.level + (1 if is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def check_circles(sources: Mapping[str, Source]) -> list[str]:
    """One sentence per circle of files."""
    graph = {
        module: sorted({one.module for one in source.imports} & sources.keys() - {module})
        for module, source in sources.items()
    }
    return [
        f"{len(group)} files import one another in a circle: {', '.join(group)}. "
        f"Move what they share into a file below them."
        for group in circles(graph)
    ]


def circles(graph: Mapping[str, list[str]]) -> list[list[str]]:
    """The strongly connected components of two nodes or more (Tarjan 1972).

    >>> circles({"a": ["b"], "b": ["a", "c"], "c": []})
    [['a', 'b']]
    """
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = lowest[node] = len(index)
        stack.append(node)
        for child in graph[node]:
            if child not in index:
                visit(child)
                lowest[node] = min(lowest[node], lowest[child])
            elif child in stack:
                lowest[node] = min(lowest[node], index[child])
        if lowest[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    sys.setrecursionlimit(max(sys.getrecursionlimit(), 10 * len(graph) + 1000))
    for node in graph:
        if node not in index:
            visit(node)
    return sorted(found)


def check_rooms(sources: Mapping[str, Source]) -> list[str]:
    """One sentence per import that does not point downwards, and per part without a place."""
    complaints = []
    for room, rows in ROOMS.items():
        places = {part: row for row, parts in enumerate(rows) for part in parts}
        inside = [source for source in sources.values() if part_of(source.module, room)]
        complaints += [
            f"{PACKAGE}/{'/'.join([*room.split('.')[1:], part])} has no place in the order of {room}. "
            "Add it to ROOMS in tools/import_rules.py."
            for part in sorted({part_of(source.module, room) for source in inside} - places.keys())
        ]
        for source in inside:
            complaints += check_directions(source, room, places)
    return complaints


def check_directions(source: Source, room: str, places: Mapping[str, int]) -> Iterator[str]:
    """The errors in the imports of one file, of other parts of a room."""
    here = part_of(source.module, room)
    for one in source.imports:
        there = part_of(one.module, room)
        if one.module == PACKAGE and room == PACKAGE:
            there = "__init__"
        if there in (here, "") or there not in places or here not in places:
            continue
        if places[there] >= places[here]:
            where = "beside" if places[there] == places[here] else "above"
            yield (
                f"{PACKAGE}/{source.path}:{one.line}: {here} must not import {there}, which is {where} it. "
                f"Move what both need below {here}."
            )


def part_of(module: str, room: str) -> str:
    """The part of a room that contains a module; ``""`` outside the room and for the room's own ``__init__``.

    >>> part_of("tensorlet.core.tensor", "tensorlet"), part_of("tensorlet.core.tensor", "tensorlet.core")
    ('core', 'tensor')
    """
    return module[len(room) + 1 :].split(".")[0] if module.startswith(f"{room}.") else ""


def check_late_imports(sources: Mapping[str, Source]) -> list[str]:
    """One sentence per import inside a function without a reason, and per reason without an import."""
    complaints = []
    used = set()
    for source in sources.values():
        for one in source.imports:
            if not one.late:
                continue
            key = next((key for key in reasons_for(source.path, one.module) if key in LATE_IMPORTS), None)
            if key is None:
                complaints.append(
                    f"{PACKAGE}/{source.path}:{one.line}: {one.module} is imported inside a function. Import "
                    "it at the top of the file or, if that costs start-up time, give the reason in "
                    "LATE_IMPORTS."
                )
            used.add(key)
    complaints += [
        f"LATE_IMPORTS: the reason for {key} is not needed. Remove it."
        for key in LATE_IMPORTS
        if key not in used
    ]
    return complaints


def reasons_for(path: str, module: str) -> Iterator[tuple[str, str]]:
    """The keys under which a reason may be listed, from the specific to the general."""
    parts = ("__init__" if module == PACKAGE else module.removeprefix(f"{PACKAGE}.")).split(".")
    targets = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    folder = path
    while True:
        yield from ((folder, target) for target in targets)
        if folder == "*":
            return
        folder = folder.rpartition("/")[0] or "*"


def check_engine(manifest: str) -> list[str]:
    """The engine's ``Cargo.toml`` must not name a crate for Python."""
    return [
        f"crates/engine/Cargo.toml:{number}: the engine must not depend on Python, and so not on {found[1]}."
        for number, line in enumerate(manifest.splitlines(), start=1)
        if (found := PYTHON_CRATE.match(line))
    ]


def main(arguments: list[str]) -> int:
    """Prints the errors; returns 1 if there are any."""
    sources = read_package(Path(arguments[0]) if arguments else CHECKOUT / "python")
    complaints = [*check_circles(sources), *check_rooms(sources)]
    if not arguments:
        complaints += check_late_imports(sources)
        complaints += check_engine((CHECKOUT / "crates/engine/Cargo.toml").read_text(encoding="utf-8"))
    for complaint in complaints:
        print(complaint)
    print(
        f"{len(complaints)} imports to correct"
        if complaints
        else "no circles, and every import points downwards"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
