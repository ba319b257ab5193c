"""Runs the tests of the changed files: a result in under 40 seconds on two cores.

    python tools/fast_tests.py [PYTEST OPTIONS]

The tests mirror the folders of the package, so a changed file leads to its tests: ``python/tensorlet/ops/reduce.py``
to ``tests/ops``. Everything that is not committed counts as changed or, if there is nothing, the last commit. A few
tests of complete trainings always run. Tests marked ``slow`` (whole programs, killed processes, damaged files) do
not: ``make test`` runs them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
#: Always run: a training step, `fit`, a saved model.
ALWAYS = (
    "tests/core/test_function.py",
    "tests/keras/training/test_fit.py",
    "tests/keras/saving/test_saving.py",
)
#: Folders beside the package -> the tests that cover them.
BESIDE = {
    "crates": "tests/backends",
    "tools": "tests/tools",
    "benchmarks": "tests/tools",
    "examples": "tests/demo",
}


def changed_files() -> list[str]:
    """The files that differ from the last commit, including new ones; if none do, those that it changed."""
    now = git("diff", "--name-only", "HEAD") + git("ls-files", "--others", "--exclude-standard")
    return now or git("diff", "--name-only", "HEAD~1", "HEAD")


def git(*command: str) -> list[str]:
    """The lines that a git command prints; none where git or the commit is missing."""
    done = subprocess.run(["git", *command], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []


def tests_for(changed: Iterable[str], folder: Path = CHECKOUT) -> list[str]:
    """The test files and folders that cover changed files, without those inside another one.

    >>> tests_for(["python/tensorlet/ops/reduce.py", "README.md"])[-1]
    'tests/ops'
    """
    found = {path for path in ALWAYS if (folder / path).exists()}
    for name in changed:
        path = Path(name)
        if path.parts[0] == "tests" and path.name.startswith("test_") and (folder / path).exists():
            found.add(name)
        elif path.parts[:2] == ("python", "tensorlet"):
            found.add(nearest(Path("tests", *path.with_suffix("").parts[2:]), folder))
        elif path.parts[0] in BESIDE:
            found.add(BESIDE[path.parts[0]])
    return sorted(
        one for one in found if not any(one != other and one.startswith(f"{other}/") for other in found)
    )


def nearest(path: Path, folder: Path) -> str:
    """The closest folder of tests above a path; ``tests/api`` for the root of the package."""
    while not (folder / path).is_dir():
        path = path.parent
    return "tests/api" if path == Path("tests") else path.as_posix()


def main(options: list[str]) -> int:
    """Runs pytest on the chosen tests, in as many processes as there are cores."""
    chosen = tests_for(changed_files())
    print("tests:", *chosen, flush=True)
    command = [sys.executable, "-m", "pytest", "-m", "not slow", "-n", "auto", *chosen, *options]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
