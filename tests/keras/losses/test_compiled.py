"""Losses under a tape outside of traced functions run as compiled graphs only where nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core.compiled_call import uncompiled
from tensorlet.keras import losses
from tensorlet.keras.losses import compiled

Y = np.float32([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
P = tf.constant([[0.25, 0.75], [0.5, 0.5], [0.9, 0.1]])


def value_and_gradient(loss, y=Y, p=P, **options):
    with tf.GradientTape() as tape:
        tape.watch(p)
        value = loss(y, p, **options)
    return value, tape.gradient(value, p)


def check(loss, **options):
    mine = value_and_gradient(loss, **options)
    with uncompiled():
        theirs = value_and_gradient(loss, **options)
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    "kind", ["MeanSquaredError", "BinaryCrossentropy", "CategoricalCrossentropy", "Huber", "Poisson"]
)
def test_as_operation_by_operation(kind):
    check(getattr(losses, kind)())
    check(getattr(losses, kind)(reduction="none"))
    check(getattr(losses, kind)(), sample_weight=[1.0, 0.0, 2.0])


def test_labels_in_lists():
    check(losses.SparseCategoricalCrossentropy(), y=[1, 0, 1])


def test_settings_count():
    first = value_and_gradient(losses.Huber(delta=0.1))[0]
    assert float(first) != float(value_and_gradient(losses.Huber(delta=0.5))[0])
    loss = losses.CategoricalCrossentropy()
    before = float(value_and_gradient(loss)[0])
    loss.reduction = "sum"
    assert float(value_and_gradient(loss)[0]) == pytest.approx(3 * before)


def test_a_loss_made_in_each_step_is_compiled_once():
    value_and_gradient(losses.LogCosh())
    count = len(compiled._calls)
    value_and_gradient(losses.LogCosh())
    assert len(compiled._calls) == count


def test_functions_of_the_user_run_in_every_call():
    seen = []

    def mine(y_true, y_pred):
        seen.append(1)
        return tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)

    class Mine(losses.Loss):
        def call(self, y_true, y_pred):
            return mine(y_true, y_pred)

    for loss in (Mine(), losses.LossFunctionWrapper(mine)):
        seen.clear()
        for _ in range(3):
            value_and_gradient(loss)
        assert len(seen) == 3


def test_errors_are_those_of_an_eager_call():
    loss = losses.SparseCategoricalCrossentropy()
    for labels in ([1, 2, 0], [1, 0], [[1.0, 0.0]] * 3):
        with pytest.raises(Exception, match=r"y_true|label|index") as eager, uncompiled():
            value_and_gradient(loss, y=labels)
        with pytest.raises(type(eager.value)) as mine:
            value_and_gradient(loss, y=labels)
        assert str(mine.value) == str(eager.value)
