"""Shapes of functions of Keras 3 on tensors of functional models with open lengths; values from Keras 3.15."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import tensorlet as tf

ops = tf.keras.ops
K = tf.keras.KerasTensor


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda: ops.reshape(K((None, 3)), (3, 2)), (3, 2)),
        (lambda: ops.broadcast_to(K((None, 3)), (2, 3, 3)), (2, 3, 3)),
        (lambda: ops.dot(K((None, 3)), K((None, 3, 2))), (None, None, 2)),
        (lambda: ops.unstack(K((None, 3, None)), 3, axis=2)[0], (None, 3)),
        (lambda: ops.quantile(K((None, 3)), K(()), axis=1), (None,)),
        (lambda: ops.percentile(K((3, 3)), K((2,)), axis=1), (2, 3)),
        (lambda: ops.histogram(K((None,)), bins=4)[1], (5,)),
        (lambda: ops.slice_update(K((4, None)), K((2,), "int32"), K((1, 2))), (4, None)),
        (lambda: ops.correlate(K((3,)), K((2,)), mode="full"), (4,)),
    ],
)
def test_a_length_that_is_possible_is_found(call: Callable[[], K], shape: tuple[int | None, ...]) -> None:
    assert tuple(call().shape) == shape


def test_a_number_of_results_that_is_open_is_explained() -> None:
    with pytest.raises(ValueError, match="number of its results depends on a length that is open"):
        ops.unstack(K((None, 3)))


def test_what_no_length_allows_is_refused() -> None:
    with pytest.raises(ValueError, match="reshape"):
        ops.reshape(K((None, 3)), (5, 7))
    with pytest.raises(ValueError, match="axis 10 is out of bounds"):
        ops.diff(K((3, 4)), axis=10)


def test_operators_work_on_a_tensor_that_was_made_by_itself() -> None:
    assert tuple((K((None, 3)) + 1.0).shape) == (None, 3)


def test_quantiles_of_computed_parts() -> None:
    part = tf.function(lambda q: ops.quantile([1.0, 2.0, 3.0, 5.0], q))
    assert part(tf.constant([0.5, 0.75])).numpy().tolist() == [2.5, 3.5]


def test_a_diagonal_may_be_a_tensor() -> None:
    found = tf.function(lambda k: ops.tril(tf.ones([3, 3]), k))(tf.constant(-1))
    assert found.numpy().sum() == 3
