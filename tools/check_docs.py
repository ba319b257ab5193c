"""Runs every example in the documentation.

    python tools/check_docs.py               README*.md, docs/*.md and every docstring of the package
    python tools/check_docs.py FILE.md ...   only these pages

The ``python`` blocks of a page run in order, as one program, in an empty folder; a block with ``>>>`` is
checked like a docstring, against the output that it shows. Blocks of other languages (``sh``, ``text``)
are not run.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import os
import pkgutil
import re
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
BLOCK = re.compile(r"^```python[^\S\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def check_page(page: Path) -> tuple[int, int]:
    """Runs the Python blocks of one page; returns how many there are and how many failed."""
    text = page.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "__main__"}
    count = failed = 0
    for block in BLOCK.finditer(text):
        count += 1
        line = text.count("\n", 0, block.start(1))
        if not run_block(block[1], names, page, line):
            failed += 1
    return count, failed


def run_block(source: str, names: dict[str, Any], page: Path, line: int) -> bool:
    """Runs one block in the namespace of the page; True if its output is as shown."""
    if ">>>" in source:
        return run_doctest(source, names, f"{page.name}:{line + 1}", str(page), line)
    try:
        # Leading blank lines make the line numbers of tracebacks those of the page.
        code = compile("\n" * line + source, str(page), "exec")
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, names)
    except Exception:
        print(f"{page}:{line + 1}: this example fails\n{traceback.format_exc()}")
        return False
    return True


def run_doctest(source: str, names: dict[str, Any], title: str, file: str, line: int) -> bool:
    """Runs the ``>>>`` examples of one text; the names that they define stay in ``names``."""
    test = doctest.DocTestParser().get_doctest(source, names, title, file, line)
    test.globs = names  # the parser makes a copy, but later blocks use the same names
    return doctest.DocTestRunner(optionflags=OPTIONS).run(test, clear_globs=False).failed == 0


def modules(package: str) -> Iterator[Any]:
    """Every module of the package, except those that run a program when imported."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def check_docstrings(package: str) -> tuple[int, int]:
    """Runs the examples of every docstring; returns how many docstrings have examples and how many failed."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    count = failed = 0
    for module in modules(package):
        tests = [test for test in finder.find(module, extraglobs={"__name__": "__main__"}) if test.examples]
        for test in tests + operation_tests(module):
            count += 1
            failed += runner.run(test).failed > 0
    return count, failed


def operation_tests(module: Any) -> list[doctest.DocTest]:
    """The examples of operations, which doctest does not find, since operations are records and not functions."""
    from tensorlet.ops.registry import Operation

    parser = doctest.DocTestParser()
    tests = []
    for name, value in vars(module).items():
        if isinstance(value, Operation) and value.__doc__:
            tests.append(
                parser.get_doctest(value.__doc__, {}, f"{module.__name__}.{name}", module.__file__, 0)
            )
    return [test for test in tests if test.examples]


def main(arguments: list[str]) -> int:
    """Checks the given pages, or everything; returns 1 if an example fails."""
    pages = [Path(argument).resolve() for argument in arguments]
    pages = pages or [*sorted(CHECKOUT.glob("README*.md")), *sorted((CHECKOUT / "docs").glob("*.md"))]
    passed = failures = 0
    os.environ.setdefault("TENSORLET_KERAS", "2")  # the docstrings of keras.ops are not the whole program
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for page in pages:
            count, failed = check_page(page)
            print(f"{page.name}: {count} examples, {failed} failed")
            passed, failures = passed + count - failed, failures + failed
        if not arguments:
            count, failed = check_docstrings("tensorlet")
            print(f"docstrings with examples: {count}, {failed} failed")
            passed, failures = passed + count - failed, failures + failed
        os.chdir(CHECKOUT)
    print(f"documentation: {passed} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
