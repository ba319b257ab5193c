"""Inputs, parts and copies of functional models as in Keras 3: structures, optional inputs, functions, state trees."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

Layers = tf.keras.layers
ONES = np.ones((2, 2), np.float32)


@pytest.fixture(autouse=True)
def _keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")


class Either(Layers.Layer):
    """The sum of two inputs, or the first if there is no second."""

    def call(self, x: Any, y: Any = None) -> Any:
        return x if y is None else x + y

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def _with_optional() -> Any:
    x, o = Layers.Input((2,), name="x"), Layers.Input((2,), name="o", optional=True)
    return tf.keras.Model({"o": o, "x": x}, Either()(x, o))


@pytest.mark.parametrize(("o", "expected"), [(None, 1.0), (2 * ONES, 3.0)])
def test_an_optional_input_may_be_none(o: Any, expected: float) -> None:
    model = _with_optional()
    model.compile("sgd", "mse")
    np.testing.assert_array_equal(model({"x": ONES, "o": o}), expected * ONES)
    np.testing.assert_array_equal(model.predict({"x": ONES, "o": o}, verbose=0), expected * ONES)
    assert model.evaluate({"x": ONES, "o": o}, 0 * ONES, verbose=0) == expected**2


def test_an_optional_input_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    _with_optional().save(path)
    again = tf.keras.models.load_model(path, custom_objects={"Either": Either})
    np.testing.assert_array_equal(again({"x": ONES, "o": None}), ONES)


def test_other_inputs_may_not_be_none() -> None:
    with pytest.raises(InvalidArgumentError, match="not optional"):
        _with_optional()({"x": None, "o": ONES})


def _nested() -> Any:
    a, b, c = Layers.Input((1,)), Layers.Input((2,)), Layers.Input((3,))
    return tf.keras.Model({"1": a, "others": {"2": b, "3": c}}, {"1": 2.0 * a, "others": (3.0 * b, 4.0 * c)})


def test_nested_inputs_and_outputs_keep_their_structure(tmp_path: Path) -> None:
    data = {"1": np.ones((2, 1)), "others": {"2": np.ones((2, 2)), "3": np.ones((2, 3))}}
    model = _nested()
    _nested().save(tmp_path / "model.keras")
    for one in (model, tf.keras.Model.from_config(model.get_config())):
        found = one(data)
        assert isinstance(found["others"], tuple)
        assert [float(part[0, 0]) for part in (found["1"], *found["others"])] == [2.0, 3.0, 4.0]
    again = tf.keras.models.load_model(tmp_path / "model.keras")(data)
    assert float(again["others"][1][0, 0]) == 4.0
    wrapped = tf.keras.Model([[model.inputs[0]]], model.outputs[0])
    assert tf.keras.models.model_from_json(wrapped.to_json()).to_json() == wrapped.to_json()


def test_keys_that_are_no_inputs_are_told() -> None:
    x = Layers.Input((2,), name="x")
    model = tf.keras.Model({"x": x}, 2.0 * x)
    with pytest.warns(UserWarning, match="The structure of `inputs` doesn't match") as told:
        for _ in range(2):
            np.testing.assert_array_equal(model({"x": ONES, "other": ONES}), 2 * ONES)
    assert len(told) == 1


def test_a_list_for_a_dictionary_is_told_or_refused() -> None:
    x, y = Layers.Input((2,)), Layers.Input((2,))
    with pytest.warns(UserWarning, match="The structure of `inputs` doesn't match"):
        np.testing.assert_array_equal(tf.keras.Model({"a": x, "b": y}, x - y)([ONES, 0 * ONES]), ONES)
    with pytest.raises(InvalidArgumentError, match="order of a list"):
        tf.keras.Model({"b": x, "a": y}, x - y)([ONES, ONES])
    with pytest.raises(InvalidArgumentError, match="named input"):
        tf.keras.Model({"a": x, "b": y}, x - y)(ONES)


def test_a_model_may_begin_in_the_middle_of_another(tmp_path: Path) -> None:
    x = Layers.Input((3,), name="x")
    first = Layers.Dense(4, name="first")(x)
    last = Layers.Dense(2, name="last")(first)
    whole, part = tf.keras.Model(x, last), tf.keras.Model(first, last)
    assert [type(layer).__name__ for layer in part.layers] == ["InputLayer", "Dense"]
    assert part.layers[1] is whole.get_layer("last")
    middle = tf.keras.Model(x, first)(np.eye(3))
    np.testing.assert_array_equal(part(middle), whole(np.eye(3)))
    assert whole.get_layer("last").output is last  # the parts do not change the whole
    part.save(tmp_path / "part.keras")
    np.testing.assert_array_equal(tf.keras.models.load_model(tmp_path / "part.keras")(middle), part(middle))


def test_a_function_of_symbolic_tensors() -> None:
    x, y = tf.keras.KerasTensor((2, 2)), tf.keras.KerasTensor((2, 2))
    total = tf.keras.ops.add(x, y)
    function = tf.keras.Function({"x": x, "y": y}, [total * 3.0, total**2], name="both")
    found = function({"x": ONES, "y": ONES})
    assert [float(one[0, 0]) for one in found] == [6.0, 4.0]
    assert [one.name.partition("_")[0] for one in function.operations[2:]] == ["add", "multiply", "power"]
    assert function.compute_output_shape({"x": (2, 2), "y": (2, 2)}) == [(2, 2), (2, 2)]
    after = tf.keras.Function(total, total + 1.0)
    np.testing.assert_array_equal(after(ONES), 2 * ONES)
    with pytest.raises(InvalidArgumentError, match="invalid input structure"):
        function(ONES)
    with pytest.raises(ShapeError, match="incompatible inputs"):
        after(np.ones((3, 2)))
    with pytest.raises(InvalidArgumentError, match="`outputs` argument cannot be empty"):
        tf.keras.Function(x, [])


def test_clones_with_other_calls_and_of_models_in_models() -> None:
    x = Layers.Input((3,))
    inner = tf.keras.Sequential([Layers.Input((3,)), Layers.Dense(4, name="deep")])
    model = tf.keras.Model(x, Layers.Dense(2)(inner(x)))

    def call(layer: Any, *args: Any) -> Any:
        found = layer(*args)
        return Layers.Dropout(0.5)(found) if isinstance(layer, Layers.Dense) else found

    clone = tf.keras.models.clone_model(model, call_function=call)
    assert type(clone.layers[-1]).__name__ == "Dropout"
    marked: list[str] = []

    def copy(layer: Any) -> Any:
        marked.append(layer.name)
        return type(layer).from_config(layer.get_config())

    model.compile("adam", "mse", metrics=["mae"])
    clone = tf.keras.models.clone_model(model, clone_function=copy, recursive=True)
    assert "deep" in marked
    assert clone.compiled and clone.optimizer is not model.optimizer
    with pytest.raises(InvalidArgumentError, match="same structure"):
        tf.keras.models.clone_model(_with_optional(), input_tensors=[x, x])


def test_a_state_tree_holds_all_variables() -> None:
    model = tf.keras.Sequential([Layers.Input((2,)), Layers.Dense(1, name="sum")])
    model.compile("adam", "mse")
    model.fit(ONES, np.ones((2, 1)), verbose=0)
    tree = model.get_state_tree("numpy_array")
    name = model.optimizer.name
    assert tree["optimizer_variables"][name]["iteration"] == 1
    assert sorted(tree["metrics_variables"]["loss"]) == ["count", "total"]
    model.set_state_tree(
        {"trainable_variables": {"sum": {"bias": [0.5]}}, "optimizer_variables": {name: {"iteration": 7}}}
    )
    assert (model.layers[0].bias.numpy().tolist(), int(model.optimizer.iterations)) == ([0.5], 7)
    with pytest.raises(InvalidArgumentError, match="no variable"):
        model.set_state_tree({"trainable_variables": {"sum": {"bais": [0.0]}}})


def test_the_lists_of_layers_cannot_be_set() -> None:
    for model in (_nested(), tf.keras.Sequential()):
        with pytest.raises(AttributeError, match="layers"):
            model.layers = []


@pytest.mark.parametrize("module", ["models.function", "models.state_tree", "variables"])
def test_the_examples_run(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"tensorlet.keras.{module}")).failed == 0
