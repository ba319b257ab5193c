"""Softmax regression in Keras."""

from __future__ import annotations

from typing import Any

import tensorlet as tf


def softmax_regression(learning_rate: float) -> Any:
    """Returns a compiled model for ``softmax(x W + b)``: one weight per pixel and digit, one bias per digit.

    Args:
        learning_rate: the learning rate of Adam.

    Returns:
        A model from uint8 images of shape ``(rows, 28, 28)`` to probabilities of shape ``(rows, 10)``.

    >>> softmax_regression(0.001).count_params()
    7850
    """
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Flatten(input_shape=(28, 28)),
            tf.keras.layers.Rescaling(1 / 255),  # images stay uint8; each batch is scaled during training
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
