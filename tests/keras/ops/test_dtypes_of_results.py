"""Dtypes of results of `keras.ops`: the values are those of Keras 3.15 with TensorFlow."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

ops = tf.keras.ops
TRUTHS = np.array([[True, False], [False, False]])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("absolute", TRUTHS),
        ("trunc", TRUTHS),
        ("sort", [[False, True], [False, False]]),
        ("max", True),
        ("min", False),
        ("amax", True),
        ("amin", False),
        ("nanmax", True),
        ("nanmin", False),
        ("diff", [[True], [False]]),
    ],
)
def test_truth_values_stay_truth_values(name: str, wanted: object) -> None:
    result = getattr(ops, name)(TRUTHS)
    assert result.dtype is tf.bool
    np.testing.assert_array_equal(result.numpy(), wanted)


def test_initial_value_of_truth_values() -> None:
    assert ops.max(np.array([False]), initial=True).numpy() is np.True_
    assert ops.min(np.array([True]), initial=False).numpy() is np.False_


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "nancumsum", "nancumprod"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int64"])
def test_running_sums_keep_the_dtype_of_integers(name: str, dtype: str) -> None:
    result = getattr(ops, name)(np.array([1, 2, 3], dtype))
    assert result.dtype.name == dtype
    assert result.numpy().tolist() == ([1, 3, 6] if "sum" in name else [1, 2, 6])


def test_running_sums_of_truth_values_count() -> None:
    result = ops.cumsum(np.array([True, False, True]))
    assert result.dtype is tf.int32
    assert result.numpy().tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("dtype", "wanted"), [("bool", "int32"), ("int8", "int32"), ("uint16", "uint32"), ("int64", "int64")]
)
def test_traces_are_as_wide_as_sums(dtype: str, wanted: str) -> None:
    result = ops.trace(np.array([[1, 0], [1, 1]], dtype))
    assert result.dtype.name == wanted
    assert result.numpy() == 2


def test_ldexp_has_the_float_dtype_of_its_first_argument() -> None:
    result = ops.ldexp(np.array([1.5], "float16"), np.array([2], "int8"))
    assert result.dtype is tf.float16
    assert result.numpy().tolist() == [6.0]
    assert ops.ldexp(np.array([3], "int16"), np.array([2])).dtype is tf.float32


def test_digitize_takes_truth_values() -> None:
    result = ops.digitize(np.array([True, False]), np.array([True]))
    assert result.dtype is tf.int32
    assert result.numpy().tolist() == [1, 0]


def test_words_that_people_search_for() -> None:
    signal = np.zeros((2, 4), "float32")
    with pytest.raises(InvalidArgumentError, match=r"`fft_length` must equal or .* fft_length=2 and"):
        ops.stft(signal, 4, 1, 2)
    with pytest.raises(ShapeError, match=r"The shape of `window` must be equal to \(4,\)"):
        ops.stft(signal, 4, 1, 4, window=np.ones(3, "float32"))
    with pytest.raises(ShapeError, match=r"must be the same as the rank of `inputs`.* is 2 and"):
        ops.image.map_coordinates(np.zeros((3, 3, 3)), np.zeros((2, 5)), 1)
    with pytest.raises(ShapeError, match=r"Invalid transform rank: expected rank 1 .*\(1, 1, 8\)"):
        ops.image.affine_transform(np.zeros((3, 3, 3)), np.zeros((1, 1, 8)))


@pytest.mark.parametrize(("dtype", "wanted"), [("int8", "int64"), ("uint16", "uint64")])
def test_sums_by_the_rules_of_numpy(dtype: str, wanted: str) -> None:
    matrix = np.full((2, 2), 100, dtype)
    numpy = tf.experimental.numpy
    assert numpy.sum(matrix).dtype.name == wanted
    assert numpy.cumsum(matrix).dtype is tf.int64
    assert numpy.cumsum(matrix).numpy().tolist() == [100, 200, 300, 400]
    assert numpy.trace(np.eye(2, dtype=dtype)).dtype.name == dtype
    assert numpy.max(matrix > 5).dtype is tf.bool
