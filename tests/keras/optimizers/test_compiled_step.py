"""Steps outside of traced functions run as compiled graphs only where nobody can tell."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core.compiled_call import uncompiled
from tensorlet.keras import optimizers

KINDS = ("SGD", "Adam", "AdamW", "Nadam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Ftrl")
GRADIENTS = [np.float32([0.5, -2.0]), np.float32([[1.0], [3.0]])]


def variables():
    return [tf.Variable([1.0, -2.0]), tf.Variable([[3.0], [0.5]])]


def run(optimizer, weights, steps=3, change=lambda step: None):
    for step in range(steps):
        change(step)
        optimizer.apply_gradients(
            [(tf.constant(g * (step + 1)), w) for g, w in zip(GRADIENTS, weights, strict=True)]
        )
    return weights


def both(make, **options):
    compiled = run(make(), variables(), **options)
    with uncompiled():
        eager = run(make(), variables(), **options)
    for mine, theirs in zip(compiled, eager, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_as_operation_by_operation(kind):
    both(lambda: getattr(optimizers, kind)(0.1))
    both(lambda: getattr(optimizers, kind)(0.1, clipnorm=0.5, use_ema=True, ema_overwrite_frequency=2))


def test_schedules():
    both(lambda: optimizers.SGD(optimizers.schedules.ExponentialDecay(0.5, 1, 0.5), momentum=0.9))


def is_compiled(optimizer) -> bool:
    return optimizer._compiled_step is not None and optimizer._compiled_step._is_own


def test_a_new_rate_and_other_settings_take_effect():
    optimizer, (w, _) = optimizers.SGD(1.0), variables()
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), w)])
    assert is_compiled(optimizer)
    optimizer.learning_rate = 0.5
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), w)])
    np.testing.assert_array_equal(w, [-0.5, -3.5])
    optimizer.clipvalue = 0.25
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), w)])
    np.testing.assert_array_equal(w, [-0.625, -3.625])
    assert int(optimizer.iterations) == 3


def test_code_of_the_user_runs_in_every_step():
    seen = []

    class Mine(optimizers.Optimizer):
        def update_step(self, gradient, variable, learning_rate):
            seen.append("step")
            variable.assign_sub(gradient)

    class Schedule(optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            seen.append("schedule")
            return 0.5

    def constraint(w):
        seen.append("constraint")
        return w

    for optimizer, limit in (
        (Mine(0.1), None),
        (optimizers.SGD(Schedule()), None),
        (optimizers.SGD(lambda: seen.append("rate") or 0.5), None),
        (optimizers.SGD(0.5), constraint),
    ):
        w = tf.Variable([1.0], constraint=limit)
        seen.clear()
        for _ in range(3):
            optimizer.apply_gradients([(tf.constant([1.0]), w)])
        assert not is_compiled(optimizer)
        assert len(seen) == 3


def test_other_variables_are_another_step():
    optimizer, (v, w) = optimizers.Adam(0.5), variables()
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant([1.0, 1.0]), v)])
        optimizer.apply_gradients([(tf.constant([[1.0], [1.0]]), w)])
    assert int(optimizer.iterations) == 4
    assert not np.array_equal(w, [[3.0], [0.5]])


def test_copies_work_on_their_own_variables():
    optimizer, weights = optimizers.Adam(0.5), variables()
    run(optimizer, weights)
    before = [w.numpy() for w in weights]
    for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        assert other._compiled_step is None
        run(other, variables())
    for now, then in zip(weights, before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_an_eager_loop_learns():
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(8, activation="relu", input_shape=(2,)), tf.keras.layers.Dense(2)]
    )
    loss_function = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = optimizers.Adam(0.05)
    x, y = tf.constant([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
    for _ in range(150):
        with tf.GradientTape() as tape:
            loss = loss_function(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    assert np.argmax(model(x), axis=1).tolist() == y
    assert float(loss) < 0.1
