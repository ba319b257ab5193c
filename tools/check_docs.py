"""Runs every example that the documentation prints.

    python tools/check_docs.py               README.md, docs/*.md and every docstring of the package
    python tools/check_docs.py FILE.md ...   only these pages

In a page, blocks marked ``python`` run one after the other as one program, in an empty folder; a block
with ``>>>`` is checked like a docstring, against the output that it prints. Blocks of other languages
(``sh``, ``text``) are not run here.
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
    """Runs one block in the page's names; True if it did what it says."""
    if ">>>" in source:
        return run_doctest(source, names, f"{page.name}:{line + 1}", str(page), line)
    try:
        # Blank lines in front, so that a traceback names the page's own lines.
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
    test.globs = names  # the parser made a copy; later blocks build on this one
    return doctest.DocTestRunner(optionflags=OPTIONS).run(test, clear_globs=False).failed == 0


def modules(package: str) -> Iterator[Any]:
    """Every module of the package, except programs that run when they are imported."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def check_docstrings(package: str) -> tuple[int, int]:
    """Runs the examples of every docstring; returns how many docstrings have some and how many failed."""
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
    """The examples of operations: records, not functions, so that doctest's finder passes them by."""
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
    """Checks the pages named, or everything; 1 if an example fails."""
    pages = [Path(argument).resolve() for argument in arguments]
    pages = pages or [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
    passed = failures = 0
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
