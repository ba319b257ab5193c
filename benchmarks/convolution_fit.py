"""The networks of convolution.py as a Keras user writes them.

python convolution_fit.py DATA LIBRARY fit|predict      (started by convolution.py)

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

#: Seconds that the calls of one answer should take together.
ENOUGH = 0.05


def build(keras: Any, data: Any) -> Any:
    """The network, with the weights of the data."""
    layers = keras.layers
    made: list[Any] = [layers.Input(shape=(28, 28, 1)), layers.Rescaling(1.0 / 255)]
    kernels = [data[f"kernel{number}"] for number in range(int(data["layers"]))]
    paddings = list(data["paddings"])
    for kernel, padding in zip(kernels, paddings, strict=False):
        made.append(
            layers.Conv2D(kernel.shape[-1], kernel.shape[0], padding=str(padding).lower(), activation="relu")
        )
        made.append(layers.MaxPooling2D(2))
    made.append(layers.Flatten())
    for kernel in kernels[len(paddings) : -1]:
        made.append(layers.Dense(kernel.shape[1], activation="relu"))
    made.append(layers.Dense(kernels[-1].shape[1], activation="softmax"))
    model = keras.Sequential(made)
    weights = [[kernel, data[f"bias{number}"]] for number, kernel in enumerate(kernels)]
    model.set_weights([array for pair in weights for array in pair])
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

    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="sparse_categorical_crossentropy")
    next(asked)
    model.fit(
        data["images"], data["labels"], batch_size=int(data["batch_size"]), epochs=MOST_EPOCHS, verbose=0,
        shuffle=False, callbacks=[Turns()],
    )  # fmt: skip


def predict(model: Any, data: Any, asked: Any) -> None:
    """The seconds of a call with one picture, for each request."""
    x = data["images"][:1].astype(np.float32)
    for _ in asked:
        found = model.predict(x, verbose=0)
        start = time.perf_counter()
        model.predict(x, verbose=0)
        count = max(1, int(ENOUGH / (time.perf_counter() - start)))
        best = float("inf")
        for _ in range(count):
            start = time.perf_counter()
            model.predict(x, verbose=0)
            best = min(best, time.perf_counter() - start)
        reply(seconds=best, result=float(np.square(found, dtype=np.float64).sum()))


def main(path: str, library: str, form: str) -> None:
    """Loads the data, then answers requests."""
    module = importlib.import_module(library)
    keras = module.keras if library == "tensorlet" else module
    with np.load(path) as archive:
        data = dict(archive)
    model = build(keras, data)
    asked = requests(version=f"{library} {module.__version__}")
    if form == "fit":
        train(keras, model, data, asked)
    else:
        predict(model, data, asked)


if __name__ == "__main__":
    main(*sys.argv[1:])
