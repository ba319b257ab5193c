"""Models with the layers and arguments that only Keras 3 has, both ways between Tensorlet and real Keras 3."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from keras3_layer_cases import CASES, model_of

import tensorlet as tf

pytest.importorskip("tensorflow", reason="TensorFlow is not installed: make interop")

#: TensorFlow and Keras warn of much that is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("name", CASES)
def test_files_open_on_the_other_side(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    keras = importlib.import_module("keras")
    ours, x = model_of(tf.keras, name)
    theirs, _ = model_of(keras, name)
    expected = theirs.predict(x, verbose=0)
    theirs.save(tmp_path / "theirs.keras")
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    ours.save(tmp_path / "ours.keras", dialect="keras3")
    ours.save_weights(tmp_path / "ours.weights.h5")
    here = tf.keras.models.load_model(tmp_path / "theirs.keras")
    np.testing.assert_allclose(here.predict(x, verbose=0), expected, rtol=1e-4, atol=2e-5)
    there = keras.models.load_model(tmp_path / "ours.keras")
    np.testing.assert_allclose(there.predict(x, verbose=0), expected, rtol=1e-4, atol=2e-5)
    for model, file in ((ours, "theirs.weights.h5"), (theirs, "ours.weights.h5")):
        model.set_weights([np.zeros_like(one) for one in model.get_weights()])
        model.load_weights(tmp_path / file)
        np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-4, atol=2e-5)
