"""`tf.function`: one trace per signature, closures, Python arguments, errors that suggest a fix."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, TensorletError, TracingError


def test_traced_once_for_each_signature() -> None:
    traces = []

    @tf.function
    def add_one(x):  # type: ignore[no-untyped-def]
        traces.append(1)
        return x + 1

    for value in (1.0, 2.0, 3.0):
        assert add_one(tf.constant(value)).numpy() == value + 1
    assert len(traces) == 1
    np.testing.assert_array_equal(add_one(np.array([1, 2])), [2, 3])
    np.testing.assert_array_equal(add_one(np.array([5, 6])), [6, 7])
    assert len(traces) == add_one.experimental_get_tracing_count() == 2


def test_python_arguments_defaults_and_keywords_share_traces() -> None:
    @tf.function
    def scaled(x, factor=2.0):  # type: ignore[no-untyped-def]
        return x * factor

    x = tf.constant(3.0)
    assert scaled(x).numpy() == 6.0
    assert scaled(x, 2.0).numpy() == 6.0
    assert scaled(x, factor=2.0).numpy() == 6.0
    assert scaled(factor=2.0, x=x).numpy() == 6.0
    assert scaled.experimental_get_tracing_count() == 1
    assert scaled(x, factor=5.0).numpy() == 15.0
    assert scaled.experimental_get_tracing_count() == 2
    with pytest.raises(TypeError, match="missing a required argument"):
        scaled()
    with pytest.raises(TypeError, match="unexpected keyword"):
        scaled(x, nothing=1)


def test_closures_and_nested_functions_update_variables() -> None:
    w = tf.Variable([1.0, 2.0])

    @tf.function
    def product(x):  # type: ignore[no-untyped-def]
        return w * x

    @tf.function
    def step(x):  # type: ignore[no-untyped-def]
        before = product(x)
        w.assign_add(before)
        return product(x), w

    after, value = step(tf.constant([10.0, 10.0]))
    np.testing.assert_array_equal(w, [11.0, 22.0])
    np.testing.assert_array_equal(after, [110.0, 220.0])
    np.testing.assert_array_equal(value, [11.0, 22.0])


def test_structures_come_back() -> None:
    @tf.function
    def parts(x):  # type: ignore[no-untyped-def]
        return {"double": x * 2, "pair": (x + 1, [x - 1, None]), "text": "kept"}

    result = parts(tf.constant(3.0))
    assert result["double"].numpy() == 6.0
    assert result["pair"][0].numpy() == 4.0
    assert result["pair"][1][0].numpy() == 2.0
    assert result["pair"][1][1] is None
    assert result["text"] == "kept"


def test_lists_of_arrays_are_arguments_too() -> None:
    @tf.function
    def total(rows):  # type: ignore[no-untyped-def]
        return tf.reduce_sum(tf.cast(rows, tf.float32))

    assert total([np.array([1, 2]), np.array([3, 4])]).numpy() == 10.0


def test_input_signature() -> None:
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def total(x):  # type: ignore[no-untyped-def]
        return tf.reduce_sum(x)

    assert total(tf.ones([3, 2])).numpy() == 6.0
    with pytest.raises(InvalidArgumentError, match="input_signature"):
        total(tf.ones([3, 3]))
    with pytest.raises(InvalidArgumentError, match="input_signature"):
        total(tf.ones([3, 2], tf.float64))


def test_values_that_a_function_cannot_have() -> None:
    @tf.function
    def leave(x):  # type: ignore[no-untyped-def]
        return x.numpy()

    with pytest.raises(TracingError, match=r"\.numpy\(\)"):
        leave(tf.constant(1.0))


def test_sizes_are_known_while_tracing() -> None:
    @tf.function
    def mean(x):  # type: ignore[no-untyped-def]
        if x.shape[0] > 2:
            x = x[:2]
        return tf.reduce_sum(x) / tf.cast(tf.shape(x)[0], tf.float32)

    assert mean(tf.constant([1.0, 3.0, 100.0])).numpy() == 2.0


def test_a_warning_explains_retracing() -> None:
    @tf.function
    def scaled(x, factor):  # type: ignore[no-untyped-def]
        return x * factor

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for factor in range(20):
            scaled(tf.constant(1.0), float(factor))
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == 1
    assert "'factor' changes" in messages[0]
    assert "tf.constant" in messages[0]


def test_methods_have_their_own_traces() -> None:
    class Model:
        def __init__(self, weight: float) -> None:
            self.weight = tf.Variable(weight)

        @tf.function
        def predict(self, x):  # type: ignore[no-untyped-def]
            return self.weight * x

    first, second = Model(2.0), Model(3.0)
    x = tf.constant(10.0)
    assert (first.predict(x).numpy(), second.predict(x).numpy()) == (20.0, 30.0)
    first.weight.assign(5.0)
    assert first.predict(x).numpy() == 50.0


def test_variables_made_inside() -> None:
    holder = {}

    @tf.function
    def counted(x):  # type: ignore[no-untyped-def]
        if "n" not in holder:
            holder["n"] = tf.Variable(0.0)
        return holder["n"].assign_add(x)

    counted(tf.constant(2.0))
    assert counted(tf.constant(3.0)).numpy() == 5.0

    @tf.function
    def careless(x, flag):  # type: ignore[no-untyped-def]
        return tf.Variable(1.0) * x

    careless(tf.constant(1.0), 1)
    with pytest.raises(TracingError, match="outside the function"):
        careless(tf.constant(1.0), 2)


def test_tensors_do_not_leave_their_trace() -> None:
    kept = []

    @tf.function
    def leak(x):  # type: ignore[no-untyped-def]
        kept.append(x * 2)
        return x

    leak(tf.constant(1.0))
    with pytest.raises(TracingError, match="Return it"):
        kept[0] + 1


def test_random_numbers_differ_from_call_to_call_and_follow_the_seed() -> None:
    @tf.function
    def draw():  # type: ignore[no-untyped-def]
        return tf.random.normal([4]), tf.random.normal([4])

    tf.random.set_seed(5)
    first = draw()
    second = draw()
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], second[0])
    tf.random.set_seed(5)
    np.testing.assert_array_equal(draw()[0], first[0])
    np.testing.assert_array_equal(draw()[0], second[0])


def test_log_of_softmax_is_safe_in_a_graph() -> None:
    """Where a probability underflows, the lecture's formula gives NaN at once but not in a graph."""
    logits = tf.Variable([[200.0, 0.0, -200.0]])
    labels = tf.constant([[0.0, 1.0, 0.0]])

    def cross_entropy():  # type: ignore[no-untyped-def]
        with tf.GradientTape() as tape:
            loss = -tf.reduce_sum(labels * tf.math.log(tf.nn.softmax(logits)))
        return loss, tape.gradient(loss, logits)

    eager_loss, _ = cross_entropy()
    assert np.isnan(eager_loss.numpy()) or np.isinf(eager_loss.numpy())
    loss, gradient = tf.function(cross_entropy)()
    assert loss.numpy() == pytest.approx(200.0)
    np.testing.assert_allclose(gradient, [[1.0, -1.0, 0.0]], atol=1e-6)


