"""Datasets that group, draw, save and read files. The values are those of TensorFlow 2.15."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError, NotFoundError

Dataset = tf.data.Dataset


def lists(dataset: Any) -> list[Any]:
    return [batch.numpy().tolist() for batch in dataset]


def rows() -> Any:
    return Dataset.from_generator(lambda: iter([[1], [2, 3, 4], [5], [1, 2], [9] * 5]), tf.int32, [None])


def test_windows_by_key() -> None:
    grouped = Dataset.range(10).group_by_window(lambda n: n % 3, lambda key, w: w.batch(2), window_size=4)
    assert lists(grouped) == [[0, 3], [6, 9], [1, 4], [7], [2, 5], [8]]
    sizes = Dataset.range(6).group_by_window(
        lambda n: n % 2, lambda key, w: w.batch(9), window_size_func=lambda key: key + 1
    )
    assert lists(sizes) == [[0], [2], [1, 3], [4], [5]]
    with pytest.raises(InvalidArgumentError, match="either window_size"):
        Dataset.range(3).group_by_window(lambda n: n, lambda key, w: w)
    with pytest.raises(TypeError, match=r"window\.batch"):
        list(Dataset.range(3).group_by_window(lambda n: n, lambda key, w: 1, window_size=1))


def test_buckets_of_similar_length() -> None:
    def length(row: Any) -> Any:
        return tf.shape(row)[0]

    found = lists(rows().bucket_by_sequence_length(length, [2, 4], [2, 2, 2]))
    assert found == [[[1], [5]], [[2, 3, 4], [1, 2, 0]], [[9, 9, 9, 9, 9]]]
    padded = rows().take(4).bucket_by_sequence_length(length, [2, 5], [2, 2, 2], pad_to_bucket_boundary=True)
    assert lists(padded) == [[[1], [5]], [[2, 3, 4, 0], [1, 2, 0, 0]]]
    with pytest.raises(InvalidArgumentError, match="last boundary"):
        lists(rows().bucket_by_sequence_length(length, [2, 5], [2, 2, 2], pad_to_bucket_boundary=True))
    with pytest.raises(InvalidArgumentError, match="one size more"):
        rows().bucket_by_sequence_length(length, [2], [2])


def test_choices_of_several_datasets() -> None:
    numbers = [Dataset.range(3), Dataset.range(10, 13)]
    choices = Dataset.from_tensor_slices(np.array([0, 1, 1, 0, 1, 1, 0]))
    assert [int(n) for n in Dataset.choose_from_datasets(numbers, choices)] == [0, 10, 11, 1, 12]
    on = Dataset.choose_from_datasets(numbers, choices, stop_on_empty_dataset=False)
    assert [int(n) for n in on] == [0, 10, 11, 1, 12, 2]
    with pytest.raises(InvalidArgumentError, match="the choice is 2"):
        list(Dataset.choose_from_datasets(numbers, Dataset.from_tensors(np.int64(2))))


def test_draws_of_several_datasets() -> None:
    both = Dataset.sample_from_datasets([Dataset.range(4), Dataset.range(10, 14)], seed=1)
    found = [int(n) for n in both]
    assert sorted(found) == [0, 1, 2, 3, 10, 11, 12, 13]
    assert found == [int(n) for n in both]
    assert [n for n in found if n < 10] == [0, 1, 2, 3]
    one = Dataset.sample_from_datasets(
        [Dataset.range(4), Dataset.range(10, 14)], weights=[0.0, 1.0], stop_on_empty_dataset=True
    )
    assert [int(n) for n in one] == [10, 11, 12, 13]
    share = Dataset.sample_from_datasets(
        [Dataset.from_tensors(0).repeat(), Dataset.from_tensors(1).repeat()], weights=[0.8, 0.2], seed=1
    )
    assert 120 < sum(int(n) for n in share.take(1000)) < 280
    with pytest.raises(InvalidArgumentError, match="2 datasets"):
        Dataset.sample_from_datasets([Dataset.range(1), Dataset.range(1)], weights=[1.0])


def test_resampling_makes_classes_as_frequent_as_wanted() -> None:
    uneven = Dataset.range(10_000).map(lambda n: tf.cast(n % 10 == 0, tf.int64))
    kinds = [
        int(kind) for kind, _ in uneven.rejection_resample(lambda kind: kind, [0.5, 0.5], [0.9, 0.1], seed=1)
    ]
    assert abs(np.mean(kinds) - 0.5) < 0.05


def test_ragged_batches() -> None:
    found = Dataset.range(3).map(lambda n: tf.range(n)).ragged_batch(2)
    assert [batch.to_list() for batch in found] == [[[], [0]], [[0, 1]]]


def test_saved_datasets_come_back(tmp_path: pathlib.Path) -> None:
    plain = Dataset.from_tensor_slices({"a": [1, 2], "s": ["x", ""]})
    plain.save(tmp_path / "plain")
    again = Dataset.load(tmp_path / "plain")
    assert again.element_spec == plain.element_spec
    assert [(int(one["a"]), one["s"].numpy()) for one in again] == [(1, b"x"), (2, b"")]
    Dataset.range(3).map(lambda n: (tf.range(n), n)).save(tmp_path / "ragged", compression="GZIP")
    pairs = [(row.numpy().tolist(), int(n)) for row, n in Dataset.load(tmp_path / "ragged")]
    assert pairs == [([], 0), ([0], 1), ([0, 1], 2)]
    Dataset.range(0).save(tmp_path / "none")
    assert list(Dataset.load(tmp_path / "none")) == []


def test_other_folders_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(NotFoundError, match="there is no folder"):
        Dataset.load(tmp_path / "nowhere")
    with pytest.raises(FileFormatError, match="not a folder of"):
        Dataset.load(tmp_path)
    (tmp_path / "dataset_spec.pb").write_bytes(b"x")
    with pytest.raises(FileFormatError, match="TensorFlow has saved"):
        Dataset.load(tmp_path)
    Dataset.range(3).save(tmp_path / "mine")
    content = (tmp_path / "mine" / "elements.npz").read_bytes()
    (tmp_path / "mine" / "elements.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(FileFormatError, match="damaged"):
        Dataset.load(tmp_path / "mine")


def test_snapshots_are_written_once(tmp_path: pathlib.Path) -> None:
    calls = []

    def count() -> Any:
        calls.append(1)
        return iter([1, 2])

    numbers = Dataset.from_generator(count, tf.int32).snapshot(tmp_path / "shot")
    assert [int(n) for n in numbers] == [int(n) for n in numbers] == [1, 2]
    assert len(calls) == 1


def test_lines_and_tables(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\n\nthree")
    lines = tf.data.TextLineDataset(str(tmp_path / "a.txt"))
    assert list(lines.as_numpy_iterator()) == [b"one", b"two", b"", b"three"]
    (tmp_path / "a.csv").write_text("x,y,s\n1.5,7,aa\n2.5,8,bb\n,9,cc\n")
    path = str(tmp_path / "a.csv")
    table = tf.data.experimental.CsvDataset(path, [0.0, tf.int32, tf.string], header=True)
    assert [tuple(cell.numpy() for cell in row) for row in table] == [
        (1.5, 7, b"aa"), (2.5, 8, b"bb"), (0.0, 9, b"cc"),
    ]  # fmt: skip
    chosen = tf.data.experimental.CsvDataset(path, [tf.int32], header=True, select_cols=[1])
    assert [int(row[0]) for row in chosen] == [7, 8, 9]
    with pytest.raises(InvalidArgumentError, match="row 2: the cell 0 is empty"):
        list(tf.data.experimental.CsvDataset(path, [tf.float32, tf.int32, tf.string], header=True))
    batches = tf.data.experimental.make_csv_dataset(path, 2, label_name="y", num_epochs=1, shuffle=False)
    (x, y), _ = batches
    assert (x["x"].numpy().tolist(), x["s"].numpy().tolist()) == ([1.5, 2.5], [b"aa", b"bb"])
    assert (y.numpy().tolist(), y.dtype) == ([7, 8], tf.int32)
    columns = tf.io.decode_csv(["1,a", "2,b"], [0, ""])
    assert [column.numpy().tolist() for column in columns] == [[1, 2], [b"a", b"b"]]


def test_files_that_match(tmp_path: pathlib.Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_text("")
    found = Dataset.list_files(str(tmp_path / "*.csv"), shuffle=False)
    assert [pathlib.Path(path.numpy().decode()).name for path in found] == ["a.csv", "b.csv"]
    assert sorted(Dataset.list_files(str(tmp_path / "*.csv")).as_numpy_iterator()) == sorted(
        found.as_numpy_iterator()
    )
    with pytest.raises(InvalidArgumentError, match="no file matches"):
        Dataset.list_files(str(tmp_path / "*.png"))


def test_windows_of_a_sequence() -> None:
    series, targets = np.arange(40.0).reshape(20, 2), np.arange(20)
    windows = tf.keras.utils.timeseries_dataset_from_array(
        series, targets[3:], 4, sequence_stride=3, sampling_rate=2, batch_size=3
    )
    x, y = next(iter(windows))
    assert x.numpy()[1].tolist() == [[6.0, 7.0], [10.0, 11.0], [14.0, 15.0], [18.0, 19.0]]
    assert (y.numpy().tolist(), x.dtype) == ([3, 6, 9], tf.float64)
    part = tf.keras.utils.timeseries_dataset_from_array(
        np.arange(20), None, 4, start_index=5, end_index=15, batch_size=4
    )
    assert lists(part)[1] == [[9, 10, 11, 12], [10, 11, 12, 13], [11, 12, 13, 14]]
    with pytest.raises(InvalidArgumentError, match="sequence_length is 30"):
        tf.keras.utils.timeseries_dataset_from_array(np.arange(20), None, 30)


def test_windows_train_a_model() -> None:
    series = np.arange(60, dtype="float32") / 60
    windows = tf.keras.utils.timeseries_dataset_from_array(series, series[4:], 4, batch_size=8)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(4,))])
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    losses = model.fit(windows, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 5


def test_datasets_are_cut_in_two() -> None:
    left, right = tf.keras.utils.split_dataset(Dataset.range(10), left_size=0.7)
    assert ([int(n) for n in left], [int(n) for n in right]) == ([0, 1, 2, 3, 4, 5, 6], [7, 8, 9])
    left, right = tf.keras.utils.split_dataset((np.arange(10), np.arange(10) * 2), right_size=4)
    assert (len(left), [int(part) for part in next(iter(right))]) == (6, [6, 12])
    with pytest.raises(InvalidArgumentError, match="there are 10"):
        tf.keras.utils.split_dataset(np.arange(10), left_size=6, right_size=6)
