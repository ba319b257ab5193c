"""Softmax regression, as one writes it with Keras."""

from __future__ import annotations

from typing import Any

import tensorlet as tf


def softmax_regression(learning_rate: float) -> Any:
    """``softmax(x W + b)``: one weight for each pixel and digit, and one bias for each digit; compiled.

    Args:
        learning_rate: of the Adam optimizer.

    Returns:
        A model from images of shape ``(rows, 28, 28)``, bytes, to probabilities of shape ``(rows, 10)``.

    >>> softmax_regression(0.001).count_params()
    7850
    """
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Flatten(input_shape=(28, 28)),
            tf.keras.layers.Rescaling(1 / 255),  # the images stay bytes; each batch is scaled as it comes
            tf.keras.layers.Dense(10, activation="softmax"),
        ],
        name="softmax_regression",
    )
    model.compile(
        optimizer=tf.keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
