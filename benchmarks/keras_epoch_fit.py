"""The models of keras_epoch.py as a Keras user writes them: `fit` on pixels divided by 255.

python keras_epoch_fit.py DATA LIBRARY FORM      (started by keras_epoch.py)

LIBRARY is ``tensorlet``, or ``keras`` for real Keras on the backend that KERAS_BACKEND names. FORM is
``plain``: shuffled, the loss alone; or ``validation``: in order, with accuracy and a validation pass.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from measure import reply, requests

#: The parent process decides when to stop.
MOST_EPOCHS = 1_000_000


def build(keras: Any, data: Any) -> Any:
    """The compiled model, with the weights of the data."""
    count = int(data["layers"])
    kernels = [data[f"kernel{layer}"] for layer in range(count)]
    layers = [keras.layers.Input(shape=(len(kernels[0]),))]
    for kernel in kernels[:-1]:
        layers.append(keras.layers.Dense(kernel.shape[1], activation="relu"))
    layers.append(keras.layers.Dense(kernels[-1].shape[1], activation="softmax"))
    model = keras.Sequential(layers)
    weights = [[kernel, data[f"bias{layer}"]] for layer, kernel in enumerate(kernels)]
    model.set_weights([array for pair in weights for array in pair])
    return model


def turns(keras: Any, asked: Iterator[Any]) -> Any:
    """A callback that reports each epoch's time and waits until it is our turn again."""

    class Turns(keras.callbacks.Callback):
        start = 0.0

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            reply(seconds=time.perf_counter() - self.start, loss=float(logs["loss"]))
            if next(asked, None) is None:
                self.model.stop_training = True
            self.start = time.perf_counter()

        def on_train_begin(self, logs: Any = None) -> None:
            self.start = time.perf_counter()

    return Turns()


def main(path: str, library: str, form: str) -> None:
    """Loads the data, then trains, one epoch for each request."""
    module = importlib.import_module(library)
    keras = module.keras if library == "tensorlet" else module
    with np.load(path) as archive:
        data = dict(archive)
    validate = form == "validation"
    model = build(keras, data)
    model.compile(
        optimizer=keras.optimizers.Adam(0.001),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"] if validate else None,
    )
    keras.utils.set_random_seed(int(data["seed"]))
    asked = requests(version=f"{library} {module.__version__}")
    next(asked)
    model.fit(
        data["images"] / 255.0,
        data["labels"],
        batch_size=int(data["batch_size"]),
        epochs=MOST_EPOCHS,
        verbose=0,
        shuffle=not validate,
        validation_data=(data["test_images"] / 255.0, data["test_labels"]) if validate else None,
        callbacks=[turns(keras, asked)],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
