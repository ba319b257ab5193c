"""Tables that are read in blocks."""

from __future__ import annotations

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

import tensorlet as tf
from tensorlet.tabular import TableError, TableStream
from tensorlet.tabular.reading.streams import open_stream

ROWS = 1000


def table():
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, 2)).round(3)
    return pa.table({
        "a": x[:, 0], "b": x[:, 1], "kind": random.choice(["red", "blue"], ROWS),
        "good": np.where(x[:, 0] > 0, "yes", "no"),
    })  # fmt: skip


@pytest.fixture(params=["csv", "csv.gz", "tsv", "parquet", "arrow"])
def path(request, tmp_path):
    path = tmp_path / f"data.{request.param}"
    if request.param == "parquet":
        pq.write_table(table(), path, row_group_size=130)
    elif request.param == "arrow":
        with pa.ipc.new_file(path, table().schema) as writer:
            writer.write_table(table(), 90)
    else:
        options = pc.WriteOptions(delimiter="\t" if request.param == "tsv" else ",")
        pc.write_csv(table(), tmp_path / "plain", options)
        content = (tmp_path / "plain").read_bytes()
        path.write_bytes(gzip.compress(content) if request.param == "csv.gz" else content)
    return path


def model_for(stream):
    inputs = {
        name: tf.keras.Input((count,), name=name, dtype="float32" if name == "numbers" else "int32")
        for name, count in stream.inputs.items()
    }
    encoding = tf.keras.layers.CategoryEncoding(stream.encoder.sizes["categories"], output_mode="multi_hot")
    features = tf.keras.layers.Concatenate()([inputs["numbers"], encoding(inputs["categories"])])
    output = tf.keras.layers.Dense(2, activation="softmax", kernel_initializer="zeros")(features)
    model = tf.keras.Model(inputs, output)
    model.compile(tf.keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_every_format_gives_the_same_rows(path):
    stream = TableStream(path, "good", block_rows=300)
    assert [(column.name, column.kind) for column in stream.columns] == [
        ("a", "number"), ("b", "number"), ("kind", "category"), ("good", "boolean"),
    ]  # fmt: skip
    blocks = list(stream.blocks())
    assert [len(labels) for _inputs, labels in blocks] == [300, 300, 300, 100]
    numbers = np.concatenate([inputs["numbers"] for inputs, _labels in blocks])
    names = [stream.encoder.number_names.index(name) for name in ("a", "b")]
    assert np.array_equal(numbers[:, names], np.column_stack([table()["a"], table()["b"]]).astype(np.float32))
    labels = np.concatenate([labels for _inputs, labels in blocks])
    assert [stream.target.classes[label] for label in labels] == table()["good"].to_pylist()


def test_the_order_inside_a_block_depends_on_the_seed_and_the_epoch(path):
    def order(seed, epoch):
        blocks = list(TableStream(path, "good", block_rows=300, seed=seed).blocks(epoch))
        return np.concatenate([inputs["numbers"][:, 0] for inputs, _labels in blocks])

    first = order(0, 0)
    assert np.array_equal(first, order(0, 0))
    assert not np.array_equal(first, order(0, 1)) and not np.array_equal(first, order(1, 0))
    assert np.array_equal(np.sort(first[:300]), np.sort(order(0, 1)[:300]))


def test_training_is_reproducible(path):
    weights = []
    for _run in range(2):
        stream = TableStream(path, "good", block_rows=300)
        model = model_for(stream)
        history = stream.fit(model, epochs=3, batch_size=32)
        weights.append(model.get_weights())
        assert history["accuracy"][-1] > 0.95 and history["loss"][-1] < history["loss"][0]
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


def test_numbers_are_standardized_and_rows_without_a_target_left_out(tmp_path):
    values = [str(10.0 * i + 3) if i % 10 else "" for i in range(200)]
    lines = [f"{i % 17 + 0.5},{value}" for i, value in enumerate(values)]
    (tmp_path / "a.csv").write_text("x,y\n" + "\n".join(lines) + "\n")
    stream = TableStream(tmp_path / "a.csv", "y", block_rows=64)
    known = np.array([float(value) for value in values if value])
    assert sum(len(labels) for _inputs, labels in stream.blocks()) == 180
    assert stream.offset == pytest.approx(known.mean()) and stream.scale == pytest.approx(known.std())
    inputs = tf.keras.Input((2,), name="numbers")
    model = tf.keras.Model({"numbers": inputs}, tf.keras.layers.Dense(1, kernel_initializer="zeros")(inputs))
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    assert stream.fit(model)["loss"][0] == pytest.approx(1.0, abs=1e-3)


def test_a_target_that_is_missing_is_refused(path):
    with pytest.raises(TableError, match=r"there is no column 'god'. Did you mean 'good'"):
        TableStream(path, "god")


def test_a_fault_further_on_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n" + "1,2\n" * 100 + "1,2,3\n")
    with pytest.raises(TableError, match="line 102: the row has 3 values, but the header has 2 columns"):
        list(open_stream(tmp_path / "a.csv").batches)


def test_text_in_another_encoding_is_streamed_as_well(tmp_path):
    (tmp_path / "a.csv").write_bytes("이름,값\n가,1\n나,2\n".encode("cp949"))
    stream = open_stream(tmp_path / "a.csv")
    assert stream.columns == ["이름", "값"]
    assert next(stream.batches).to_pydict() == {"이름": ["가", "나"], "값": ["1", "2"]}
    assert "read as CP949" in stream.notes[0]
