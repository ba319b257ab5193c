"""The environment variables: every value that one does not have is refused, and the documentation lists all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tensorlet import settings
from tensorlet.errors import InvalidArgumentError

DOCUMENTATION = Path(__file__).parents[1] / "docs" / "environment.md"


def imported(code: str = "import tensorlet.engine", **environment: str) -> str:
    """What a new process writes to standard error when it imports the package."""
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True
    )
    return done.stderr


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TENSORLET_THREADS", "0", "an integer of at least 1"),
        ("TENSORLET_THREADS", "-2", "an integer of at least 1"),
        ("TENSORLET_THREADS", "two", "an integer of at least 1"),
        ("TENSORLET_SIMD", "sse", "'portable', 'neon', 'avx2', 'avx512' or 'amx'"),
        ("TENSORLET_DEBUG", "programs", "'backend', 'program', both separated by a comma, or 'all'"),
        ("TENSORLET_DEBUG", "backend,everything", "'backend', 'program'"),
        ("TENSORLET_DEPRECATIONS", "raise", "'warn', 'error' or 'ignore'"),
        ("TENSORLET_TRACEBACKS", "none", "'short' or 'full'"),
        ("TENSORLET_KILLS", "many", "an integer of at least 1"),
        ("TENSORLET_BACKUP_KILLS", "0", "an integer of at least 1"),
        ("TENSORLET_FUZZ_SECONDS", "-1", "a number greater than 0"),
        ("TENSORLET_FUZZ_SECONDS", "long", "a number greater than 0"),
        ("TENSORLET_FUZZ_BAD_READER", "yes", "'1'"),
    ],
)
def test_other_values_are_refused(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidArgumentError) as error:
        settings.SETTINGS[name].read()
    assert str(error.value).startswith(f"The environment variable {name} is '{value}'. Expected {expected}")
    with pytest.raises(InvalidArgumentError):
        settings.check_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENSORLET_THREADS", "3"),
        ("TENSORLET_SIMD", "portable"),
        ("TENSORLET_DEBUG", "all"),
        ("TENSORLET_DEBUG", "program,backend"),
        ("TENSORLET_DEPRECATIONS", "error"),
        ("TENSORLET_BACKEND", "reference"),
        ("TENSORLET_FUZZ_SECONDS", "0.5"),
        ("TENSORLET_BENCH_JAX", "/usr/bin/python3"),
    ],
)
def test_possible_values_are_read(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    settings.check_environment()
    assert settings.SETTINGS[name].read() == value


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_BACKEND", "")
    monkeypatch.setenv("TENSORLET_THREADS", "")
    assert settings.BACKEND.read() == "native"
    assert settings.THREADS.read() == ""


def test_the_import_refuses_a_wrong_value() -> None:
    last = imported("import tensorlet", TENSORLET_THREADS="x").splitlines()[-1]
    assert last == (
        "tensorlet.errors.InvalidArgumentError: The environment variable TENSORLET_THREADS is 'x'. "
        "Expected an integer of at least 1, or leave it unset."
    )


def test_vector_instructions_that_the_processor_lacks_are_refused() -> None:
    from tensorlet.engine import native

    missing = "neon" if "neon" not in native.simd_levels() else "avx2"
    error = imported(TENSORLET_SIMD=missing)
    assert (
        f"TENSORLET_SIMD is '{missing}'. Expected one of those that this processor supports ('portable'"
        in error
    )


def test_an_unknown_variable_is_reported() -> None:
    error = imported("import tensorlet", TENSORLET_BACKEN="reference")
    assert "The environment variable TENSORLET_BACKEN is not known to Tensorlet and is ignored." in error
    assert "Did you mean 'TENSORLET_BACKEND'" in error


def test_the_documentation_lists_every_variable() -> None:
    rows = [
        line.split("|")[1:-1]
        for line in DOCUMENTATION.read_text("utf-8").splitlines()
        if "| `TENSORLET_" in line
    ]
    documented = {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in rows}
    assert documented == {
        name: [setting.possible, setting.default, setting.meaning]
        for name, setting in settings.SETTINGS.items()
    }
