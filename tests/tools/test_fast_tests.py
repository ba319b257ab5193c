"""`make test-fast` runs the tests of what was changed."""

from __future__ import annotations

from pathlib import Path

import pytest

import fast_tests


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("tests/keras/training", "tests/keras/saving", "tests/ops", "tests/api", "tests/core"):
        (tmp_path / name).mkdir(parents=True)
    for name in (*fast_tests.ALWAYS, "tests/ops/test_reduce.py"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "chosen"),
    [
        ("python/tensorlet/ops/reduce.py", "tests/ops"),
        ("python/tensorlet/keras/training/step/step.py", "tests/keras/training"),
        ("python/tensorlet/__init__.py", "tests/api"),
        ("crates/engine/src/lib.rs", "tests/backends"),
        ("tests/ops/test_reduce.py", "tests/ops/test_reduce.py"),
    ],
)
def test_a_changed_file_leads_to_its_tests(checkout: Path, changed: str, chosen: str) -> None:
    assert chosen in fast_tests.tests_for([changed], checkout)


def test_a_folder_stands_for_the_files_in_it(checkout: Path) -> None:
    always = [path for path in fast_tests.ALWAYS if not path.startswith("tests/keras/training/")]
    assert fast_tests.tests_for(["python/tensorlet/keras/training/x.py"], checkout) == sorted(
        [*always, "tests/keras/training"]
    )
    assert fast_tests.tests_for(["README.md"], checkout) == sorted(fast_tests.ALWAYS)
