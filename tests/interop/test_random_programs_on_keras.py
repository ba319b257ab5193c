"""Random programs on the real Keras 3 and Keras 2 of this environment: no difference without a reason."""

from __future__ import annotations

import os
import sys

import pytest

pytest.importorskip("tensorflow")

from differ import main

#: The programs of a run, and the seconds that it may take for each Keras. Other seeds look for other faults.
SEEDS = os.environ.get("RANDOM_PROGRAMS", "3000:3060")
SECONDS = 240


@pytest.mark.parametrize("peer", ["keras3", "tf_keras"])
def test_random_programs_record_what_keras_records(peer: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip(peer.replace("keras3", "keras"))
    arguments = ["--seeds", SEEDS, "--seconds", str(SECONDS), "--peer", f"{peer}={sys.executable}", "--show"]
    failed = main(arguments)
    assert not failed, capsys.readouterr().out
