"""Layers that serve as activations, ``Dense(2, activation=LeakyReLU(0.3))``, survive every kind of file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

layers = tf.keras.layers
INPUTS = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


def _model(activation: Any) -> Any:
    model = tf.keras.Sequential([layers.Dense(2, activation=activation, input_shape=(3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    for number, variable in enumerate(model.weights):
        variable.assign(
            0.1 * (number + 1) * np.cos(np.arange(variable.shape.num_elements())).reshape(variable.shape)
        )
    return model


ACTIVATIONS = {
    "LeakyReLU": lambda: layers.LeakyReLU(0.3),
    "PReLU": layers.PReLU,
    "ReLU": lambda: layers.ReLU(0.2),
    "Softmax": lambda: layers.Softmax(axis=0),
    "Sequential": lambda: tf.keras.Sequential([layers.Activation("tanh")]),
}


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
@pytest.mark.parametrize("generation", ["2", "3"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_models(
    activation: str, name: str, generation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    model = _model(ACTIVATIONS[activation]())
    model.save(tmp_path / name)
    loaded = tf.keras.models.load_model(tmp_path / name)
    assert type(loaded.layers[0].activation) is type(model.layers[0].activation)
    np.testing.assert_array_equal(loaded.predict(INPUTS, verbose=0), model.predict(INPUTS, verbose=0))


@pytest.mark.parametrize("name", ["m.weights.h5", "m.h5", "m.safetensors", "checkpoint"])
def test_weights(name: str, tmp_path: Path) -> None:
    model = _model(layers.PReLU())
    model.save_weights(tmp_path / name)
    other = tf.keras.models.clone_model(model)
    other.load_weights(tmp_path / name)
    np.testing.assert_array_equal(other.predict(INPUTS, verbose=0), model.predict(INPUTS, verbose=0))


def test_the_configuration_names_the_module_of_layers() -> None:
    config = tf.keras.activations.serialize(layers.LeakyReLU(0.3))
    assert (config["module"], config["class_name"]) == ("keras.layers", "LeakyReLU")
    assert isinstance(tf.keras.activations.get(config), layers.LeakyReLU)
    assert isinstance(tf.keras.activations.deserialize(config), layers.LeakyReLU)
    model = tf.keras.models.model_from_json(_model(layers.ReLU(0.2)).to_json())
    assert model.layers[0].activation.max_value == pytest.approx(0.2)


def test_a_layer_of_ones_own(tmp_path: Path) -> None:
    class Doubled(layers.Layer):
        def call(self, x: Any) -> Any:
            return 2.0 * x

    model = _model(Doubled())
    model.save(tmp_path / "m.keras")
    loaded = tf.keras.models.load_model(tmp_path / "m.keras", custom_objects={"Doubled": Doubled})
    np.testing.assert_array_equal(loaded.predict(INPUTS, verbose=0), model.predict(INPUTS, verbose=0))
    with pytest.raises(ValueError, match=r"custom_objects=\{'Doubled': Doubled\}"):
        tf.keras.models.load_model(tmp_path / "m.keras")
