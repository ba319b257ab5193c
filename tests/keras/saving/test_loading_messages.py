"""What loading says: about things of the user's own, and about an optimizer state that does not fit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError

layers = tf.keras.layers


def off_by(y_true: Any, y_pred: Any) -> Any:
    return tf.reduce_mean(tf.abs(y_true - y_pred))


class Widened(layers.Dense):
    """A layer that is not registered."""


def compiled(optimizer: str = "adam", loss: Any = "mse", layer: Any = layers.Dense) -> Any:
    model = tf.keras.Sequential([layer(1, input_shape=(2,), kernel_initializer="ones")])
    model.compile(optimizer, loss)
    return model


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_an_own_loss_names_both_ways_out(tmp_path: Path, name: str) -> None:
    compiled(loss=off_by).save(tmp_path / name)
    words = r"no loss named 'off_by'.*custom_objects=\{'off_by': off_by\}, or compile=False"
    with pytest.raises(FileFormatError, match=words):
        tf.keras.models.load_model(tmp_path / name)
    assert tf.keras.models.load_model(tmp_path / name, compile=False).optimizer is None
    loaded = tf.keras.models.load_model(tmp_path / name, custom_objects={"off_by": off_by})
    assert loaded.evaluate(np.ones((1, 2)), np.zeros((1, 1)), verbose=0) == 2.0


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_a_lambda_expression_as_loss_says_that_files_cannot_hold_it(tmp_path: Path, name: str) -> None:
    compiled(loss=lambda a, b: tf.reduce_mean(a - b)).save(tmp_path / name)
    with pytest.raises(FileFormatError, match=r"its loss is a lambda expression.*Pass compile=False"):
        tf.keras.models.load_model(tmp_path / name)


def test_an_own_layer_names_custom_objects(tmp_path: Path) -> None:
    compiled(layer=Widened).save(tmp_path / "m.keras")
    with pytest.raises(
        FileFormatError, match=r"no layer named 'Widened'.*pass custom_objects=\{'Widened': Widened\}$"
    ):
        tf.keras.models.load_model(tmp_path / "m.keras")


def test_weights_whose_optimizer_state_does_not_fit_say_so(tmp_path: Path) -> None:
    trained = compiled()
    trained.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    trained.save_weights(tmp_path / "w.weights.h5")
    other = compiled("rmsprop")
    with pytest.warns(
        UserWarning, match=r"w\.weights\.h5.*does not match RMSprop, whose state is not changed"
    ):
        other.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_array_equal(other.get_weights()[0], trained.get_weights()[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same = compiled()
        same.load_weights(tmp_path / "w.weights.h5")
    assert int(same.optimizer.iterations) == 1


def test_safetensors_of_a_compiled_untrained_model(tmp_path: Path) -> None:
    compiled().save_weights(tmp_path / "w.safetensors")
    other = compiled()
    other.set_weights([np.full((2, 1), 5.0), np.ones(1)])
    other.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(other.get_weights()[0], [[1.0], [1.0]])
    other.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    other.load_weights(tmp_path / "w.safetensors")
    assert int(other.optimizer.iterations) == 0
    assert not any(np.asarray(slot).any() for slot in other.optimizer.variables[1:])
