"""Configurations of values, functions, generators and variables in programs for Keras 3."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

Saving = tf.keras.saving


@pytest.fixture(autouse=True)
def _keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")


def _again(value: Any, **options: Any) -> Any:
    return Saving.deserialize_keras_object(
        json.loads(json.dumps(Saving.serialize_keras_object(value))), **options
    )


@pytest.mark.parametrize(
    "value",
    [
        "relu",
        1,
        2.5,
        None,
        True,
        b"abc",
        [1, (2, "x")],
        {"a": [True, None]},
        (1, (2,)),
        ...,
        slice(None, 3, 2),
    ],
)
def test_plain_values_come_back(value: Any) -> None:
    assert _again(value) == value
    assert type(_again(value)) is type(value)


def test_arrays_and_tensors_come_back() -> None:
    for value in (np.array([0, 1]), np.array([0.5], np.float32), tf.constant([[1.0, 2.0]])):
        found = _again({"x": value})["x"]
        np.testing.assert_array_equal(found, value)
        assert found.dtype == value.dtype and isinstance(found, tf.Tensor) == isinstance(value, tf.Tensor)


def test_functions_come_back_by_name() -> None:
    def own(x: Any) -> Any:
        return x

    assert _again(tf.keras.activations.relu) is tf.keras.activations.relu
    assert _again(own, custom_objects={"own": own}) is own
    with pytest.raises(InvalidArgumentError, match="custom_objects"):
        _again(own)
    with pytest.raises(InvalidArgumentError, match="lambda"):
        _again(lambda x: x)
    with pytest.raises(InvalidArgumentError, match="not run"):
        Saving.deserialize_keras_object({"class_name": "__lambda__", "config": {"value": "code"}})


def test_generators_of_seeds_come_back_also_in_initializers() -> None:
    generator = _again(tf.keras.random.SeedGenerator(3, name="mine"))
    assert generator.get_config() == {"seed": 3, "name": "mine"}
    initializer = tf.keras.initializers.RandomNormal(seed=tf.keras.random.SeedGenerator(1))
    first, second = initializer((3,)), initializer((3,))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(_again(initializer)((3,)), first)
    with pytest.raises(InvalidArgumentError, match="Unrecognized"):
        tf.keras.random.SeedGenerator(sead=1)


def test_variables_have_names_paths_and_values() -> None:
    with tf.keras.name_scope("outer"):
        v = tf.keras.Variable("ones", shape=(2,), name="factor")
    assert (v.name, v.path, v.value.numpy().tolist(), v.value().numpy().tolist()) == (
        "factor", "outer/factor", [1.0, 1.0], [1.0, 1.0],
    )  # fmt: skip
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(v.value**2)
    old = v.value
    v.assign([3.0, 3.0])
    assert (tape.gradient(y, v).numpy().tolist(), old.numpy().tolist()) == ([2.0, 2.0], [1.0, 1.0])
    assert isinstance(v, tf.Variable) and "path=outer/factor" in repr(v)
    with pytest.raises(InvalidArgumentError, match="without '/'"):
        tf.keras.Variable(1.0, name="a/b")


def test_values_of_variables_in_traced_functions() -> None:
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(v.value**2 * x + v.value())
        old = v.value
        v.assign_sub(tape.gradient(y, v))
        return old + 0.0, v.value

    old, new = step(tf.constant(0.5))
    assert (old.numpy().tolist(), new.numpy().tolist()) == ([1.0, 2.0], [-1.0, -1.0])
