"""The networks of recurrence.py as a Keras user writes them.

python recurrence_fit.py DATA LIBRARY      (started by recurrence.py)

LIBRARY is ``tensorlet``, or ``keras`` for real Keras on the backend that KERAS_BACKEND names.
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any

import numpy as np

from keras_epoch_fit import MOST_EPOCHS
from measure import reply, requests


def build(keras: Any, data: Any) -> Any:
    """The network, with the weights of the data."""
    layers = keras.layers
    recurrent = layers.LSTM if str(data["cell"]) == "lstm" else layers.GRU
    outputs = data["dense"].shape[1]
    made: list[Any] = [layers.Input(shape=data["x"].shape[1:])]
    if data["x"].dtype == np.uint8:
        made.append(layers.Rescaling(1.0 / 255))
    made.append(recurrent(data["recurrent"].shape[0]))
    made.append(layers.Dense(outputs, activation="softmax" if outputs > 1 else None))
    model = keras.Sequential(made)
    model.set_weights([data[name] for name in ("kernel", "recurrent", "bias", "dense", "dense_bias")])
    loss = "sparse_categorical_crossentropy" if outputs > 1 else "mse"
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss=loss)
    return model


def train(keras: Any, model: Any, data: Any, asked: Any) -> None:
    """One epoch for each request."""

    class Turns(keras.callbacks.Callback):
        """Reports each epoch's time, and waits until it is our turn again."""

        start = 0.0

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            reply(seconds=time.perf_counter() - self.start, result=float(logs["loss"]))
            if next(asked, None) is None:
                self.model.stop_training = True
            self.start = time.perf_counter()

        def on_train_begin(self, logs: Any = None) -> None:
            self.start = time.perf_counter()

    next(asked)
    model.fit(
        data["x"], data["y"], batch_size=int(data["batch_size"]), epochs=MOST_EPOCHS, verbose=0, shuffle=False,
        callbacks=[Turns()],
    )  # fmt: skip


def main(path: str, library: str) -> None:
    """Loads the data, then answers requests."""
    module = importlib.import_module(library)
    keras = module.keras if library == "tensorlet" else module
    with np.load(path) as archive:
        data = dict(archive)
    model = build(keras, data)
    train(keras, model, data, requests(version=f"{library} {module.__version__}"))


if __name__ == "__main__":
    main(*sys.argv[1:])
