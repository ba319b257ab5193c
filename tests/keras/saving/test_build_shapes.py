"""The input shapes of layers in ``.keras`` files, with which Keras 3 builds models that have no graph."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

import tensorlet as tf

layers = tf.keras.layers


def saved_layers(model: Any, path: Path) -> list[Any]:
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    return [layer.get("build_config") for layer in config["config"]["layers"]]


def test_layers_after_several_inputs_have_their_shapes(tmp_path: Path) -> None:
    model = tf.keras.Sequential([layers.Concatenate(), layers.Dense(2)])
    x = [np.ones((3, 2), np.float32), np.ones((3, 4), np.float32)]
    expected = model(x).numpy()
    shapes = saved_layers(model, tmp_path / "m.keras")
    assert shapes == [{"input_shape": [[None, 2], [None, 4]]}, {"input_shape": [None, 6]}]
    opened = tf.keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(opened(x).numpy(), expected)
    assert saved_layers(opened, tmp_path / "again.keras") == shapes


def test_a_dictionary_keeps_its_names(tmp_path: Path) -> None:
    class Total(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs["a"] + inputs["b"]

    model = tf.keras.Sequential([Total(), layers.Dense(2)])
    model.build({"a": (None, 3), "b": (None, 3)})
    first, second = saved_layers(model, tmp_path / "m.keras")
    assert first == {"input_shape": {"a": [None, 3], "b": [None, 3]}}
    assert second == {"input_shape": [None, 3]}


def test_a_layer_that_cannot_be_traced_does_not_lose_the_file(tmp_path: Path) -> None:
    class Whole(layers.Layer):
        def call(self, inputs: Any) -> Any:
            if inputs[0].shape[0] != 2:
                raise ValueError("batches of 2 only")
            return inputs[0] + inputs[1]

    model = tf.keras.Sequential([Whole(), layers.Dense(2)])
    x = [np.ones((2, 3), np.float32)] * 2
    expected = model(x).numpy()
    assert saved_layers(model, tmp_path / "m.keras") == [None, None]
    opened = tf.keras.Sequential([Whole(), layers.Dense(2)])
    opened(x)
    opened.set_weights(model.get_weights())
    np.testing.assert_array_equal(opened(x).numpy(), expected)


def test_one_input_needs_no_shapes_of_layers(tmp_path: Path) -> None:
    model = tf.keras.Sequential([layers.Input((3,)), layers.Dense(2)])
    assert saved_layers(model, tmp_path / "m.keras") == [None, None]
