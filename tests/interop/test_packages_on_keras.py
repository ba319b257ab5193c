"""KerasTuner and SciKeras run on Tensorlet, which stands in for TensorFlow."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("programs_on_keras.py")


def result_of(package: str, *arguments: str) -> Any:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: make interop")
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["keras"].startswith("tensorlet.")
    return found


def test_a_random_search_of_keras_tuner(tmp_path: Path) -> None:
    found = result_of("keras_tuner", "tuner", str(tmp_path))
    assert len(found["scores"]) == 3
    assert found["scores"] == sorted(found["scores"])
    assert found["scores"][0] == pytest.approx(found["score of the model read back"], rel=1e-5)
    assert found["values"]["units"] == found["units of the model"]


def test_scikeras_in_a_pipeline_and_a_grid_search() -> None:
    found = result_of("scikeras", "scikeras")
    assert found["score"] > 0.8
    assert set(found["classes"]) <= {"left", "middle", "right"}
    assert found["probabilities"] == pytest.approx([1.0] * 5, abs=1e-5)
    assert found["best"]["net__optimizer__learning_rate"] == 0.05
    assert found["best score"] > 0.7
    assert found["r2"] > 0.9
