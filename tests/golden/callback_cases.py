"""Callbacks shown a metric that somebody wrote down: what they decide, the same for Keras 2 and for Tensorlet."""

from __future__ import annotations

from typing import Any

import numpy as np

FALLING = [1.0, 0.8, 0.7, 0.75, 0.72, 0.71, 0.69, 0.9, 0.9, 0.9, 0.9, 0.9]
RISING = [0.1, 0.3, 0.5, 0.4, 0.5, 0.45, 0.52, 0.5, 0.5, 0.5]
FLAT = [1.0] * 12
NOT_A_NUMBER = [1.0, float("nan"), 0.9, 0.8, float("nan"), float("nan"), float("nan")]

#: The class, its arguments, the metric's name and its values.
STOPPING: list[tuple[dict[str, Any], str, list[float]]] = [
    ({}, "val_loss", FALLING),
    ({"patience": 1}, "val_loss", FALLING),
    ({"patience": 2}, "val_loss", FALLING),
    ({"patience": 3, "restore_best_weights": True}, "val_loss", FALLING),
    ({"patience": 3, "restore_best_weights": True, "min_delta": 0.05}, "val_loss", FALLING),
    ({"monitor": "val_accuracy", "patience": 2}, "val_accuracy", RISING),
    ({"monitor": "val_accuracy", "patience": 2, "restore_best_weights": True}, "val_accuracy", RISING),
    ({"monitor": "loss", "mode": "max", "patience": 2, "restore_best_weights": True}, "loss", FALLING),
    ({"monitor": "score", "mode": "max", "patience": 3}, "score", RISING),
    ({"baseline": 0.75, "patience": 2}, "val_loss", FALLING),
    ({"baseline": 0.5, "patience": 3, "restore_best_weights": True}, "val_loss", FALLING),
    ({"start_from_epoch": 4, "patience": 1, "restore_best_weights": True}, "val_loss", FALLING),
    ({"start_from_epoch": 3}, "val_loss", FLAT),
    ({"patience": 4}, "val_loss", FLAT),
    ({"patience": 1, "restore_best_weights": True}, "val_loss", FLAT),
    ({"patience": 2}, "val_loss", NOT_A_NUMBER),
    ({"patience": 50, "restore_best_weights": True}, "val_loss", FALLING),
]

PLATEAUS: list[tuple[dict[str, Any], str, list[float]]] = [
    ({"patience": 1}, "val_loss", FALLING),
    ({"patience": 2, "factor": 0.5}, "val_loss", FALLING),
    ({"patience": 1, "factor": 0.5, "cooldown": 2}, "val_loss", FLAT),
    ({"patience": 2, "factor": 0.2, "min_lr": 0.01}, "val_loss", FLAT),
    ({"patience": 1, "min_delta": 0.06, "factor": 0.5}, "val_loss", FALLING),
    ({"monitor": "val_accuracy", "patience": 1, "factor": 0.5}, "val_accuracy", RISING),
    ({"monitor": "score", "mode": "max", "patience": 2, "factor": 0.5}, "score", RISING),
    ({"patience": 1, "factor": 0.5}, "val_loss", NOT_A_NUMBER),
]


def small_model(keras: Any) -> Any:
    """One weight, which says which epoch it comes from."""
    model = keras.Sequential(
        [keras.layers.Dense(1, use_bias=False, input_shape=(1,), kernel_initializer="zeros")]
    )
    model.compile(keras.optimizers.SGD(0.5), "mse")
    return model


def stopping(keras: Any, case: int) -> dict[str, Any]:
    """When early stopping stops, and which epoch's weights the model has then."""
    arguments, name, values = STOPPING[case]
    model = small_model(keras)
    callback = keras.callbacks.EarlyStopping(**arguments)
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    last = 0
    for epoch, value in enumerate(values):
        model.set_weights([np.full((1, 1), epoch, "float32")])
        callback.on_epoch_end(epoch, {name: value})
        last = epoch
        if model.stop_training:
            break
    callback.on_train_end()
    return {
        "last": last,
        "stopped_epoch": int(callback.stopped_epoch),
        "best_epoch": int(callback.best_epoch),
        "weight": float(model.get_weights()[0][0, 0]),
        "wait": int(callback.wait),
        "best": f"{float(callback.best):g}",
    }


def plateau(keras: Any, case: int) -> list[float]:
    """The learning rate after each epoch."""
    arguments, name, values = PLATEAUS[case]
    model = small_model(keras)
    callback = keras.callbacks.ReduceLROnPlateau(**arguments)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {name: value})
        rates.append(float(f"{float(np.asarray(model.optimizer.learning_rate)):.7g}"))
    return rates


class Diary:
    """Makes a callback class that writes down each hook's name."""

    def __new__(cls, keras: Any, diary: list[str], batches: bool = True) -> Any:
        """An object of that class."""
        kinds = ["train_begin", "train_end", "epoch_begin", "epoch_end", "test_begin", "test_end"]
        kinds += ["predict_begin", "predict_end"]
        if batches:
            kinds += [
                f"{kind}_batch_{moment}"
                for kind in ("train", "test", "predict")
                for moment in ("begin", "end")
            ]

        def hook(kind: str) -> Any:
            def write(self: Any, *arguments: Any) -> None:
                number = [str(one) for one in arguments if isinstance(one, int)]
                logs = arguments[-1] if arguments and isinstance(arguments[-1], dict) else {}
                diary.append(" ".join([kind, *number, *sorted(logs)]))

            return write

        return type("Written", (keras.callbacks.Callback,), {f"on_{kind}": hook(kind) for kind in kinds})()


def hooks(keras: Any) -> list[str]:
    """Every hook that is called in a small training, an evaluation and a prediction, in order."""
    model = small_model(keras)
    model.compile("sgd", "mse", metrics=["mae"])
    diary: list[str] = []
    x, y = np.ones((5, 1), "float32"), np.ones((5, 1), "float32")
    callback = Diary(keras, diary)
    model.fit(
        x, y, batch_size=2, epochs=2, verbose=0, callbacks=[callback], validation_data=(x[:3], y[:3]),
        validation_batch_size=2,
    )  # fmt: skip
    model.evaluate(x, y, batch_size=3, verbose=0, callbacks=[callback])
    model.predict(x, batch_size=3, verbose=0, callbacks=[callback])
    return diary


def logged(keras: Any, folder: Any) -> dict[str, str]:
    """The first line of what `CSVLogger` writes, and the first cells of the others."""
    found = {}
    for name, options in {"plain": {}, "appended": {"append": True}, "tabs": {"separator": "\t"}}.items():
        path = f"{folder}/{name}.csv"
        model = small_model(keras)
        model.compile(keras.optimizers.SGD(0.25), "mse", metrics=["mae"])
        x = np.ones((4, 1), "float32")
        for times in range(2):
            model.fit(
                x, 2 * x, epochs=2, batch_size=4, verbose=0, validation_data=(x, 2 * x), validation_freq=1 + times,
                callbacks=[keras.callbacks.CSVLogger(path, **options)],
            )  # fmt: skip
        with open(path, encoding="utf-8", newline="") as file:
            found[name] = file.read()
    return found
