"""What callbacks say about the metric that they monitor, and how they compare it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf

X, Y = np.ones((8, 3), np.float32), np.ones((8, 1), np.float32)


def trained(callback: Any, **options: Any) -> Any:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(X, Y, verbose=0, callbacks=[callback], **options)
    return callback


def test_a_metric_that_is_missing_is_explained_by_its_cause() -> None:
    with pytest.warns(UserWarning, match="Pass validation_data to fit"):
        trained(tf.keras.callbacks.EarlyStopping("val_mae"))
    with pytest.warns(UserWarning, match="Did you mean 'val_mae'.* Use one of these, or compile") as said:
        trained(tf.keras.callbacks.EarlyStopping("val_mea"), validation_data=(X, Y))
    assert "Pass validation_data" not in str(said[0].message)


def test_monitor_op_says_and_sets_the_direction() -> None:
    callbacks = tf.keras.callbacks
    assert callbacks.EarlyStopping("loss").monitor_op is np.less
    assert callbacks.ReduceLROnPlateau("accuracy", mode="max").monitor_op is np.greater
    checkpoint = callbacks.ModelCheckpoint("a.keras", "val_accuracy")
    assert checkpoint.monitor_op is np.greater
    checkpoint.monitor_op = np.less
    assert checkpoint.monitor_op is np.less
    checkpoint.monitor_op = lambda new, best: new > best
    assert checkpoint.monitor_op is np.greater


def test_a_schedule_that_a_callback_cannot_change_is_named() -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    decay = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model.compile(tf.keras.optimizers.SGD(decay), "mse")
    with pytest.raises(ValueError, match="create the optimizer with a number"):
        tf.keras.backend.set_value(model.optimizer.learning_rate, 0.01)
    with pytest.raises(TypeError, match=r"assign it: optimizer.learning_rate = schedule"):
        tf.keras.backend.set_value(tf.keras.optimizers.SGD(0.1).learning_rate, type(decay)(0.1, 10, 0.9))
