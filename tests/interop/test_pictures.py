"""Layers for pictures and sequences in files, both ways, between Tensorlet and the real Keras 2 and Keras 3."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from picture_layer_cases import CASES, model_of

import tensorlet as tf

pytest.importorskip("tensorflow", reason="TensorFlow is not installed: make interop")
pytest.importorskip("tf_keras", reason="Keras 2 is not installed: make interop")

#: TensorFlow and Keras warn of much that is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

PEERS = {"keras2": "tf_keras", "keras3": "keras"}
ENDINGS = [("keras2", "h5"), ("keras2", "keras"), ("keras3", "keras")]


def predicted(model: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(x, verbose=0))


def predicted_by(peer: Any, x: np.ndarray) -> np.ndarray:
    """What the peer predicts. TensorFlow on most processors refuses pictures with the channels first."""
    try:
        return predicted(peer, x)
    except Exception as error:
        if refusal := re.search("[^.\\n]*only supports (?:the )?NHWC[^.\\n]*", str(error)):
            pytest.skip(f"TensorFlow: {refusal[0].strip()}")
        raise


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize(("dialect", "ending"), ENDINGS)
def test_models_go_both_ways(dialect: str, ending: str, name: str, tmp_path: Path) -> None:
    if dialect == "keras3" and name == "SeparableConv1D causal":
        pytest.skip("Keras 3 does not read a SeparableConv1D with causal padding")
    keras = importlib.import_module(PEERS[dialect])
    ours, x = model_of(tf.keras, name)
    ours.save(str(tmp_path / f"ours.{ending}"), dialect=dialect)
    theirs = keras.models.load_model(str(tmp_path / f"ours.{ending}"), compile=False)
    theirs.save(str(tmp_path / f"theirs.{ending}"))
    again = tf.keras.models.load_model(str(tmp_path / f"theirs.{ending}"), compile=False)
    np.testing.assert_allclose(predicted(again, x), predicted(ours, x), rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(predicted_by(theirs, x), predicted(ours, x), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("name", sorted(CASES))
def test_keras_3_opens_files_of_keras_2(name: str, tmp_path: Path) -> None:
    if name == "SeparableConv1D causal":
        pytest.skip("Keras 3 does not read a SeparableConv1D with causal padding")
    keras = importlib.import_module("keras")
    ours, x = model_of(tf.keras, name)
    ours.save(str(tmp_path / "ours.h5"), dialect="keras2")
    theirs = keras.models.load_model(str(tmp_path / "ours.h5"), compile=False)
    np.testing.assert_allclose(predicted_by(theirs, x), predicted(ours, x), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("name", sorted(CASES))
def test_onnx_runtime_computes_the_same(name: str, tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed: make interop")
    model, x = model_of(tf.keras, name)
    model.export(str(tmp_path / "model.onnx"))
    session = runtime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: x})
    np.testing.assert_allclose(found, predicted(model, x), rtol=1e-3, atol=1e-4)