def test_running_eagerly_for_debugging() -> None:
    seen = []

    @tf.function
    def look(x):  # type: ignore[no-untyped-def]
        seen.append(x.numpy())
        return x

    tf.config.run_functions_eagerly(True)
    try:
        look(tf.constant(7.0))
    finally:
        tf.config.run_functions_eagerly(False)
    assert seen == [7.0]


def test_concrete_functions() -> None:
    @tf.function
    def double(x):  # type: ignore[no-untyped-def]
        return x * 2

    concrete = double.get_concrete_function(tf.TensorSpec([2], tf.float32))
    np.testing.assert_array_equal(concrete(tf.constant([1.0, 2.0])), [2.0, 4.0])
    with pytest.raises(TensorletError, match="float32"):
        concrete(tf.constant([1, 2]))


@pytest.mark.parametrize(
    "form",
    [
        lambda array: array,
        lambda array: np.asfortranarray(array),
        lambda array: np.repeat(array, 2, axis=1)[:, ::2],
        lambda array: array.astype(">f4"),
        lambda array: array.view(_Own),
        lambda array: tf.constant(array),
        lambda array: tf.transpose(tf.constant(array.T)),
    ],
)
def test_arrays_of_every_form_share_a_trace(form: Any) -> None:
    traces = []

    @tf.function
    def weighted(x: Any, weight: float = 1.0) -> Any:
        traces.append(x)
        return tf.reduce_sum(x * [[1.0, 10.0, 100.0]], axis=1) * weight

    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    weighted(array, weight=2.0)
    np.testing.assert_array_equal(weighted(form(array), weight=2.0).numpy(), [420.0, 1086.0])
    assert len(traces) == 1


