"""Loops and choices on the engine, against the reference: values, gradients, bits, memory, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorlet as tf
from tensorlet.backends.native.executable import build
from tensorlet.core.recurrent_loop import scan

pytest.importorskip("tensorlet._native", reason="the native engine is not built")


def _on(backend: str, function: Callable[..., Any], *arguments: Any) -> list[np.ndarray]:
    """The results of a traced function on a backend; a warning that it runs elsewhere would be an error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENSORLET_BACKEND", backend)
        found = tf.function(function)(*arguments)
        return [np.asarray(one) for one in tf.nest.flatten(found)]


def _agree(function: Callable[..., Any], *arguments: Any, tolerance: float = 1e-5) -> list[np.ndarray]:
    native, reference = (_on(backend, function, *arguments) for backend in ("native", "reference"))
    for one, other in zip(native, reference, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
    return native


# --- random bodies ----------------------------------------------------------------------------

#: What a round may do with two states and a row of one shape, and a square matrix.
STEPS: list[Callable[[Any, Any, Any, Any], Any]] = [
    lambda a, b, x, w: tf.tanh(tf.matmul(a, w) + x),
    lambda a, b, x, w: tf.sigmoid(b) * x + a * 0.5,
    lambda a, b, x, w: tf.where(x > 0.0, a, b),
    lambda a, b, x, w: tf.concat([a[:, 1:], x[:, :1]], 1) - 0.1 * b,
    lambda a, b, x, w: tf.nn.softmax(a + x),
    lambda a, b, x, w: a - tf.reduce_mean(b, 1, keepdims=True),
    lambda a, b, x, w: b - tf.reduce_mean(x, 0),
    lambda a, b, x, w: tf.matmul(x, w, transpose_b=True) * 0.3 + tf.reverse(b, [1]) * 0.5,
    lambda a, b, x, w: tf.maximum(a, x) * 0.7,
]


@given(
    st.lists(st.integers(0, len(STEPS) - 1), min_size=2, max_size=4),
    st.sampled_from([0, 1, 2, 5]),
    st.sampled_from([1, 3, 16, 37]),
    st.sampled_from([1, 4, 17]),
    st.sampled_from(["float32", "float64"]),
    st.booleans(),
)
def test_random_bodies_and_their_gradients(
    chosen: list[int], rounds: int, batch: int, width: int, dtype: str, reverse: bool
) -> None:
    dice = np.random.default_rng(len(chosen) + rounds)
    shapes = [(batch, width), (batch, width), (rounds, batch, width), (width, width)]
    arguments = [tf.constant(dice.normal(size=shape).astype(dtype) * 0.5) for shape in shapes]

    def step(states: Sequence[Any], row: Sequence[Any], w: Any) -> Any:
        a, b = states
        for number in chosen:
            a, b = b, STEPS[number](a, b, row[0], w)
        return [a, b], [a * b, tf.reduce_sum(b, 1)]

    def run(a: Any, b: Any, x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([a, b, x, w])
            last, outputs = scan(lambda s, r: step(s, r, w), [a, b], [x], reverse=reverse)
            total = sum(tf.reduce_sum(tf.sin(one)) for one in [*last, *outputs])
        return [*last, *outputs, *tape.gradient(total, [a, b, x, w], unconnected_gradients="zero")]

    _agree(run, *arguments, tolerance=2e-4 if dtype == "float32" else 1e-10)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool"])
def test_states_of_every_dtype(dtype: str) -> None:
    rows = tf.constant(np.arange(12).reshape(4, 3) % 2, dtype)

    def run(rows: Any) -> Any:
        if dtype == "bool":
            return scan(lambda s, r: ([tf.logical_or(s[0], r[0])], [s[0]]), [rows[0]], [rows])
        return scan(lambda s, r: ([s[0] + r[0]], [s[0] * r[0]]), [rows[0]], [rows])

    _agree(run, rows)


# --- conditions -------------------------------------------------------------------------------


def test_a_condition_that_is_known_only_when_the_function_runs() -> None:
    def collatz(n: Any) -> Any:
        steps = tf.constant(0)
        return tf.while_loop(
            lambda n, steps: n != 1,
            lambda n, steps: (tf.where(n % 2 == 0, n // 2, 3 * n + 1), steps + 1),
            (n, steps),
        )

    assert [int(one) for one in _agree(collatz, tf.constant(27))] == [1, 111]
    assert [int(one) for one in _agree(collatz, tf.constant(1))] == [1, 0]


def test_loops_assign_variables_and_draw_numbers() -> None:
    total = tf.Variable(0.0)

    @tf.function
    def walk(n: Any) -> Any:
        def step(i: Any) -> Any:
            total.assign_add(tf.random.uniform([], 1.0, 2.0))
            return i + 1

        tf.while_loop(lambda i: i < n, step, [tf.constant(0)])
        return total.value()

    first = float(walk(tf.constant(10)))
    assert 10.0 < first < 20.0
    second = float(walk(tf.constant(10))) - first
    assert 10.0 < second < 20.0
    assert second != first
    assert float(total) == pytest.approx(first + second)


@pytest.mark.parametrize("rounds", [0, 1, 5])
def test_gradients_of_loops_with_a_maximum_number_of_rounds(rounds: int) -> None:
    def run(x: Any, n: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.while_loop(
                    lambda i, y: i < n, lambda i, y: (i + 1, tf.sin(y) * x), (0, x), maximum_iterations=5
                )[1]
            first = tape.gradient(y, x)
        return y, first, outer.gradient(first, x, unconnected_gradients="zero")

    arguments = tf.constant([0.3, -1.2], tf.float64), tf.constant(rounds)
    found = _agree(run, *arguments, tolerance=1e-12)
    for one, other in zip(found, run(*arguments), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_a_round_that_never_runs_does_not_spoil_the_gradient() -> None:
    def run(x: Any, n: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.while_loop(
                lambda i, y: i < n, lambda i, y: (i + 1, tf.sqrt(y)), (0, x), maximum_iterations=3
            )[1]
        return tape.gradient(y, x)

    assert _agree(run, tf.constant(0.0), tf.constant(0))[0] == 1.0
    assert _agree(run, tf.constant(4.0), tf.constant(1))[0] == 0.25


@pytest.mark.filterwarnings("ignore::tensorlet.errors.PerformanceWarning")
def test_second_derivatives_of_loops_without_a_maximum() -> None:
    def run(x: Any, n: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * x), (0, tf.ones_like(x)))[1]
            first = tape.gradient(y, x)
        return first, outer.gradient(first, x, unconnected_gradients="zero")

    for rounds in (0, 1, 4):  # of x ** rounds
        first, second = tf.function(run)(tf.constant(3.0), tf.constant(rounds))
        assert first.numpy() == rounds * 3.0 ** (rounds - 1)
        assert second.numpy() == rounds * (rounds - 1) * 3.0 ** (rounds - 2)


# --- choices ----------------------------------------------------------------------------------


def _dear(x: Any, w: Any, index: Any) -> Any:
    """A choice between two products; the second one reads a row that may not exist."""
    return tf.cond(
        tf.reduce_sum(x) > 0.0, lambda: tf.matmul(x, w), lambda: tf.matmul(x, tf.gather(w, index) * w)
    )


def test_of_dear_branches_only_one_runs() -> None:
    x = tf.constant(np.random.default_rng(0).random((50, 60), np.float32))
    w = tf.constant(np.random.default_rng(1).random((60, 60), np.float32))
    concrete = tf.function(_dear).get_concrete_function(x, w, tf.constant(0))
    assert concrete.executable().program.describe().count("loop of up to 1 rounds") == 2
    outside = tf.constant(99)
    np.testing.assert_allclose(_on("native", _dear, x, w, outside)[0], x.numpy() @ w.numpy(), rtol=1e-5)
    _agree(_dear, -x, w, tf.constant(3))
    with pytest.raises(tf.errors.OutOfRangeError, match="index 99"):
        _on("native", _dear, -x, w, outside)


def test_gradients_of_dear_branches() -> None:
    x = tf.constant(np.random.default_rng(0).random((50, 60), np.float32))
    w = tf.constant(np.random.default_rng(1).random((60, 60), np.float32))

    def run(x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = tf.reduce_sum(tf.square(_dear(x, w, tf.constant(2))))
        return tape.gradient(y, [x, w])

    _agree(run, x, w, tolerance=1e-4)
    _agree(run, -x, w, tolerance=1e-4)


# --- functions of rows ------------------------------------------------------------------------


def test_functions_of_rows_are_one_loop_each() -> None:
    rows = tf.constant(np.random.default_rng(0).normal(size=(20, 3)))

    def run(rows: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            totals = tf.scan(lambda total, row: total * 0.5 + row, rows)
            mapped = tf.map_fn(lambda row: (tf.reduce_sum(row), row * 2.0), rows)
            left = tf.foldl(lambda total, row: tf.tanh(total + row), rows)
            right = tf.foldr(
                lambda total, row: tf.tanh(total - row), rows, initializer=tf.zeros(3, tf.float64)
            )
            loss = sum(tf.reduce_sum(tf.sin(one)) for one in [totals, *mapped, left, right])
        return totals, mapped, left, right, tape.gradient(loss, rows)

    found = _agree(run, rows, tolerance=1e-12)
    for one, other in zip(found, tf.nest.flatten(run(rows)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
    graph = tf.function(run).get_concrete_function(rows).graph
    assert len([node for node in graph.nodes() if node.is_op("scan")]) == 8


def test_a_fold_whose_value_grows_is_written_out() -> None:
    rows = tf.constant(np.arange(10.0))
    found = _agree(
        lambda rows: tf.foldl(lambda got, row: tf.concat([got, [row]], 0), rows, tf.zeros([0], tf.float64)),
        rows,
    )
    assert found[0].tolist() == list(range(10))


def test_arrays_of_tensors_in_loops() -> None:
    def squares(n: Any) -> Any:
        array = tf.TensorArray(tf.float32, size=600)
        for i in tf.range(n):
            array = array.write(i, tf.cast(i, tf.float32) ** 2.0)
        return array.stack()

    found = _agree(squares, tf.constant(600))[0]
    np.testing.assert_array_equal(found, np.arange(600, dtype=np.float32) ** 2)


# --- how they run -----------------------------------------------------------------------------


def _recurrent(batch: int) -> tuple[Callable[..., Any], list[Any]]:
    dice = np.random.default_rng(0)
    arrays = [dice.normal(size=shape).astype("float32") for shape in ((9, batch, 12), (12, 12), (batch, 12))]

    def run(x: Any, w: Any, h: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            last, outputs = scan(lambda s, r: ([tf.tanh(tf.matmul(s[0], w) * 0.2 + r[0])], [s[0]]), [h], [x])
            loss = tf.reduce_sum(last[0]) + tf.reduce_mean(outputs[0])
        return [*last, *outputs, *tape.gradient(loss, [x, w])]

    return run, arrays


@pytest.mark.parametrize("batch", [64, 130])
def test_any_number_of_threads_gives_the_same_bits_in_poisoned_memory(batch: int) -> None:
    run, arrays = _recurrent(batch)
    concrete = tf.function(run).get_concrete_function(*map(tf.constant, arrays))
    program = build(concrete.graph, "test")
    assert "loop by rows of 9 rounds" in program.describe()
    program.poison(0xFF)
    program.force_threads(1)
    expected = program.run(arrays, [])
    for threads in (2, 3, 4, 8, 17):
        program.force_threads(threads)
        for one, other in zip(program.run(arrays, []), expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_rows_have_the_same_bits_in_batches_of_every_size() -> None:
    run, arrays = _recurrent(128)
    whole = _on("native", lambda *given: run(*given)[:2], *map(tf.constant, arrays))[0]
    few = [arrays[0][:, :5], arrays[1], arrays[2][:5]]
    np.testing.assert_allclose(_on("native", lambda *given: run(*given)[:2], *few)[0], whole[:5], rtol=1e-6)


def test_too_many_loops_in_each_other_run_on_the_reference_backend() -> None:
    def nested(depth: int, x: Any) -> Any:
        if depth == 0:
            return x + 1.0
        return scan(lambda s, _: ([nested(depth - 1, s[0])], []), [x], [tf.zeros([2, 1])])[0][0]

    with pytest.warns(tf.errors.PerformanceWarning, match="more than 4 loops in each other"):
        assert tf.function(lambda x: nested(5, x))(tf.constant(0.0)).numpy() == 32.0
    assert _on("native", lambda x: nested(4, x), tf.constant(0.0))[0] == 16.0


def test_ctrl_c_stops_an_endless_loop_and_leaves_variables_alone() -> None:
    variable = tf.Variable(7.0)

    @tf.function
    def endless(x: Any) -> Any:
        variable.assign(8.0 * x)
        return tf.while_loop(lambda y: y >= 0.0, lambda y: tf.abs(y) * 0.5 + 1.0, [x])[0]

    endless.get_concrete_function(tf.constant(1.0)).executable()

    def interrupt() -> None:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        endless(tf.constant(1.0))
    thread.join()
    assert variable.numpy() == 7.0
