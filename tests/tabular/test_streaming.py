"""Tables that are read in blocks."""

from __future__ import annotations

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

import tensorlet as tf
from tensorlet.tabular import TableError, TableStream, examination, large_tables, train
from tensorlet.tabular.large_tables import open_problem
from tensorlet.tabular.problem import Plan
from tensorlet.tabular.reading import room
from tensorlet.tabular.reading.files import read
from tensorlet.tabular.reading.streams import open_stream
from tensorlet.tabular.row_store import RowStore, folder_for

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


def test_the_order_of_all_rows_depends_on_the_seed_and_the_epoch(path):
    def order(seed, epoch):
        blocks = list(TableStream(path, "good", block_rows=300, seed=seed).blocks(epoch))
        return np.concatenate([inputs["numbers"][:, 0] for inputs, _labels in blocks])

    first = order(0, 0)
    assert np.array_equal(first, order(0, 0))
    assert not np.array_equal(first, order(0, 1)) and not np.array_equal(first, order(1, 0))
    assert np.array_equal(np.sort(first), np.sort(order(0, 1)))


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
    inputs = tf.keras.Input((1,), name="numbers")  # no value of x is missing
    model = tf.keras.Model({"numbers": inputs}, tf.keras.layers.Dense(1, kernel_initializer="zeros")(inputs))
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    assert stream.fit(model)["loss"][0] == pytest.approx(1.0, abs=1e-3)


def test_a_target_that_is_missing_is_refused(path):
    with pytest.raises(TableError, match=r"there is no column 'god'. Did you mean 'good'"):
        TableStream(path, "god")


def test_a_fault_further_on_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n" + "1,2\n" * 100 + "1,2,3\n")
    with pytest.raises(
        TableError, match="line 102, column 3: the row has 3 values, but the header has 2 columns"
    ):
        list(open_stream(tmp_path / "a.csv").batches)


def test_text_in_another_encoding_is_streamed_as_well(tmp_path):
    (tmp_path / "a.csv").write_bytes("이름,값\n가,1\n나,2\n".encode("cp949"))
    stream = open_stream(tmp_path / "a.csv")
    assert stream.columns == ["이름", "값"]
    assert next(stream.batches).to_pydict() == {"이름": ["가", "나"], "값": ["1", "2"]}
    assert "read as CP949" in stream.notes[0]


def sorted_table(path, rows=6000):
    """A table in the order of its first column, with some values that cannot be used."""
    x = np.linspace(-1, 1, rows)
    lines = [
        f"{x[i]:.5f},{'red' if i % 3 else 'blue'},{10000 + i % 50},{'plus' if x[i] > 0 else 'minus'}"
        for i in range(rows)
    ]
    lines[rows - 900] = "broken,red,10001,plus"
    lines[rows - 300] = "n.a. today,red,10001,plus"
    lines[rows - 200] = '0.5,"red",10001,'
    path.write_text("x,colour,zip,sign\n" + "\n".join(lines) + "\n")


def test_values_that_cannot_be_used_are_counted_with_the_line_of_the_first(tmp_path):
    sorted_table(tmp_path / "a.csv")
    stream = TableStream(tmp_path / "a.csv", "sign")
    rows = sum(len(labels) for _inputs, labels in stream.blocks(0))
    assert rows == 5999 == stream.rows - 1
    notes = "\n".join(stream.notes)
    assert "Column 'x': 2 values are not of the kind 'number', the first in line 5102: 'broken'." in notes
    assert "Rows without a value of the target 'sign': 1, the first in line 5802." in notes
    before = list(stream.notes)
    list(stream.blocks())
    assert stream.notes == before  # each sentence once


