"""Recurrent layers and attention in files, both ways, between Tensorlet and the real Keras 2 and Keras 3."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sequence_layer_cases import CASES, model_of

import tensorlet as tf

pytest.importorskip("tensorflow", reason="TensorFlow is not installed: make interop")
pytest.importorskip("tf_keras", reason="Keras 2 is not installed: make interop")

#: TensorFlow and Keras warn of much that is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

PEERS = {"keras2": "tf_keras", "keras3": "keras"}
ENDINGS = [("keras2", "h5"), ("keras2", "keras"), ("keras3", "keras"), ("keras3", "h5")]
#: Cases with classes that belong to the case itself.
OWN = {"own cell", "own cell masked", "own cell masked sequences", "own cell backwards", "constants"}
#: What Keras 3 does not have or does otherwise: ``time_major``, the hard sigmoid of Keras 2, two directions of other
#: lengths, scores of as many values as queries only, and queries that see no value.
NOT_IN_KERAS_3 = {
    "Bidirectional backward_layer", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM2D strides", "GRU bare", "LSTM bare",
    "LSTM time major", "MultiHeadAttention causal", "MultiHeadAttention scores",
}  # fmt: skip


def predicted(model: Any, x: list[np.ndarray]) -> np.ndarray:
    return np.asarray(model.predict(x if len(x) > 1 else x[0], verbose=0))


@pytest.mark.parametrize("name", [name for name in CASES if name not in OWN])
@pytest.mark.parametrize(("dialect", "ending"), ENDINGS)
def test_models_go_both_ways(dialect: str, ending: str, name: str, tmp_path: Path) -> None:
    if dialect == "keras3" and name in NOT_IN_KERAS_3:
        pytest.skip("Keras 3 does not have it")
    keras = importlib.import_module(PEERS[dialect])
    ours, x = model_of(tf.keras, name)
    expected = predicted(ours, x)
    ours.save(str(tmp_path / f"ours.{ending}"), dialect=dialect)
    theirs = keras.models.load_model(str(tmp_path / f"ours.{ending}"), compile=False)
    np.testing.assert_allclose(predicted(theirs, x), expected, rtol=1e-4, atol=2e-5)
    theirs.save(str(tmp_path / f"theirs.{ending}"))
    again = tf.keras.models.load_model(str(tmp_path / f"theirs.{ending}"), compile=False)
    np.testing.assert_allclose(predicted(again, x), expected, rtol=1e-4, atol=2e-5)


#: Why Keras 3 does not open an `.h5` file of Keras 2, or computes something else; see docs/saving.md.
NOT_FROM_KERAS_2 = {
    "Bidirectional backward_layer": "two directions of other lengths",
    "LSTM time major": "time_major",
    **dict.fromkeys(
        ["LSTM bare", "GRU bare", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM2D strides"], "hard sigmoid"
    ),
    **dict.fromkeys(
        ["Bidirectional states", "LSTM states", "GRU states", "SimpleRNN states", "encoder and decoder"],
        "initial_state in a file of Keras 2",
    ),
    **{
        name: "shapes of MultiHeadAttention"
        for name in CASES
        if name.startswith(("MultiHead", "transformer"))
    },
}


@pytest.mark.parametrize("name", [name for name in CASES if name not in OWN])
def test_keras_3_opens_files_of_keras_2(name: str, tmp_path: Path) -> None:
    if name in NOT_FROM_KERAS_2:
        pytest.skip(f"Keras 3 does not have it: {NOT_FROM_KERAS_2[name]}")
    keras = importlib.import_module("keras")
    ours, x = model_of(tf.keras, name)
    ours.save(str(tmp_path / "ours.h5"), dialect="keras2")
    theirs = keras.models.load_model(str(tmp_path / "ours.h5"), compile=False)
    np.testing.assert_allclose(predicted(theirs, x), predicted(ours, x), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("name", ["LSTM", "Bidirectional concat", "cells", "TimeDistributed", "transformer"])
@pytest.mark.parametrize("dialect", sorted(PEERS))
def test_weights_go_both_ways(dialect: str, name: str, tmp_path: Path) -> None:
    keras = importlib.import_module(PEERS[dialect])
    path = str(tmp_path / "model.weights.h5")
    ours, x = model_of(tf.keras, name)
    theirs, _ = model_of(keras, name)
    theirs.set_weights([0.5 * weight for weight in theirs.get_weights()])
    ours.save_weights(path, dialect=dialect)
    theirs.load_weights(path)
    np.testing.assert_allclose(predicted(theirs, x), predicted(ours, x), rtol=1e-4, atol=2e-5)
    theirs.set_weights([0.5 * weight for weight in theirs.get_weights()])
    theirs.save_weights(path)
    ours.load_weights(path)
    np.testing.assert_allclose(predicted(ours, x), predicted(theirs, x), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("name", ["LSTM", "Bidirectional masked", "transformer"])
def test_checkpoints_go_both_ways(name: str, tmp_path: Path) -> None:
    keras = importlib.import_module("tf_keras")
    ours, x = model_of(tf.keras, name)
    theirs, _ = model_of(keras, name)
    theirs.set_weights([0.5 * weight for weight in theirs.get_weights()])
    ours.save_weights(str(tmp_path / "ours"))
    theirs.load_weights(str(tmp_path / "ours")).expect_partial()
    np.testing.assert_allclose(predicted(theirs, x), predicted(ours, x), rtol=1e-4, atol=2e-5)
    theirs.set_weights([0.5 * weight for weight in theirs.get_weights()])
    theirs.save_weights(str(tmp_path / "theirs"))
    ours.load_weights(str(tmp_path / "theirs"))
    np.testing.assert_allclose(predicted(ours, x), predicted(theirs, x), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("dialect", sorted(PEERS))
def test_training_goes_on_elsewhere(dialect: str, tmp_path: Path) -> None:
    keras = importlib.import_module(PEERS[dialect])
    path = str(tmp_path / "model.keras")
    # Adam of Keras 3 updates only the rows of an Embedding that a batch reads.
    ours, x = model_of(
        tf.keras, "Bidirectional masked sequences" if dialect == "keras2" else "Bidirectional ave"
    )
    y = np.random.default_rng(0).normal(size=(len(x[0]), 2))
    ours.compile(tf.keras.optimizers.Adam(0.01), "mse")
    ours.fit(x[0], y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    ours.save(path, dialect=dialect)
    theirs = keras.models.load_model(path)
    for model in (ours, theirs):
        model.fit(x[0], y, batch_size=4, epochs=3, shuffle=False, verbose=0)
    np.testing.assert_allclose(predicted(theirs, x), predicted(ours, x), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_onnx_runtime_predicts_the_same(name: str, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed: make interop")
    model, x = model_of(tf.keras, name)
    model.export(str(tmp_path / "model.onnx"))
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    expected = predicted(model, x)
    for rows in (len(x[0]), 5):
        given = {one.name: array[:rows] for one, array in zip(session.get_inputs(), x, strict=True)}
        part = predicted(model, [array[:rows] for array in x]) if "time major" in name else expected[:rows]
        np.testing.assert_allclose(session.run(None, given)[0], part, rtol=1e-4, atol=1e-5)


def test_group_query_attention_follows_keras_3(tmp_path: Path) -> None:
    keras = importlib.import_module("keras")

    def model_with(keras: Any) -> Any:
        query, value = keras.Input((5, 6)), keras.Input((4, 6))
        layer = keras.layers.GroupQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2)
        model = keras.Model([query, value], layer(query, value))
        generator = np.random.default_rng(1)
        model.set_weights([generator.normal(size=array.shape) for array in model.get_weights()])
        return model

    generator = np.random.default_rng(0)
    x = [generator.normal(size=(3, steps, 6)).astype("float32") for steps in (5, 4)]
    ours, theirs = model_with(tf.keras), model_with(keras)
    np.testing.assert_allclose(predicted(ours, x), predicted(theirs, x), rtol=1e-4, atol=1e-5)
    theirs.save(str(tmp_path / "theirs.keras"))
    again = tf.keras.models.load_model(str(tmp_path / "theirs.keras"), compile=False)
    np.testing.assert_allclose(predicted(again, x), predicted(theirs, x), rtol=1e-4, atol=1e-5)
    ours.save(str(tmp_path / "ours.keras"), dialect="keras3")
    again = keras.models.load_model(str(tmp_path / "ours.keras"), compile=False)
    np.testing.assert_allclose(predicted(again, x), predicted(ours, x), rtol=1e-4, atol=1e-5)
