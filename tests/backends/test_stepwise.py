"""Epochs as Python loops: what a backend inherits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.backends.dispatch import backend
from tensorlet.backends.programs import BatchStage, Shuffle, SingleStage
from tensorlet.backends.stepwise import SteppedEpoch


class Called:
    """A program that runs a Python function."""

    def __init__(self, function: Callable[[Sequence[np.ndarray]], list[np.ndarray]]) -> None:
        self.function = function

    def run(self, inputs: Sequence[np.ndarray], variables: Sequence[np.ndarray]) -> list[np.ndarray]:
        return self.function(variables)


class Summed:
    """An epoch program that adds up the first column, weighted by position."""

    def run(
        self, columns: Sequence[np.ndarray], order: np.ndarray | None, steps: int,
        variables: Sequence[np.ndarray], progress: object, interval: float,
    ) -> tuple[int, list[float], list[np.ndarray | None]]:  # fmt: skip
        rows = columns[0] if order is None else columns[0][order]
        variables[0][...] = (rows * np.arange(1, len(rows) + 1)).sum()
        return steps, [], []


def test_an_epoch_adds_up_scalars_and_keeps_the_last_of_the_others() -> None:
    function = tf.function(lambda x: (tf.reduce_sum(x), x[:, 0] * 2.0))
    graph = function.get_concrete_function(tf.zeros((2, 3))).graph
    epoch = SteppedEpoch(backend("reference").compile(graph, "f"), graph)
    rows = np.arange(12, dtype=np.uint8).reshape(4, 3)  # converted to float32
    reports: list[tuple[int, list[float]]] = []
    steps, sums, last = epoch.run(
        [rows], np.array([3, 2, 1, 0]), 2, [], lambda done, so_far: reports.append((done, so_far)), 0.0
    )
    assert (steps, sums) == (2, [66.0])
    assert last[0] is None
    np.testing.assert_array_equal(last[1], [6.0, 0.0])
    assert reports == [(1, [51.0]), (2, [66.0])]


def test_a_schedule_copies_shuffles_and_reports() -> None:
    total, kept = np.zeros(1), np.full(1, -1.0)
    stages = [
        BatchStage(Summed(), [np.array([1.0, 10.0, 100.0])], [total], 1, 0),
        SingleStage(Called(lambda variables: [variables[0][0]]), [total], True),
    ]
    orders = [backend("reference").permutation(3, 7, call) for call in (4, 5)]
    expected = [float((np.array([1.0, 10.0, 100.0])[order] * [1, 2, 3]).sum()) for order in orders]
    history = np.zeros((2, 1))
    done, error = backend("reference").run_schedule(stages, [(total, kept)], Shuffle(3, 7, 4), history, 60.0)
    assert (done, error) == (2, None)
    assert history[:, 0].tolist() == expected
    assert kept.tolist() == expected[:1]  # copied before the second epoch


def test_a_schedule_ends_after_a_value_that_is_not_finite_or_when_time_is_up() -> None:
    values = iter([1.0, float("nan"), 3.0])
    stages = [SingleStage(Called(lambda variables: [np.float32(next(values))]), [], True)]
    history = np.zeros((3, 1))
    assert backend("reference").run_schedule(stages, [], None, history, 60.0) == (2, None)
    assert backend("reference").run_schedule(stages, [], None, history, 0.0) == (1, None)


def test_an_error_comes_back_with_the_epochs_before_it() -> None:
    counts = [0]

    def fail(variables: Sequence[np.ndarray]) -> list[np.ndarray]:
        counts[0] += 1
        if counts[0] == 3:
            raise KeyboardInterrupt
        return [np.float32(1)]

    done, error = backend("reference").run_schedule(
        [SingleStage(Called(fail), [], True)], [], None, np.zeros((5, 1)), 60.0
    )
    assert done == 2
    assert isinstance(error, KeyboardInterrupt)


@pytest.mark.parametrize(("count", "seed", "call"), [(0, 1, 0), (1, 1, 0), (10, 3, 2), (1000, 2**63, 5)])
def test_every_backend_draws_the_same_order(count: int, seed: int, call: int) -> None:
    pytest.importorskip("tensorlet._native", reason="the native engine is not built")
    expected = backend("reference").permutation(count, seed, call)
    np.testing.assert_array_equal(backend("native").permutation(count, seed, call), expected)
    assert sorted(expected.tolist()) == list(range(count))
