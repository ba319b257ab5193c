"""Pickled files as data: what is read, and that nothing is run."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tensorlet.errors import FileFormatError
from tensorlet.formats.object_arrays import read_object_array
from tensorlet.formats.pickled_arrays import read_pickled

VALUES = {
    "labels": list(range(300)),
    b"bytes": b"\x00\xff",
    "numbers": [None, True, False, -5, 70000, 2**40, -(2**70), 1.5],
    "texts": ["", "é", "a" * 300],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "nested": {"a": {"b": [[]]}},
}
ARRAYS = {
    "bytes": np.arange(12, dtype=np.uint8).reshape(3, 4),
    "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "other order": np.arange(3, dtype=">i4"),
    "lists": np.array([[1, 2], [3]], dtype=object),
    "texts": np.array(["a", "bc"]),
    "number": np.float32(2.5),
}


@pytest.mark.parametrize("protocol", range(5))
def test_data_are_read_in_every_protocol(protocol: int) -> None:
    assert read_pickled(pickle.dumps(VALUES, protocol), "a file") == VALUES
    found = read_pickled(pickle.dumps(ARRAYS, protocol), "a file")
    for name, array in ARRAYS.items():
        assert np.array_equal(found[name], array) and found[name].dtype == array.dtype, name


def test_texts_of_python_2_are_bytes() -> None:
    # As Python 2 wrote it: a dictionary with a string and a list.
    content = b"\x80\x02}q\x01(U\x06labelsq\x02]q\x03(K\x06K\x09K\x09K\x04K\x01eU\x05batchq\x04S'a\\'b'\nu."
    assert read_pickled(content, "a file") == {b"labels": [6, 9, 9, 4, 1], b"batch": b"a'b"}


class Runs:
    """What a harmful file would have."""

    def __reduce__(self) -> Any:
        return os.system, ("touch harmed",)


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_is_run(protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        FileFormatError, match=r"names (posix|nt).system, which is not run|is not one of data"
    ):
        read_pickled(pickle.dumps([Runs()], protocol), "a file")
    array = np.empty(1, object)
    array[0] = Runs()
    written = io.BytesIO()
    np.save(written, array, allow_pickle=True)
    with pytest.raises(FileFormatError, match=r"not run|not one of data"):
        read_object_array(written.getvalue(), "a file")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "ends too early"),
        (b"\x80\x04.", "damaged"),
        (b"U\xff", "ends too early"),
        (b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "ends too early"),
        (b"T\xff\xff\xff\xff.", "ends too early"),
        (b"]q\x00h\x05.", "damaged"),
        (b"cos\nsystem\n.", "names os.system"),
        (b"cnumpy\ndtype\n.", "a function or a dtype"),
        (b"cnumpy.core.multiarray\n_reconstruct\n)R.", "no contents"),
        (b"K\x01}b.", "objects other than arrays"),
        (b"\x82\x01.", "not one of data"),
        (b"]q\x00h\x00a.", "damaged"),  # a list that contains itself
    ],
)
def test_damaged_files_are_explained(content: bytes, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        read_pickled(content, "a file")


@pytest.mark.parametrize("shape", [(3, 5), (2, -6), (1 << 40,)])
def test_arrays_whose_size_does_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    class Wrong(np.ndarray):
        def __reduce__(self) -> Any:
            function, _, state = np.ndarray.__reduce__(self)[:3]
            return function, (np.ndarray, (0,), b"b"), (state[0], shape, *state[2:])

    content = pickle.dumps(np.arange(12, dtype=np.uint8).view(Wrong))
    with pytest.raises(FileFormatError, match=r"fewer bytes|has the shape"):
        read_pickled(content, "a file")


def test_a_value_that_occurs_often_is_read_once() -> None:
    value: list[Any] = ["a"]
    for _ in range(60):  # written out it would be larger than any memory
        value = [value, value]
    found = read_pickled(pickle.dumps(value), "a file")
    assert found[0] is found[1]


def test_arrays_of_lists_in_files_of_numpy() -> None:
    for array in (np.array([[1, 2], [3]], dtype=object), np.arange(6.0).reshape(2, 3)):
        written = io.BytesIO()
        np.save(written, array, allow_pickle=True)
        assert np.array_equal(read_object_array(written.getvalue(), "a file"), array)
    same = np.empty(2, object)
    same[:] = [[1, 2], [3, 4]], [5, 6]
    written = io.BytesIO()
    np.save(written, same, allow_pickle=True)
    assert read_object_array(written.getvalue(), "a file").tolist() == same.tolist()
    for content in (b"", b"no array", written.getvalue()[:-4]):
        with pytest.raises(FileFormatError, match="a file"):
            read_object_array(content, "a file")
