"""Small trainings, the same for Keras and for Tensorlet: data, models, settings."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

ROWS, FEATURES, CLASSES, EPOCHS, BATCH = 50, 6, 3, 5, 16

#: Name -> how the model ends, and what `compile` and `fit` get.
CASES: dict[str, dict[str, Any]] = {
    "adam sparse": {"loss": "sparse_categorical_crossentropy", "optimizer": "adam", "labels": "sparse"},
    "sgd one-hot": {"loss": "categorical_crossentropy", "optimizer": "sgd", "labels": "one-hot"},
    "rmsprop binary": {
        "loss": "binary_crossentropy", "optimizer": "rmsprop", "labels": "binary", "end": "sigmoid",
    },
    "adam mse": {"loss": "mse", "optimizer": "adam", "labels": "binary", "end": "sigmoid", "metrics": ["mae"]},
    "l2": {"loss": "sparse_categorical_crossentropy", "optimizer": "sgd", "labels": "sparse", "l2": 0.01},
    "class weights": {
        "loss": "sparse_categorical_crossentropy", "optimizer": "sgd", "labels": "sparse",
        "class_weight": {0: 1.0, 1: 3.0, 2: 0.5},
    },
    "sample weights": {
        "loss": "sparse_categorical_crossentropy", "optimizer": "sgd", "labels": "sparse", "weighted": True,
    },
}  # fmt: skip


def data() -> tuple[np.ndarray, np.ndarray]:
    """Inputs [rows, features] and class indices [rows]."""
    generator = np.random.default_rng(7)
    x = generator.normal(size=(ROWS, FEATURES)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] > 0).astype(np.int64) + (x[:, 2] > 0.5)
    return x, y


def labels(kind: str, y: np.ndarray) -> np.ndarray:
    """The labels in the form that a loss wants."""
    if kind == "one-hot":
        return np.eye(CLASSES, dtype=np.float32)[y]
    return (y > 0).astype(np.float32)[:, None] if kind == "binary" else y


def weights(widths: tuple[int, ...]) -> list[np.ndarray]:
    """The weights that a network starts from."""
    generator = np.random.default_rng(11)
    found = []
    for fan_in, units in itertools.pairwise(widths):
        found.append(generator.normal(scale=fan_in**-0.5, size=(fan_in, units)).astype(np.float32))
        found.append(np.linspace(-0.1, 0.1, units, dtype=np.float32))
    return found


def train(keras: Any, name: str) -> dict[str, Any]:
    """Trains one case with a ``keras`` module: its history and the weights at the end."""
    case = CASES[name]
    end = case.get("end", "softmax")
    units = CLASSES if end == "softmax" else 1
    regularizer = keras.regularizers.L2(case["l2"]) if "l2" in case else None
    model = keras.Sequential(
        [
            keras.layers.Input((FEATURES,)),
            keras.layers.Dense(8, activation="relu", kernel_regularizer=regularizer),
            keras.layers.Dense(units, activation=end),
        ]
    )
    model.compile(optimizer=case["optimizer"], loss=case["loss"], metrics=case.get("metrics", ["accuracy"]))
    model.set_weights(weights((FEATURES, 8, units)))
    x, y = data()
    y = labels(case["labels"], y)
    history = model.fit(
        x[:40], y[:40], batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0, validation_data=(x[40:], y[40:]),
        class_weight=case.get("class_weight"),
        sample_weight=np.linspace(0.2, 2.0, 40).astype(np.float32) if case.get("weighted") else None,
    )  # fmt: skip
    return {
        "history": {key: [float(value) for value in values] for key, values in history.history.items()},
        "weights": [np.asarray(array).tolist() for array in model.get_weights()],
    }
