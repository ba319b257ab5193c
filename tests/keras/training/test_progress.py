"""What `summary`, `fit`, `evaluate` and `predict` print: line by line as real Keras 2."""

from __future__ import annotations

import json

import pytest
from golden_files import GOLDEN_FOLDER
from printed_cases import SUMMARIES, TRAININGS, last_drawings, summary, training

import tensorlet as tf

GOLDEN = json.loads((GOLDEN_FOLDER / "keras_printed.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SUMMARIES)
def test_summary_is_that_of_keras(name: str) -> None:
    assert summary(tf.keras, name) == GOLDEN["summaries"][name]


@pytest.mark.parametrize("name", TRAININGS)
def test_training_prints_the_lines_of_keras(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The finished lines; the times in them differ from run to run and are left out."""
    training(tf.keras, name)
    assert last_drawings(capsys.readouterr().out) == GOLDEN["trainings"][name]
