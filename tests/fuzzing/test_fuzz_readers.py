"""Every reader on damaged files, for a moment; ``python tests/fuzzing/fuzz_readers.py --seconds 600`` takes longer."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import fuzz_readers
import pytest
from damage import damaged, damaged_json
from targets import TARGETS, Target

pytestmark = pytest.mark.slow

#: Of reading, for each target; the start of each process comes on top.
SECONDS = float(os.environ.get("TENSORLET_FUZZ_SECONDS") or (3.0 if os.environ.get("CI") else 1.0))


@pytest.mark.skipif(sys.platform == "win32", reason="memory is limited by a call that Windows does not have")
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_damaged_files_give_errors_that_explain(target: str, tmp_path: Path) -> None:
    outcome = fuzz_readers.watch(target, seed=int(SECONDS), seconds=SECONDS, keep=tmp_path)
    assert not outcome.findings, "\n".join(f"{one.what}\nfiles: {one.folder}" for one in outcome.findings)
    assert outcome.cases > 3


def test_a_case_follows_from_its_seed(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "file").write_bytes(bytes(range(200)))

    (tmp_path / "whole").mkdir()
    make(tmp_path / "whole")
    target = Target(make, lambda folder: None)
    seen = set()
    for case in range(50):
        for folder in ("a", "b"):
            fuzz_readers.prepare(target, 7, case, tmp_path / "whole", tmp_path / folder)
        content = (tmp_path / "a" / "file").read_bytes()
        assert content == (tmp_path / "b" / "file").read_bytes()
        seen.add(content)
    assert len(seen) > 40


def test_what_readers_must_not_do_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that raises another error: the watching process keeps its files and goes on behind the case."""
    monkeypatch.setenv("TENSORLET_FUZZ_BAD_READER", "1")
    outcome = fuzz_readers.watch("bad", seed=0, seconds=60.0, keep=tmp_path, most_findings=2)
    assert len(outcome.findings) == 2
    first, second = outcome.findings
    assert first.case < second.case
    for finding in outcome.findings:
        assert "ended with 1" in finding.what
        assert "ZeroDivisionError" in finding.what
        assert (finding.folder / "file").stat().st_size != 100


def test_damage_is_damage() -> None:
    rng = random.Random(0)
    assert sum(damaged(rng, b"x" * 100) != b"x" * 100 for _ in range(200)) > 150
    assert damaged(rng, b"") == b""
    value = {"a": [1, {"b": "c"}], "d": None}
    assert sum(damaged_json(rng, value) != value for _ in range(200)) > 150
    assert value == {"a": [1, {"b": "c"}], "d": None}
