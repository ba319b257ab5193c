"""safetensors: the format by hand, damaged files, and the weights of models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError, ShapeError, TensorletError
from tensorlet.formats.checksums import checksum
from tensorlet.formats.safetensors import DTYPES, read_safetensors, write_safetensors
from tensorlet.keras.saving import safetensors_weights

X = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
Y = np.random.default_rng(1).normal(size=(16, 2)).astype(np.float32)


def raw(header: Any, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def one(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_a_file_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "가중치.safetensors"
    write_safetensors(path, {"w": np.array([1.0], np.float32), "n": np.array(3, np.uint8)}, {"a": "b"})
    header = (
        b'{"__metadata__":{"a":"b","tensorlet_checksums":"{\\"w\\": \\"W\\", \\"n\\": \\"N\\"}",'
        b'"tensorlet_has_checksums":"yes"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
        b'"n":{"dtype":"U8","shape":[],"data_offsets":[4,5]}}'
    )
    for name, value in ((b"W", np.array([1.0], np.float32)), (b"N", np.array(3, np.uint8))):
        header = header.replace(b'\\"%b\\"' % name, b'\\"%b\\"' % checksum(value).encode())
    padded = header + b" " * (-len(header) % 8)
    expected = len(padded).to_bytes(8, "little") + padded + b"\x00\x00\x80\x3f" + b"\x03"
    assert path.read_bytes() == expected
    arrays, metadata = read_safetensors(path)
    assert metadata == {"a": "b"}
    assert arrays["w"].tolist() == [1.0]
    assert arrays["n"] == 3


def test_every_element_type_comes_back(tmp_path: Path) -> None:
    tensors = {name: np.array([[0, 1, 100]]).astype(dtype) for name, dtype in DTYPES.items()}
    tensors["empty"] = np.zeros((0, 2), np.float32)
    write_safetensors(tmp_path / "x", tensors)
    arrays, _ = read_safetensors(tmp_path / "x")
    assert set(arrays) == set(tensors)
    for name, array in arrays.items():
        assert array.dtype == tensors[name].dtype
        np.testing.assert_array_equal(array, tensors[name])


def test_bfloat16_becomes_float32(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(raw({"h": one("BF16", [2], 0, 4)}, b"\x80\x3f\x00\xc0"))
    arrays, _ = read_safetensors(tmp_path / "x")
    assert arrays["h"].tolist() == [1.0, -2.0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a safetensors file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), "state a header of"),
        ((2**40).to_bytes(8, "little") + b"{}", "state a header of 1,099,511,627,776"),
        (raw(b"[1, 2]"), "the header is a list"),
        (raw(b"{]"), "not valid JSON"),
        (raw(b'{"w": NaN}'), "NaN where an integer"),
        (raw(b'{"w": 1' + b"0" * 90 + b"}"), "a number of 91 digits"),
        (raw(b"[" * 200_000), "not valid JSON"),
        (raw(b'{"w": {}, "w": {}}'), "it contains a name twice"),
        (raw(b"\xff\xfe"), "not valid JSON"),
        (raw({"__metadata__": {"a": 1}}), "must contain only text"),
        (raw({"w": 5}), "has no dtype"),
        (raw({"w": one("F8_E4M3", [1], 0, 1)}, b"1"), "'F8_E4M3', which is not supported"),
        (raw({"w": one("F32", [-1], 0, 4)}, b"1234"), "an invalid shape"),
        (raw({"w": one("F32", [True], 0, 4)}, b"1234"), "an invalid shape"),
        (raw({"w": one("F32", [1], 4, 0)}, b"1234"), "invalid data_offsets"),
        (raw({"w": one("F32", [2], 0, 4)}, b"1234"), "needs 8"),
        (raw({"w": one("F32", [1] * 40, 0, 4)}, b"1234"), "an invalid shape"),
        (raw({"w": one("F32", [10**9, 10**9], 0, 4 * 10**18)}), "describes 4,000,000,000,000,000,000"),
        (raw({"w": one("F32", [2**40, 2**40, 0], 0, 0)}), "is empty, but has the invalid shape"),
        (raw({"w": one("U8", [2], 0, 2), "v": one("U8", [2], 1, 3)}, b"123"), "starts at byte 1"),
        (raw({"w": one("U8", [1], 1, 2)}, b"12"), "starts at byte 1 of the data, expected 0"),
        (raw({"w": one("U8", [1], 0, 1)}, b"12"), "describes 1 bytes of data, but there are 2"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "some.safetensors"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=why) as caught:
        read_safetensors(path)
    assert str(caught.value).startswith(str(path))


def test_what_the_format_does_not_have_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="complex128 cannot be written"):
        write_safetensors(tmp_path / "x", {"z": np.zeros(1, complex)})
    assert not (tmp_path / "x").exists()


def test_every_damaged_byte_is_an_error_or_another_number(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_safetensors(path, {"w": np.arange(3, dtype=np.float32), "한": np.array(1)}, {"a": "b"})
    whole = path.read_bytes()
    for at in range(len(whole)):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x11]) + whole[at + 1 :]):
            path.write_bytes(content)
            try:
                arrays, _ = read_safetensors(path)
            except FileFormatError as error:
                assert str(path) in str(error)
            else:
                assert sum(array.nbytes for array in arrays.values()) == 3 * 4 + 8


# Models


def model(optimizer: Any = "adam", **names: str) -> Any:
    layers = tf.keras.layers
    made = tf.keras.Sequential(
        [
            layers.Dense(3, activation="tanh", input_shape=(4,), **names),
            tf.keras.Sequential([layers.BatchNormalization(), layers.Dense(2)]),
        ]
    )
    made.compile(optimizer, "mse")
    return made


def state(of: Any) -> list[np.ndarray]:
    return [*of.get_weights(), *of.optimizer.get_weights()]


def assert_same(first: Any, second: Any) -> None:
    for one_array, other in zip(state(first), state(second), strict=True):
        np.testing.assert_array_equal(one_array, other)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "nadam", "rmsprop"])
def test_training_goes_on_bit_for_bit(tmp_path: Path, optimizer: str) -> None:
    first = model(optimizer)
    first.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    safetensors_weights.save(first, tmp_path / "w.safetensors")
    second = model(optimizer)
    safetensors_weights.load(second, tmp_path / "w.safetensors")
    assert_same(first, second)
    for one_model in (first, second):
        one_model.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    assert_same(first, second)


def test_names_in_the_file(tmp_path: Path) -> None:
    layers = tf.keras.layers
    made = tf.keras.Sequential(
        [layers.Dense(1, input_shape=(2,), name="first"), layers.Dense(1, name="optimizer")]
    )
    made.compile(tf.keras.optimizers.SGD(0.5, momentum=0.5), "mse")
    made.fit(np.ones((2, 2)), np.ones(2), verbose=0)
    safetensors_weights.save(made, tmp_path / "w")
    arrays, metadata = read_safetensors(tmp_path / "w")
    assert metadata == {"format": "tf"}
    assert list(arrays) == [
        "first/kernel", "first/bias", "weights/optimizer/kernel", "weights/optimizer/bias", "optimizer/iteration",
        "optimizer/learning_rate", "optimizer/m/first/kernel", "optimizer/m/first/bias",
        "optimizer/m/weights/optimizer/kernel", "optimizer/m/weights/optimizer/bias",
    ]  # fmt: skip
    assert arrays["optimizer/iteration"] == 1
    assert arrays["optimizer/learning_rate"] == np.float32(0.5)


def test_weights_alone_are_enough(tmp_path: Path) -> None:
    """A file of another program: names and weights, in another order."""
    made = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), name="only")])
    made.compile("adam", "mse")
    write_safetensors(tmp_path / "w", {"only/bias": np.float32([3]), "only/kernel": np.float32([[1], [2]])})
    safetensors_weights.load(made, tmp_path / "w")
    assert made(np.float32([[10, 100]])).numpy().tolist() == [[213.0]]
    assert made.optimizer.iterations.numpy() == 0


def test_a_file_of_another_model_changes_nothing(tmp_path: Path) -> None:
    first = model()
    safetensors_weights.save(first, tmp_path / "w")
    other = tf.keras.Sequential([tf.keras.layers.Dense(7, input_shape=(4,))])
    before = other.get_weights()
    with pytest.raises(ShapeError, match="another model"):
        safetensors_weights.load(other, tmp_path / "w")
    np.testing.assert_array_equal(other.get_weights()[0], before[0])
    trained = model("sgd")
    trained.fit(X, Y, verbose=0)
    safetensors_weights.save(trained, tmp_path / "w")
    third = model("adam")
    before = third.get_weights()
    with pytest.raises(FileFormatError, match="no 'optimizer/m/"):
        safetensors_weights.load(third, tmp_path / "w")
    np.testing.assert_array_equal(third.get_weights()[0], before[0])


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises((FileNotFoundError, TensorletError), match=r"none\.safetensors"):
        safetensors_weights.load(model(), tmp_path / "none.safetensors")
