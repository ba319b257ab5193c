"""`GradientTape`: hand-worked derivatives, and what users do with a tape."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, TensorletError


def test_the_lectures_chain_rule() -> None:
    """f = w*x + b at w=-2, x=5, b=3: df/dw = 5, df/dx = -2, df/db = 1."""
    w, x, b = tf.Variable(-2.0), tf.Variable(5.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        f = w * x + b
    assert f.numpy() == -7.0
    assert [g.numpy() for g in tape.gradient(f, [w, x, b])] == [5.0, -2.0, 1.0]


def test_gradient_inside_and_outside_the_with_block() -> None:
    w = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * w)
        inside = tape.gradient(loss, w)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * w)
    outside = tape.gradient(loss, w)
    np.testing.assert_array_equal(inside, [2.0, 4.0])
    np.testing.assert_array_equal(outside, [2.0, 4.0])


def test_second_and_third_derivative_by_nesting() -> None:
    x = tf.Variable(2.0)
    with tf.GradientTape() as third:
        with tf.GradientTape() as second:
            with tf.GradientTape() as first:
                y = x**3
            dy = first.gradient(y, x)
        d2y = second.gradient(dy, x)
    assert dy.numpy() == pytest.approx(12.0)
    assert d2y.numpy() == pytest.approx(12.0)
    assert third.gradient(d2y, x).numpy() == pytest.approx(6.0)


def test_constants_need_watch() -> None:
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        unwatched = x * x
        tape.watch(x)
        watched = x * x
    assert tape.gradient(unwatched, x) is None
    assert tape.gradient(watched, x).numpy() == 6.0


def test_persistent_tape_answers_again_and_another_does_not() -> None:
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
        z = y * y
    assert tape.gradient(z, x).numpy() == 108.0
    assert tape.gradient(y, x).numpy() == 6.0
    with tf.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(TensorletError, match="persistent=True"):
        tape.gradient(y, x)


def test_unconnected_gradients() -> None:
    x, other = tf.Variable(3.0), tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
    assert tape.gradient(y, other) is None
    zero = tape.gradient(y, other, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    np.testing.assert_array_equal(zero, [0.0, 0.0])
    np.testing.assert_array_equal(tape.gradient(y, other, unconnected_gradients="zero"), [0.0, 0.0])


def test_structures_of_sources_and_targets() -> None:
    a, b = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        products = [a * b, a * a]
    found = tape.gradient(products, {"a": a, "b": b})
    assert (found["a"].numpy(), found["b"].numpy()) == (7.0, 2.0)
    weighted = tape.gradient(products, a, output_gradients=[tf.constant(1.0), tf.constant(10.0)])
    assert weighted.numpy() == 43.0


def test_untrainable_variables_and_stopped_recording() -> None:
    free, fixed = tf.Variable(2.0), tf.Variable(3.0, trainable=False)
    with tf.GradientTape(persistent=True) as tape:
        y = free * fixed
        with tape.stop_recording():
            z = free * free
    assert tape.gradient(y, fixed) is None
    assert tape.gradient(y, free).numpy() == 3.0
    assert tape.gradient(z, free) is None
    assert [variable.name for variable in tape.watched_variables()] == ["Variable:0"]


def test_reading_before_and_after_an_assignment() -> None:
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
        x.assign(10.0)
        z = y * x
    assert z.numpy() == 40.0
    # dz/dx = d(x0^2 * x1): 2*x0*x1 + x0^2, both reads being reads of x.
    assert tape.gradient(z, x).numpy() == 2 * 2 * 10 + 4


def test_jacobian() -> None:
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = tf.stack([x[0] * x[1], x[0] + x[1], x[0] ** 2])
    np.testing.assert_allclose(tape.jacobian(y, x), [[2.0, 1.0], [1.0, 1.0], [2.0, 0.0]])


def test_through_a_traced_function() -> None:
    w = tf.Variable(3.0)
    scale = tf.constant(2.0)

    @tf.function
    def f(x):  # type: ignore[no-untyped-def]
        return w * x * x * scale, x + 1.0

    x = tf.constant(5.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, scale])
        y, _ = f(x)
    assert y.numpy() == 150.0
    assert tape.gradient(y, w).numpy() == 50.0
    assert tape.gradient(y, x).numpy() == 60.0
    assert tape.gradient(y, scale).numpy() == 75.0


def test_second_derivative_through_a_traced_function() -> None:
    @tf.function
    def cube(x):  # type: ignore[no-untyped-def]
        return x * x * x

    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = cube(x.value())
        dy = inner.gradient(y, x)
    assert dy.numpy() == pytest.approx(12.0)
    assert outer.gradient(dy, x).numpy() == pytest.approx(12.0)


def test_the_gradient_sees_the_values_of_the_call() -> None:
    """A variable that changes between the call and gradient() does not change the answer."""
    w = tf.Variable(3.0)

    @tf.function
    def square():  # type: ignore[no-untyped-def]
        return w * w

    with tf.GradientTape() as tape:
        y = square()
    w.assign(100.0)
    assert tape.gradient(y, w).numpy() == 6.0


def test_mistakes_teach() -> None:
    with tf.GradientTape() as tape:
        pass
    with pytest.raises(InvalidArgumentError, match="None, but a tensor is expected"):
        tape.gradient(None, tf.Variable(1.0))
    with pytest.raises(InvalidArgumentError, match="a tensor is expected"):
        tape.watch(3.0)


def test_the_error_of_a_used_tape_is_a_runtime_error() -> None:
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    assert float(tape.gradient(y, x)) == 6.0
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(y, x)
