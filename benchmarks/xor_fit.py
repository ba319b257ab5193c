"""XOR with `fit`; each request trains for another 1,000 epochs.      (started by xor.py)"""

from __future__ import annotations

import time

import tensorlet as tf
from measure import reply, requests
from xor_data import EPOCHS, LABELS, ROWS, weights


def main() -> None:
    """Builds the model, then trains it for each request."""
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(8, input_dim=2, activation="relu"),
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.set_weights(weights())
    model.compile(optimizer="adam", loss="mean_squared_error", metrics=["accuracy"])
    for _ in requests(version=f"tensorlet {tf.__version__}"):
        start = time.perf_counter()
        history = model.fit(
            ROWS, LABELS, batch_size=4, epochs=EPOCHS, validation_data=(ROWS, LABELS), verbose=0
        )
        reply(seconds=time.perf_counter() - start, loss=history.history["val_loss"][-1])


if __name__ == "__main__":
    main()
