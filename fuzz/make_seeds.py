"""Writes programs that the compiler makes for real models, for the fuzz target to start from.

    python fuzz/make_seeds.py FOLDER

Without them the target hardly gets beyond the reading of its text.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

import tensorlet as tf
from tensorlet.backends.native import executable

#: Longer texts are slow to change and to read.
MOST_CHARACTERS = 16_000


def main(folder: Path) -> None:
    """Trains small models, and keeps the text of each program that is compiled for them."""
    folder.mkdir(parents=True, exist_ok=True)
    emit = executable.emit

    def keep(program: Any) -> tuple[str, bytes]:
        text, constants = emit(program)
        if len(text) <= MOST_CHARACTERS:
            (folder / hashlib.sha1(text.encode()).hexdigest()).write_text(text)
        return text, constants

    executable.emit = keep
    layers = tf.keras.layers
    chance = np.random.default_rng(0)
    x, y = chance.random((64, 80), np.float32), chance.integers(0, 10, 64)
    for widths in ([], [20], [24, 8]):
        for optimizer in ("sgd", "adam", "rmsprop"):
            hidden = [layers.Dense(width, activation="relu") for width in widths]
            model = tf.keras.Sequential(
                [*hidden, layers.Dropout(0.2), layers.Dense(10, activation="softmax")]
            )
            model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
            model.fit(x, y, epochs=1, verbose=0, validation_data=(x, y))
            model.predict(x, verbose=0)
    words = [layers.Embedding(9, 4), layers.GlobalAveragePooling1D(), layers.BatchNormalization()]
    model = tf.keras.Sequential([*words, layers.Dense(1, activation="sigmoid")])
    model.compile("nadam", "binary_crossentropy", metrics=["AUC"])
    model.fit(chance.integers(0, 9, (16, 5)), np.ones(16), verbose=0)
    add_pictures_and_sequences()
    add_loops()
    print(f"{len(list(folder.iterdir()))} programs in {folder}")


def add_pictures_and_sequences() -> None:
    """Small convolutional and recurrent networks, in training and in use."""
    layers = tf.keras.layers
    chance = np.random.default_rng(1)
    bodies: list[list[Any]] = [
        [layers.Conv2D(5, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten()],
        [layers.Conv2D(4, 2, strides=2, groups=2, padding="same"), layers.GlobalAveragePooling2D()],
        [layers.SeparableConv2D(3, 3), layers.AveragePooling2D(2, padding="same"), layers.Flatten()],
        [layers.Conv2DTranspose(3, 3, strides=2), layers.GlobalMaxPooling2D()],
    ]
    for body in bodies:
        fit_quickly(body, chance.random((6, 7, 8, 2), np.float32))
    for cell in (layers.SimpleRNN, layers.LSTM, layers.GRU):
        for masks in ([], [layers.Masking()]):
            fit_quickly([*masks, cell(3)], chance.random((6, 5, 2), np.float32))
    fit_quickly([layers.Bidirectional(layers.GRU(2))], chance.random((6, 4, 2), np.float32))


def fit_quickly(body: list[Any], x: np.ndarray) -> None:
    """Trains a model for one batch, and predicts."""
    model = tf.keras.Sequential([*body, tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, np.ones((len(x), 1), np.float32), verbose=0)
    model.predict(x, verbose=0)


def add_loops() -> None:
    """Loops of known length and their gradients, loops with a condition, and a choice between dear branches."""

    @tf.function
    def recurrent(x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(w)
            total = tf.foldl(lambda state, row: tf.tanh(tf.matmul(state, w) + row), x, tf.zeros([20, 4]))
        return tape.gradient(total, w)

    @tf.function
    def conditional(x: Any) -> Any:
        return tf.while_loop(lambda y: tf.reduce_sum(y) < 9.0, lambda y: [y * 2.0 + 1.0], [x])

    @tf.function
    def chosen(x: Any) -> Any:
        return tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.matmul(x, x), lambda: x)

    recurrent(tf.ones([9, 20, 4]), tf.ones([4, 4]))
    conditional(tf.ones(3))
    chosen(tf.ones([60, 60]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
