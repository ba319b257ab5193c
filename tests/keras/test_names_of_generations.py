"""Names in the history that differ between Keras 2.15 and Keras 3."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf

NAMES = [("2", "kullback_leibler_divergence", "lr"), ("3", "kl_divergence", "learning_rate")]


@pytest.mark.parametrize(("generation", "divergence", "rate"), NAMES)
def test_the_history_has_the_names_of_its_generation(
    monkeypatch: pytest.MonkeyPatch, generation: str, divergence: str, rate: str
) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    callbacks = tf.keras.callbacks
    for callback in (callbacks.LearningRateScheduler(lambda epoch: 0.5), callbacks.ReduceLROnPlateau("loss")):
        model = tf.keras.Sequential([tf.keras.layers.Dense(3, activation="softmax")])
        model.compile(tf.keras.optimizers.SGD(0.5), "mse", metrics=[tf.keras.metrics.KLDivergence()])
        history = model.fit(np.ones((4, 2)), np.eye(4, 3), verbose=0, callbacks=[callback]).history
        assert set(history) == {"loss", divergence, rate}
        assert history[rate] == [0.5]


def test_a_name_that_is_given_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "2")
    metric = tf.keras.metrics.KLDivergence.from_config({"name": "kl_divergence", "dtype": "float32"})
    assert metric.name == "kl_divergence"
