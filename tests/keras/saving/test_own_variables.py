"""Layers that write and read their weights themselves: `save_own_variables` and `load_own_variables`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import tensorlet as tf

layers = tf.keras.layers


@tf.keras.utils.register_keras_serializable(package="own_variables")
class Scaled(layers.Dense):  # type: ignore[misc]
    """Stores its kernel in halves, and a table that is no variable."""

    stored_variables = "a name that programs may use"

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.table = np.arange(3.0)

    def save_own_variables(self, store: Any) -> None:
        store["halved"] = np.asarray(self.kernel) / 2.0
        store["table"] = self.table

    def load_own_variables(self, store: Any) -> None:
        self.kernel.assign(np.array(store["halved"]) * 2.0)
        self.table = np.array(store["table"])


def model() -> Any:
    return tf.keras.Sequential([layers.Input((2,)), Scaled(1), layers.Dense(1)])


@pytest.mark.parametrize("generation", ["2", "3"])
@pytest.mark.parametrize("whole", [True, False])
def test_arrays_of_its_own_are_written_and_read(
    whole: bool, generation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    saved = model()
    saved.layers[0].table = np.array([5.0, 7.0])
    if whole:
        saved.save(tmp_path / "m.keras")
        loaded = tf.keras.models.load_model(tmp_path / "m.keras")
    else:
        saved.save_weights(tmp_path / "m.weights.h5")
        loaded = model()
        loaded.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(loaded.layers[0].table, [5.0, 7.0])
    for ours, theirs in zip(loaded.get_weights(), saved.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_names_in_the_file(tmp_path: Path) -> None:
    model().save_weights(tmp_path / "m.weights.h5")
    with h5py.File(tmp_path / "m.weights.h5") as file:
        assert sorted(file["layers/scaled/vars"]) == ["halved", "table"]
        assert sorted(file["layers/dense/vars"]) == ["0", "1"]


def test_a_subclass_may_add_to_what_is_stored(tmp_path: Path) -> None:
    class Counted(layers.Dense):  # type: ignore[misc]
        count = 3

        def save_own_variables(self, store: Any) -> None:
            super().save_own_variables(store)
            store["count"] = np.array(self.count)

        def load_own_variables(self, store: Any) -> None:
            self.count = int(store.pop("count"))
            super().load_own_variables(store)

    saved, loaded = (tf.keras.Sequential([layers.Input((2,)), Counted(1)]) for _ in range(2))
    saved.layers[0].count = 8
    saved.save_weights(tmp_path / "m.weights.h5")
    loaded.load_weights(tmp_path / "m.weights.h5")
    assert loaded.layers[0].count == 8
    np.testing.assert_array_equal(loaded.get_weights()[0], saved.get_weights()[0])


def test_arrays_that_do_not_fit_change_nothing() -> None:
    layer = layers.Dense(1)
    layer.build((None, 2))
    before = layer.get_weights()
    with pytest.raises(ValueError, match="expected 2 variables, but received 1 variables"):
        layer.load_own_variables({"0": np.ones((2, 1))})
    with pytest.raises(ValueError, match=r"has shape \(1,\), but the array has shape \(2,\)"):
        layer.load_own_variables({"0": np.ones((2, 1)), "1": np.ones(2)})
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])
