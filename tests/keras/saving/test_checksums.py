"""Damaged files of Tensorlet's own: each is refused or gives the weights that were saved, never others."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from damage import damaged

import tensorlet as tf
from tensorlet.errors import FileFormatError, TensorletError
from tensorlet.formats import checksums
from tensorlet.formats.safetensors import read_safetensors

#: Damaged copies of each kind of file.
COPIES = 150
FILES = ["m.h5", "m.keras", "w.h5", "w.weights.h5", "w.safetensors", "w"]
X = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)


def trained() -> Any:
    """A model whose weights are all different."""
    layers = [
        tf.keras.layers.Dense(5, "tanh", input_shape=(4,)),
        tf.keras.layers.BatchNormalization(),
        tf.keras.layers.Dense(3, "softmax"),
    ]
    model = tf.keras.Sequential(layers)
    model.compile("adam", "mse")
    draw = np.random.default_rng(0)
    model.set_weights([draw.normal(size=one.shape) ** 2 for one in model.get_weights()])
    model.train_on_batch(X, np.ones((6, 3)))
    return model


def loaded(path: Path, model: Any) -> Any:
    """The model of a file, or a model with the weights of a file."""
    if path.name.startswith("m."):
        return tf.keras.models.load_model(path, compile=False)
    model.set_weights([np.zeros_like(one) for one in model.get_weights()])
    model.load_weights(path)
    return model


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_no_damaged_file_gives_other_weights(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    model, other = trained(), trained()
    (model.save if name.startswith("m.") else model.save_weights)(path)
    contents = {file: file.read_bytes() for file in tmp_path.iterdir() if file.name != "checkpoint"}
    expected, weights = model.predict(X, verbose=0), model.get_weights()
    rng, refused = random.Random(name), 0
    for _ in range(COPIES):
        victim = rng.choice(sorted(contents))
        for file, content in contents.items():
            file.write_bytes(damaged(rng, content) if file == victim else content)
        try:
            found = loaded(path, other)
        except (TensorletError, OSError):
            refused += 1
            continue
        for one, wanted in zip(found.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(one, wanted)
        np.testing.assert_array_equal(found.predict(X, verbose=0), expected)
    assert refused > COPIES // 4


@pytest.mark.parametrize("name", ["w.h5", "w.weights.h5"])
def test_a_changed_array_is_named(tmp_path: Path, name: str) -> None:
    model = trained()
    model.save_weights(tmp_path / name)
    places: list[str] = []
    with h5py.File(tmp_path / name, "r+") as file:
        file.visititems(lambda path, item: places.append(path) if isinstance(item, h5py.Dataset) else None)
        file[places[0]][0] += 1.0
    with pytest.raises(FileFormatError, match=f"checksum of '{places[0]}' is wrong"):
        model.load_weights(tmp_path / name)
    with h5py.File(tmp_path / name, "r+") as file:
        del file.attrs[checksums.CHECKSUMS]
    with pytest.raises(FileFormatError, match="its checksums are damaged"):
        model.load_weights(tmp_path / name)
    with h5py.File(tmp_path / name, "r+") as file:  # now it is a file like those of Keras
        del file.attrs[checksums.MARK]
    model.load_weights(tmp_path / name)


@pytest.mark.parametrize(
    "gone", ["optimizer/vars/0", "optimizer", "layers/dense/vars@name", "layers/batch_normalization/vars/2"]
)
def test_a_part_that_has_gone_is_named(tmp_path: Path, gone: str) -> None:
    model = trained()
    model.save_weights(tmp_path / "w.weights.h5")
    path, _, attribute = gone.partition("@")
    with h5py.File(tmp_path / "w.weights.h5", "r+") as file:
        if attribute:
            del file[path].attrs[attribute]
        else:
            del file[path]
    with pytest.raises(FileFormatError, match=f"'{gone}.*' is missing: the file is damaged"):
        model.load_weights(tmp_path / "w.weights.h5")
    assert int(model.optimizer.iterations) == 1


def test_a_changed_setting_is_refused(tmp_path: Path) -> None:
    trained().save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "r+") as file:
        file.attrs["model_config"] = file.attrs["model_config"].replace(
            '"epsilon": 0.001', '"epsilon": 0.002'
        )
    with pytest.raises(FileFormatError, match="checksum of '@model_config' is wrong"):
        tf.keras.models.load_model(tmp_path / "m.h5")


def test_exchanged_arrays_of_one_shape_are_refused(tmp_path: Path) -> None:
    model = trained()
    model.save_weights(tmp_path / "w.safetensors")
    content = (tmp_path / "w.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    gamma, beta = (next(key for key in header if key.endswith(end)) for end in ("/gamma", "/beta"))
    header[gamma]["data_offsets"], header[beta]["data_offsets"] = (
        header[beta]["data_offsets"], header[gamma]["data_offsets"],
    )  # fmt: skip
    text = json.dumps(header).encode()
    (tmp_path / "w.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])
    with pytest.raises(FileFormatError, match="checksum of"):
        read_safetensors(tmp_path / "w.safetensors")


def test_a_checksum_covers_the_dtype_and_the_shape() -> None:
    array = np.zeros(4, np.float32)
    same = checksums.checksum(array)
    assert same == checksums.checksum(array.astype(">f4"))
    assert same != checksums.checksum(array.reshape(2, 2))
    assert same != checksums.checksum(array.astype(np.int32))
