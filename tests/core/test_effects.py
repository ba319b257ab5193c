"""What traced functions do besides computing: printing, assertions, checks; and their order."""

from __future__ import annotations

import functools
import sys
import warnings
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core import effects
from tensorlet.errors import AssertionFailedError, PerformanceWarning


def test_print_in_a_traced_function(capsys: pytest.CaptureFixture[str]) -> None:
    count = tf.Variable(1.0)

    @tf.function
    def step(x: Any) -> Any:
        tf.print("value", x, "sum", tf.reduce_sum(x), output_stream=sys.stdout)
        count.assign_add(1.0)
        tf.print({"count": count, "list": [x, 3]}, output_stream=sys.stdout, sep="", end="!\n")
        return x * 2.0

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the step runs on the engine
        assert step(tf.constant([1.0, 2.0, 3.0])).numpy().tolist() == [2.0, 4.0, 6.0]
        step(tf.constant([1.5, 2.0, 3.0]))
    assert capsys.readouterr().out.splitlines() == [
        "value [1 2 3] sum 6",
        "{'count': 2, 'list': [[1 2 3], 3]}!",
        "value [1.5 2 3] sum 6.5",
        "{'count': 3, 'list': [[1.5 2 3], 3]}!",
    ]


def test_print_in_branches_and_loops_keeps_its_order(capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function
    def count(n: Any) -> Any:
        for i in tf.range(n):
            if i % 2 == 0:
                tf.print("even", i, output_stream=sys.stdout)
            else:
                tf.print("odd", i, output_stream=sys.stdout)
        tf.print("end", output_stream=sys.stdout)
        return n

    with pytest.warns(PerformanceWarning, match=r"lacks the operation (while_loop|cond)"):
        count(tf.constant(3))
    assert capsys.readouterr().out.split() == ["even", "0", "odd", "1", "even", "2", "end"]


def test_a_gradient_prints_nothing_a_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function
    def square(x: Any) -> Any:
        tf.print("square", output_stream=sys.stdout)
        return x * x

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = square(x)
    assert tape.gradient(y, x).numpy() == 6.0
    assert capsys.readouterr().out == "square\n"


def test_print_in_a_layer_prints_for_each_batch(capsys: pytest.CaptureFixture[str]) -> None:
    class Shown(tf.keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            tf.print(tf.reduce_sum(inputs), output_stream=sys.stdout)
            return inputs

    model = tf.keras.Sequential([tf.keras.layers.Input((1,)), Shown(), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.warns(
        PerformanceWarning, match=r"calls tf.print in each step, so Python runs between two steps"
    ):
        model.fit(np.arange(4.0)[:, None], np.zeros((4, 1)), batch_size=2, epochs=2, shuffle=False, verbose=0)
    assert capsys.readouterr().out.split() == ["1", "5", "1", "5"]


def test_an_assertion_that_fails_changes_no_variable() -> None:
    count = tf.Variable(0)

    @tf.function
    def step(x: Any) -> Any:
        count.assign_add(1)
        assert tf.reduce_all(x < 100.0), "too large"
        return x

    step(tf.constant([1.0]))
    with pytest.raises(
        AssertionError, match=r"does not hold: too large \(File .*test_effects.py., line \d+, in step\)"
    ):
        step(tf.constant([1000.0]))
    assert count.numpy() == 1
    assert issubclass(AssertionFailedError, tf.errors.InvalidArgumentError)


def test_debugging_checks_values_when_the_function_runs() -> None:
    @tf.function
    def checked(x: Any) -> Any:
        tf.debugging.assert_positive(x, message="must be positive")
        tf.debugging.assert_less(x, 10.0)
        tf.debugging.assert_rank(x, 1)
        return tf.debugging.check_numerics(tf.sqrt(x), "the root")

    assert checked(tf.constant([4.0])).numpy() == [2.0]
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"must be positive\nCondition x > 0 did not hold"
    ):
        checked(tf.constant([-1.0]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Condition x < y did not hold"):
        checked(tf.constant([11.0]))
    with pytest.raises(ValueError, match=r"must have rank 1\. Received rank 2"):
        checked(tf.constant([[1.0]]))


#: What holds, and what does not, as in TensorFlow 2.15.
FAILS: dict[str, Any] = {
    "Condition x == y did not hold": lambda d: d.assert_equal(tf.constant([1, 2]), tf.constant([1, 3])),
    "Condition x != y did not hold": lambda d: d.assert_none_equal([1, 2], [3, 2]),
    "Condition x > y did not hold": lambda d: d.assert_greater([1.0, 2.0], 1.5),
    "Condition x >= y did not hold": lambda d: d.assert_greater_equal(1.0, 1.5),
    "Condition x <= y did not hold": lambda d: d.assert_less_equal(2, 1),
    "tolerance rtol = 1.19": lambda d: d.assert_near(1.0, 1.1),
    "Condition x < 0": lambda d: d.assert_negative(1.0),
    "Condition x >= 0": lambda d: d.assert_non_negative([-1.0, 2.0]),
    "Condition x <= 0": lambda d: d.assert_non_positive(1),
    "Expected scalar shape": lambda d: d.assert_scalar(tf.zeros([2])),
    "must have rank at least 2": lambda d: d.assert_rank_at_least(tf.zeros([2]), 2),
    r"must have rank in \(2, 3\)": lambda d: d.assert_rank_in(tf.zeros([2]), (2, 3)),
    "must have size 2 .'n'.. Received size 3": lambda d: d.assert_shapes(
        [(tf.zeros([2, 3]), ("n", "m")), (tf.zeros([3]), ("n",))]
    ),
    "bad : Tensor had NaN values": lambda d: d.assert_all_finite([1.0, np.nan], "bad"),
    "m : Tensor had Inf values": lambda d: d.check_numerics([1.0, np.inf], "m"),
    "x is": lambda d: d.Assert(tf.constant(False), ["x is", tf.constant([1, 2])]),
}


@pytest.mark.parametrize("message", FAILS)
def test_failed_checks(message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FAILS[message](tf.debugging)


def test_checks_that_hold_and_types() -> None:
    debugging = tf.debugging
    debugging.assert_near(1.0, 1.0000001)
    debugging.assert_equal([1, 2], [1, 2])
    debugging.assert_shapes([(tf.zeros([2, 3]), ("n", 3)), (tf.zeros([5, 2]), ("...", "n"))])
    debugging.assert_proper_iterable([1])
    assert debugging.assert_same_float_dtype([tf.constant(1.0)]) is tf.float32
    assert debugging.is_numeric_tensor(tf.constant(1)) and not debugging.is_numeric_tensor(1)
    for call in (
        lambda: debugging.assert_type(tf.zeros([2]), tf.int32),
        lambda: debugging.assert_integer(1.0),
        lambda: debugging.assert_proper_iterable(tf.zeros([2])),
    ):
        with pytest.raises(TypeError):
            call()


def test_every_operation_is_checked_on_demand() -> None:
    root = tf.function(lambda x: tf.sqrt(x) * 2.0)
    tf.debugging.enable_check_numerics()
    try:
        with pytest.raises(
            tf.errors.InvalidArgumentError, match="Detected NaN in the result of the operation sqrt"
        ):
            root(tf.constant(-1.0))
    finally:
        tf.debugging.disable_check_numerics()
    assert np.isnan(root(tf.constant(-1.0)).numpy())


def test_control_dependencies_group_and_init_scope() -> None:
    count = tf.Variable(1.0)
    made = []

    @tf.function
    def step(x: Any) -> Any:
        with tf.init_scope():
            made.append(tf.constant(3.0).numpy().item())
        with tf.control_dependencies([count.assign_add(1.0)]):
            result = x * count
        tf.group(count.assign_add(1.0), tf.no_op())
        return result

    assert step(tf.constant(2.0)).numpy() == 4.0
    assert step(tf.constant(2.0)).numpy() == 8.0
    assert count.numpy() == 5.0 and made == [3.0]


def test_the_first_effect_of_all_may_be_in_a_later_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "_token", functools.cache(effects._token.__wrapped__))

    @tf.function
    def step(x: Any, loud: bool) -> Any:
        if loud:
            tf.print("value", x, output_stream=sys.stdout)
        return x * 2.0

    assert step(tf.constant(1.0), False).numpy() == 2.0
    assert step(tf.constant(3.0), True).numpy() == 6.0
    assert capsys.readouterr().out == "value 3\n"
