"""XOR as in the lecture: eight ReLU units, one sigmoid, Adam, 1,000 epochs; how often it is learned."""

from __future__ import annotations

from typing import Any

import numpy as np

SEEDS, EPOCHS = 50, 1000
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
Y = np.array([[0], [1], [1], [0]], "float32")


def learned(keras: Any, seed: int) -> tuple[bool, float]:
    """Whether a network that starts from a seed gets all four right in the end, and its loss.

    Args:
        keras: a Keras module.
        seed: decides the first weights. Two libraries draw other numbers from the same distribution.
    """
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="mean_squared_error", metrics=["accuracy"])
    model.fit(X, Y, batch_size=4, epochs=EPOCHS, verbose=0)
    loss, accuracy = model.evaluate(X, Y, verbose=0)
    keras.backend.clear_session()
    return accuracy == 1.0, float(loss)
