"""The registry of file formats: how one is chosen, what one that holds weights only says, and a new one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.keras.models.model import Model
from tensorlet.keras.saving.file_format import (
    FORMATS,
    FileFormat,
    format_by_ending,
    format_names,
    format_of_file,
)


@FORMATS.register("json_weights")
class JsonWeights(FileFormat):
    """Weights as lists of numbers."""

    endings = (".weights.json",)

    def write_weights(self, model: Model, path: str, dialect: str | None) -> str | None:
        Path(path).write_text(json.dumps([one.tolist() for one in model.get_weights()]))
        return path

    def read_weights(self, model: Model, path: str, skip_mismatch: bool, by_name: bool) -> object:
        model.set_weights([np.array(one) for one in json.loads(Path(path).read_text())])
        return None


@pytest.fixture
def model() -> Iterator[Model]:
    yield tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(1,), kernel_initializer="ones")])


def test_a_registered_format_is_found_by_its_ending_and_its_name(model: Model, tmp_path: Path) -> None:
    path = str(tmp_path / "a.weights.json")
    assert model.save_weights(path) == path
    assert json.loads(Path(path).read_text()) == [[[1.0, 1.0]], [0.0, 0.0]]
    other = str(tmp_path / "other")
    model.save_weights(other, save_format="json_weights")
    assert Path(other).read_text() == Path(path).read_text()
    model.set_weights([[[3.0, 4.0]], [5.0, 6.0]])
    model.load_weights(path)
    np.testing.assert_array_equal(model.get_weights()[0], [[1.0, 1.0]])


def test_a_format_of_weights_refuses_whole_models(model: Model, tmp_path: Path) -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"weights\.json files contain weights.*model\.save_weights"
    ):
        model.save(tmp_path / "a.weights.json")
    model.save_weights(tmp_path / "a.weights.json")
    with pytest.raises(InvalidArgumentError, match=r"Create the model first, then call model\.load_weights"):
        tf.keras.models.load_model(tmp_path / "a.weights.json")
    with pytest.raises(InvalidArgumentError, match=r"safetensors files contain weights"):
        model.save(tmp_path / "a.safetensors")


def test_an_unknown_format_is_refused_with_the_names_of_the_others(model: Model, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match=r"save_format='pickle'.*'h5', 'hdf5', 'keras'"):
        model.save(tmp_path / "m.keras", save_format="pickle")
    with pytest.raises(
        InvalidArgumentError, match=r"save_format='pickle'.*'safetensors', 'tensorflow', 'tf'"
    ):
        model.save_weights(tmp_path / "m", save_format="pickle")
    assert format_names(for_models=True) == ["h5", "hdf5", "keras"]


def test_the_name_chosen_by_save_format_wins_over_the_ending(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m.h5", save_format="keras")
    assert (tmp_path / "m.h5").read_bytes()[:2] == b"PK"
    assert tf.keras.models.load_model(tmp_path / "m.h5").count_params() == 4


def test_the_first_bytes_of_a_file_decide_its_format(tmp_path: Path) -> None:
    found = {
        path: format_of_file(path, start)
        for path, start in (("a.keras", b"\x89HDF\r\n\x1a\n"), ("a", b"PK\3\4"))
    }
    assert [type(one).__name__ for one in found.values()] == ["Hdf5Format", "KerasFormat"]
    assert format_of_file("a", b"text") is None
    assert type(format_by_ending("A.Weights.H5")).__name__ == "Hdf5Format"
    (tmp_path / "empty.keras").touch()
    with pytest.raises(FileFormatError, match="it is empty"):
        tf.keras.models.load_model(tmp_path / "empty.keras")


def test_a_checkpoint_is_found_beside_a_folder_of_the_same_name(model: Model, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    model.save_weights(tmp_path / "w")
    model.set_weights([[[3.0, 4.0]], [5.0, 6.0]])
    model.load_weights(tmp_path / "w")
    np.testing.assert_array_equal(model.get_weights()[0], [[1.0, 1.0]])
    with pytest.raises(InvalidArgumentError, match="already exists, and overwrite=False"):
        model.save_weights(tmp_path / "w", overwrite=False)
