"""Small things that Keras 3 takes: equations of `einsum`, models that are not built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError, ShapeError

GENERATOR = np.random.default_rng(0)
A, B, C = (GENERATOR.normal(size=shape) for shape in ((2, 3, 3), (4, 3, 5), (3, 3)))


@pytest.fixture
def _keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")


@pytest.mark.parametrize(
    ("equation", "inputs"),
    [
        ("ii", [C]), ("ii->i", [C]), ("...ii->...i", [A]), ("...ii", [A]),
        ("...ij,...jk->...ik", [A, C]), ("...,...", [C, C]),
        ("i...,j...k->...ijk", [C, B]), ("iij->j", [GENERATOR.normal(size=(3, 3, 2))]),
    ],
)  # fmt: skip
def test_einsum_takes_diagonals_and_dots(equation: str, inputs: list[np.ndarray]) -> None:
    np.testing.assert_allclose(tf.einsum(equation, *inputs), np.einsum(equation, *inputs), rtol=1e-12)
    traced = tf.function(lambda *given: tf.einsum(equation, *given))
    given = [tf.constant(one, tf.float32) for one in inputs]
    np.testing.assert_allclose(traced(*given), np.einsum(equation, *inputs), rtol=1e-4, atol=1e-5)


def test_einsum_has_the_gradient_of_a_trace() -> None:
    x = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        y = tf.einsum("ii", x)
    np.testing.assert_array_equal(tape.gradient(y, x), np.eye(2))
    with pytest.raises(ShapeError, match="lengths 2 and 3"):
        tf.einsum("ii", np.ones((2, 3)))


class Own(tf.keras.Model):
    """A model with one layer."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = tf.keras.layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


@pytest.mark.usefixtures("_keras_3")
def test_a_model_that_is_not_built_is_saved_with_a_warning(tmp_path: Path) -> None:
    model = Own()
    model.compile("adam", "mse")
    with pytest.warns(UserWarning, match="has not been built"):
        model.save(tmp_path / "model.keras")
    again = tf.keras.models.load_model(tmp_path / "model.keras", custom_objects={"Own": Own})
    assert not again.built and again.compiled
    again.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    tf.keras.saving.save_weights(again, tmp_path / "own.weights.h5")
    other = Own()
    other(np.ones((1, 3)))
    tf.keras.saving.load_weights(other, tmp_path / "own.weights.h5")
    np.testing.assert_array_equal(other.get_weights()[0], again.get_weights()[0])


@pytest.mark.usefixtures("_keras_3")
def test_what_saving_refuses(tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    with pytest.raises(InvalidArgumentError, match="not supported: option"):
        model.save(tmp_path / "model.keras", option=1)
    with pytest.raises(FileFormatError, match="File format not supported"):
        tf.keras.models.load_model("model.pkl")


@pytest.mark.usefixtures("_keras_3")
def test_tensors_stay_tensors_and_truth_values_truth_values() -> None:
    assert isinstance(tf.keras.utils.normalize(tf.constant([[3.0, 4.0]])), tf.Tensor)
    assert isinstance(tf.keras.utils.to_categorical(tf.constant([0, 1])), tf.Tensor)
    bools = np.array([True, False])
    assert tf.keras.ops.diag(bools).numpy().tolist() == [[True, False], [False, False]]
    assert tf.keras.ops.pad(bools, ((1, 0),)).numpy().tolist() == [False, True, False]
    assert tf.keras.backend.result_type("int32", "float32") == "float32"
    with pytest.raises(InvalidArgumentError, match=r"Received: \[None\]"):
        tf.keras.metrics.FalsePositives(thresholds=[None])
