"""Steps of convolutional and recurrent networks with SGD and with Adam, against real Keras 3."""

from __future__ import annotations

import json
from typing import Any

import keras3_training_cases
import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

GOLDEN: dict[str, Any] = json.loads((GOLDEN_FOLDER / "keras3_training.json").read_text(encoding="utf-8"))[
    "cases"
]


def test_every_case_has_numbers() -> None:
    assert list(GOLDEN) == list(keras3_training_cases.CASES)


@pytest.mark.parametrize("name", keras3_training_cases.CASES)
def test_steps_follow_keras_3(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    found = keras3_training_cases.trained(tf.keras, name)
    for what, expected in GOLDEN[name].items():
        tolerance = 1e-3 if "Adam" in what else 3e-4  # Adam scales rounding up
        np.testing.assert_allclose(found[what], expected, rtol=tolerance, atol=5e-5, err_msg=what)
