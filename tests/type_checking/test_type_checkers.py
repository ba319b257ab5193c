"""What mypy and pyright say about users' programs: correct ones pass, mistakes are found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tensorlet
from tensorlet.cli import main

PROGRAMS = Path(__file__).with_name("programs")
CORRECT = sorted(file.name for file in PROGRAMS.glob("*.py") if file.name != "mistakes.py")
SOURCES = Path(tensorlet.__file__).parents[1]

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MYPYPATH": f"{SOURCES}{os.pathsep}{cwd / 'typings'}"}
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def mypy_errors(folder: Path, files: list[Path], *options: str) -> dict[str, set[int]]:
    """The lines with errors by file name."""
    pytest.importorskip("mypy")
    done = run("-m", "mypy", "--config-file=", "--cache-dir", folder / "cache", *options, *files, cwd=folder)
    assert "checked" in done.stdout or "no issues" in done.stdout, done.stdout + done.stderr
    found: dict[str, set[int]] = {file.name: set() for file in files}
    for path, line in re.findall(r"^(.*?):(\d+): error:", done.stdout, re.MULTILINE):
        if Path(path).name in found and not Path(folder, path).resolve().is_relative_to(
            SOURCES / "tensorlet"
        ):
            found[Path(path).name].add(int(line))
    return found


def pyright_errors(folder: Path, files: list[Path]) -> dict[str, set[int]]:
    """The lines with errors by file name."""
    pytest.importorskip("basedpyright")
    settings = {
        "include": [str(file) for file in files], "extraPaths": [str(SOURCES)], "typeCheckingMode": "standard",
        "reportMissingModuleSource": False,
    }  # fmt: skip
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = run("-m", "basedpyright", "-p", folder, "--pythonpath", sys.executable, "--outputjson", cwd=folder)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(files)
    found: dict[str, set[int]] = {file.name: set() for file in files}
    for one in report["generalDiagnostics"]:
        if one["severity"] == "error":
            found[Path(one["file"]).name].add(one["range"]["start"]["line"] + 1)
    return found


def expected_errors() -> dict[str, set[int]]:
    """None in the correct programs; each marked line of the other one."""
    lines = (PROGRAMS / "mistakes.py").read_text().splitlines()
    marked = {number for number, line in enumerate(lines, start=1) if line.endswith("# wrong")}
    assert len(marked) == 13
    return {**{name: set() for name in CORRECT}, "mistakes.py": marked}


@pytest.mark.parametrize("name", CORRECT)
def test_the_correct_programs_run(name: str, tmp_path: Path) -> None:
    done = run(PROGRAMS / name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_mypy_finds_the_mistakes_and_nothing_else(tmp_path: Path) -> None:
    assert mypy_errors(tmp_path, sorted(PROGRAMS.glob("*.py")), "--strict") == expected_errors()


def test_pyright_finds_the_mistakes_and_nothing_else(tmp_path: Path) -> None:
    assert pyright_errors(tmp_path, sorted(PROGRAMS.glob("*.py"))) == expected_errors()


def test_programs_that_import_tensorflow_are_checked_with_typings(tmp_path: Path) -> None:
    folder = tmp_path / "typings"
    assert main(["typings", str(folder)]) == 0
    files = []
    for file in PROGRAMS.glob("*.py"):
        text = file.read_text().replace("import tensorlet as tf", "import tensorflow as tf")
        files.append(tmp_path / file.name)
        files[-1].write_text(text.replace("from tensorlet.", "from tensorflow."))
    assert mypy_errors(tmp_path, files, "--strict") == expected_errors()
    assert pyright_errors(tmp_path, files) == expected_errors()
