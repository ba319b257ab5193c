"""Programs in which random programs found a fault record what the real Keras 2.15 or 3.15 recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from comparison import difference
from found_program_cases import FOUND
from support import run

import tensorlet as tf

EXPECTED = json.loads((Path(__file__).parents[1] / "golden" / "found_programs.json").read_text())


@pytest.mark.parametrize("name", FOUND)
def test_a_program_records_what_keras_records(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generation, text = FOUND[name]
    monkeypatch.setenv("TENSORLET_KERAS", str(generation))
    assert difference(run(text, tf, tf.keras), EXPECTED[name], names_in_order=generation == 2) == ""
