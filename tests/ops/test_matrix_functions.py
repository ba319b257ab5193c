"""Inverses, determinants, decompositions and systems of equations, by hand-worked numbers."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf

A = np.array([[4.0, 2.0], [2.0, 5.0]], np.float32)


def test_inverse_determinant_and_solution() -> None:
    np.testing.assert_allclose(tf.linalg.inv(A).numpy(), np.array([[5, -2], [-2, 4]]) / 16, rtol=1e-6)
    assert float(tf.linalg.det(A)) == pytest.approx(16.0)
    x = tf.linalg.solve(A, [[8.0], [9.0]])
    np.testing.assert_allclose(x.numpy(), [[1.375], [1.25]], rtol=1e-6)
    upper = np.array([[1.0, 2.0], [0.0, 1.0]], np.float32)
    np.testing.assert_allclose(tf.linalg.solve(upper, [[1.0], [0.0]], adjoint=True).numpy(), [[1.0], [-2.0]])
    np.testing.assert_allclose(tf.linalg.inv(upper, adjoint=True).numpy(), [[1.0, 0.0], [-2.0, 1.0]])


def test_gradients_of_inverse_and_determinant() -> None:
    v = tf.Variable(A)
    with tf.GradientTape(persistent=True) as tape:
        determinant, total = tf.linalg.det(v), tf.reduce_sum(tf.linalg.inv(v))
    np.testing.assert_allclose(tape.gradient(determinant, v).numpy(), [[5, -2], [-2, 4]], rtol=1e-5)
    # d sum(A^-1) = -(A^-T 1)(A^-T 1)^T with A^-T 1 = (3/16, 2/16)
    expected = -np.outer([3, 2], [3, 2]) / 256
    np.testing.assert_allclose(tape.gradient(total, v).numpy(), expected, rtol=1e-5)


def test_least_squares_find_the_line() -> None:
    rows = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], np.float32)
    np.testing.assert_allclose(
        tf.linalg.lstsq(rows, [[1.0], [3.0], [5.0]]).numpy(), [[1.0], [2.0]], rtol=1e-5
    )
    short = tf.linalg.lstsq(np.array([[3.0, 4.0]], np.float32), [[25.0]])
    np.testing.assert_allclose(short.numpy(), [[3.0], [4.0]], rtol=1e-5)
    ridge = tf.linalg.lstsq(np.eye(2, dtype=np.float32), [[1.0], [2.0]], l2_regularizer=1.0)
    np.testing.assert_allclose(ridge.numpy(), [[0.5], [1.0]], rtol=1e-6)


def test_decompositions_multiply_to_the_matrix() -> None:
    lower = tf.linalg.cholesky(A)
    np.testing.assert_allclose(lower.numpy(), [[2, 0], [1, 2]], rtol=1e-6)
    values, vectors = tf.linalg.eigh(A)
    np.testing.assert_allclose(values.numpy(), [2.4384472, 6.5615528], rtol=1e-5)
    rebuilt = tf.matmul(vectors * values, vectors, transpose_b=True)
    np.testing.assert_allclose(rebuilt.numpy(), A, rtol=1e-5)
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]], np.float32)
    s, u, v = tf.linalg.svd(x)
    np.testing.assert_allclose(tf.matmul(u * s, v, transpose_b=True).numpy(), x, atol=1e-5)
    np.testing.assert_allclose(tf.linalg.svd(x, compute_uv=False).numpy(), s.numpy(), rtol=1e-5)
    q, r = tf.linalg.qr(x.T)
    np.testing.assert_allclose(tf.matmul(q, r).numpy(), x.T, atol=1e-5)
    np.testing.assert_allclose(tf.matmul(q, q, transpose_a=True).numpy(), np.eye(2), atol=1e-6)
    assert r.numpy()[1, 0] == 0


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.reduce_sum(tf.linalg.cholesky(x) * [[1.0, 0.0], [2.0, 3.0]]),
        lambda x: tf.reduce_sum(tf.linalg.eigvalsh(x) * [1.0, 3.0]),
        lambda x: tf.reduce_sum(tf.square(tf.linalg.eigh(x)[1]) * [[1.0, 2.0], [3.0, 5.0]]),
        lambda x: tf.reduce_sum(tf.linalg.svd(x)[0] * [1.0, 3.0]),
    ],
)
def test_gradients_along_symmetric_directions(function) -> None:
    v = tf.Variable(A.astype(np.float64))
    direction = np.array([[0.3, -0.2], [-0.2, 0.7]])
    with tf.GradientTape() as tape:
        value = function(v)
    slope = float(tf.reduce_sum(tape.gradient(value, v) * direction))
    step = 1e-5
    higher, lower = (float(function(tf.constant(A + sign * step * direction))) for sign in (1, -1))
    assert slope == pytest.approx((higher - lower) / (2 * step), rel=1e-5)


def test_exponential_of_a_rotation() -> None:
    x = tf.Variable([[0.0, -np.pi / 2], [np.pi / 2, 0.0]], dtype=tf.float64)
    with tf.GradientTape() as tape:
        turned = tf.linalg.expm(x)
        corner = turned[0, 0]
    np.testing.assert_allclose(turned.numpy(), [[0, -1], [1, 0]], atol=1e-12)
    assert tape.gradient(corner, x).shape == (2, 2)
    assert float(tf.linalg.expm([[20.0]])[0, 0]) == pytest.approx(np.exp(20.0), rel=1e-6)


def test_what_has_no_gradient_says_so() -> None:
    v = tf.Variable(A)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.linalg.qr(v)[0])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"tf\.linalg\.qr has no gradient"):
        tape.gradient(total, v)


def test_errors_say_what_is_wrong() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"tf\.linalg\.inv: Singular matrix"):
        tf.linalg.inv(np.ones((2, 2), np.float32))
    with pytest.raises(
        ValueError, match=r"tf\.linalg\.det: input is float32\[2, 3\]. Expected square matrices"
    ):
        tf.linalg.det(np.ones((2, 3), np.float32))
    with pytest.raises(ValueError, match=r"turn a vector into a column with rhs\[\.\.\., None\]"):
        tf.linalg.solve(A, [1.0, 2.0])


WIDE = np.array([[2.0, 0.0, 1.0], [1.0, 3.0, 0.5]], np.float32)


def test_full_matrices_are_square_and_orthogonal() -> None:
    s, u, v = tf.linalg.svd(WIDE, full_matrices=True)
    assert u.shape == (2, 2) and v.shape == (3, 3)
    np.testing.assert_allclose(tf.matmul(v, v, transpose_a=True), np.eye(3), atol=1e-6)
    np.testing.assert_allclose((u * s) @ tf.transpose(v)[:2], WIDE, atol=1e-6)
    q, r = tf.linalg.qr(WIDE.T, full_matrices=True)
    assert q.shape == (3, 3) and r.shape == (3, 2)
    np.testing.assert_allclose(q @ r, WIDE.T, atol=1e-6)


def test_lu_and_what_is_solved_with_it() -> None:
    matrices = np.array([[[1.0, 2.0], [4.0, 4.0]], [[0.0, 2.0], [1.0, 3.0]]], np.float32)
    both, p = tf.linalg.lu(matrices)
    np.testing.assert_array_equal(p, [[1, 0], [1, 0]])
    np.testing.assert_allclose(both[0], [[4.0, 4.0], [0.25, 1.0]])
    np.testing.assert_allclose(tf.linalg.lu_reconstruct(both, p), matrices, atol=1e-6)
    np.testing.assert_allclose(tf.linalg.lu_matrix_inverse(both, p), np.linalg.inv(matrices), atol=1e-6)
    right = np.ones((2, 2, 1), np.float32)
    np.testing.assert_allclose(
        tf.linalg.lu_solve(both, p, right), np.linalg.solve(matrices, right), atol=1e-6
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match="a matrix is singular"):
        tf.linalg.lu(np.ones((2, 2), np.float32))


def test_real_eigenvalues_and_matrix_roots() -> None:
    values, vectors = tf.linalg.eig([[2.0, 1.0], [0.0, 3.0]])
    np.testing.assert_allclose([[2.0, 1.0], [0.0, 3.0]] @ vectors.numpy(), vectors * values, atol=1e-6)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"complex eigenvalues.*numpy\.linalg\.eig"):
        tf.linalg.eigvals([[0.0, 1.0], [-1.0, 0.0]])
    matrix = np.array([[4.0, 1.0], [1.0, 3.0]], np.float32)
    root = tf.linalg.sqrtm(matrix)
    np.testing.assert_allclose(root @ root, matrix, atol=1e-5)
