"""Linear algebra of large matrices runs on one thread."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import tensorlet as tf
from tensorlet.ops.reference_tools import on_one_thread

THREADS = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


@pytest.mark.skipif(not THREADS or max(THREADS) == 1, reason="NumPy uses one thread anyway")
def test_only_large_matrices_change_the_number_of_threads() -> None:
    def threads(*matrices: np.ndarray) -> int:
        return max(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")

    limited = on_one_thread(threads)
    assert limited(np.ones((8, 8))) == max(THREADS)
    assert limited(np.ones((80, 80))) == 1
    with pytest.raises(ZeroDivisionError):
        on_one_thread(lambda x: 1 // 0)(np.ones((80, 80)))
    assert threads() == max(THREADS)


@pytest.mark.skipif(not THREADS or max(THREADS) == 1, reason="NumPy uses one thread anyway")
def test_several_callers_restore_the_number_of_threads() -> None:
    def number() -> int:
        return max(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")

    seen: list[int] = []

    @on_one_thread
    def slow(x: np.ndarray) -> None:
        seen.append(number())
        time.sleep(0.01)

    def several() -> None:
        for _ in range(5):
            slow(np.ones((80, 80)))

    workers = [threading.Thread(target=several) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert seen == [1] * 20
    assert number() == max(THREADS)


def test_decompositions_of_large_matrices() -> None:
    x = np.random.default_rng(0).normal(size=(90, 90))
    q, r = tf.linalg.qr(x)
    np.testing.assert_allclose(q @ r, x, atol=1e-10)
    np.testing.assert_allclose(tf.linalg.inv(x) @ x, np.eye(90), atol=1e-9)
    w = tf.keras.initializers.Orthogonal(seed=1)((90, 120))
    np.testing.assert_allclose(w @ tf.transpose(w), np.eye(90), atol=1e-5)
    assert not np.array_equal(w, tf.keras.initializers.Orthogonal(seed=2)((90, 120)))