def test_a_code_with_leading_zeros_is_found_anywhere(tmp_path):
    sorted_table(tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    (tmp_path / "b.csv").write_text(
        text.replace("10007,minus", "00123,minus", 40).replace("00123,minus", "10007,minus", 39)
    )
    kinds = {column.name: column.kind for column in TableStream(tmp_path / "b.csv", "sign").columns}
    assert kinds["zip"] == "category"
    assert {column.name: column.kind for column in TableStream(tmp_path / "a.csv", "sign").columns}[
        "zip"
    ] == "number"


def test_lines_of_rows_after_values_of_several_lines(tmp_path):
    rows = "".join(f'{i},"two\nlines",{i % 2}\n' for i in range(50))
    (tmp_path / "a.csv").write_text("x,text,y\n\n" + rows + "7,one,1,9\n")
    with pytest.raises(TableError, match="line 103, column 4: the row has 4 values"):
        list(open_stream(tmp_path / "a.csv").batches)


@pytest.mark.parametrize("batch", [50, 1000])
def test_arrow_files_with_small_and_large_batches(tmp_path, batch):
    with pa.ipc.new_file(tmp_path / "a.arrow", table().schema) as writer:
        writer.write_table(table(), batch)
    found = pa.concat_tables(open_stream(tmp_path / "a.arrow", rows=128).batches)
    assert found.column("a").to_pylist() == table()["a"].to_pylist()


@pytest.mark.parametrize("division", [{}, {"time": "x"}, {"group": "zip"}])
def test_train_with_the_rows_on_disk(tmp_path, division):
    sorted_table(tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    (tmp_path / "a.csv").write_text(text.replace("broken", "0.7").replace("n.a. today", "0.9"))
    results = [
        train(tmp_path / "a.csv", "sign", stream=True, trees=False, epochs=4, seed=3, **division)
        for _run in range(2)
    ]
    weights = [result.fitted[result.best].network.whole.get_weights() for result in results]
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))
    problem = results[0].problem
    assert problem.store is not None and problem.rows == 6000
    assert problem.train_rows + len(problem.split.validation) + len(problem.split.test) == 5999
    assert problem.class_rows.tolist() == [3000, 2999]
    if division != {"time": "x"}:
        assert results[0].measures[results[0].best]["accuracy"].value > 0.95


