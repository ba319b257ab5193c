"""Random small graphs: the native engine against the reference, forwards, backwards and over epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorlet as tf
from tensorlet.backends import reference

native = pytest.importorskip("tensorlet.backends.native.executable", reason="the native engine is not built")

ROWS, WIDTH = 6, 5

#: Operations on a float32 matrix [ROWS, WIDTH]; each gives such a matrix again.
UNARY: list[Callable[[Any], Any]] = [
    tf.tanh,
    tf.sigmoid,
    tf.nn.relu,
    tf.nn.softplus,
    tf.nn.softmax,
    tf.nn.log_softmax,
    tf.square,
    tf.abs,
    lambda x: tf.exp(-tf.abs(x)),
    lambda x: tf.math.log(tf.abs(x) + 1.0),
    lambda x: tf.sqrt(tf.abs(x) + 0.5),
    lambda x: x - tf.reduce_mean(x, axis=0),
    lambda x: x * tf.reduce_max(x, axis=1, keepdims=True),
    lambda x: x / (1.0 + tf.reduce_sum(tf.square(x))),
    lambda x: tf.reverse(x, [1]),
    lambda x: tf.concat([x[:, 2:], x[:, :2]], axis=1),
    lambda x: tf.transpose(tf.reshape(tf.transpose(x), [WIDTH, ROWS])),
    lambda x: tf.gather(x, [5, 4, 3, 2, 1, 0]),
    lambda x: tf.cumsum(x, axis=0),
    lambda x: tf.cast(tf.cast(x > 0.0, tf.int32), tf.float32) * x,
    lambda x: tf.pad(x[1:-1, 1:], [[1, 1], [0, 1]]),
    lambda x: tf.clip_by_value(x, -1.0, 1.0),
    lambda x: 0.5 * x + 1.0,
]
BINARY: list[Callable[[Any, Any], Any]] = [
    tf.add,
    tf.subtract,
    tf.multiply,
    tf.maximum,
    tf.minimum,
    lambda x, y: tf.where(x > y, x, 0.5 * y),
    lambda x, y: x / (1.0 + tf.square(y)),
    lambda x, y: tf.matmul(x, y, transpose_b=True) @ x * 0.1,
    lambda x, y: tf.matmul(x, tf.matmul(x, y, transpose_a=True)) * 0.1,
]
CHOICE = st.tuples(
    st.integers(0, len(UNARY) + len(BINARY) - 1), st.integers(0, 10_000), st.integers(0, 10_000)
)


def build(choices: list[tuple[int, int, int]], start: list[Any]) -> Any:
    """Applies the chosen operations to values chosen among those made so far."""
    values = list(start)
    for operation, first, second in choices:
        x, y = values[first % len(values)], values[second % len(values)]
        if operation < len(UNARY):
            values.append(UNARY[operation](x))
        else:
            values.append(BINARY[operation - len(UNARY)](x, y))
    return values[-1]


def step_of(choices: list[tuple[int, int, int]]) -> tuple[Any, tf.Variable, tf.Variable]:
    """A training step: a random loss, its gradients, and an update of both variables."""
    w = tf.Variable(np.linspace(-1.0, 1.0, WIDTH * WIDTH, dtype=np.float32).reshape(WIDTH, WIDTH))
    b = tf.Variable(np.linspace(0.5, -0.5, WIDTH, dtype=np.float32))

    @tf.function
    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = build(choices, [tf.matmul(x, w) + b, x])
            loss = tf.reduce_mean(tf.tanh(y))
        dw, db = tape.gradient(loss, [w, b], unconnected_gradients="zero")
        w.assign_sub(0.1 * dw)
        b.assign_sub(0.1 * db)
        return loss, y

    return step, w, b


def batch(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(ROWS, WIDTH)).astype(np.float32)


@given(st.lists(CHOICE, min_size=1, max_size=12), st.integers(0, 1000))
def test_a_step_agrees_with_the_reference(choices: list[tuple[int, int, int]], seed: int) -> None:
    step, _, _ = step_of(choices)
    x = batch(seed)
    graph = step.get_concrete_function(x).graph
    buffers = [variable._array for variable in graph.variables()]
    mine, theirs = [array.copy() for array in buffers], [array.copy() for array in buffers]
    compiled, interpreted = native.Compiled(graph, "random"), reference.Interpreted(graph)
    for _ in range(2):
        found = compiled.run([x], mine)
        expected = interpreted.run([x], theirs)
        for one, other in zip([*found, *mine], [*expected, *theirs], strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)


@given(st.lists(CHOICE, min_size=1, max_size=8), st.integers(0, 1000))
def test_an_epoch_equals_its_steps(choices: list[tuple[int, int, int]], seed: int) -> None:
    """The engine's program for epochs is another one (transposed weights, other fusions)."""
    step, w, b = step_of(choices)
    rows = np.concatenate([batch(seed + i) for i in range(4)])
    before = w.numpy(), b.numpy()
    losses = [float(step(rows[i * ROWS : (i + 1) * ROWS])[0]) for i in range(4)]
    stepped = w.numpy(), b.numpy()
    w.assign(before[0])
    b.assign(before[1])
    history = tf.run_epochs(lambda x: step(x)[0], rows, batch_size=ROWS, shuffle=False)
    assert history.history["loss"][0] == pytest.approx(np.mean(losses), rel=1e-3, abs=1e-5)
    np.testing.assert_allclose(w.numpy(), stepped[0], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(b.numpy(), stepped[1], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_wide_layers_give_the_same_bits_with_any_number_of_threads(threads: int) -> None:
    """Large enough that the engine splits it; the expected bits are those of one thread."""
    from tensorlet import _native

    def trained(count: int) -> list[np.ndarray]:
        generator = np.random.default_rng(1)
        x = generator.integers(0, 256, (400, 784), dtype=np.uint8)
        y = generator.integers(0, 10, 400).astype(np.int64)
        w1 = tf.Variable(generator.normal(scale=0.05, size=(784, 64)).astype(np.float32))
        w2 = tf.Variable(generator.normal(scale=0.1, size=(64, 10)).astype(np.float32))
        w3 = tf.Variable(generator.normal(scale=0.05, size=(784, 10)).astype(np.float32))

        def step(rows: Any, labels: Any) -> Any:
            with tf.GradientTape() as tape:
                scaled = tf.cast(rows, tf.float32) / 255.0
                logits = tf.matmul(tf.nn.relu(tf.matmul(scaled, w1)), w2) + tf.matmul(scaled, w3)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
            for variable, gradient in zip([w1, w2, w3], tape.gradient(loss, [w1, w2, w3]), strict=True):
                variable.assign_sub(0.02 * gradient)
            return loss

        before = _native.threads()
        _native.set_threads(count)
        try:
            history = tf.run_epochs(step, (x, y), batch_size=100, epochs=3, seed=4)
        finally:
            _native.set_threads(before)
        assert history.history["loss"][2] < history.history["loss"][0]
        return [w1.numpy(), w2.numpy(), w3.numpy(), np.array(history.history["loss"])]

    for one, other in zip(trained(1), trained(threads), strict=True):
        np.testing.assert_array_equal(one, other)
