"""CIFAR, IMDB and Reuters, from files of the same form as the real ones."""

from __future__ import annotations

import io
import json
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError

datasets = tf.keras.datasets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


def batch(start: int, *keys: str) -> bytes:
    """Four pictures as in CIFAR's files: the red values of a picture, then the green and the blue ones."""
    data = (np.arange(4 * 3072) + start).astype(np.uint8).reshape(4, 3072)
    labels = {key.encode(): [(start + number) % 7 for number in range(4)] for key in keys}
    return pickle.dumps({b"data": data, b"batch_label": b"text", **labels}, protocol=2)


def cifar10_files() -> dict[str, bytes]:
    names = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
    return {name: batch(number, "labels") for number, name in enumerate(names)}


def write_folder(folder: Path, name: str, files: dict[str, bytes]) -> None:
    (folder / name).mkdir()
    for file, content in files.items():
        (folder / name / file).write_bytes(content)


def write_archive(path: Path, name: str, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for file, content in files.items():
            entry = tarfile.TarInfo(f"{name}/{file}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


@pytest.mark.parametrize("packed", [False, True])
def test_cifar10(folder: Path, packed: bool) -> None:
    if packed:
        write_archive(folder / "cifar-10-python.tar.gz", "cifar-10-batches-py", cifar10_files())
    else:
        write_folder(folder, "cifar-10-batches-py", cifar10_files())
    (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()
    assert x_train.shape == (20, 32, 32, 3) and x_train.dtype == np.uint8
    assert x_test.shape == (4, 32, 32, 3) and y_test.tolist() == [[5], [6], [0], [1]]
    assert y_train.shape == (20, 1) and y_train[4:8].tolist() == [[1], [2], [3], [4]]
    # Pixel (1, 2) of the second picture: its number in each of three planes of 1024 pixels.
    assert x_train[1, 1, 2].tolist() == [(3072 + 34 + 1024 * plane) % 256 for plane in range(3)]


def test_cifar100(folder: Path) -> None:
    files = {
        name: batch(number, "fine_labels", "coarse_labels") for number, name in enumerate(("train", "test"))
    }
    write_archive(folder / "cifar-100-python.tar.gz", "cifar-100-python", files)
    (x_train, y_train), (_, y_test) = datasets.cifar100.load_data(label_mode="coarse")
    assert x_train.shape == (4, 32, 32, 3) and y_train.tolist() == [[0], [1], [2], [3]] and y_test[0, 0] == 1
    with pytest.raises(InvalidArgumentError, match="label_mode='all'"):
        datasets.cifar100.load_data("all")


def lists(*sequences: list[int]) -> np.ndarray:
    array = np.empty(len(sequences), object)
    array[:] = sequences
    return array


def write_imdb(folder: Path) -> None:
    np.savez(
        folder / "imdb.npz", x_train=lists([1, 9], [2, 3, 4, 5]), y_train=np.array([0, 1]),
        x_test=lists([6], [7, 1, 1]), y_test=np.array([1, 0]),
    )  # fmt: skip


def test_imdb(folder: Path) -> None:
    write_imdb(folder)
    (x_train, y_train), (x_test, y_test) = datasets.imdb.load_data(num_words=9)
    found = {int(label): words for words, label in zip(x_train, y_train, strict=True)}
    assert found == {0: [1, 4, 2], 1: [1, 5, 6, 7, 8]}  # 9 + 3 is 12, which is not below 9
    assert {int(label): words for words, label in zip(x_test, y_test, strict=True)} == {
        1: [1, 2],
        0: [1, 2, 4, 4],
    }
    (x_train, y_train), _ = datasets.imdb.load_data(
        start_char=None, index_from=0, oov_char=None, skip_top=2, maxlen=4
    )
    assert x_train.tolist() == [[]] and y_train.tolist() == [
        0
    ]  # without num_words the largest number is left out
    with pytest.raises(InvalidArgumentError, match="maxlen=1"):
        datasets.imdb.load_data(maxlen=1)
    with pytest.raises(TypeError, match="unexpected arguments: words"):
        datasets.imdb.load_data(words=3)
    (folder / "imdb_word_index.json").write_text(json.dumps({"the": 1}))
    assert datasets.imdb.get_word_index() == {"the": 1}


def test_reuters(folder: Path) -> None:
    np.savez(folder / "reuters.npz", x=lists(*([number] * 3 for number in range(1, 11))), y=np.arange(10))
    (x_train, y_train), (x_test, y_test) = datasets.reuters.load_data(test_split=0.3)
    order = np.arange(10)
    np.random.RandomState(113).shuffle(order)
    assert [*y_train, *y_test] == order.tolist() and len(y_test) == 3
    # 10 + 3 is the largest number, and is left out.
    expected = [[1, *[2 if number == 9 else number + 4] * 3] for number in order]
    assert [*x_train, *x_test] == expected
    assert datasets.reuters.get_label_names()[3] == "earn" and len(datasets.reuters.get_label_names()) == 46


@pytest.mark.parametrize(
    ("load", "names"),
    [
        (datasets.cifar10.load_data, "cifar-10-python.tar.gz"),
        (datasets.cifar100.load_data, "cifar-100-python.tar.gz"),
        (datasets.imdb.load_data, "imdb.npz"),
        (datasets.imdb.get_word_index, "imdb_word_index.json"),
        (datasets.reuters.load_data, "reuters.npz"),
        (datasets.reuters.get_word_index, "reuters_word_index.json"),
    ],
)
def test_missing_files_say_which_file_to_put_where(folder: Path, load: Any, names: str) -> None:
    with pytest.raises(FileNotFoundError, match="does not download files") as caught:
        load()
    assert str(folder) in str(caught.value) and names in str(caught.value)


def test_damaged_files_are_explained(folder: Path) -> None:
    write_folder(folder, "cifar-10-batches-py", cifar10_files() | {"data_batch_3": pickle.dumps([1])})
    with pytest.raises(FileFormatError, match="data_batch_3: the file has no pictures"):
        datasets.cifar10.load_data()
    (folder / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(FileFormatError, match="lacks files"):
        datasets.cifar10.load_data()
    for content in (b"no archive", b"PK\x03\x04"):
        (folder / "imdb.npz").write_bytes(content)
        with pytest.raises(FileFormatError, match="damaged, or not an archive of arrays"):
            datasets.imdb.load_data()
    np.savez(folder / "imdb.npz", x_train=np.zeros(2))
    with pytest.raises(FileFormatError, match="y_train"):
        datasets.imdb.load_data()
    (folder / "imdb_word_index.json").write_text("[1")
    with pytest.raises(FileFormatError, match="not a JSON file"):
        datasets.imdb.get_word_index()
    (folder / "imdb_word_index.json").write_text("[1]")
    with pytest.raises(FileFormatError, match="no table of words"):
        datasets.imdb.get_word_index()


def test_code_in_files_is_not_run(folder: Path) -> None:
    class Runs:
        def __reduce__(self) -> Any:
            return Path.touch, (folder / "harmed",)

    write_imdb(folder)
    with np.load(folder / "imdb.npz", allow_pickle=True) as arrays:
        whole = dict(arrays)
    np.savez(folder / "imdb.npz", **(whole | {"x_test": lists([1], [Runs()])}))  # type: ignore[list-item]
    with pytest.raises(FileFormatError, match="which is not run"):
        datasets.imdb.load_data()
    assert not (folder / "harmed").exists()
