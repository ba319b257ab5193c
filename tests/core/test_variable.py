"""`tf.Variable` and `tf.Tensor`: values, names, assignments, operators, refusals."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError


def test_assignments() -> None:
    v = tf.Variable([1.0, 2.0], name="v")
    assert v.assign_add([1.0, 1.0]) is v
    np.testing.assert_array_equal(v, [2.0, 3.0])
    v.assign_sub(tf.constant([0.5, 0.5]))
    np.testing.assert_array_equal(v, [1.5, 2.5])
    v.assign([7.0, 8.0])
    np.testing.assert_array_equal(v.numpy(), [7.0, 8.0])
    assert (v.name, v.trainable, v.shape, v.dtype) == ("v:0", True, (2,), tf.float32)


def test_what_was_read_stays() -> None:
    v = tf.Variable([1.0, 2.0])
    value, array = v.value(), v.numpy()
    v.assign([9.0, 9.0])
    np.testing.assert_array_equal(value, [1.0, 2.0])
    np.testing.assert_array_equal(array, [1.0, 2.0])
    array[0] = 5.0
    np.testing.assert_array_equal(v, [9.0, 9.0])


def test_refusals_name_the_variable() -> None:
    v = tf.Variable([1.0, 2.0], name="weight")
    with pytest.raises(ShapeError, match=r"weight:0.*\(2,\).*\(3,\)"):
        v.assign([1.0, 2.0, 3.0])
    with pytest.raises(DTypeError, match=r"weight:0.*float32.*int32.*tf\.cast"):
        v.assign(tf.constant([1, 2]))
    with pytest.raises(ShapeError, match="initial value"):
        tf.Variable()
    with pytest.raises(ShapeError, match="shape"):
        tf.Variable([1.0, 2.0], shape=[3])
    with pytest.raises(ShapeError, match=r"shape=\(3,\) was given"):
        tf.Variable([1.0, 2.0], shape=3)


def test_initial_values() -> None:
    assert tf.Variable(3).dtype == tf.int32
    assert tf.Variable(3, dtype=tf.float64).dtype == tf.float64
    assert tf.Variable(lambda: tf.ones([2])).shape == (2,)
    source = np.array([1.0, 2.0], np.float32)
    v = tf.Variable(source)
    source[0] = 100.0
    assert v.numpy()[0] == 1.0
    other = copy.deepcopy(v)
    other.assign([5.0, 5.0])
    assert v.numpy()[0] == 1.0


def test_operators_take_python_numbers_and_arrays() -> None:
    v = tf.Variable([1.0, 2.0])
    x = tf.constant([3.0, 4.0])
    cases = [
        (v + x, [4, 6]), (1 + v, [2, 3]), (v - 1, [0, 1]), (1 - v, [0, -1]), (v * x, [3, 8]), (2 * x, [6, 8]),
        (x / v, [3, 2]), (6 / x, [2, 1.5]), (x // 2, [1, 2]), (x % 2, [1, 0]), (x**2, [9, 16]), (2**v, [2, 4]),
        (-v, [-1, -2]), (abs(-v), [1, 2]), (np.array([1.0, 1.0]) * v, [1, 2]), (v + np.array([1, 1]), [2, 3]),
        (np.float64(2.0) * x, [6, 8]),
    ]  # fmt: skip
    for result, expected in cases:
        assert result.dtype == tf.float32
        np.testing.assert_allclose(result, expected)
    np.testing.assert_array_equal(x > 3, [False, True])
    np.testing.assert_array_equal(x == [3.0, 5.0], [True, False])
    np.testing.assert_array_equal(~(x > 3) | (x == 4.0), [True, True])


def test_dtypes_do_not_mix_silently() -> None:
    with pytest.raises(DTypeError, match=r"float32.*int32.*tf.cast"):
        tf.constant(1.0) + tf.constant(1)
    with pytest.raises(DTypeError, match="int32"):
        tf.constant(1) * 0.5
    with pytest.raises(DTypeError, match="float64"):
        tf.constant(1.0) + tf.constant(1.0, tf.float64)
    with pytest.raises(InvalidArgumentError, match="does not fit into uint8"):
        tf.constant(1, tf.uint8) + 300
    with pytest.raises(DTypeError, match="is text, but float32 is expected"):
        tf.constant("text", tf.float32)


def test_conversions() -> None:
    x = tf.constant(2)
    assert [10, 20, 30][x] == 30
    assert (int(x), float(x), bool(x), f"{x}", f"{tf.constant(0.5):.3f}") == (2, 2.0, True, "2", "0.500")
    assert list(range(x)) == [0, 1]
    rows = list(tf.constant([[1, 2], [3, 4]]))
    np.testing.assert_array_equal(rows[1], [3, 4])
    assert len(tf.zeros([3, 2])) == 3
    with pytest.raises(TypeError):
        len(x)
    with pytest.raises(TypeError):
        hash(x)
    assert x.ref() in {x.ref()}
    assert np.asarray(tf.constant([1.5])).dtype == np.float32
    array = np.ones(3, np.float32)
    tensor = tf.constant(array)
    array[0] = 9.0
    np.testing.assert_array_equal(tensor, [1.0, 1.0, 1.0])


def test_python_numbers_become_what_tensorflow_makes_of_them() -> None:
    assert tf.constant(1).dtype == tf.int32
    assert tf.constant(2**40).dtype == tf.int64
    assert tf.constant(1.0).dtype == tf.float32
    assert tf.constant([True]).dtype == tf.bool
    assert tf.constant(np.ones(2)).dtype == tf.float64
    assert tf.constant([np.float64(1.0)]).dtype == tf.float64
    assert tf.convert_to_tensor([1, 2], dtype=tf.float32).dtype == tf.float32
    assert tf.constant([]).dtype == tf.float32
    with pytest.raises(DTypeError, match="int32"):
        tf.constant(1.5, tf.int32)
    with pytest.raises(ShapeError, match="different lengths"):
        tf.constant([[1, 2], [3]])
    with pytest.raises(ShapeError, match="3 values"):
        tf.constant([1, 2, 3], shape=[2, 2])


def test_a_part_of_a_variable_is_assigned_to() -> None:
    v = tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert v[0, 1].assign(42.0) is v
    v[:, 2].assign([0.0, 1.0])
    v[1].assign_add(1.0)
    v[...].assign_sub(tf.ones([2, 3]))
    np.testing.assert_array_equal(v.numpy(), [[0.0, 41.0, -1.0], [4.0, 5.0, 1.0]])
    v[v > 4.0].assign(0.0)
    np.testing.assert_array_equal(v.numpy(), [[0.0, 0.0, -1.0], [4.0, 0.0, 1.0]])
    with pytest.raises(ShapeError, match="does not broadcast"):
        v[0].assign([1.0, 2.0])
    with pytest.raises(DTypeError, match=r"tf\.cast"):
        v[0].assign(tf.constant([1, 2, 3]))


def test_a_part_of_a_variable_is_assigned_to_in_a_traced_function() -> None:
    v = tf.Variable([1.0, 2.0, 3.0])

    @tf.function
    def step(x: tf.Tensor) -> tf.Tensor:
        v[1:].assign(x)
        v[0].assign_add(10.0)
        return v[0] * 2.0

    assert float(step(tf.constant([7.0, 8.0]))) == 22.0
    assert v.numpy().tolist() == [11.0, 7.0, 8.0]


def test_points_of_a_variable_are_updated() -> None:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    assert v.scatter_nd_update([[0, 0], [1, 1]], [7.0, 8.0]).numpy().tolist() == [[7.0, 2.0], [3.0, 8.0]]


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("astype", "tf.cast"), ("reshape", "tf.reshape"), ("T", "tf.transpose"), ("mean", "tf.reduce_mean"),
        ("assign", "tf.Variable"), ("foo", "numpy"),
    ],
)  # fmt: skip
def test_a_missing_attribute_of_a_tensor_says_what_to_write(name: str, fix: str) -> None:
    assert not hasattr(tf.constant(1.0), name)
    with pytest.raises(AttributeError, match=rf"A tensor has no attribute '{name}'.*{fix}"):
        getattr(tf.constant(1.0), name)
    if name != "assign":
        with pytest.raises(AttributeError, match=rf"A variable has no attribute '{name}'"):
            getattr(tf.Variable(1.0), name)


def test_rows_are_changed_by_sparse_values() -> None:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert v.scatter_update(tf.IndexedSlices([[9.0, 8.0]], [1])) is v
    assert v.numpy().tolist() == [[1, 2], [9, 8], [5, 6]]
    v.scatter_add(tf.IndexedSlices([[1.0, 1.0], [1.0, 1.0]], [0, 0]))
    assert v.numpy().tolist() == [[3, 4], [9, 8], [5, 6]]
    tf.function(lambda: v.scatter_sub(tf.IndexedSlices([[5.0, 6.0]], [2])))()
    assert v.numpy().tolist() == [[3, 4], [9, 8], [0, 0]]
    v.scatter_nd_sub([[0, 0]], [3.0])
    v.scatter_nd_add([[2, 1]], [7.0])
    assert v.numpy().tolist() == [[0, 4], [9, 8], [0, 7]]
    with pytest.raises(TypeError, match="IndexedSlices"):
        v.scatter_update([[1.0]])


def test_an_element_is_assigned_by_a_traced_index() -> None:
    counts, table = tf.Variable(tf.zeros([4])), tf.Variable(tf.zeros([3, 2], tf.int32))

    @tf.function
    def count(labels: tf.Tensor) -> None:
        for label in labels:
            counts[label].assign(counts[label] + 1.0)
            table[label - 3, 1].assign_add(2)
            table[label - 1].assign([7, 8])

    count(tf.constant([1, 3, 1]))
    assert counts.numpy().tolist() == [0, 2, 0, 1]
    eager = [tf.Variable(tf.zeros([4])), tf.Variable(tf.zeros([3, 2], tf.int32))]
    for label in (1, 3, 1):
        eager[0][label].assign(eager[0][label] + 1.0)
        eager[1][label - 3, 1].assign_add(2)
        eager[1][label - 1].assign([7, 8])
    assert table.numpy().tolist() == eager[1].numpy().tolist() == [[7, 8], [0, 4], [7, 8]]
