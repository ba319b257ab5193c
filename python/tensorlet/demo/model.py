"""The models of the demo in Keras: softmax regression, and a convolutional network."""

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


def convolutional_network(learning_rate: float, steps: int) -> Any:
    """Returns a compiled LeNet-5 with rectified linear units and maximum pooling, which reaches 99 % on MNIST.

    Args:
        learning_rate: the learning rate of Adam at the start; it falls to 0 along a cosine.
        steps: the number of steps of the whole training.

    Returns:
        A model from uint8 images of shape ``(rows, 28, 28)`` to probabilities of shape ``(rows, 10)``.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
    1998.

    >>> convolutional_network(0.001, 100).count_params()
    61706
    """
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Reshape((28, 28, 1), input_shape=(28, 28)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 5, padding="same", activation="relu", name="first_convolution"),
            layers.MaxPooling2D(name="first_pooling"),
            layers.Conv2D(16, 5, activation="relu", name="second_convolution"),
            layers.MaxPooling2D(name="second_pooling"),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="convolutional_network",
    )
    schedule = tf.keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(schedule),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
