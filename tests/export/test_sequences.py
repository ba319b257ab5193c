"""Recurrent layers and attention as NumPy programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sequence_layer_cases import CASES, model_of

import tensorlet as tf


def program_of(model: Any, folder: Path) -> tuple[Any, str]:
    """The function ``predict`` of the exported program, and its text."""
    path = folder / "model.py"
    model.export(str(path))
    text = path.read_text(encoding="utf-8")
    scope: dict[str, Any] = {"__name__": "program"}
    exec(compile(text, str(path), "exec"), scope)
    return scope["predict"], text


@pytest.mark.parametrize("name", CASES)
def test_a_program_predicts_what_the_model_predicts(name: str, tmp_path: Path) -> None:
    model, x = model_of(tf.keras, name)
    predict, _ = program_of(model, tmp_path)
    expected = model.predict(x if len(x) > 1 else x[0], verbose=0)
    np.testing.assert_allclose(predict(*x), expected, rtol=1e-5, atol=1e-5)


def test_an_lstm_is_written_with_its_formulas(tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.layers.LSTM(2, input_shape=(4, 1), name="reader")])
    _, text = program_of(model, tmp_path)
    for line in (
        "def reader(x):",
        "    for step in range(4):",
        "        c = sigmoid(f) * c + sigmoid(i) * tanh(g)",
        "        h = sigmoid(o) * tanh(c)",
    ):
        assert f"{line}\n" in text


def test_a_model_that_masks_is_one_loop_over_operations(tmp_path: Path) -> None:
    model, _ = model_of(tf.keras, "masked LSTM backwards")
    _, text = program_of(model, tmp_path)
    assert text.count("for step in reversed(range(5)):") == 1
