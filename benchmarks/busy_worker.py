"""The workloads of busy.py, as users write them; each request trains for some epochs.

python busy_worker.py LIBRARY CASE      (started by busy.py)

LIBRARY is ``tensorlet``, ``keras`` (real Keras on the backend that KERAS_BACKEND names) or ``tensorflow``.
The data are random: times do not depend on what is learned.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from measure import reply, requests

#: Widths of the layers, rows and batch size of the models that `fit` trains.
MODELS = {
    "softmax": ((784, 10), 60_000, 100),
    "mlp128": ((784, 128, 10), 60_000, 100),
    "mlp1024": ((784, 1024, 1024, 10), 10_000, 128),
    "table": ((20, 256, 256, 3), 10_240, 1024),
}
RATE = 0.15


def pixels(rows: int) -> np.ndarray:
    """Rows of 784 numbers from 0 to 1, about a fifth of them not zero, as in pictures of digits."""
    generator = np.random.default_rng(0)
    drawn = generator.integers(1, 256, (rows, 784), dtype=np.uint8)
    drawn[generator.random((rows, 784), dtype=np.float32) >= 0.2] = 0
    return drawn


def fitting(keras: Any, case: str) -> Callable[[int], None]:
    """A function that trains one of ``MODELS`` for some epochs."""
    widths, rows, batch_size = MODELS[case]
    generator = np.random.default_rng(1)
    data: Any = generator.random((rows, widths[0]), dtype=np.float32)
    if widths[0] == 784:
        data = pixels(rows) / 255.0
    labels = generator.integers(0, widths[-1], rows)
    layers = [keras.layers.Input(shape=(widths[0],))]
    layers += [keras.layers.Dense(units, activation="relu") for units in widths[1:-1]]
    model = keras.Sequential([*layers, keras.layers.Dense(widths[-1], activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return lambda epochs: model.fit(data, labels, batch_size=batch_size, epochs=epochs, verbose=0)


def xor(keras: Any) -> Callable[[int], None]:
    """A function that trains a small network on the four rows of XOR."""
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    labels = np.array([[0], [1], [1], [0]], np.float32)
    layers = [
        keras.layers.Input(shape=(2,)),
        keras.layers.Dense(8, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    model = keras.Sequential(layers)
    model.compile(optimizer="adam", loss="mean_squared_error", metrics=["accuracy"])
    return lambda epochs: model.fit(
        rows, labels, batch_size=4, epochs=epochs, validation_data=(rows, labels), verbose=0
    )


def traced_calls(tf: Any) -> Callable[[int], None]:
    """A function that iterates over the rows in Python and calls three traced functions per batch."""
    images = pixels(60_000).astype(np.float32) / 255
    labels = np.eye(10, dtype=np.float32)[np.random.default_rng(1).integers(0, 10, 60_000)]
    W, B = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))

    @tf.function
    def hypothesis(rows: Any) -> Any:
        return tf.nn.softmax(tf.matmul(rows, W) + B)

    @tf.function
    def loss(rows: Any, targets: Any) -> Any:
        return tf.reduce_mean(-tf.reduce_sum(targets * tf.math.log(hypothesis(rows) + 1e-7), axis=1))

    @tf.function
    def train(rows: Any, targets: Any) -> None:
        with tf.GradientTape() as tape:
            value = loss(rows, targets)
        weight_gradient, bias_gradient = tape.gradient(value, [W, B])
        W.assign_sub(RATE * weight_gradient)
        B.assign_sub(RATE * bias_gradient)

    def passes(count: int) -> None:
        for _ in range(count):
            for first in range(0, len(images), 100):
                rows, targets = images[first : first + 100], labels[first : first + 100]
                train(rows, targets)
                loss(rows, targets)
                hypothesis(rows)

    return passes


def main(library: str, case: str) -> None:
    """Builds the workload, then trains for each request."""
    module = importlib.import_module(library)
    if case == "traced":
        work = traced_calls(module)
    else:
        keras = module.keras if library == "tensorlet" else module
        work = xor(keras) if case == "xor" else fitting(keras, case)
    for request in requests(version=f"{library} {module.__version__}"):
        start = time.perf_counter()
        work(request["epochs"])
        reply(seconds=time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