def test_the_rows_of_a_group_and_of_a_time_stay_together(tmp_path):
    sorted_table(tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    (tmp_path / "a.csv").write_text(text.replace("broken", "0.7").replace("n.a. today", "0.9"))
    by_time = open_problem(tmp_path / "a.csv", Plan("zip", "number", time="x"), stream=True)
    assert by_time.split.how.startswith("by time") and len(by_time.split.test) == pytest.approx(1200, abs=5)
    by_group = open_problem(tmp_path / "a.csv", Plan("x", group="zip"), stream=True)
    assert len(by_group.split.test) % 120 in (0, 1, 119) and by_group.split.how.startswith("by group")


def test_a_store_deals_every_row_once_and_mixes_them_all():
    store = RowStore(
        {"x": 2, "labels": 1}, {"x": np.float32, "labels": np.int32}, 1000, seed=5, bucket_bytes=1200
    )
    for start in range(0, 1000, 130):
        numbers = np.arange(start, min(start + 130, 1000))
        store.add({"x": np.stack([numbers, -numbers], 1).astype(np.float32), "labels": numbers[:, None]})
    for epoch in range(2):
        blocks = list(store.blocks(epoch))
        assert len(blocks) == 10 and {len(block["labels"]) for block in blocks} == {100}
        labels = np.concatenate([block["labels"][:, 0] for block in blocks])
        assert np.array_equal(np.sort(labels), np.arange(1000))
        x = np.concatenate([block["x"] for block in blocks])
        assert np.array_equal(x[:, 0], labels) and np.array_equal(x[:, 1], -labels)
        assert all(block["labels"].max() - block["labels"].min() > 800 for block in blocks)
    assert not np.array_equal(labels, np.concatenate([block["labels"][:, 0] for block in store.blocks(0)]))
    assert np.array_equal(labels, np.concatenate([block["labels"][:, 0] for block in store.blocks(1)]))


def test_a_disk_without_room_is_said():
    with pytest.raises(
        TableError, match=r"need 1000000000000.0 GB, but only .* GB are free. Free some space"
    ):
        folder_for(10**21)


def test_large_tables_are_found_by_size(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("x,y\n" + "1,2\n" * 100)
    assert not large_tables.is_large(str(tmp_path / "a.csv"))
    monkeypatch.setattr(large_tables, "LARGE", 300)
    assert large_tables.is_large(str(tmp_path / "a.csv"))
    assert not large_tables.is_large(str(tmp_path)) and not large_tables.is_large("-")


ODD_TEXTS = {
    "the delimiter in the first line": b"sep=;\r\nx;kind\r\n" + b"1.5;a\r\n2.5;b\r\n" * 30,
    "old line ends": b"x,kind\r" + b"1.5,a\r2.5,b\r" * 30,
    "UTF-16": ("x,kind\n" + "1.5,é\n2.5,b\n" * 30).encode("utf-16"),
    "a byte order mark": ("x,kind\n" + "1.5,é\n2.5,b\n" * 30).encode("utf-8-sig"),
    "CP949 far down": b"x,kind\n" + b"1.5,a\n" * 200_000 + "2.5,부산\n".encode("cp949") * 20,
    "UTF-8 far down": b"x,kind\n" + b"1.5,a\n" * 200_000 + "2.5,부산\n".encode() * 20,
    "an empty first line": b"\nx,kind\n" + b"1.5,a\n2.5,b\n" * 30,
    "an empty first line, and a fault": b"\nx,kind\n" + b"1.5,a\n2.5,b\n" * 30 + b"1\n",
    "a quotation mark that is never closed": b"x,kind\n" + b"1.5,a\n" * 9 + b'2,"b\n' + b"1.5,a\n" * 200_000,
    "a quotation mark that is closed much later": b"x,kind\n"
    + b"1.5,a\n" * 9
    + b'2,"b\n'
    + b'1.5,a\n2,b"\n' * 9,
    "a byte that is not UTF-8": ("x,kind\n1,가\n" * 9 + "1.5,a\n" * 200_000).encode() + b"1,\xff\n",
    "zero bytes far down": b"x,kind\n" + b"1.5,a\n" * 200_000 + b"1,\0\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(50),
}


@pytest.mark.parametrize("name", ODD_TEXTS)
@pytest.mark.parametrize("packed", [False, True])
def test_text_in_batches_is_read_as_text_that_is_read_whole(tmp_path, name, packed):
    path = tmp_path / ("a.csv.gz" if packed else "a.csv")
    path.write_bytes(gzip.compress(ODD_TEXTS[name], 1) if packed else ODD_TEXTS[name])
    if packed and name == "a picture":
        pytest.skip("batches see only what is inside: zero bytes")

    def whole():
        table = read(path)
        return (
            table.data.num_rows,
            table.data.column_names,
            sorted(set(table.data.column("kind").to_pylist())),
        )

    def batches():
        stream = open_stream(path)
        data = pa.concat_tables(stream.batches)
        return data.num_rows, stream.columns, sorted(set(data.column("kind").to_pylist()))

    found = []
    for way in (whole, batches):
        try:
            found.append(way())
        except TableError as error:
            found.append(str(error))
    assert found[0] == found[1]
    assert isinstance(found[0], tuple) == (not any(word in name for word in ("fault", "mark that", "byte", "picture"))
                                           or name == "a byte order mark")  # fmt: skip


def test_a_sample_of_many_batches_is_kept_in_few_parts(tmp_path):
    sample = examination._Sample(50)
    random = np.random.default_rng(0)
    for number in range(500):
        sample.add(pa.table({"x": np.arange(number * 10, number * 10 + 10)}), number * 10, random.random(10))
    assert len(sample.parts) <= examination.MOST_PARTS
    values = np.concatenate([part.column("x").to_numpy() for part in sample.parts])
    assert np.array_equal(values, np.concatenate(sample.places)) and 50 <= len(values) <= 100


def test_the_size_of_the_content_of_compressed_files(tmp_path):
    rows = b"1.5,a\n" * 500_000
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"x,y\n" + rows))
    assert large_tables._content_size(str(tmp_path / "a.csv.gz")) == pytest.approx(len(rows), rel=0.01)
    pq.write_table(pa.table({"x": np.zeros(1_000_000), "y": np.zeros(1_000_000)}), tmp_path / "a.parquet")
    assert large_tables._content_size(str(tmp_path / "a.parquet")) == 16e6


def test_a_gzip_file_that_unpacks_to_more_than_the_memory_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"x,y\n" + bytes(48) * (1 << 23), 1))
    monkeypatch.setattr(room, "free_memory", lambda: 3e8)
    with pytest.raises(
        TableError, match=r"its content has 0\.\d GB or more, but only 0\.3 GB of memory are free"
    ):
        read(tmp_path / "a.csv.gz")
