"""Matrix products and contractions, by hand-worked numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import ops
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError

A = [[1.0, 2.0], [3.0, 4.0]]
B = [[5.0, 6.0], [7.0, 8.0]]


def values(tensor: Any) -> Any:
    return tensor.numpy().tolist()


def test_matmul_and_its_transposes() -> None:
    assert values(ops.matmul(A, B)) == [[19.0, 22.0], [43.0, 50.0]]
    assert values(ops.matmul(A, B, transpose_a=True)) == [[26.0, 30.0], [38.0, 44.0]]
    assert values(ops.matmul(A, B, transpose_b=True)) == [[17.0, 23.0], [39.0, 53.0]]
    assert values(ops.matmul(A, B, adjoint_a=True, adjoint_b=True)) == [[23.0, 31.0], [34.0, 46.0]]


def test_matmul_of_integers_and_batches() -> None:
    product = ops.matmul([[1, 2], [3, 4]], [[5], [6]])
    assert values(product) == [[17], [39]]
    assert product.dtype is tf.int32
    batch = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    one = np.arange(8, dtype=np.float32).reshape(4, 2)
    np.testing.assert_array_equal(ops.matmul(batch, one).numpy(), batch @ one)
    np.testing.assert_array_equal(ops.matmul(one, batch, True, True).numpy(), one.T @ batch.swapaxes(1, 2))
    wide = np.arange(10, dtype=np.float32).reshape(5, 1, 2, 1)
    np.testing.assert_array_equal(ops.matmul(batch[:, :, :2], wide).numpy(), batch[:, :, :2] @ wide)


def test_gradient_of_matmul() -> None:
    a, b = tf.constant(A), tf.constant(B)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        number = ops.reduce_sum(ops.matmul(a, b))
    to_a, to_b = tape.gradient(number, [a, b])
    # Row sums of B in each row; column sums of A in each column.
    assert values(to_a) == [[11.0, 15.0], [11.0, 15.0]]
    assert values(to_b) == [[4.0, 4.0], [6.0, 6.0]]


def test_matmul_errors_show_the_mend() -> None:
    with pytest.raises(ShapeError) as caught:
        ops.matmul(np.zeros((2, 3), np.float32), np.zeros((4, 5), np.float32))
    assert str(caught.value) == (
        "tf.matmul: the inner dimensions differ: a is float32[2, 3], b is float32[4, 5]; 3 must equal 4. "
        "Transpose one of them (transpose_b=True) or reshape it."
    )
    with pytest.raises(ShapeError, match=r"with transpose_b=True.*Omit it"):
        ops.matmul(np.zeros((2, 3), np.float32), np.zeros((3, 5), np.float32), transpose_b=True)
    with pytest.raises(ShapeError, match=r"tf\.linalg\.matvec"):
        ops.matmul([1.0, 2.0], [[1.0], [2.0]])
    with pytest.raises(ShapeError, match="batch axes"):
        ops.matmul(np.zeros((2, 3, 3)), np.zeros((4, 3, 3)))
    with pytest.raises(DTypeError, match=r"tf\.cast"):
        ops.matmul(tf.constant(A), tf.constant(B, tf.float64))


def test_vectors() -> None:
    assert values(ops.matvec(A, [1.0, 10.0])) == [21.0, 43.0]
    assert values(ops.matvec(A, [1.0, 10.0], transpose_a=True)) == [31.0, 42.0]
    assert values(ops.tensordot([1.0, 2.0], [3.0, 4.0], 1)) == 11.0
    assert values(ops.tensordot([1.0, 2.0], [3.0, 4.0], 0)) == [[3.0, 4.0], [6.0, 8.0]]
    # The sum of A[i, j] B[j, i]
    assert values(ops.tensordot(A, B, [[0, 1], [1, 0]])) == 5.0 + 2 * 7 + 3 * 6 + 4 * 8
    with pytest.raises(ShapeError, match="should be equal"):
        ops.tensordot(A, [1.0, 2.0, 3.0], 1)


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("ij,jk", [(2, 3), (3, 4)]),
        ("ji,jk->ki", [(3, 2), (3, 4)]),
        ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
        ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]),
        ("ij,j->i", [(2, 3), (3,)]),
        ("i,j->ij", [(2,), (3,)]),
        ("ij,ij->", [(2, 3), (2, 3)]),
        ("ij,kl->jk", [(2, 3), (4, 5)]),
        ("ij->ji", [(2, 3)]),
        ("ijk->j", [(2, 3, 4)]),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)]),
        ("b i , b i -> b", [(2, 3), (2, 3)]),
    ],
)
def test_einsum_is_numpy_s(equation: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = [np.random.default_rng(number).normal(size=shape) for number, shape in enumerate(shapes)]
    expected = np.einsum(equation.replace(" ", ""), *arrays)
    np.testing.assert_allclose(ops.einsum(equation, *arrays).numpy(), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("equation", "error", "words"),
    [
        ("ij->k", InvalidArgumentError, "not a valid equation"),
        ("ij,jk->ik", InvalidArgumentError, "2 terms, but 1"),
        ("ijk->i", ShapeError, "3 axes"),
    ],
)
def test_einsum_refuses(equation: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ops.einsum(equation, np.zeros((2, 2)))


def test_einsum_names_the_axis_that_differs() -> None:
    with pytest.raises(ShapeError, match=r"'j' .* has length 2 in one input and 3"):
        ops.einsum("ij,jk->ik", np.zeros((2, 2)), np.zeros((3, 2)))


def test_matmul_of_two_dtypes_says_what_to_cast() -> None:
    w = tf.Variable(tf.zeros([3, 2]))
    with pytest.raises(
        DTypeError, match=r"tf\.matmul: the dtypes differ: a is float64 and b is float32.*x\.astype"
    ):
        tf.matmul(np.ones([1, 3]), w)
    with pytest.raises(DTypeError, match=r"a is int32 and b is float32.* write tf\.cast\(a, tf\.float32\)\."):
        tf.matmul(tf.ones([1, 3], tf.int32), w)
    assert tf.matmul(w, np.ones([2, 1])).dtype is tf.float32
