"""Loops of known length: values, gradients of both orders, and what they keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core.recurrent_loop import Loop, scan
from tensorlet.errors import ShapeError

RANDOM = np.random.default_rng(15)


def _normal(*shape: int) -> Any:
    return RANDOM.normal(size=shape)


def _same(function: Any) -> Any:
    return function


EAGER_AND_TRACED = pytest.mark.parametrize("traced", [_same, tf.function], ids=["eager", "traced"])


@EAGER_AND_TRACED
def test_states_go_from_round_to_round(traced: Any, backend: str) -> None:
    @traced
    def totals(start: Any, rows: Any) -> Any:
        return scan(lambda s, x: ([s[0] + x[0]], [s[0] * x[0]]), [start], [rows])

    (last,), (products,) = totals(tf.constant(10.0), tf.constant([1.0, 2.0, 3.0]))
    assert last.numpy() == 16.0
    assert products.numpy().tolist() == [10.0, 22.0, 39.0]


@EAGER_AND_TRACED
def test_backwards_the_last_row_comes_first(traced: Any, backend: str) -> None:
    @traced
    def totals(start: Any, rows: Any) -> Any:
        return scan(lambda s, x: ([s[0] + x[0]], [s[0] * x[0]]), [start], [rows], reverse=True)

    (last,), (products,) = totals(tf.constant(10.0), tf.constant([1.0, 2.0, 3.0]))
    assert last.numpy() == 16.0
    assert products.numpy().tolist() == [15.0, 26.0, 30.0]


@EAGER_AND_TRACED
@pytest.mark.parametrize("length", [0, 1])
def test_short_loops(traced: Any, length: int, backend: str) -> None:
    @traced
    def run(start: Any, rows: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([start, rows])
            last, outputs = scan(lambda s, x: ([s[0] * x[0]], [s[0] - x[0]]), [start], [rows])
            total = tf.reduce_sum(last[0]) + tf.reduce_sum(outputs[0])
        return last[0], outputs[0], tape.gradient(total, [start, rows], unconnected_gradients="zero")

    last, outputs, (to_start, to_rows) = run(tf.constant([2.0, 3.0]), tf.fill((length, 2), 5.0))
    assert last.numpy().tolist() == ([10.0, 15.0] if length else [2.0, 3.0])
    assert outputs.numpy().tolist() == [[-3.0, -2.0]] * length
    assert to_start.numpy().tolist() == [1.0 + 5.0 * length if length else 1.0] * 2
    assert to_rows.numpy().tolist() == [[1.0, 2.0]] * length


@EAGER_AND_TRACED
def test_variables_change_from_round_to_round(traced: Any, backend: str) -> None:
    count = tf.Variable(1.0)

    @traced
    def run(rows: Any) -> Any:
        def step(states: Sequence[Any], row: Sequence[Any]) -> Any:
            count.assign(count * 2.0)
            return [], [row[0] + count]

        return scan(step, [], [rows])[1][0]

    assert run(tf.constant([0.0, 10.0, 20.0])).numpy().tolist() == [2.0, 14.0, 28.0]
    assert count.numpy() == 8.0


def test_each_round_draws_its_own_numbers(backend: str) -> None:
    @tf.function
    def run(rows: Any) -> Any:
        return scan(lambda _, row: ([], [tf.random.uniform([4]) + row[0]]), [], [rows])[1][0]

    drawn = run(tf.zeros([5, 1])).numpy()
    assert len(np.unique(drawn)) == 20
    assert (drawn != run(tf.zeros([5, 1])).numpy()).all()


def test_wrong_states_and_rows_are_named() -> None:
    with pytest.raises(ShapeError, match=r"states \['float32\[2\]'\], but was given \['float32\[1\]'\]"):
        scan(lambda s, x: ([tf.concat([s[0], s[0]], 0)], []), [tf.zeros([1])], [tf.zeros([3])])
    with pytest.raises(ShapeError, match=r"tensors of the shapes \[\(3,\), \(2,\)\]"):
        scan(lambda s, x: (s, x), [], [tf.zeros([3]), tf.zeros([2])])


# --- gradients ------------------------------------------------------------------------------


def _lstm(w: Any, u: Any, b: Any) -> Callable[..., Any]:
    def step(states: Sequence[Any], row: Sequence[Any]) -> Any:
        h, c = states
        i, f, g, o = tf.split(tf.matmul(row[0], w) + tf.matmul(h, u) + b, 4, axis=1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        return [h, c], [h]

    return step


def _gru(w: Any, u: Any, b: Any) -> Callable[..., Any]:
    def step(states: Sequence[Any], row: Sequence[Any]) -> Any:
        (h,) = states
        units = h.shape[1]
        x = tf.matmul(row[0], w) + b
        inner = tf.matmul(h, u[:, : 2 * units])
        z, r = tf.split(tf.sigmoid(x[:, : 2 * units] + inner), 2, axis=1)
        new = tf.tanh(x[:, 2 * units :] + tf.matmul(r * h, u[:, 2 * units :]))
        h = z * h + (1.0 - z) * new
        return [h], [h * 2.0]

    return step


def _elementwise(w: Any, u: Any, b: Any) -> Callable[..., Any]:
    """A step without products, with a mask and a state that is a whole number."""

    def step(states: Sequence[Any], row: Sequence[Any]) -> Any:
        h, n = states
        new = tf.where(row[0][:, :1] > 0.0, tf.exp(-h * h) * b[: h.shape[1]] + tf.reduce_mean(h), h)
        return [new, n + 1], [new * tf.cast(n, new.dtype)]

    return step


CELLS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "lstm": (_lstm, 4, 2),
    "gru": (_gru, 3, 1),
    "elementwise": (_elementwise, 1, 1),
}


class _Case:
    """A loop with its arguments, in float64."""

    def __init__(self, cell: str, reverse: bool = False) -> None:
        self.cell, gates, states = CELLS[cell]
        units, features, rounds, batch = 3, 2, 4, 5
        self.reverse = reverse
        self.counts = cell == "elementwise"
        self.rows = _normal(rounds, batch, features)
        self.starts = [_normal(batch, units) for _ in range(states)]
        self.weights = [0.4 * _normal(features, gates * units), 0.4 * _normal(units, gates * units)]
        self.weights.append(_normal(gates * units))

    @property
    def arguments(self) -> list[Any]:
        return [tf.constant(array) for array in [self.rows, *self.starts, *self.weights]]

    def loss(self, *arguments: Any) -> Any:
        rows, *rest = arguments
        starts, weights = rest[:-3], rest[-3:]
        if self.counts:
            starts.append(tf.constant(1))
        last, outputs = scan(self.cell(*weights), starts, [rows], reverse=self.reverse)
        return tf.reduce_sum(tf.sin(outputs[0])) + tf.reduce_sum(tf.square(last[0]))

    def gradients(self, *arguments: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(arguments)
            loss = self.loss(*arguments)
        return tape.gradient(loss, arguments, unconnected_gradients="zero")

    def curvature(self, *arguments: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(arguments)
            total = sum(tf.reduce_sum(tf.sin(one)) for one in self.gradients(*arguments))
        return tape.gradient(total, arguments, unconnected_gradients="zero")


def _close(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_finite_differences(cell: str, reverse: bool, backend: str) -> None:
    case = _Case(cell, reverse)
    found = tf.function(case.gradients)(*case.arguments)
    loss = tf.function(case.loss)
    for place, argument in enumerate(case.arguments):
        direction = _normal(*argument.shape)
        values = []
        for step in (1e-6, -1e-6):
            moved = [*case.arguments]
            moved[place] = argument + step * direction
            values.append(float(loss(*moved).numpy()))
        slope = (values[0] - values[1]) / 2e-6
        np.testing.assert_allclose(np.sum(found[place].numpy() * direction), slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("cell", CELLS)
def test_traced_gradients_of_both_orders_are_those_of_single_operations(cell: str, backend: str) -> None:
    case = _Case(cell)
    _close(tf.function(case.gradients)(*case.arguments), case.gradients(*case.arguments))
    _close(tf.function(case.curvature)(*case.arguments), case.curvature(*case.arguments))


def test_an_eager_tape_differentiates_a_traced_loop(backend: str) -> None:
    case = _Case("lstm")
    traced, arguments = tf.function(case.loss), case.arguments
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        loss = traced(*arguments)
    _close(tape.gradient(loss, arguments), case.gradients(*arguments))


def test_a_loop_in_a_loop_has_gradients_of_both_orders(backend: str) -> None:
    rows, start = tf.constant(_normal(3, 4, 2)), tf.constant(_normal(2))

    def loss(rows: Any, start: Any) -> Any:
        def inner(states: Sequence[Any], row: Sequence[Any]) -> Any:
            return [tf.tanh(states[0] * row[0] + start)], []

        def step(states: Sequence[Any], row: Sequence[Any]) -> Any:
            (state,), _ = scan(inner, states, row)
            return [state], [state * state]

        last, outputs = scan(step, [start], [rows])
        return tf.reduce_sum(last[0]) + tf.reduce_sum(outputs[0])

    def gradients(rows: Any, start: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch([rows, start])
            with tf.GradientTape() as tape:
                tape.watch([rows, start])
                value = loss(rows, start)
            first = tape.gradient(value, [rows, start])
            total = tf.reduce_sum(tf.sin(first[0])) + tf.reduce_sum(first[1])
        return [*first, *outer.gradient(total, [rows, start])]

    _close(tf.function(gradients)(rows, start), gradients(rows, start))


def test_a_persistent_tape_gives_gradients_of_several_results(backend: str) -> None:
    def both(start: Any, rows: Any) -> Any:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([start, rows])
            last, outputs = scan(lambda s, x: ([tf.sin(s[0]) * x[0]], [s[0] * x[0]]), [start], [rows])
        return [*tape.gradient(last[0], [start, rows]), *tape.gradient(outputs[0], [start, rows])]

    given = tf.constant([0.3, 0.5], tf.float64), tf.constant(_normal(3, 2))
    _close(tf.function(both)(*given), both(*given))


def _loops(function: Any, *arguments: Any) -> list[Loop]:
    graph = tf.function(function).get_concrete_function(*arguments).graph
    return [node.operation for node in graph.nodes() if isinstance(node.operation, Loop)]


def test_a_whole_loop_is_one_node_and_products_are_not_computed_again() -> None:
    case = _Case("lstm")
    forward, backward = _loops(case.gradients, *case.arguments)
    products = [node for node in forward.body.nodes() if node.is_op("matmul")]
    assert len(products) == 2
    # Backwards: to the states and to the rows; those to the weights are computed after the loop.
    assert len([node for node in backward.body.nodes() if node.is_op("matmul")]) == 2
    assert not [node for node in backward.body.nodes() if node.is_op("tanh", "sigmoid")]
    assert backward.layout.states == 2
    assert backward.reverse
