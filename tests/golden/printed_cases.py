"""Models whose `summary` is printed, and trainings whose lines are: the same for Keras 2 and for Tensorlet."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np


def lecture(keras: Any) -> Any:
    """Softmax regression as in the lecture."""
    layers = keras.layers
    return keras.models.Sequential(
        [layers.Flatten(input_shape=(28, 28)), layers.Dense(10, activation="softmax")]
    )


def deep(keras: Any) -> Any:
    """Layers with weights that are not trained."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Dense(
                64, activation="relu", input_shape=(20,), name="a_layer_with_quite_a_long_name_indeed"
            ),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(32, trainable=False),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="deep",
    )


def deferred(keras: Any) -> Any:
    """Built when the shape is known."""
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])
    model.build((None, 4))
    return model


def two_inputs(keras: Any) -> Any:
    """A functional model that branches and joins."""
    layers = keras.layers
    left, right = keras.Input((4,), name="left"), keras.Input((3,), name="right")
    both = layers.Concatenate()([layers.Dense(8)(left), layers.Dense(8)(right)])
    shared = layers.Dense(16, activation="relu", name="shared")(both)
    return keras.Model(
        [left, right], [layers.Dense(1, name="size")(shared), layers.Dense(3, name="kind")(shared)]
    )


def residual(keras: Any) -> Any:
    """A sum of a layer's output and its input."""
    layers = keras.layers
    start = keras.Input((6,))
    out = layers.Add()([start, layers.Dense(6, activation="relu")(start)])
    return keras.Model(start, layers.Dense(2)(out), name="residual")


def nested(keras: Any) -> Any:
    """A model in a model, one of them frozen."""
    layers = keras.layers
    inner = keras.Sequential([layers.Dense(5, input_shape=(4,)), layers.Dense(3)], name="inner")
    inner.trainable = False
    return keras.Sequential([keras.Input((4,)), inner, layers.Dense(1)], name="outer")


def tables(keras: Any) -> Any:
    """Words, vectors, and shapes of three axes."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Embedding(100, 8, input_length=6),
            layers.LayerNormalization(),
            layers.Reshape((3, 16)),
            layers.Dense(4),
            layers.PReLU(),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


#: Name -> the model, and what `summary` gets.
SUMMARIES: dict[str, tuple[Callable[[Any], Any], dict[str, Any]]] = {
    "lecture": (lecture, {}),
    "deep": (deep, {}),
    "deep, trainable": (deep, {"show_trainable": True}),
    "deep, wide": (deep, {"line_length": 100}),
    "deep, positions": (deep, {"line_length": 80, "positions": [0.4, 0.8, 1.0]}),
    "deferred": (deferred, {}),
    "two inputs": (two_inputs, {}),
    "two inputs, trainable": (two_inputs, {"show_trainable": True}),
    "residual": (residual, {}),
    "nested": (nested, {}),
    "nested, expanded": (nested, {"expand_nested": True}),
    "nested, expanded, trainable": (nested, {"expand_nested": True, "show_trainable": True}),
    "tables": (tables, {}),
}


def summary(keras: Any, name: str) -> list[str]:
    """The lines that `summary` prints."""
    keras.backend.clear_session()
    make, options = SUMMARIES[name]
    lines: list[str] = []
    make(keras).summary(print_fn=lambda text, *more: lines.extend(str(text).split("\n")), **options)
    return [line.rstrip() for line in lines]


#: Name -> what `fit` gets beside the data; "evaluate" and "predict" call those.
TRAININGS: dict[str, dict[str, Any]] = {
    "two": {"verbose": 2, "epochs": 2},
    "two, validation": {"verbose": 2, "epochs": 2, "validation_split": 0.25},
    "one": {"verbose": 1, "epochs": 2},
    "one, validation": {"verbose": 1, "epochs": 1, "validation_split": 0.25},
    "auto": {"epochs": 1},
    "none": {"verbose": 0, "epochs": 1},
    "from an epoch": {"verbose": 2, "epochs": 3, "initial_epoch": 2},
    "evaluate 1": {"verbose": 1},
    "evaluate 2": {"verbose": 2},
    "predict 1": {"verbose": 1},
    "predict 2": {"verbose": 2},
}


def training(keras: Any, name: str) -> None:
    """Prints what a training (or evaluation or prediction) prints."""
    keras.backend.clear_session()
    model = keras.Sequential([keras.layers.Dense(1, input_shape=(2,), kernel_initializer="zeros")])
    model.compile("sgd", "mse", metrics=["mae"])
    x = np.ones((40, 2), "float32")
    options = TRAININGS[name]
    if name.startswith("evaluate"):
        model.evaluate(x, x[:, 0], batch_size=4, **options)
    elif name.startswith("predict"):
        model.predict(x, batch_size=4, **options)
    else:
        model.fit(x, x[:, 0], batch_size=4, shuffle=False, **options)


def last_drawings(printed: str) -> list[str]:
    """Each line as it looks in the end, its times replaced by T: they differ from run to run."""
    lines = []
    for line in printed.split("\n"):
        shown = re.sub(r"[\b]+", "\r", line).split("\r")[-1].rstrip()
        shown = re.sub(r"\b\d+(s|ms|us)\b", "T", shown)
        lines.append(shown)
    return lines
