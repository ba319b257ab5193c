"""Which backend runs, and what a program is told where it is not the one that was chosen."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.backends import dispatch
from tensorlet.errors import InvalidArgumentError, PerformanceWarning

pytest.importorskip("tensorlet._native", reason="the native engine is not built")


def larger(x: tf.Tensor) -> tf.Tensor:
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * 10.0, lambda: x - 1.0)


def grown(x: tf.Tensor) -> tf.Tensor:
    """Twice the numbers until their sum is 100, with an operation that the engine lacks."""
    return tf.while_loop(lambda y: tf.atan(tf.reduce_sum(y)) < np.arctan(100.0), lambda y: y * 2.0, [x])[0]


def caught(call: Callable[[], object]) -> list[warnings.WarningMessage]:
    """The warnings that Python shows under its own filters, each of them once a line."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        call()
    return [one for one in found if issubclass(one.category, PerformanceWarning)]


@pytest.mark.parametrize(
    "call",
    [
        lambda: tf.function(lambda x: x * 2.0)(tf.ones(3)),
        lambda: tf.run_epochs(lambda x: tf.reduce_sum(x), np.ones((4, 2), "float32")),
        lambda: dispatch.permutation(4, 1, 1),
        lambda: dispatch.run_schedule([], [], None, np.empty((1, 1)), 1.0),
    ],
    ids=["function", "run_epochs", "permutation", "run_schedule"],
)
def test_an_unknown_backend_is_refused_everywhere(
    call: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORLET_BACKEND", "nativ")
    with pytest.raises(
        InvalidArgumentError,
        match=r"TENSORLET_BACKEND is 'nativ'\. Expected one of the registered backends \(.*'native', 'reference'.*\)",
    ):
        call()


def test_an_unknown_backend_is_refused_by_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    monkeypatch.setenv("TENSORLET_BACKEND", "jax")
    with pytest.raises(InvalidArgumentError, match="TENSORLET_BACKEND is 'jax'"):
        model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)


def test_a_loop_that_the_engine_cannot_run_is_reported_at_the_line_that_calls_the_function() -> None:
    grow = tf.function(grown)
    line = sys._getframe().f_lineno + 1
    found = caught(lambda: [grow(tf.ones(3)) for _ in range(3)])
    assert [(one.filename, one.lineno) for one in found] == [(__file__, line)]
    assert str(found[0].message) == (
        "'grown' runs on the slow reference backend, because the native backend lacks the operation atan. To silence "
        "this warning: warnings.filterwarnings('ignore', category=tf.errors.PerformanceWarning)."
    )
    assert tf.errors.PerformanceWarning is PerformanceWarning


def test_both_branches_give_their_values_and_gradients_on_the_engine() -> None:
    choose = tf.function(larger)
    for values, expected, slope in (([1.0, 2.0], [10.0, 20.0], 10.0), ([-1.0, 0.5], [-2.0, -0.5], 1.0)):
        x = tf.Variable(values)
        with tf.GradientTape() as tape:
            y = choose(x.value())
        gradient = tape.gradient(y, x)
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(gradient, [slope, slope])


def test_a_model_with_a_loop_is_reported_once_for_each_of_its_steps() -> None:
    model = tf.keras.Sequential(
        [tf.keras.layers.Lambda(grown, input_shape=(2,)), tf.keras.layers.Dense(1, use_bias=False)],
        name="growing",
    )
    model.compile("sgd", "mse")
    x, y = np.ones((10, 2), "float32"), np.ones((10, 1), "float32")
    found = caught(lambda: model.fit(x, y, epochs=3, batch_size=4, verbose=0))
    assert len(found) == 1
    assert str(found[0].message).startswith(
        "train_step of 'growing' runs on the slow reference backend, because the native backend lacks the operation "
        "atan"
    )
    assert found[0].filename == __file__


def test_a_filter_of_python_silences_the_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=tf.errors.PerformanceWarning)
        np.testing.assert_array_equal(tf.function(grown)(tf.ones(2)), [64.0, 64.0])


def test_a_dtype_that_the_engine_lacks_is_named() -> None:
    reason = r"lacks the dtype int8 \(of input 0\)\. Convert to a supported dtype with tf\.cast \(float32, "
    with pytest.warns(PerformanceWarning, match=reason):
        np.testing.assert_array_equal(tf.function(lambda x: x + x)(tf.constant([1, 2], tf.int8)), [2, 4])


def test_the_reference_backend_that_was_asked_for_gives_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_BACKEND", "reference")
    np.testing.assert_array_equal(tf.function(grown)(tf.ones(2)), [64.0, 64.0])
