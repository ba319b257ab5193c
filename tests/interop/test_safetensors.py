"""safetensors files between Tensorlet and the reference library, both ways."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.formats.safetensors import DTYPES, read_safetensors, write_safetensors

reference = pytest.importorskip(
    "safetensors.numpy", reason="safetensors is not installed: pip install safetensors"
)

TENSORS = {name: np.array([[0, 1, 100]]).astype(dtype) for name, dtype in DTYPES.items()} | {
    "empty": np.zeros((0, 3), np.float32),
    "scalar": np.array(2.5),
    "한글": np.arange(5),
}


def assert_same(found: dict[str, np.ndarray]) -> None:
    assert set(found) == set(TENSORS)
    for name, array in found.items():
        assert array.dtype == TENSORS[name].dtype
        np.testing.assert_array_equal(array, TENSORS[name])


def test_the_library_reads_what_we_write(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "x", TENSORS, {"made": "by us"})
    assert_same(reference.load_file(tmp_path / "x"))


def test_we_read_what_the_library_writes(tmp_path: Path) -> None:
    reference.save_file(TENSORS, tmp_path / "x", {"made": "by them"})
    found, metadata = read_safetensors(tmp_path / "x")
    assert_same(found)
    assert metadata == {"made": "by them"}


def test_weights_of_a_model_go_through_the_library(tmp_path: Path) -> None:
    def make() -> tf.keras.Model:
        model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(2,), name="one")])
        model.compile("adam", "mse")
        return model

    first = make()
    first.fit(np.ones((4, 2)), np.ones((4, 3)), epochs=2, verbose=0)
    first.save_weights(str(tmp_path / "ours.safetensors"))
    tensors = reference.load_file(tmp_path / "ours.safetensors")
    np.testing.assert_array_equal(tensors["one/kernel"], first.get_weights()[0])
    reference.save_file(tensors, tmp_path / "theirs.safetensors")
    second = make()
    second.load_weights(str(tmp_path / "theirs.safetensors"))
    for model in (first, second):
        model.fit(np.ones((4, 2)), np.ones((4, 3)), epochs=2, verbose=0)
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])
