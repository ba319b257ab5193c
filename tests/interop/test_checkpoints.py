"""Checkpoints between Tensorlet and real TensorFlow with Keras 2, both ways; Keras 3's are read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
tensorflow = pytest.importorskip(
    "tensorflow", reason="TensorFlow is not installed: pip install tensorflow-cpu"
)
tf_keras = pytest.importorskip("tf_keras", reason="Keras 2 is not installed: pip install tf_keras")


import checkpoint_cases as cases  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def trained(keras: Any, name: str, steps: int = 3) -> Any:
    keras.utils.set_random_seed(3)
    model = cases.make(keras, name)
    for _ in range(steps):
        cases.step(model)
    return model


def assert_same_results(first: dict[str, Any], second: dict[str, Any]) -> None:
    np.testing.assert_allclose(first["before"], second["before"], rtol=1e-5, atol=1e-6)
    for one, other in zip(first["after"], second["after"], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def built(keras: Any, name: str) -> Any:
    """A new model whose weights and slots are there, so that everything can be compared."""
    model = cases.make(keras, name)
    model(cases.data()[0])
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.mark.parametrize("name", cases.CASES)
def test_we_read_what_keras_2_writes(name: str, tmp_path: Path) -> None:
    theirs = trained(tf_keras, name)
    theirs.save_weights(str(tmp_path / "theirs"))
    ours = built(tensorlet.keras, name)
    ours.load_weights(str(tmp_path / "theirs")).assert_consumed()
    assert_same_results(cases.results(ours), cases.results(theirs))


@pytest.mark.parametrize("name", [name for name, case in cases.CASES.items() if not case.get("old")])
def test_keras_2_reads_what_we_write(name: str, tmp_path: Path) -> None:
    ours = trained(tensorlet.keras, name)
    ours.save_weights(str(tmp_path / "ours"))
    theirs = built(tf_keras, name)
    theirs.load_weights(str(tmp_path / "ours")).assert_consumed()
    if name == "nadam":
        # In a traced step, Keras 2 multiplies its product once for each weight and not once a step; from the same
        # state it goes on in another way.
        assert float(theirs.optimizer._u_product) == float(ours.optimizer.momentum_product)
        return
    assert_same_results(cases.results(ours), cases.results(theirs))
    assert tensorflow.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "ours")


def test_objects_both_ways(tmp_path: Path) -> None:
    pairs = [(tensorflow, tf_keras), (tensorlet, tensorlet.keras)]
    for (first, first_keras), (second, second_keras) in (pairs, pairs[::-1]):
        folder = tmp_path / first.__name__ / "한글"
        written = cases.objects(first, first_keras)
        manager = first.train.CheckpointManager(written, str(folder), max_to_keep=2)
        for _ in range(3):
            path = manager.save()
        read = cases.objects(second, second_keras, start=100.0)
        other = second.train.CheckpointManager(read, str(folder), max_to_keep=2)
        assert [str(one) for one in other.checkpoints] == [str(one) for one in manager.checkpoints]
        assert str(other.latest_checkpoint) == str(path)
        read.restore(other.latest_checkpoint).assert_consumed()
        assert cases.values_of(read) == cases.values_of(written)
        listed = [(name, list(shape)) for name, shape in first.train.list_variables(path)]
        assert [(name, list(shape)) for name, shape in second.train.list_variables(path)] == listed
        assert second.train.load_variable(path, "step/.ATTRIBUTES/VARIABLE_VALUE") == 9
        other.save()
        assert [os.path.basename(str(one)) for one in other.checkpoints] == ["ckpt-3", "ckpt-4"]


def test_we_read_what_keras_3_writes(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("only Keras 3 on TensorFlow writes checkpoints")

    def make(one: Any) -> Any:
        layers = one.layers
        model = one.Sequential([one.Input((cases.FEATURES,)), layers.BatchNormalization(), layers.Dense(3)])
        model.add(layers.Dense(cases.OUTPUTS))
        model.compile(one.optimizers.Adam(0.01), "mse")
        return model

    theirs = make(keras)
    for _ in range(3):
        cases.step(theirs)
    tensorflow.train.Checkpoint(model=theirs).write(str(tmp_path / "theirs"))
    ours = make(tensorlet.keras)
    tensorlet.train.Checkpoint(model=ours).read(tmp_path / "theirs").assert_existing_objects_matched()
    assert_same_results(cases.results(ours), cases.results(theirs))
