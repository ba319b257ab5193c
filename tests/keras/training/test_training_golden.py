"""Training follows real Keras: the same losses, metrics and weights from the same start."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

GOLDEN = GOLDEN_FOLDER

from training_cases import CASES, train  # noqa: E402

EXPECTED: dict[str, Any] = json.loads((GOLDEN / "keras_training.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("name", CASES)
def test_follows_keras(name: str) -> None:
    found = train(tf.keras, name)
    expected = EXPECTED[name]
    assert list(found["history"]) == _keys_of_keras_2(list(expected["history"]))
    for key, values in expected["history"].items():
        np.testing.assert_allclose(found["history"][key], values, rtol=1e-4, atol=1e-6, err_msg=key)
    for ours, theirs in zip(found["weights"], expected["weights"], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def _keys_of_keras_2(keys: list[str]) -> list[str]:
    """Keras 3 sorts the names of an epoch; Keras 2 puts the loss first, then the metrics."""
    plain = sorted((key for key in keys if not key.startswith("val_")), key=lambda key: key != "loss")
    return [*plain, *(f"val_{key}" for key in plain)]
