"""TFRecord files and examples. Bytes are those of TensorFlow 2.15."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError, NotFoundError

train = tf.train
FEATURES = {
    "x": tf.io.FixedLenFeature([2], tf.float32),
    "y": tf.io.FixedLenFeature([], tf.int64),
    "s": tf.io.VarLenFeature(tf.string),
    "m": tf.io.FixedLenFeature([], tf.int64, default_value=7),
}


def example(number: int) -> bytes:
    feature = {
        "x": train.Feature(float_list=train.FloatList(value=[number, number + 0.5])),
        "y": train.Feature(int64_list=train.Int64List(value=[-number])),
        "s": train.Feature(bytes_list=train.BytesList(value=[b"ab" * number])),
    }
    return train.Example(features=train.Features(feature=feature)).SerializeToString()


def write(path: pathlib.Path) -> str:
    with tf.io.TFRecordWriter(path) as writer:
        for number in range(1, 4):
            writer.write(example(number))
    return str(path)


def test_examples_are_written_and_parsed(tmp_path: pathlib.Path) -> None:
    rows = tf.data.TFRecordDataset(write(tmp_path / "a.tfrecord"))
    found = [tf.io.parse_single_example(row, FEATURES) for row in rows]
    assert [row["x"].numpy().tolist() for row in found] == [[1.0, 1.5], [2.0, 2.5], [3.0, 3.5]]
    assert [int(row["y"]) for row in found] == [-1, -2, -3]
    assert tf.sparse.to_dense(found[1]["s"]).numpy().tolist() == [b"abab"]
    assert int(found[0]["m"]) == 7
    (batch,) = rows.batch(3).map(lambda batch: tf.io.parse_example(batch, FEATURES))
    assert batch["x"].shape == (3, 2)
    assert tf.sparse.to_dense(batch["s"]).numpy().tolist() == [[b"ab"], [b"abab"], [b"ababab"]]


def test_records_of_tensorflow_are_read(tmp_path: pathlib.Path) -> None:
    # what TensorFlow writes for the record b"one"
    (tmp_path / "a").write_bytes(bytes.fromhex("0300000000000000b099490e6f6e6501405508"))
    assert list(tf.data.TFRecordDataset(str(tmp_path / "a")).as_numpy_iterator()) == [b"one"]


def test_tensors_are_written_as_tensorflow_writes_them() -> None:
    assert (
        tf.io.serialize_tensor([[1.0, 2.0]]).numpy().hex() == "08011208120208011202080222080000803f00000040"
    )
    words = tf.io.serialize_tensor(["a", "bc"])
    assert words.numpy().hex() == "080712041202080242016142026263"
    assert tf.io.parse_tensor(words, tf.string).numpy().tolist() == [b"a", b"bc"]
    with pytest.raises(InvalidArgumentError, match="not of the type float32"):
        tf.io.parse_tensor(words, tf.float32)


def test_damage_is_noticed(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.tfrecord")
    whole = pathlib.Path(path).read_bytes()
    for damaged in (whole[:-3], whole[:20] + b"\xff" + whole[21:], b"\xff" * 12 + whole[12:], whole[:5]):
        pathlib.Path(path).write_bytes(damaged)
        with pytest.raises(FileFormatError, match=r"damaged|truncated"):
            list(tf.data.TFRecordDataset(path))
    with pytest.raises(NotFoundError, match="No such file"):
        list(tf.data.TFRecordDataset("nowhere"))


def test_other_features_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="'z' has 0 values"):
        tf.io.parse_single_example(example(1), {"z": tf.io.FixedLenFeature([], tf.int64)})
    with pytest.raises(InvalidArgumentError, match="holds a FloatList"):
        tf.io.parse_single_example(example(1), {"x": tf.io.FixedLenFeature([2], tf.int64)})


def test_one_metric_for_each_output() -> None:
    inputs = tf.keras.Input((2,))
    model = tf.keras.Model(inputs, [tf.keras.layers.Dense(1, name=name)(inputs) for name in ("a", "b")])
    model.compile("sgd", ["mse", "mse"], metrics=["mae", "mae"])
    x, y = np.ones((4, 2)), (np.ones((4, 1)), np.ones((4, 1)))
    assert {"a_mae", "b_mae"} <= set(model.fit(x, y, verbose=0).history)
