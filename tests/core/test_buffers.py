"""The buffers of variables: read in place, and copied when first written if they are read-only."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core.buffers import array_of, buffers_of, writable_array_of

ROWS = np.random.default_rng(2).normal(size=(12, 3)).astype("float32")
LABELS = ROWS.sum(axis=1, keepdims=True)


class MappingPickler(pickle.Pickler):
    """Writes each array to a file of its own and reads it back memory-mapped, as joblib does."""

    def __init__(self, folder: Path, file: io.BytesIO) -> None:
        super().__init__(file)
        self.folder = folder
        self.count = 0

    def reducer_override(self, thing: Any) -> Any:
        if not isinstance(thing, np.ndarray):
            return NotImplemented
        self.count += 1
        path = self.folder / f"{self.count}.npy"
        np.save(path, thing)
        return np.load, (str(path), "r")


def memory_mapped(thing: Any, folder: Path) -> Any:
    """The thing, pickled and unpickled with read-only arrays that lie in files."""
    file = io.BytesIO()
    MappingPickler(folder, file).dump(thing)
    return pickle.loads(file.getvalue())


def trained() -> Any:
    tf.keras.utils.set_random_seed(3)
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(4, activation="relu", input_shape=(3,)), tf.keras.layers.Dense(1)]
    )
    model.compile("adam", "mse")
    model.fit(ROWS, LABELS, epochs=2, batch_size=4, verbose=0)
    return model


def test_a_memory_mapped_model_predicts_without_a_copy(tmp_path: Path) -> None:
    model = trained()
    loaded = memory_mapped(model, tmp_path)
    np.testing.assert_array_equal(loaded.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))
    assert loaded.evaluate(ROWS, LABELS, verbose=0) == model.evaluate(ROWS, LABELS, verbose=0)
    assert not any(array_of(variable).flags.writeable for variable in loaded.weights)


def test_a_memory_mapped_model_trains_on_and_predicts_with_its_new_weights(tmp_path: Path) -> None:
    model = trained()
    loaded = memory_mapped(model, tmp_path)
    loaded.predict(ROWS, verbose=0)  # compiled with the read-only buffers
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for one in (model, loaded):
        tf.keras.utils.set_random_seed(5)
        one.fit(ROWS, LABELS, epochs=3, batch_size=4, verbose=0)
    for ours, theirs in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(loaded.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))
    assert {path: path.read_bytes() for path in files} == files


def test_a_traced_function_sees_an_assignment_to_a_read_only_variable(backend: str, tmp_path: Path) -> None:
    variable = memory_mapped(tf.Variable([1.0, 2.0]), tmp_path)
    double = tf.function(lambda: variable * 2.0)
    np.testing.assert_array_equal(double(), [2.0, 4.0])
    variable.assign([5.0, 6.0])
    np.testing.assert_array_equal(double(), [10.0, 12.0])
    np.testing.assert_array_equal(variable.numpy(), [5.0, 6.0])


def test_a_traced_function_changes_a_read_only_variable(backend: str, tmp_path: Path) -> None:
    variable = memory_mapped(tf.Variable([1.0, 2.0]), tmp_path)
    add = tf.function(lambda: variable.assign_add([1.0, 1.0]))
    add()
    add()
    np.testing.assert_array_equal(variable.numpy(), [3.0, 4.0])


def test_a_writable_buffer_never_moves() -> None:
    variable = tf.Variable([1.0, 2.0])
    buffer = array_of(variable)
    assert buffers_of([variable], [variable])[0] is buffer
    assert writable_array_of(variable) is buffer
    variable.assign([3.0, 4.0])
    assert array_of(variable) is buffer
    np.testing.assert_array_equal(buffer, [3.0, 4.0])


def test_lists_of_buffers_are_forgotten_with_their_programs(tmp_path: Path) -> None:
    from tensorlet.core import buffers

    variable = memory_mapped(tf.Variable([1.0]), tmp_path)
    for _ in range(50):
        held = buffers.buffers_of([variable], [])
    assert not held[0].flags.writeable
    assert len([one for one in buffers._with_read_only if one() is not None and one()[0] is held[0]]) == 1


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_variables_are_pickled(dtype: str) -> None:
    variable = tf.Variable(np.array([0, 1, 1], dtype), trainable=False, name="mask")
    copy = pickle.loads(pickle.dumps(variable))
    np.testing.assert_array_equal(copy.numpy(), variable.numpy())
    assert (copy.name, copy.dtype, copy.trainable) == ("mask:0", variable.dtype, False)
    copy.assign(np.array([1, 0, 0], dtype))
    np.testing.assert_array_equal(variable.numpy(), np.array([0, 1, 1], dtype))
