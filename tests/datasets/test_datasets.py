"""The data that come with the package, and the IDX reader that reads them."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from tensorlet.datasets import idx, lecture, mnist, read_idx
from tensorlet.errors import FileFormatError, InvalidArgumentError, UnknownNameError


def idx_bytes(code: int, shape: tuple[int, ...], data: bytes) -> bytes:
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + data


THREE = idx_bytes(0x08, (3,), b"\x05\x06\x07")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some-idx1-ubyte"


@pytest.mark.parametrize(
    ("code", "data", "dtype", "expected"),
    [
        (0x08, b"\x01\xff", "uint8", [1, 255]),
        (0x09, b"\x01\xff", "int8", [1, -1]),
        (0x0B, b"\x01\x02\xff\xfe", "int16", [258, -2]),
        (0x0C, b"\x00\x00\x01\x00\xff\xff\xff\xff", "int32", [256, -1]),
        (0x0D, b"\x3f\xc0\x00\x00\xc0\x00\x00\x00", "float32", [1.5, -2.0]),
        (0x0E, b"\x3f\xf8" + bytes(6) + b"\xc0\x00" + bytes(6), "float64", [1.5, -2.0]),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_idx_reads_every_element_type(file, code, data, dtype, expected, packed):
    content = idx_bytes(code, (1, 2), data)
    file.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    array = read_idx(file)
    assert array.dtype == np.dtype(dtype)
    assert array.dtype.isnative
    assert array.tolist() == [expected]


def test_idx_reads_a_scalar_an_empty_axis_and_many_axes(file):
    file.write_bytes(idx_bytes(0x08, (), b"\x07"))
    assert read_idx(file).item() == 7 and read_idx(file).shape == ()
    file.write_bytes(idx_bytes(0x0D, (0, 5), b""))
    assert read_idx(file).shape == (0, 5)
    file.write_bytes(idx_bytes(0x08, (1, 2, 1, 2), b"\x01\x02\x03\x04"))
    assert read_idx(file).tolist() == [[[[1, 2]], [[3, 4]]]]


@pytest.mark.parametrize("packed", [False, True])
def test_idx_gives_an_array_that_may_be_changed(file, packed):
    file.write_bytes(gzip.compress(THREE, mtime=0) if packed else THREE)
    array = read_idx(str(file))
    array[0] = 9
    assert array.tolist() == [9, 6, 7]


PACKED = gzip.compress(idx_bytes(0x08, (1000,), bytes(range(250)) * 4), mtime=0)
BAD_CHECKSUM = PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:]
BAD_MIDDLE = PACKED[:40] + bytes([PACKED[40] ^ 0x55, PACKED[41] ^ 0x55]) + PACKED[42:]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes are too short"),
        (b"\x00\x00", "2 bytes are too short"),
        (b"PK\x03\x04rest", "not an IDX file: it starts with 50 4b 03 04"),
        (gzip.compress(b"\x89PNG", mtime=0), "not an IDX file: it starts with 89 50 4e 47"),
        (idx_bytes(0x0A, (1,), b"\x01"), "unknown element type 0x0a"),
        (idx_bytes(0x08, (1,) * 33, b"\x01"), "33 axes, more than the limit of 32"),
        (idx_bytes(0x08, (2**31, 2**31, 2**31, 0), b""), "the invalid shape"),
        (THREE[:6], "ends within its header of 8 bytes"),
        (gzip.compress(THREE[:6], mtime=0), "ends within its header of 8 bytes"),
        (THREE[:-1], "10 bytes uncompressed, but the header states 11"),
        (THREE + b"!", "12 bytes uncompressed, but the header states 11"),
        (gzip.compress(THREE[:-1], mtime=0), "10 bytes uncompressed, but the header states 11"),
        (gzip.compress(THREE + b"!", mtime=0), "more data than the 11 bytes"),
        (gzip.compress(THREE + bytes(10_000_000), mtime=0), "more data than the 11 bytes"),
        (PACKED + b"more", "4 bytes follow the end"),
        (PACKED + bytes(100_000), "100,000 bytes follow the end"),
        (PACKED[:100], "bytes uncompressed, but the header states 1,008"),
        (PACKED[:-3], "ends before its checksum"),
        (BAD_CHECKSUM, "corrupted"),
        (b"\x1f\x8b\x08\x00", "ends within|starts with"),
        (b"\x1f\x8b\x99\x99\x99\x99", "corrupted"),
        (idx_bytes(0x0E, (2**31, 2**31), b""), "more than the limit of 4,294,967,296"),
        (
            gzip.compress(idx_bytes(0x0E, (2**31, 2**31), b""), mtime=0),
            "more than the limit of 4,294,967,296",
        ),
        (gzip.compress(idx_bytes(0x08, (2**31,), b""), mtime=0), "more than gzip can store"),
    ],
)
def test_idx_refuses_a_broken_file_and_names_it(file, content, words):
    file.write_bytes(content)
    with pytest.raises(FileFormatError, match=words) as caught:
        read_idx(file)
    assert str(file) in str(caught.value)


def test_idx_refuses_every_truncation_and_never_crashes_on_flipped_bytes(file):
    for packed in (PACKED[:300], THREE):
        for length in range(len(packed)):
            file.write_bytes(packed[:length])
            with pytest.raises(FileFormatError):
                read_idx(file)
    whole = read_after(file, PACKED)
    for at in range(10, len(PACKED)):  # the first ten bytes are gzip's own header: name, time, system
        damaged = bytearray(PACKED)
        damaged[at] ^= 0xFF
        file.write_bytes(damaged)
        with pytest.raises(FileFormatError):
            read_idx(file)
    assert np.array_equal(read_after(file, PACKED), whole)


def read_after(file: Path, content: bytes) -> np.ndarray:
    file.write_bytes(content)
    return read_idx(file)


def test_idx_limit_can_be_set(file):
    file.write_bytes(THREE)
    assert read_idx(file, max_bytes=11).tolist() == [5, 6, 7]
    with pytest.raises(FileFormatError, match="11 bytes uncompressed, more than the limit of 10"):
        read_idx(file, max_bytes=10)
    with pytest.raises(InvalidArgumentError, match="max_bytes is 0"):
        read_idx(file, max_bytes=0)


def test_idx_says_what_a_path_is_that_holds_no_file(tmp_path):
    with pytest.raises(FileFormatError, match="is a folder, expected"):
        read_idx(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"the file does not exist. Check the path"):
        read_idx(tmp_path / "none")


def test_mnist_is_the_real_one():
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert (x_train.shape, x_train.dtype) == ((60000, 28, 28), np.uint8)
    assert (x_test.shape, y_train.shape, y_test.shape) == ((10000, 28, 28), (60000,), (10000,))
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # The well-known counts, and mean and standard deviation of the training pixels.
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert x_train.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert x_train.std() / 255 == pytest.approx(0.3081, abs=5e-5)
    assert x_train.flags.writeable


def test_mnist_files_are_the_published_ones_and_carry_their_notice():
    for name, expected in mnist.SHA256.items():
        assert hashlib.sha256((mnist.SHIPPED / name).read_bytes()).hexdigest() == expected
    notice = (mnist.SHIPPED / "NOTICE").read_text(encoding="utf-8")
    assert "CC BY-SA 3.0" in notice and "Corinna Cortes" in notice
    assert all(digest in notice for digest in mnist.SHA256.values())


def test_mnist_has_its_keras_names():
    import tensorlet.keras
    from tensorlet.keras.datasets import mnist as keras_mnist
    from tensorlet.keras.datasets.mnist import load_data

    assert keras_mnist.load_data is load_data is mnist.load_data
    assert tensorlet.keras.datasets.mnist is keras_mnist
    with pytest.raises(UnknownNameError, match=r"kmnist.*four IDX files in a folder"):
        _ = tensorlet.keras.datasets.kmnist


def test_mnist_accepts_the_download_name_of_keras():
    (x_train, _), _ = mnist.load_data(path="mnist.npz")
    assert x_train[0].sum() == 27525


def write_small_mnist(folder: Path, train_labels: int = 2) -> None:
    (folder / "train-images-idx3-ubyte").write_bytes(idx_bytes(8, (2, 1, 2), b"\x01\x02\x03\x04"))
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(
        gzip.compress(idx_bytes(8, (train_labels,), bytes(range(train_labels))))
    )
    (folder / "t10k-images.idx3-ubyte").write_bytes(idx_bytes(8, (1, 1, 2), b"\x05\x06"))
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(8, (1,), b"\x09"))


def test_mnist_reads_another_folder(tmp_path):
    write_small_mnist(tmp_path)
    (x_train, y_train), (x_test, y_test) = mnist.load_data(path=tmp_path)
    assert x_train.tolist() == [[[1, 2]], [[3, 4]]] and y_train.tolist() == [0, 1]
    assert x_test.tolist() == [[[5, 6]]] and y_test.tolist() == [9]


def test_mnist_says_what_is_wrong_with_another_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none of train-images-idx3-ubyte.gz, .* Copy one"):
        mnist.load_data(path=tmp_path)
    write_small_mnist(tmp_path, train_labels=3)
    with pytest.raises(FileFormatError, match=r"has 2 images but .* has 3 labels"):
        mnist.load_data(path=tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(THREE)
    with pytest.raises(FileFormatError, match=r"uint8 with shape \(3,\); expected uint8 with 3 axes"):
        mnist.load_data(path=tmp_path)
    with pytest.raises(InvalidArgumentError, match="not a folder"):
        mnist.load_data(path=tmp_path / "nowhere" / "mnist.npz")


def test_mnist_notices_damaged_and_missing_files_of_the_package(tmp_path, monkeypatch):
    for name in mnist.SHA256:
        (tmp_path / name).write_bytes((mnist.SHIPPED / name).read_bytes())
    monkeypatch.setattr(mnist, "SHIPPED", tmp_path)
    labels = tmp_path / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(labels.read_bytes())
    content[5] ^= 1  # the time stamp in gzip's header: harmless to the data, but not the file we shipped
    labels.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"t10k-labels.*SHA-256.*Reinstall tensorlet"):
        mnist.load_data()
    labels.unlink()
    with pytest.raises(FileNotFoundError, match=r"t10k-labels.*Reinstall tensorlet"):
        mnist.load_data()


def test_lecture_tables():
    features, labels = lecture.toy()
    assert features.tolist()[3] == [4, 1, 5, 5] and features.shape == (8, 4)
    assert labels.tolist() == [2, 2, 2, 1, 1, 1, 0, 0]
    features, labels = lecture.xor()
    assert [int(a) ^ int(b) for a, b in features] == labels.ravel().tolist()
    assert features.dtype == labels.dtype == np.float32
    prices = lecture.stock_prices()
    assert prices.shape == (8, 5)
    assert prices[:, 2].sum() == 10_064_800
    assert (prices[:, 1] >= prices[:, 3]).all()  # no day's high is below its low
    features, grades = lecture.grades()
    assert features.tolist() == [[10, 5], [9, 5], [3, 2], [2, 4], [11, 1]]
    assert "".join(grades) == "AABBC"


def test_lecture_tables_are_new_each_time():
    lecture.toy()[0][:] = 0
    assert lecture.toy()[0].sum() == 112


def test_idx_element_types_are_complete():
    assert sorted(idx.ELEMENT_TYPES) == [0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E]
