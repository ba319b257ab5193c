"""The heaps of HDF5 files are checked before the HDF5 library could stop at them."""

from __future__ import annotations

import io
from pathlib import Path

import h5py
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError
from tensorlet.formats import hdf5_heaps
from tensorlet.formats.hdf5_heaps import MAGIC, check_heaps


def with_texts(count: int = 3, libver: str = "earliest") -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w", libver=libver) as file:
        for number in range(count):
            file.attrs[f"text {number}"] = "x" * (number * 7 % 2000)
    return stream.getvalue()


def free_space(content: bytes) -> int:
    """Where the size of the free space of the first heap stands."""
    heap = content.index(MAGIC)
    place = heap + 16
    while int.from_bytes(content[place : place + 2], "little"):
        place += 16 + -(-int.from_bytes(content[place + 8 : place + 16], "little") // 8) * 8
    return place + 8


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("count", [0, 3, 60])
def test_good_heaps_pass(count: int, libver: str) -> None:
    file = io.BytesIO(with_texts(count, libver))
    check_heaps(file)
    assert file.tell() == 0


@pytest.mark.parametrize("claimed", [0, 1, 15])
@pytest.mark.parametrize("piece", [hdf5_heaps.PIECE, 7])
def test_free_space_that_cannot_be_is_refused(
    claimed: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a size of 0 the HDF5 library would never come back."""
    monkeypatch.setattr(hdf5_heaps, "PIECE", piece)
    content = bytearray(with_texts())
    place = free_space(bytes(content))
    content[place : place + 8] = claimed.to_bytes(8, "little")
    with pytest.raises(FileFormatError, match=f"its free space has {claimed} bytes"):
        check_heaps(io.BytesIO(content))


def test_lengths_of_another_size_are_refused() -> None:
    content = bytearray(with_texts())
    content[14] = 4
    with pytest.raises(FileFormatError, match="lengths have 4 bytes"):
        check_heaps(io.BytesIO(content))


def test_a_model_with_such_a_heap_is_refused(tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    path = tmp_path / "model.h5"
    model.save(str(path))
    content = bytearray(path.read_bytes())
    place = free_space(bytes(content))
    content[place : place + 8] = bytes(8)
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"model\.h5.*free space"):
        tf.keras.models.load_model(str(path))
