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


@pytest.mark.parametrize("name", GOLDEN)
def test_layer_follows_keras_3(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    cases: Any = picture_layer_cases if name in picture_layer_cases.CASES else sequence_layer_cases
    found = sequence_layer_cases.forward_and_gradients(tf, *cases.model_of(tf.keras, name))
    for what, expected in GOLDEN[name].items():
        np.testing.assert_allclose(found[what], expected, rtol=2e-4, atol=5e-5, err_msg=what)


@pytest.mark.parametrize(
    ("dropout", "generation", "mean"), [(0.0, "3", True), (0.2, "3", False), (0.2, "2", True)]
)
def test_a_query_that_sees_nothing(
    dropout: float, generation: str, mean: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its weights are equal, or 0 where the layer of Keras 3 goes through its softmax layer."""
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    layer = tf.keras.layers.MultiHeadAttention(1, 2, dropout=dropout, use_bias=False)
    x = tf.constant([[[1.0, 2.0], [3.0, 4.0]]])
    layer(x, x)
    layer.set_weights([np.eye(2).reshape(one.shape) for one in layer.get_weights()])
    result = layer(x, x, attention_mask=tf.constant([[[True, False], [False, False]]]))
    np.testing.assert_allclose(result[0, 0], [1.0, 2.0], rtol=1e-6)
    np.testing.assert_allclose(result[0, 1], [2.0, 3.0] if mean else [0.0, 0.0], rtol=1e-6)
