"""Subclassed models and layers in ``.keras`` files: the name of the class, its arguments, and the weights."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError

L = tf.keras.layers
X = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


class Network(tf.keras.Model):
    """Takes keyword arguments of every model."""

    def __init__(self, units: int, kinds: tuple[str, ...] = ("relu",), **options: Any) -> None:
        super().__init__(**options)
        self.inner = L.Dense(units, kinds[0])
        self.last = L.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.last(self.inner(inputs))


class Strict(tf.keras.Model):
    """Takes its own argument only."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.inner = L.Dense(units, "tanh")

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


class Configured(Strict):
    """Says itself what its arguments are."""

    def __init__(self, units: int, name: str | None = None) -> None:
        super().__init__(units)
        self.units = units

    def get_config(self) -> dict[str, Any]:
        return {"units": self.units, "name": self.name}


class Scale(L.Layer):
    """A layer without get_config."""

    def __init__(self, factor: Any, **options: Any) -> None:
        super().__init__(**options)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


OBJECTS = {kind.__name__: kind for kind in (Network, Strict, Configured, Scale)}
MAKERS: dict[str, Any] = {
    "positional": lambda: Network(5, ("tanh",)),
    "keyword": lambda: Network(units=4, name="mine"),
    "strict": lambda: Strict(1),
    "configured": lambda: Configured(1),
    "layer": lambda: tf.keras.Sequential([L.Dense(2, input_shape=(3,)), Scale(2.5), L.Dense(1)]),
}


@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
@pytest.mark.parametrize("maker", MAKERS)
def test_a_subclass_comes_back_and_goes_on_training(tmp_path: Path, maker: str, dialect: str) -> None:
    model = MAKERS[maker]()
    model.compile("adam", "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    model.save(tmp_path / "m.keras", dialect=dialect)
    again = tf.keras.models.load_model(tmp_path / "m.keras", custom_objects=OBJECTS)
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    for one in (model, again):
        one.fit(X, Y, epochs=1, shuffle=False, verbose=0)
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_file_holds_the_arguments_and_no_code(tmp_path: Path) -> None:
    model = Network(4, name="mine")
    model(X)
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        described = json.loads(archive.read("config.json"))
    assert described["class_name"] == "Network"
    assert described["config"] == {"name": "mine", "trainable": True, "dtype": "float32", "units": 4}
    assert described["build_config"] == {"input_shape": [None, 3]}
    with pytest.raises(
        FileFormatError, match=r"no layer named 'Network'.*custom_objects=\{'Network': Network\}"
    ):
        tf.keras.models.load_model(tmp_path / "m.keras")


@pytest.mark.parametrize(
    "factor", [L.Dense(1), np.ones(3), lambda x: x, {1: 2.0}], ids=["layer", "array", "function", "key"]
)
def test_an_argument_that_a_file_cannot_store_is_named(tmp_path: Path, factor: Any) -> None:
    model = tf.keras.Sequential([L.Dense(2, input_shape=(3,)), L.Flatten()])
    model.add(Wrapped(factor))
    with pytest.raises(NotImplementedError, match=r"Wrapped.__init__ got inner, of type .*get_config"):
        model.save(tmp_path / "m.keras")


class Wrapped(L.Layer):
    """A layer whose argument may be anything."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def call(self, inputs: Any) -> Any:
        return inputs


def test_an_h5_file_takes_no_subclass_and_an_unbuilt_model_is_not_saved(tmp_path: Path) -> None:
    model = Strict(2)
    with pytest.raises(ValueError, match="has not been built"):
        model.save(tmp_path / "m.keras")
    model(X)
    with pytest.raises(InvalidArgumentError, match=r"Save it as 'name\.keras'"):
        model.save(tmp_path / "m.h5")


def test_several_inputs_are_built_again(tmp_path: Path) -> None:
    class Both(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = L.Dense(2), L.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.one(inputs[0]) + self.two(inputs[1])

    model = Both()
    expected = model([X, X[:, :1]])
    model.save(tmp_path / "m.keras")
    again = tf.keras.models.load_model(tmp_path / "m.keras", custom_objects={"Both": Both})
    np.testing.assert_array_equal(again([X, X[:, :1]]), expected)


def test_clones_have_the_recorded_arguments() -> None:
    model = tf.keras.Sequential([L.Dense(2, input_shape=(3,)), Scale(2.5)])
    assert tf.keras.models.clone_model(model).layers[1].factor == 2.5
    assert Scale.from_config(Scale([1.0, 2.0]).get_config()).factor == [1.0, 2.0]


def test_a_folder_finds_the_classes_of_the_program(tmp_path: Path) -> None:
    model = Network(4)
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "folder")
    again = tf.keras.models.load_model(tmp_path / "folder")
    assert type(again) is Network
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))

    class Other(Network):
        pass

    chosen = tf.keras.models.load_model(tmp_path / "folder", custom_objects={"Network": Other})
    assert type(chosen) is Other
    model.save(tmp_path / "file.keras")
    with pytest.raises(FileFormatError, match="custom_objects"):
        tf.keras.models.load_model(tmp_path / "file.keras")
