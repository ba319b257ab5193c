"""What a callback gets after each batch: the metrics so far, from the step itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf


class Keeping(tf.keras.callbacks.Callback):
    """Keeps the logs, and what the metrics say at that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.logs: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of training."""
        now = {name: float(value) for name, value in self.model.get_metrics_result().items()}
        self.logs.append((dict(logs), now))

    on_test_batch_end = on_train_batch_end


@pytest.mark.parametrize("eagerly", [False, True])
def test_logs_are_the_results_of_the_metrics(eagerly: bool) -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(40, 3)), generator.integers(0, 2, 40)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, activation="sigmoid", input_shape=(3,))])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy", "AUC"], run_eagerly=eagerly)
    keeping = Keeping()
    for _ in range(2):
        model.fit(x, y, batch_size=16, verbose=0, validation_data=(x, y), callbacks=[keeping])
    assert len(keeping.logs) == 12
    for logs, now in keeping.logs:
        assert logs.keys() == now.keys()
        np.testing.assert_allclose([logs[name] for name in now], list(now.values()), rtol=1e-6)
    losses = [logs["loss"] for logs, _ in keeping.logs]
    assert len(set(losses)) == 12
