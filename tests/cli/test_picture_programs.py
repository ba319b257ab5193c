"""Programs in the style of public courses on pictures and texts; TensorFlow 2.15 printed the expected texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parents[1] / "programs" / "pictures"

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", sorted(path.stem for path in PROGRAMS.glob("*.py")))
def test_programs_print_what_tensorflow_prints(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tensorlet", "run", str(PROGRAMS / f"{name}.py")],
        capture_output=True, encoding="utf-8", timeout=300, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == (PROGRAMS / "expected" / f"{name}.txt").read_text(encoding="utf-8")
