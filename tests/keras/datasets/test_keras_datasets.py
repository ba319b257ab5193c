"""Data sets of Keras's that lie in its folder on this machine."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError, UnknownNameError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


def write_idx(path: Path, array: np.ndarray) -> None:
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    path.write_bytes(gzip.compress(bytes([0, 0, 8, array.ndim]) + lengths + array.tobytes()))


def test_fashion_mnist_is_read_where_keras_puts_it(folder: Path) -> None:
    with pytest.raises(
        FileNotFoundError,
        match=r"fashion-mnist does not exist, and Tensorlet does not download files\. Put the files",
    ):
        tf.keras.datasets.fashion_mnist.load_data()
    (folder / "fashion-mnist").mkdir()
    images = np.arange(2 * 28 * 28).astype("uint8").reshape(2, 28, 28)
    for name in ("train", "t10k"):
        write_idx(folder / "fashion-mnist" / f"{name}-images-idx3-ubyte.gz", images)
        write_idx(folder / "fashion-mnist" / f"{name}-labels-idx1-ubyte.gz", np.array([9, 4], "uint8"))
    (x_train, y_train), (x_test, _) = tf.keras.datasets.fashion_mnist.load_data()
    np.testing.assert_array_equal(x_train, images)
    np.testing.assert_array_equal(x_test, images)
    assert y_train.tolist() == [9, 4]


def test_boston_housing_comes_in_kerass_order(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"boston_housing\.npz does not exist"):
        tf.keras.datasets.boston_housing.load_data()
    x = np.arange(10.0).reshape(5, 2)
    np.savez(folder / "boston_housing.npz", x=x, y=np.arange(5.0))
    (x_train, y_train), (x_test, y_test) = tf.keras.datasets.boston_housing.load_data(test_split=0.4)
    # NumPy's RandomState(113) shuffles 0, 1, 2, 3, 4 into this order.
    assert [*y_train, *y_test] == [1, 0, 3, 2, 4]
    np.testing.assert_array_equal(x_train[:, 0], 2 * y_train)
    np.testing.assert_array_equal(x_test[:, 1], 2 * y_test + 1)
    with pytest.raises(InvalidArgumentError, match=r"test_split=1\.5"):
        tf.keras.datasets.boston_housing.load_data(test_split=1.5)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 and no more"])
def test_a_damaged_file_is_no_table(folder: Path, content: bytes) -> None:
    (folder / "boston_housing.npz").write_bytes(content)
    with pytest.raises(FileFormatError, match="is not Keras's table of Boston"):
        tf.keras.datasets.boston_housing.load_data()


def test_pickled_objects_are_not_read(folder: Path) -> None:
    np.savez(folder / "boston_housing.npz", x=np.array([{}], dtype=object), y=np.zeros(1))
    with pytest.raises(FileFormatError, match="allow_pickle"):
        tf.keras.datasets.boston_housing.load_data()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("iris", "not a data set of Keras"),
        ("kmnist", r"mnist.load_data\(path=folder\)"),
        ("minst", "Did you mean 'mnist'"),
    ],
)
def test_other_data_sets_are_refused_with_advice(name: str, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        getattr(tf.keras.datasets, name)