class _Own(np.ndarray):
    """An array of somebody's own class."""


def test_what_is_no_tensor_is_refused_or_counts_by_value() -> None:
    @tf.function
    def shifted(x: Any, by: Any) -> Any:
        return x + by

    assert shifted(np.float32(1.0), np.float32(2.0)).numpy() == 3.0
    with pytest.raises(tf.errors.InvalidArgumentError, match="object"):
        shifted(np.array([None]), 1.0)


def test_a_variable_made_in_the_first_trace_starts_from_random_numbers() -> None:
    """Layers of one's own make their weights when they are first called, inside the traced function."""
    made: list[Any] = []

    @tf.function
    def layer(x: tf.Tensor) -> tf.Tensor:
        if not made:
            limit = tf.sqrt(6.0 / tf.cast(x.shape[1] + 4, tf.float32))
            made.append(tf.Variable(tf.random.uniform([x.shape[1], 4], -limit, limit, seed=1), name="w"))
            made.append(tf.Variable(2.0 * made[0]))
        return tf.matmul(x, made[0])

    x = np.eye(2, dtype=np.float32)
    first = layer(x).numpy()
    np.testing.assert_array_equal(first, made[0].numpy())
    np.testing.assert_array_equal(2.0 * first, made[1].numpy())
    assert len(np.unique(first)) == 8
    assert np.abs(first).max() <= 1.0
    np.testing.assert_array_equal(layer(x).numpy(), first)


def test_a_variable_made_from_an_argument_is_refused() -> None:
    made: list[Any] = []

    @tf.function
    def layer(x: tf.Tensor) -> tf.Tensor:
        if not made:
            made.append(tf.Variable(x * 2.0))
        return made[0] + x

    with pytest.raises(TracingError, match="depends on the function's arguments"):
        layer(tf.constant(1.0))


@pytest.mark.parametrize("value", [np.ones((3, 2)), np.ones((3, 2), int), [[1, 1], [1, 1], [1, 1]]])
def test_an_input_signature_converts_arrays_and_lists(value) -> None:  # type: ignore[no-untyped-def]
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def total(x):  # type: ignore[no-untyped-def]
        return tf.reduce_sum(x)

    result = total(value)
    assert (result.dtype, result.numpy()) == (tf.float32, 6.0)
    assert total(x=value).numpy() == 6.0


def test_an_input_signature_of_structures() -> None:
    spec = tf.TensorSpec([2], tf.float32)

    @tf.function(input_signature=[{"a": spec, "b": [spec, spec]}])
    def total(parts):  # type: ignore[no-untyped-def]
        return parts["a"] + parts["b"][0] * parts["b"][1]

    assert total({"a": [1, 2], "b": [np.array([1.0, 2.0]), (3, 4)]}).numpy().tolist() == [4.0, 10.0]


def test_an_input_signature_refuses_floats_for_integers() -> None:
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def following(x):  # type: ignore[no-untyped-def]
        return x + 1

    with pytest.raises(TypeError, match=r"'following'.* input_signature.* value \[1\.5\]"):
        following([1.5])


def test_open_lengths_are_compiled_once_each_and_without_a_warning() -> None:
    traces = []

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def total(x):  # type: ignore[no-untyped-def]
        traces.append(tuple(x.shape))
        return tf.reduce_sum(x)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            assert [total(np.ones(n)).numpy() for n in range(1, 12)] == list(range(1, 12))
    assert traces == [(n,) for n in range(1, 12)]

    @tf.function(reduce_retracing=True)
    def relaxed(x):  # type: ignore[no-untyped-def]
        return tf.reduce_sum(x)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [relaxed(tf.ones(n)).numpy() for n in range(1, 80)] == list(range(1, 80))
    assert relaxed.experimental_get_tracing_count() == 64


def test_concrete_functions_of_open_lengths() -> None:
    @tf.function
    def scaled(x, factor):  # type: ignore[no-untyped-def]
        return x * factor

    concrete = scaled.get_concrete_function(tf.TensorSpec([None], tf.float32), 3.0)
    assert concrete(tf.constant([1.0, 2.0])).numpy().tolist() == [3.0, 6.0]
    assert concrete(tf.constant([1.0])).numpy().tolist() == [3.0]
    with pytest.raises(InvalidArgumentError, match="has shape"):
        concrete(tf.ones([2, 2]))
    with pytest.raises(InvalidArgumentError, match="takes 1 tensors, but got 0"):
        concrete()
