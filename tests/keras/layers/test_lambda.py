"""`Lambda`: copies share the function, files hold its name and find it again, and never code."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError

layers = tf.keras.layers


def power(x: Any, exponent: float = 2.0) -> Any:
    return x**exponent


def with_power() -> Any:
    return tf.keras.Sequential(
        [tf.keras.Input((2,)), layers.Lambda(power, arguments={"exponent": 3.0}, name="cubes")]
    )


def test_models_with_lambda_expressions_can_be_cloned() -> None:
    model = tf.keras.Sequential([tf.keras.Input((2,)), layers.Lambda(lambda x: 2.0 * x, name="twice")])
    copy = tf.keras.models.clone_model(model)
    assert copy.layers[0] is not model.layers[0]
    assert copy.layers[0].name == "twice"
    np.testing.assert_array_equal(copy(np.array([[1.0, 2.0]])), [[2.0, 4.0]])
    x = tf.keras.Input((2,))
    functional = tf.keras.models.clone_model(tf.keras.Model(x, layers.Lambda(lambda t: t - 1.0)(x)))
    np.testing.assert_array_equal(functional(np.array([[1.0, 2.0]])), [[0.0, 1.0]])


@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_files_hold_the_name_of_the_function(tmp_path: Path, name: str, dialect: str) -> None:
    with_power().save(tmp_path / name, dialect=dialect)
    loaded = tf.keras.models.load_model(tmp_path / name, custom_objects={"power": power})
    np.testing.assert_array_equal(loaded(np.array([[1.0, 2.0]])), [[1.0, 8.0]])
    with pytest.raises(
        FileFormatError, match=r"\"cubes\" calls the function 'power'.*custom_objects=\{'power'"
    ):
        tf.keras.models.load_model(tmp_path / name)


def test_keras_3_finds_the_function_where_it_looks(tmp_path: Path) -> None:
    with_power().save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        described = json.loads(archive.read("config.json"))["config"]["layers"][-1]["config"]
    assert described["function"] == {
        "module": "builtins",
        "class_name": "function",
        "config": "power",
        "registered_name": "function",
    }
    assert described["arguments"] == {"exponent": 3.0}
    assert "function_type" not in described


def test_a_registered_function_needs_no_custom_objects(tmp_path: Path) -> None:
    @tf.keras.utils.register_keras_serializable("tests")
    def minus_one(x: Any) -> Any:
        return x - 1.0

    model = tf.keras.Sequential([tf.keras.Input((1,)), layers.Lambda(minus_one)])
    model.save(tmp_path / "m.h5")
    np.testing.assert_array_equal(tf.keras.models.load_model(tmp_path / "m.h5")(np.ones((1, 1))), [[0.0]])


def test_a_lambda_expression_cannot_be_saved(tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.Input((2,)), layers.Lambda(lambda x: x, name="same")])
    with pytest.raises(
        NotImplementedError,
        match=r'"same": its function is anonymous, and code is not saved\. Define it with def',
    ):
        model.save(tmp_path / "m.keras")
