"""`keras.ops` against the numbers of Keras 3; see ``tests/golden/make_keras_ops.py``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

GOLDEN_FOLDER = Path(__file__).resolve().parents[2] / "golden"
sys.path.insert(0, str(GOLDEN_FOLDER))
from keras_ops_cases import CALLS, NAMES  # noqa: E402

GOLDEN = json.loads((GOLDEN_FOLDER / "keras_ops.json").read_text(encoding="utf-8"))["calls"]
ops = tf.keras.ops


def compare(found: Any, wanted: Any) -> None:
    if isinstance(wanted, list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            compare(one, other)
        return
    array = np.asarray(found)
    if wanted["dtype"] != "python":
        assert array.dtype.name == wanted["dtype"]
    np.testing.assert_allclose(array.astype(float), wanted["numbers"], rtol=2e-5, atol=1e-6)


def test_every_call_has_its_golden_numbers() -> None:
    assert set(CALLS) == set(GOLDEN)


@pytest.mark.parametrize("call", CALLS)
def test_a_call_gives_what_keras_gives(call: str) -> None:
    compare(eval(call, {**NAMES, "ops": ops}), GOLDEN[call])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ops.sum(ops.square(x) * 2, axis=1),
        lambda x: ops.softmax(ops.matmul(x, ops.transpose(x))),
        lambda x: ops.where(x > 0, ops.log1p(ops.abs(x)), ops.tanh(x)),
        lambda x: ops.median(x, axis=0) + ops.norm(x),
        lambda x: ops.take_along_axis(x, ops.argsort(x, axis=1), axis=1),
    ],
)
def test_compiled_functions_compute_the_same(function: Any) -> None:
    x = tf.constant(NAMES["X"])
    np.testing.assert_allclose(tf.function(function)(x), function(x), rtol=1e-5, atol=1e-6)


def test_gradients_flow() -> None:
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        loss = ops.sum(ops.power(x, 3))
    assert tape.gradient(loss, x).numpy().tolist() == [3.0, 12.0]


def test_functions_of_a_models_tensors_become_layers() -> None:
    inputs = tf.keras.Input((3,))
    outputs = ops.relu(ops.concatenate([inputs, ops.exp(inputs)], axis=-1) - 1.0)
    model = tf.keras.Model(inputs, outputs)
    found = model.predict(np.array([[0.0, 2.0, -3.0]]), verbose=0)
    np.testing.assert_allclose(found, [[0.0, 1.0, 0.0, 0.0, np.e**2 - 1.0, 0.0]], rtol=1e-5)
    again = tf.keras.Model.from_config(model.get_config())
    np.testing.assert_allclose(again.predict(np.array([[0.0, 2.0, -3.0]]), verbose=0), found)


def test_models_train_through_keras_ops() -> None:
    class Squares(tf.keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return ops.mean(ops.square(inputs), axis=-1, keepdims=True)

    model = tf.keras.Sequential([tf.keras.layers.Dense(2, kernel_initializer="ones"), Squares()])
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    model.fit(np.ones((4, 1), "float32"), np.zeros((4, 1)), batch_size=4, verbose=0)
    # the loss is (mean(w²))², whose slope at w = 1 is 2 * 1 * w for each of the two weights
    np.testing.assert_allclose(model.get_weights()[0], [[0.8, 0.8]], rtol=1e-6)


def test_parts_of_the_names_have_their_modules() -> None:
    assert ops.numpy.sum([1, 2]).numpy() == 3
    assert ops.nn.relu([-1.0, 1.0]).numpy().tolist() == [0.0, 1.0]
    assert ops.linalg.det([[2.0, 0.0], [0.0, 3.0]]).numpy() == 6.0
    assert {"add", "matmul", "relu", "convert_to_tensor"} <= set(dir(ops))
    with pytest.raises(AttributeError, match="softmax"):
        ops.sofmax  # noqa: B018


def test_wrong_arguments_are_explained() -> None:
    with pytest.raises(InvalidArgumentError, match="method is 'odd'"):
        ops.quantile([1.0], 0.5, method="odd")
    with pytest.raises(InvalidArgumentError, match="from 0 to 1"):
        ops.quantile([1.0], 30)


@pytest.mark.parametrize(
    ("dtype", "expected"), [("int", tf.int64), (int, tf.int64), ("int32", tf.int32), (float, tf.float32)]
)
def test_cast_takes_the_names_of_keras_3(dtype: Any, expected: Any) -> None:
    found = ops.cast([1.5, -2.0], dtype)
    assert found.dtype is expected
    np.testing.assert_array_equal(found.numpy(), np.array([1.5, -2.0]).astype(expected.as_numpy_dtype))
