"""Answers to the exercises of lesson 13; the records are written to the current folder."""

from pathlib import Path

import numpy as np

import tensorlet as tf


def record(folder, rates, epochs):
    for number, rate in enumerate(rates):
        tf.keras.utils.set_random_seed(1)
        model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
        model.compile(tf.keras.optimizers.SGD(rate), "mse")
        callback = tf.keras.callbacks.TensorBoard(log_dir=Path(folder) / f"run{number}")
        model.fit(np.eye(2), np.ones(2), epochs=epochs, verbose=0, callbacks=[callback])


record("good", (0.1, 0.2, 0.3), 20)
record("few", (0.1, 0.2), 20)
record("short", (0.1, 0.2, 0.3), 5)
record("same", (0.1, 0.1, 0.1), 20)
record("twice", (0.1, 0.2, 0.3), 20)
record("twice", (0.4, 0.5, 0.6), 20)
Path("empty").mkdir(exist_ok=True)

RIGHT = {
    "13a": ["good", Path("good")],
    "13b": [
        lambda settings: "_".join(f"{name}-{value}" for name, value in sorted(settings.items())),
        lambda settings: ",".join(sorted(f"{name}={value}" for name, value in settings.items())),
    ],
}
WRONG = {
    "13a": ["missing", "empty", "few", "short", "same", "twice", 3],
    "13b": [
        lambda settings: "_".join(f"{name}-{value}" for name, value in settings.items()),
        lambda settings: str(sorted(settings.items())),
        lambda settings: "_".join(sorted(str(value) for value in settings.values())),
        lambda settings: "/".join(f"{name}-{value}" for name, value in sorted(settings.items())),
        lambda settings: "-".join(sorted(settings)),
        lambda settings: 7,
    ],
}
