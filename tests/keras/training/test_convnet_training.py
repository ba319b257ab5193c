"""Fifty steps of small convolutional networks, held against Keras 2.15."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from convnet_training_cases import CASES, trained

import tensorlet as tf

GOLDEN = json.loads(
    (Path(__file__).parents[2] / "golden" / "convnet_training.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", sorted(CASES))
def test_fifty_steps_follow_keras(name: str) -> None:
    found, expected = trained(tf.keras, name), GOLDEN[name]
    # Rounding differences grow from step to step, and with a division by a small square root.
    np.testing.assert_allclose(found["losses"], expected["losses"], rtol=5e-4, atol=1e-6)
    np.testing.assert_allclose(found["predicted"], expected["predicted"], rtol=2e-3, atol=1e-3)
    np.testing.assert_allclose(found["norms"], expected["norms"], rtol=2e-3, atol=1e-4)
