"""``gradient_accumulation_steps``, against Keras 3 and by hand."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from gradient_accumulation_cases import CASES, trained_weights

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.optimizers import gradient_accumulation

WEIGHTS = json.loads((GOLDEN_FOLDER / "gradient_accumulation.json").read_text(encoding="utf-8"))["weights"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_trained_weights_are_those_of_keras_3(name: str, eagerly: bool) -> None:
    found = trained_weights(tf.keras, name, eagerly)
    np.testing.assert_allclose(found, WEIGHTS[name], rtol=1e-4, atol=1e-5)


def test_the_example_runs() -> None:
    assert doctest.testmod(gradient_accumulation).failed == 0


def test_iterations_count_updates() -> None:
    w = tf.Variable([1.0, 2.0])
    optimizer = tf.keras.optimizers.SGD(1.0, gradient_accumulation_steps=3)
    seen = []
    for gradient in (1.0, 2.0, 6.0, 4.0):
        optimizer.apply_gradients([(tf.constant([gradient, 0.0]), w)])
        seen.append((int(optimizer.iterations), w.numpy().tolist()))
    assert seen == [(0, [1.0, 2.0]), (0, [1.0, 2.0]), (1, [-2.0, 2.0]), (1, [-2.0, 2.0])]
    assert optimizer.slot(w, "gradient_accumulator").numpy().tolist() == [4.0, 0.0]


def _model(optimizer: Any) -> Any:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    model.compile(optimizer, "mse")
    return model


@pytest.mark.parametrize("file", ["model.keras", "model.h5", "model.safetensors"])
def test_training_goes_on_from_a_file(tmp_path: Path, file: str) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(12, 3)).astype(np.float32)
    y = generator.normal(size=(12, 2)).astype(np.float32)
    path = str(tmp_path / file)
    first = _model(tf.keras.optimizers.Adam(0.1, gradient_accumulation_steps=3))
    first.fit(x, y, batch_size=3, verbose=0)  # four steps: the sum of the fourth is in the file
    if file.endswith("safetensors"):
        first.save_weights(path)
        again = _model(tf.keras.optimizers.Adam(0.1, gradient_accumulation_steps=3))
        again.load_weights(path)
    else:
        first.save(path)
        again = tf.keras.models.load_model(path)
    assert again.optimizer.gradient_accumulation_steps == 3
    for model in (first, again):
        model.fit(x, y, batch_size=3, epochs=2, shuffle=False, verbose=0)
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("steps", [1, -2, 2.5, "3"])
def test_other_numbers_of_steps_are_refused(steps: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"gradient_accumulation_steps is .* at least 2"):
        tf.keras.optimizers.Adam(gradient_accumulation_steps=steps)


def test_a_configuration_has_it_only_where_it_is_set() -> None:
    assert "gradient_accumulation_steps" not in tf.keras.optimizers.SGD().get_config()
    optimizer = tf.keras.optimizers.SGD(gradient_accumulation_steps=4)
    again = tf.keras.optimizers.SGD.from_config(optimizer.get_config())
    assert again.gradient_accumulation_steps == 4
