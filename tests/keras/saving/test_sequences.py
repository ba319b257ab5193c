"""Recurrent layers and attention in files of every kind: predictions, training that goes on, and states."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sequence_layer_cases import model_of

import tensorlet as tf

L = tf.keras.layers
NAMES = (
    "stacked",
    "Bidirectional backward_layer",
    "cells",
    "encoder and decoder",
    "TimeDistributed",
    "transformer",
)
ENDINGS = [("keras", "keras2"), ("keras", "keras3"), ("h5", "keras2"), ("h5", "keras3")]


def trained(name: str) -> tuple[Any, Any, np.ndarray]:
    model, x = model_of(tf.keras, name)
    given = x if len(x) > 1 else x[0]
    y = np.random.default_rng(0).normal(size=(len(x[0]), 2))
    model.compile(tf.keras.optimizers.Adam(0.01), "mse")
    model.fit(given, y, batch_size=4, epochs=1, shuffle=False, verbose=0)
    return model, given, y


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("ending", "dialect"), ENDINGS)
def test_training_goes_on_from_a_file(ending: str, dialect: str, name: str, tmp_path: Path) -> None:
    model, x, y = trained(name)
    path = str(tmp_path / f"model.{ending}")
    model.save(path, dialect=dialect)
    again = tf.keras.models.load_model(path)
    for one in (model, again):
        one.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", ["model.weights.h5", "model.h5", "model.safetensors", "checkpoint"])
def test_weights_alone(file: str, name: str, tmp_path: Path) -> None:
    model, x, _ = trained(name)
    path = str(tmp_path / file)
    model.save_weights(path)
    other, _ = model_of(tf.keras, name)
    other.set_weights([0.0 * weight for weight in other.get_weights()])
    other.load_weights(path)
    np.testing.assert_array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("name", NAMES)
def test_copies(name: str) -> None:
    model, x, _ = trained(name)
    expected = model.predict(x, verbose=0)
    for again in (
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        tf.keras.models.clone_model(model),
    ):
        again.set_weights(model.get_weights())
        np.testing.assert_array_equal(again.predict(x, verbose=0), expected)


def test_saved_models(tmp_path: Path) -> None:
    model, x, _ = trained("stacked")
    tf.saved_model.save(model, str(tmp_path / "model"))
    again = tf.saved_model.load(str(tmp_path / "model"))
    found = again(tf.constant(x)) if callable(again) else again.signatures["serving_default"](tf.constant(x))
    np.testing.assert_allclose(found, model.predict(x, verbose=0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_states_are_not_weights(ending: str, tmp_path: Path) -> None:
    inputs = tf.keras.Input((3, 2), batch_size=2)
    model = tf.keras.Model(inputs, L.Bidirectional(L.GRU(4, stateful=True))(inputs))
    assert len(model.weights) == 6
    x = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("float32")
    first = model.predict(x, verbose=0)
    model.save(str(tmp_path / f"model.{ending}"))
    again = tf.keras.models.load_model(str(tmp_path / f"model.{ending}"))
    np.testing.assert_array_equal(again.predict(x, verbose=0), first)
    assert (model.predict(x, verbose=0) != first).any()
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x, verbose=0), first)


def test_a_cell_of_the_user_s_own(tmp_path: Path) -> None:
    @tf.keras.utils.register_keras_serializable("sequences")
    class Decaying(L.Layer):  # type: ignore[name-defined,misc]
        def __init__(self, units: int, **options: Any) -> None:
            super().__init__(**options)
            self.units = self.state_size = units

        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))

        def call(self, inputs: Any, states: Any) -> Any:
            state = 0.5 * states[0] + inputs @ self.kernel
            return state, [state]

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    model = tf.keras.Sequential([L.Bidirectional(L.RNN(Decaying(3)), input_shape=(4, 2)), L.Dense(1)])
    x = np.ones((2, 4, 2), "float32")
    for ending in ("keras", "h5"):
        model.save(str(tmp_path / f"model.{ending}"))
        again = tf.keras.models.load_model(str(tmp_path / f"model.{ending}"))
        np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
