"""Graphs of one form are translated once, and no others share a translation."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.backends.native import executable, program_cache
from tensorlet.core.recurrent_loop import scan
from tensorlet.core.tracing import Trace
from tensorlet.graph.ir import Graph
from tensorlet.ops.registry import Spec, interpreting


def graph_of(function, shape=(2, 3), dtype=tf.float32) -> Graph:
    trace = Trace("f")
    with interpreting(trace):
        return trace.graph([function(trace.add_input(Spec(shape, dtype)))])


def structure(function, **options) -> object:
    return program_cache.structure_of(graph_of(function, **options), epoch=False)


def test_graphs_of_one_form_are_equal():
    first, second = tf.Variable([1.0, 2.0, 3.0]), tf.Variable([4.0, 5.0, 6.0])
    assert structure(lambda x: tf.tanh(x) * first) == structure(lambda x: tf.tanh(x) * second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda x: tf.tanh(x), lambda x: tf.sin(x)),
        (lambda x: x * 2.0, lambda x: x * 3.0),
        (lambda x: tf.reduce_sum(x, axis=0), lambda x: tf.reduce_sum(x, axis=1, keepdims=True)),
        (lambda x: x * np.float32([1, 2, 3]), lambda x: x * np.float32([1, 2, 4])),
        (lambda x: tf.cast(x, tf.float64), lambda x: tf.cast(x, tf.int32)),
        (lambda x: x - tf.exp(x), lambda x: tf.exp(x) - x),
        (lambda x: tf.exp(x) * tf.exp(x), lambda x: x * tf.exp(x)),
    ],
)
def test_other_graphs_differ(one, other):
    assert structure(one) != structure(other)


def test_shapes_and_dtypes_count():
    def double(x):
        return x + x

    assert structure(double) != structure(double, shape=(3, 2))
    assert structure(double) != structure(double, dtype=tf.float64)
    graph = graph_of(double)
    assert program_cache.structure_of(graph, epoch=False) != program_cache.structure_of(graph, epoch=True)


def test_which_variable_is_read_and_updated_counts():
    def step(read, changed):
        trace = Trace("f")
        with interpreting(trace):
            changed.assign_add(read * 2.0)
            return trace.graph([trace.convert(read)])

    a, b = tf.Variable(1.0), tf.Variable(2.0)
    same = program_cache.structure_of(step(a, b), epoch=False)
    assert same == program_cache.structure_of(step(b, a), epoch=False)
    assert same != program_cache.structure_of(step(a, a), epoch=False)


def looped(x, **options):
    factor = options.pop("factor", 2.0)
    return scan(lambda s, r: ([s[0] * factor + r[0]], []), [x[0]], [x], **options)[0][0]


def test_loops_of_one_form_are_equal():
    assert structure(looped) == structure(looped)
    assert structure(looped) != structure(lambda x: looped(x, reverse=True))
    assert structure(looped) != structure(lambda x: looped(x, factor=3.0))
    assert structure(looped) != structure(looped, shape=(4, 3))

    def limited(x, most):
        return tf.while_loop(
            lambda y: tf.reduce_sum(y) < 9.0, lambda y: [y + 1.0], [x], maximum_iterations=most
        )[0]

    assert structure(lambda x: limited(x, 3)) == structure(lambda x: limited(x, 3))
    assert structure(lambda x: limited(x, 3)) != structure(lambda x: limited(x, 4))


def test_long_constants_are_not_kept():
    assert structure(lambda x: tf.matmul(x, np.ones((3, 5000), np.float32))) is None


def test_models_of_one_form_are_translated_once(monkeypatch):
    lowered = []
    monkeypatch.setattr(
        executable, "lower", lambda graph, lower=executable.lower: lowered.append(1) or lower(graph)
    )
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(6, 2)

    def trained(seed):
        tf.keras.utils.set_random_seed(seed)
        model = tf.keras.Sequential([tf.keras.layers.Dense(5, activation="tanh"), tf.keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x, x[:, 0] * 3, batch_size=4, epochs=2, verbose=0)
        return model.get_weights()

    first = trained(1)
    count = len(lowered)
    others = trained(2)
    assert len(lowered) == count
    assert not np.array_equal(first[0], others[0])
    program_cache._translations.clear()
    for cached, fresh in zip(others, trained(2), strict=True):
        np.testing.assert_array_equal(cached, fresh)
    assert len(lowered) > count
