"""Files of Sequential models whose first layer takes several inputs, both ways with the real Keras 2 and Keras 3."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

pytest.importorskip("tensorflow", reason="TensorFlow is not installed: make interop")
pytest.importorskip("tf_keras", reason="Keras 2 is not installed: make interop")

#: TensorFlow and Keras warn of much that is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

LEFT = np.arange(6, dtype=np.float32).reshape(3, 2) / 6.0
RIGHT = np.arange(12, dtype=np.float32).reshape(3, 4) / 12.0


def joined(keras: Any) -> type:
    class Joined(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return keras.layers.concatenate([inputs["left"], inputs["right"]])

    return Joined


def model_of(keras: Any, first: type) -> Any:
    return keras.Sequential([first(name="first"), keras.layers.Dense(3, "tanh"), keras.layers.Dense(2)])


def nested(keras: Any) -> Any:
    inner = model_of(keras, keras.layers.Concatenate)
    return keras.Sequential([inner, keras.layers.BatchNormalization(), keras.layers.Dense(1)])


@pytest.mark.parametrize("peer", ["keras", "tf_keras"])
@pytest.mark.parametrize("case", ["list", "dictionary", "nested"])
def test_the_file_opens_on_the_other_side(case: str, peer: str, tmp_path: Path) -> None:
    theirs = importlib.import_module(peer)
    x: Any = {"left": LEFT, "right": RIGHT} if case == "dictionary" else [LEFT, RIGHT]
    for writer, reader, dialect in ((tf.keras, theirs, peer), (theirs, tf.keras, None)):
        if case == "nested":
            model = nested(writer)
        else:
            model = model_of(writer, joined(writer) if case == "dictionary" else writer.layers.Concatenate)
        expected = np.asarray(model(x))
        options = {} if dialect is None else {"dialect": {"keras": "keras3", "tf_keras": "keras2"}[dialect]}
        model.save(tmp_path / "model.keras", **options)
        own = {"Joined": joined(reader)} if case == "dictionary" else None
        opened = reader.models.load_model(tmp_path / "model.keras", custom_objects=own)
        np.testing.assert_allclose(np.asarray(opened(x)), expected, atol=1e-6)
