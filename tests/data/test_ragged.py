"""Ragged tensors as elements of datasets. Values and specs are those of TensorFlow 2.15."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

Dataset = tf.data.Dataset
ROWS = [[1, 2, 3], [4], [], [5, 6]]
DEEP = [[[1, 2], [3]], [], [[4]], [[5, 6, 7], [], [8]]]


def rows_of(dataset: Dataset) -> list[object]:
    def listed(part: object) -> object:
        if isinstance(part, tuple):
            return tuple(map(listed, part))
        if isinstance(part, dict):
            return {name: listed(one) for name, one in part.items()}
        return part.to_list() if isinstance(part, tf.RaggedTensor) else part.numpy().tolist()  # type: ignore[attr-defined]

    return [listed(element) for element in dataset]


def test_rows_are_tensors_and_their_batches_ragged() -> None:
    dataset = Dataset.from_tensor_slices((tf.ragged.constant(ROWS), np.arange(4)))
    assert repr(dataset.element_spec) == (
        "(RaggedTensorSpec(TensorShape([None]), tf.int32, 0, tf.int64), "
        "TensorSpec(shape=(), dtype=tf.int64, name=None))"
    )
    assert rows_of(dataset) == list(zip(ROWS, range(4), strict=True))
    batches = dataset.batch(3)
    assert (
        repr(batches.element_spec[0]) == "RaggedTensorSpec(TensorShape([None, None]), tf.int32, 1, tf.int64)"
    )
    assert rows_of(batches) == [(ROWS[:3], [0, 1, 2]), (ROWS[3:], [3])]
    assert len(batches) == 2
    assert rows_of(batches.unbatch()) == rows_of(dataset)
    assert batches.unbatch().element_spec == dataset.element_spec
    dropped = dataset.batch(3, drop_remainder=True)
    assert repr(dropped.element_spec[0]) == "RaggedTensorSpec(TensorShape([3, None]), tf.int32, 1, tf.int64)"
    assert len(rows_of(dropped)) == 1


def test_deeper_rows_and_batches_of_batches() -> None:
    dataset = Dataset.from_tensor_slices({"a": tf.ragged.constant(DEEP), "b": np.arange(4)})
    assert [one["a"] for one in rows_of(dataset)] == DEEP  # type: ignore[index]
    assert [one["a"].ragged_rank for one in dataset] == [1] * 4
    assert [one["a"] for one in rows_of(dataset.batch(2))] == [DEEP[:2], DEEP[2:]]  # type: ignore[index]
    twice = Dataset.from_tensor_slices(tf.ragged.constant(ROWS)).batch(2).batch(2)
    assert rows_of(twice) == [[ROWS[:2], ROWS[2:]]]
    assert twice.element_spec == tf.RaggedTensorSpec([None, None, None], tf.int32)
    back = twice.unbatch().unbatch().unbatch()
    assert rows_of(back) == [1, 2, 3, 4, 5, 6]
    assert rows_of(back.batch(4)) == [[1, 2, 3, 4], [5, 6]]


def test_rows_of_equal_inner_length() -> None:
    pairs = tf.ragged.constant([[[1, 2], [3, 4]], [[5, 6]]], ragged_rank=1)
    dataset = Dataset.from_tensor_slices(pairs)
    assert dataset.element_spec == tf.RaggedTensorSpec([None, 2], tf.int32, 0)
    (batch,) = dataset.batch(2)
    assert tuple(batch.shape) == (2, None, 2)
    assert batch.to_list() == [[[1, 2], [3, 4]], [[5, 6]]]


def test_functions_of_ragged_elements() -> None:
    dataset = Dataset.from_tensor_slices(tf.ragged.constant(ROWS))
    assert rows_of(dataset.map(tf.reduce_sum)) == [6, 4, 0, 11]
    assert rows_of(dataset.filter(lambda row: tf.size(row) > 1)) == [[1, 2, 3], [5, 6]]
    batches = dataset.batch(2)
    assert rows_of(batches.map(lambda rows: rows + 1)) == [[[2, 3, 4], [5]], [[], [6, 7]]]
    assert batches.map(lambda rows: rows + 1).element_spec == tf.RaggedTensorSpec([None, None], tf.int32)
    padded = batches.map(lambda rows: rows.to_tensor())
    assert repr(padded.element_spec) == "TensorSpec(shape=(None, None), dtype=tf.int32, name=None)"
    assert rows_of(padded) == [[[1, 2, 3], [4, 0, 0]], [[0, 0], [5, 6]]]
    sums = batches.map(lambda rows: tf.reduce_sum(rows, axis=1))
    assert repr(sums.element_spec) == "TensorSpec(shape=(None,), dtype=tf.int32, name=None)"
    assert rows_of(sums) == [[6, 4], [0, 11]]
    assert rows_of(dataset.flat_map(Dataset.from_tensor_slices)) == [1, 2, 3, 4, 5, 6]
    assert rows_of(batches.cache().repeat(2))[2:] == [ROWS[:2], ROWS[2:]]
    both = batches.concatenate(dataset.batch(3))
    assert both.element_spec == tf.RaggedTensorSpec([None, None], tf.int32)
    assert rows_of(both) == [ROWS[:2], ROWS[2:], ROWS[:3], ROWS[3:]]


def test_lengths_that_depend_on_values_are_unknown() -> None:
    counts = Dataset.range(4).map(lambda n: tf.range(n))
    assert repr(counts.element_spec) == "TensorSpec(shape=(None,), dtype=tf.int64, name=None)"
    batches = counts.ragged_batch(2)
    assert batches.element_spec == tf.RaggedTensorSpec([None, None], tf.int64)
    assert rows_of(batches) == [[[], [0]], [[0, 1], [0, 1, 2]]]
    words = Dataset.from_tensor_slices(["a b", "c d e", "f"])
    assert (
        repr(words.map(tf.strings.split).element_spec)
        == "TensorSpec(shape=(None,), dtype=tf.string, name=None)"
    )
    assert rows_of(words.batch(2).map(tf.strings.split))[0] == [[b"a", b"b"], [b"c", b"d", b"e"]]
    assert rows_of(words.map(tf.strings.split).ragged_batch(3))[0] == [
        [b"a", b"b"],
        [b"c", b"d", b"e"],
        [b"f"],
    ]
    deep = Dataset.range(1, 3).map(lambda n: tf.ones((n, n + 1))).ragged_batch(2)
    assert deep.element_spec == tf.RaggedTensorSpec([None, None, None], tf.float32)
    assert rows_of(deep) == [[[[1.0, 1.0]], [[1.0, 1.0, 1.0]] * 2]]
    mixed = Dataset.range(3).map(lambda n: {"a": tf.range(n), "b": n}).ragged_batch(3, drop_remainder=True)
    assert rows_of(mixed) == [{"a": [[], [0], [0, 1]], "b": [0, 1, 2]}]
    assert repr(mixed.element_spec["b"]) == "TensorSpec(shape=(3,), dtype=tf.int64, name=None)"


def test_one_ragged_element() -> None:
    whole = Dataset.from_tensors((tf.ragged.constant(ROWS), np.arange(4)))
    assert whole.element_spec[0] == tf.RaggedTensorSpec([4, None], tf.int32)
    assert rows_of(whole) == [(ROWS, [0, 1, 2, 3])]
    rows = tf.ragged.constant(ROWS)
    signature = tf.RaggedTensorSpec([None, None], tf.int32)
    made = Dataset.from_generator(lambda: iter([rows, rows[:2]]), output_signature=signature)
    assert made.element_spec == signature
    assert rows_of(made) == [ROWS, ROWS[:2]]
    with pytest.raises(InvalidArgumentError, match="form"):
        list(Dataset.from_generator(lambda: iter([[1]]), output_signature=signature))


def test_rows_are_saved_but_not_their_batches(tmp_path: Path) -> None:
    dataset = Dataset.from_tensor_slices(tf.ragged.constant(ROWS))
    dataset.save(str(tmp_path / "rows"))
    loaded = Dataset.load(str(tmp_path / "rows"))
    assert loaded.element_spec == dataset.element_spec
    assert rows_of(loaded.batch(4)) == [ROWS]
    with pytest.raises(InvalidArgumentError, match="unbatch"):
        dataset.batch(2).save(str(tmp_path / "batches"))


def test_what_does_not_go() -> None:
    dataset = Dataset.from_tensor_slices(tf.ragged.constant(ROWS))
    with pytest.raises(TypeError, match="to_tensor"):
        dataset.padded_batch(2)
    with pytest.raises(ShapeError, match="4 and 3 rows"):
        Dataset.from_tensor_slices((tf.ragged.constant(ROWS), np.arange(3)))


def test_specs() -> None:
    spec = tf.RaggedTensorSpec([None, None], tf.int32)
    rows = tf.ragged.constant(ROWS)
    assert (spec.dtype, spec.ragged_rank, spec.row_splits_dtype) == (tf.int32, 1, tf.int64)
    assert spec.is_compatible_with(rows)
    assert not spec.is_compatible_with(tf.constant(1))
    assert not spec.is_compatible_with(tf.ragged.constant(DEEP))
    assert repr(tf.RaggedTensorSpec.from_value(rows)) == (
        "RaggedTensorSpec(TensorShape([4, None]), tf.int32, 1, tf.int64)"
    )
    assert repr(tf.RaggedTensorSpec(None, tf.string, 1)) == (
        "RaggedTensorSpec(TensorShape(None), tf.string, 1, tf.int64)"
    )
    with pytest.raises(InvalidArgumentError, match="unknown rank"):
        tf.RaggedTensorSpec(None, tf.int32)
    with pytest.raises(InvalidArgumentError, match="2 axes"):
        tf.RaggedTensorSpec([None, None], tf.int32, 2)

    @tf.function(input_signature=[spec])  # type: ignore[untyped-decorator]
    def padded(rows: tf.RaggedTensor) -> tf.Tensor:
        return rows.to_tensor()

    assert padded(rows).numpy().tolist() == [[1, 2, 3], [4, 0, 0], [0, 0, 0], [5, 6, 0]]
    with pytest.raises(InvalidArgumentError, match="input_signature"):
        padded(tf.constant([[1]]))


def test_a_model_learns_from_padded_batches() -> None:
    rows = tf.ragged.constant([[1, 2], [3], [4, 5, 6], [7]] * 4)
    labels = np.array([0, 1, 0, 1] * 4, np.float32)
    dataset = Dataset.from_tensor_slices((rows, labels)).batch(4).map(lambda x, y: (x.to_tensor(), y))
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Embedding(10, 8, mask_zero=True),
            tf.keras.layers.LSTM(8),
            tf.keras.layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(0.05), "binary_crossentropy")
    losses = model.fit(dataset, epochs=15, verbose=0).history["loss"]
    assert losses[-1] < 0.2 < losses[0]
