"""Ragged and sparse tensors. The values are those of TensorFlow 2.15."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

ROWS = [[1.0, 2.0], [], [3.0]]


def test_parts_of_a_ragged_tensor() -> None:
    rows = tf.ragged.constant(ROWS)
    assert repr(rows) == "<tf.RaggedTensor [[1.0, 2.0], [], [3.0]]>"
    assert tuple(rows.shape) == (3, None)
    assert rows.row_splits.numpy().tolist() == [0, 2, 2, 3]
    assert rows.row_lengths().numpy().tolist() == [2, 0, 1]
    assert rows.value_rowids().numpy().tolist() == [0, 0, 2]
    assert rows.bounding_shape().numpy().tolist() == [3, 2]
    assert rows.to_tensor().numpy().tolist() == [[1.0, 2.0], [0.0, 0.0], [3.0, 0.0]]
    assert rows[0].numpy().tolist() == [1.0, 2.0]
    assert rows[1:].to_list() == [[], [3.0]]
    assert [len(row) for row in rows] == [2, 0, 1]


def test_deeper_rows() -> None:
    rows = tf.ragged.constant([[[1], [2, 3]], [[4, 5, 6]]])
    assert tuple(rows.shape) == (2, None, None)
    assert rows.to_tensor().numpy().tolist() == [[[1, 0, 0], [2, 3, 0]], [[4, 5, 6], [0, 0, 0]]]
    assert rows.row_lengths(axis=2).to_list() == [[1, 2], [3]]
    assert rows[:1].to_list() == [[[1], [2, 3]]]


def test_ways_to_make_them() -> None:
    make = tf.RaggedTensor
    assert make.from_tensor([[1, 2, 0], [3, 0, 0]], padding=0).to_list() == [[1, 2], [3]]
    assert make.from_tensor([[1, 0, 2], [0, 0, 0]], padding=0).to_list() == [[1, 0, 2], []]
    assert make.from_tensor([[1, 2], [3, 4]], lengths=[1, 2]).to_list() == [[1], [3, 4]]
    assert make.from_row_lengths([1, 2, 3], [2, 0, 1]).to_list() == [[1, 2], [], [3]]
    assert make.from_value_rowids([1, 2, 3], [0, 0, 2]).to_list() == [[1, 2], [], [3]]
    with pytest.raises(ShapeError, match="ends with 4"):
        make.from_row_splits([1, 2, 3], [0, 4])


def test_functions_of_ragged_tensors() -> None:
    rows = tf.ragged.constant(ROWS)
    assert tf.reduce_sum(rows, axis=1).numpy().tolist() == [3.0, 0.0, 3.0]
    assert tf.reduce_sum(rows).numpy() == 6.0
    assert tf.reduce_mean(tf.ragged.constant([[1.0, 2.0], [3.0]]), axis=1).numpy().tolist() == [1.5, 3.0]
    assert (rows * 2.0 + rows).to_list() == [[3.0, 6.0], [], [9.0]]
    assert tf.square(rows).to_list() == [[1.0, 4.0], [], [9.0]]
    first, second = tf.ragged.constant([[1], [2, 3]]), tf.ragged.constant([[4, 5], [6]])
    assert tf.concat([first, second], axis=1).to_list() == [[1, 4, 5], [2, 3, 6]]
    assert tf.concat([first, second], axis=0).to_list() == [[1], [2, 3], [4, 5], [6]]
    with pytest.raises(ShapeError, match="row lengths"):
        first + second


def test_other_functions_refuse_ragged_tensors() -> None:
    with pytest.raises(InvalidArgumentError, match=r"to_tensor\(\)"):
        tf.transpose(tf.ragged.constant(ROWS))


def test_gradients_flow_through_rows() -> None:
    values = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        rows = tf.RaggedTensor.from_row_lengths(values * 1.0, [1, 2])
        loss = tf.reduce_sum(tf.square(rows.to_tensor()))
    assert tape.gradient(loss, values).numpy().tolist() == [2.0, 4.0, 6.0]


def test_sparse_and_dense() -> None:
    x = tf.SparseTensor([[0, 1]], [1.0], [2, 2])
    assert tf.sparse.to_dense(x).numpy().tolist() == [[0.0, 1.0], [0.0, 0.0]]
    assert tf.sparse.to_dense(x, default_value=-1.0).numpy().tolist() == [[-1.0, 1.0], [-1.0, -1.0]]
    assert tf.sparse.from_dense([[0, 2], [3, 0]]).indices.numpy().tolist() == [[0, 1], [1, 0]]
    words = tf.SparseTensor([[0, 1]], ["a"], [1, 2])
    assert tf.sparse.to_dense(words).numpy().tolist() == [[b"", b"a"]]
    with pytest.raises(InvalidArgumentError, match="out of range for the shape"):
        tf.sparse.to_dense(tf.SparseTensor([[0, 5]], [1.0], [2, 2]))
    with pytest.raises(ShapeError, match="1 indices and 2 values"):
        tf.SparseTensor([[0, 1]], [1.0, 2.0], [2, 2])


def test_functions_of_sparse_tensors() -> None:
    x = tf.sparse.from_dense([[0.0, 2.0], [3.0, 0.0]])
    assert tf.sparse.reduce_sum(x, axis=0).numpy().tolist() == [3.0, 2.0]
    assert tf.sparse.to_dense(tf.sparse.transpose(x)).numpy().tolist() == [[0.0, 3.0], [2.0, 0.0]]
    assert tf.sparse.sparse_dense_matmul(x, tf.ones([2, 1])).numpy().tolist() == [[2.0], [3.0]]
    assert tf.sparse.to_dense(tf.sparse.reshape(x, [4])).numpy().tolist() == [0.0, 2.0, 3.0, 0.0]
    assert tf.sparse.to_dense(tf.sparse.slice(x, [0, 0], [1, 2])).numpy().tolist() == [[0.0, 2.0]]
    soft = tf.sparse.softmax(tf.sparse.from_dense([[1.0, 2.0], [3.0, 0.0]])).values.numpy()
    np.testing.assert_allclose(soft, [0.26894143, 0.7310586, 1.0], rtol=1e-6)


def test_sparse_functions_have_the_arguments_of_tensorflow():
    x = tf.sparse.SparseTensor([[0, 1], [2, 3], [3, 0]], [5.0, 0.2, -3.0], [4, 4])
    part = tf.sparse.slice(x, start=[2, 2], size=[9, 9])
    assert (part.indices.numpy().tolist(), part.shape.as_list()) == ([[0, 1]], [2, 2])
    assert tf.sparse.expand_dims(x).shape.as_list() == [4, 4, 1]
    assert tf.sparse.transpose(x, perm=[1, 0]).indices.numpy().tolist() == [[0, 3], [1, 0], [3, 2]]
    assert tf.sparse.reshape(x, shape=[2, -1]).indices.numpy().tolist() == [[0, 1], [1, 3], [1, 4]]


def test_a_sparse_sum_keeps_its_elements_unless_they_are_small():
    x = tf.sparse.SparseTensor([[0, 1], [2, 3], [3, 0]], [5.0, 0.2, -3.0], [4, 4])
    assert tf.sparse.add(x, tf.sparse.map_values(tf.negative, x)).values.numpy().tolist() == [0, 0, 0]
    assert tf.sparse.add(x, x, threshold=1.0).values.numpy().tolist() == [10, -6]


def test_sparse_tensors_of_other_lengths_are_concatenated_on_demand():
    x, small = tf.sparse.eye(3), tf.sparse.eye(2)
    assert tf.sparse.concat(1, [x, small], expand_nonconcat_dims=True).shape.as_list() == [3, 5]
    with pytest.raises(tf.errors.InvalidArgumentError, match="lengths along axis 1 may differ"):
        tf.sparse.concat(1, [x, small])
