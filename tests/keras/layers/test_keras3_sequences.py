"""Layers for pictures and sequences against real Keras 3: predictions, and gradients of weights and inputs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import picture_layer_cases
import pytest
import sequence_layer_cases
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

GOLDEN: dict[str, Any] = json.loads((GOLDEN_FOLDER / "keras3_sequences.json").read_text(encoding="utf-8"))[
    "cases"
]

#: Queries that are masked themselves: their scores, which nothing should read, differ from those of Keras 3.
DIFFERENT = pytest.mark.xfail(strict=True, reason="scores of masked queries differ from those of Keras 3")
CASES = [
    pytest.param(
        name, marks=DIFFERENT if name in ("MultiHeadAttention masked", "MultiHeadAttention causal") else ()
    )
    for name in GOLDEN
]


@pytest.mark.parametrize("name", CASES)
def test_layer_follows_keras_3(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    cases: Any = picture_layer_cases if name in picture_layer_cases.CASES else sequence_layer_cases
    found = sequence_layer_cases.forward_and_gradients(tf, *cases.model_of(tf.keras, name))
    for what, expected in GOLDEN[name].items():
        np.testing.assert_allclose(found[what], expected, rtol=2e-4, atol=5e-5, err_msg=what)
