"""The names under which configurations and files find classes and functions of the program."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import tensorlet as tf

layers = tf.keras.layers


@pytest.fixture
def keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")


def described(name: object, registered: str = "function") -> dict[str, Any]:
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": registered}


@pytest.mark.usefixtures("keras_3")
def test_a_function_is_found_with_and_without_its_package() -> None:
    @tf.keras.utils.register_keras_serializable(package="names_of_functions")
    def squared_here(x: Any) -> Any:
        return x**2

    for name in ("squared_here", "names_of_functions>squared_here"):
        assert tf.keras.saving.deserialize_keras_object(described(name)) is squared_here


@pytest.mark.usefixtures("keras_3")
def test_a_function_of_keras_is_found_without_its_module() -> None:
    for registered, name in itertools.product(("function", "relu"), ("relu",)):
        found = tf.keras.saving.deserialize_keras_object(described(name, registered))
        np.testing.assert_array_equal(found(tf.constant([-1.0, 2.0])), [0.0, 2.0])


@pytest.mark.usefixtures("keras_3")
def test_nothing_of_keras_stands_in_for_a_class_or_function_of_the_program() -> None:
    mine = {
        "module": "keras.layers",
        "class_name": "Dense",
        "registered_name": "mine>Dense",
        "config": {"units": 1},
    }
    with pytest.raises(
        ValueError, match=r"'mine>Dense'.*resolved to a Keras built-in.*register_keras_serializable"
    ):
        tf.keras.saving.deserialize_keras_object(mine)
    with pytest.raises(ValueError, match=r"'mine>relu'.*resolved to a Keras built-in"):
        tf.keras.saving.deserialize_keras_object(described("relu", "mine>relu"))
    with pytest.raises(TypeError, match="Expected 'config' to be a non-null str"):
        tf.keras.saving.deserialize_keras_object(described(["relu"]))


def test_a_model_with_an_unregistered_class_named_like_one_of_keras(tmp_path: Path) -> None:
    @tf.keras.utils.register_keras_serializable(package="stand_in")
    class Dense(layers.Dense):  # type: ignore[misc]
        pass

    model = tf.keras.Sequential([layers.Input((2,)), Dense(3)])
    model.save(tmp_path / "m.keras")
    assert type(tf.keras.models.load_model(tmp_path / "m.keras").layers[0]) is Dense
    from tensorlet.keras import registry

    del registry.get_custom_objects()["stand_in>Dense"]
    with pytest.raises(ValueError, match="'stand_in>Dense'"):
        tf.keras.models.load_model(tmp_path / "m.keras")
    loaded = tf.keras.models.load_model(tmp_path / "m.keras", custom_objects={"stand_in>Dense": Dense})
    assert type(loaded.layers[0]) is Dense


@pytest.mark.usefixtures("keras_3")
def test_arguments_and_extensions_that_keras_3_does_not_take(tmp_path: Path) -> None:
    model = tf.keras.Sequential([layers.Input((2,)), layers.Dense(3)])
    with pytest.raises(ValueError, match="`save_format` argument is deprecated"):
        model.save(tmp_path / "m", save_format="keras")
    with pytest.raises(ValueError, match=r"argument\(s\) are not supported: colour"):
        model.save(tmp_path / "m.keras", colour="red")
    with pytest.raises(ValueError, match=r"File format not supported: .*\.pkl"):
        model.load_weights(tmp_path / "w.pkl")


def test_weights_that_do_not_fit_say_what_was_expected(tmp_path: Path) -> None:
    tf.keras.Sequential([layers.Input((2,)), layers.Dense(3)]).save_weights(tmp_path / "w.weights.h5")
    deeper = tf.keras.Sequential([layers.Input((2,)), layers.Dense(3), layers.Dense(3, name="extra")])
    with pytest.raises(ValueError, match=r"'extra' \(Dense\) expected 2 variables, but received 0 variables"):
        deeper.load_weights(tmp_path / "w.weights.h5")
    wider = tf.keras.Sequential([layers.Input((2,)), layers.Dense(4)])
    with pytest.raises(ValueError, match=r"shape \(2, 4\), but the file has shape \(2, 3\).*must match"):
        wider.load_weights(tmp_path / "w.weights.h5")


def test_a_link_in_a_file_is_named(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_group("real").create_dataset("inner", data=np.zeros(1))
        file["model_weights"] = h5py.SoftLink("/real")
    model = tf.keras.Sequential([layers.Input((2,)), layers.Dense(3)])
    with pytest.raises(ValueError, match=r"a link to another place \(SoftLink\)"):
        model.load_weights(tmp_path / "w.h5")
