"""Training with BatchNormalization over channels. The numbers are those of Keras 2.15 and Keras 3.15.

Losses agree, since both normalize a batch by its own variance. The moving variance does not: for pictures, Keras 2
takes that of a sample, n / (n - 1) times as large.
"""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf

LOSSES = [0.594508, 0.488906, 0.490527, 0.467322, 0.46557]
#: Predictions, and the moving variances of both layers.
AFTER = {
    "2": ([0.076016, 0.184108, 0.030257], [0.949544, 0.985629, 0.931488], [1.127339, 1.093667]),
    "3": ([0.073698, 0.18373, 0.026643], [0.946722, 0.980551, 0.929793], [1.0716, 1.046346]),
}


def waves(shape: tuple[int, ...], step: float) -> np.ndarray:
    return np.sin(step * np.arange(np.prod(shape))).reshape(shape).astype(np.float32)


@pytest.mark.parametrize("generation", sorted(AFTER))
def test_sgd_over_channels(generation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Input((4, 4, 2)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Conv2D(2, 2),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    weights = model.get_weights()
    for place in (0, 1, 6, 7, 12, 13):  # kernels and biases
        weights[place] = 0.5 * waves(weights[place].shape, 1.0 + place)
    model.set_weights(weights)
    model.compile(tf.keras.optimizers.SGD(0.05, momentum=0.9), "mse")
    x, y = 1 + 2 * waves((8, 4, 4, 2), 0.7), waves((8, 1), 2.0)
    losses = model.fit(x, y, batch_size=4, epochs=5, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(losses, LOSSES, atol=2e-5)
    found = (model.predict(x[:3], verbose=0).ravel(), model.get_weights()[5], model.get_weights()[11])
    for mine, theirs in zip(found, AFTER[generation], strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-5)
