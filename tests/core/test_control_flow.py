"""`tf.cond`, `tf.case`, `tf.switch_case` and `tf.while_loop`, at once and in graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import ShapeError


def _same(function: Any) -> Any:
    return function


#: Choices and loops are not supported by the engine; `tests/backends/test_dispatch.py` tests the warning.
pytestmark = pytest.mark.filterwarnings("ignore::tensorlet.errors.PerformanceWarning")
EAGER_AND_TRACED = pytest.mark.parametrize("traced", [_same, tf.function], ids=["eager", "traced"])


@EAGER_AND_TRACED
def test_cond_runs_one_branch(traced: Any) -> None:
    w = tf.Variable(4.0)

    @traced
    def safe_root(x: Any) -> Any:
        return tf.cond(x > 0.0, lambda: tf.sqrt(x) * w, lambda: x - w)

    assert safe_root(tf.constant(9.0)).numpy() == 12.0
    assert safe_root(tf.constant(-1.0)).numpy() == -5.0


@EAGER_AND_TRACED
def test_cond_gradient_ignores_the_other_branch(traced: Any) -> None:
    """At x = -1 the square root's derivative is NaN; it must not leak from the branch not taken."""
    w = tf.Variable(4.0)

    @traced
    def value_and_slopes(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.cond(x > 0.0, lambda: tf.sqrt(x) * w, lambda: x * w * 2.0)
        return tape.gradient(y, [x, w])

    assert [g.numpy() for g in value_and_slopes(tf.constant(4.0))] == [1.0, 2.0]
    assert [g.numpy() for g in value_and_slopes(tf.constant(-1.0))] == [8.0, -2.0]


@EAGER_AND_TRACED
def test_cond_assigns_variables(traced: Any) -> None:
    count = tf.Variable(0.0)

    @traced
    def update(x: Any) -> Any:
        return tf.cond(x > 0.0, lambda: count.assign_add(x), lambda: count.assign(-1.0))

    update(tf.constant(5.0))
    assert count.numpy() == 5.0
    update(tf.constant(-5.0))
    assert count.numpy() == -1.0


def test_cond_branches_must_agree() -> None:
    @tf.function
    def uneven(x: Any) -> Any:
        return tf.cond(x > 0.0, lambda: x, lambda: tf.stack([x, x]))

    with pytest.raises(ShapeError, match="same shapes"):
        uneven(tf.constant(1.0))
    with pytest.raises(ShapeError, match=r"tf.where"):
        tf.cond(tf.constant([True, False]), lambda: 1, lambda: 2)


@EAGER_AND_TRACED
def test_case_and_switch(traced: Any) -> None:
    @traced
    def size(x: Any) -> Any:
        return tf.case(
            [(x < 3.0, lambda: tf.constant(1)), (x < 9.0, lambda: tf.constant(2))],
            default=lambda: tf.constant(3),
        )

    assert [size(tf.constant(x)).numpy() for x in (1.0, 5.0, 50.0)] == [1, 2, 3]

    @traced
    def pick(index: Any) -> Any:
        return tf.switch_case(
            index, [lambda: tf.constant(10), lambda: tf.constant(20), lambda: tf.constant(30)]
        )

    assert [pick(tf.constant(i)).numpy() for i in (0, 1, 2, 7)] == [10, 20, 30, 30]


@EAGER_AND_TRACED
def test_numbered_functions_of_switch_case_may_come_in_any_order(traced: Any) -> None:
    functions = {
        2: lambda: tf.constant(20),
        0: lambda: tf.constant(0),
        1: lambda: tf.constant(10),
    }
    by_number = traced(lambda index: tf.switch_case(index, functions))
    pairs = traced(lambda index: tf.switch_case(index, list(functions.items())))
    for pick in (by_number, pairs):  # the values of TensorFlow
        assert [pick(tf.constant(i)).numpy() for i in (-1, 0, 1, 2, 9)] == [20, 0, 10, 20, 20]


@EAGER_AND_TRACED
def test_while_loop(traced: Any) -> None:
    @traced
    def power(x: Any, n: Any) -> Any:
        _, result = tf.while_loop(
            lambda i, y: i < n, lambda i, y: (i + 1, y * x), (tf.constant(0), tf.constant(1.0))
        )
        return result

    assert power(tf.constant(3.0), tf.constant(4)).numpy() == 81.0
    assert power(tf.constant(3.0), tf.constant(0)).numpy() == 1.0


@EAGER_AND_TRACED
def test_while_loop_gradient(traced: Any) -> None:
    x = tf.Variable(3.0)

    @traced
    def slope() -> Any:
        with tf.GradientTape() as tape:
            _, y = tf.while_loop(
                lambda i, y: i < 4, lambda i, y: (i + 1, y * x), (tf.constant(0), tf.constant(2.0))
            )
        return tape.gradient(y, x)

    assert slope().numpy() == pytest.approx(2.0 * 4 * 27)


def test_while_loop_limits_and_rules() -> None:
    last = tf.while_loop(lambda i: i < 100, lambda i: i + 1, [tf.constant(0)], maximum_iterations=7)
    assert last[0].numpy() == 7

    @tf.function
    def growing(x: Any) -> Any:
        return tf.while_loop(lambda y: tf.reduce_sum(y) < 9.0, lambda y: [tf.concat([y, y], 0)], [x])

    with pytest.raises(ShapeError, match="stay the same"):
        growing(tf.constant([1.0]))
    total = tf.Variable(0.0)

    @tf.function
    def assigning() -> Any:
        def body(i: Any) -> Any:
            total.assign_add(1.0)
            return [i + 1]

        return tf.while_loop(lambda i: i < 3, body, [tf.constant(0)])

    assert assigning()[0].numpy() == 3
    assert assigning()[0].numpy() == 3 and total.numpy() == 6.0


def test_gradient_of_a_traced_function_with_control_flow() -> None:
    @tf.function
    def rounds(x: Any) -> Any:
        y = tf.while_loop(
            lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (tf.constant(0), tf.constant(1.0))
        )[1]
        return tf.cond(y > 1.0, lambda: y * 2.0, lambda: y)

    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = rounds(x * 1.0)
    assert y.numpy() == 16.0
    np.testing.assert_allclose(tape.gradient(y, x), 24.0)
