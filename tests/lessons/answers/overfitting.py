"""Answers to the exercises of lesson 6."""

import numpy as np

import tensorlet as tf
from tensorlet.lessons.exercises.overfitting import moons


def network(l2, epochs):
    tf.keras.utils.set_random_seed(1)
    penalty = tf.keras.regularizers.L2(l2)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(64, activation="relu", kernel_regularizer=penalty, input_shape=(2,)),
            tf.keras.layers.Dense(64, activation="relu", kernel_regularizer=penalty),
            tf.keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(*moons(60, 1), batch_size=20, epochs=epochs, verbose=0)
    return model


RIGHT = {
    "6a": [4, np.int64(4)],
    "6b": [
        lambda weights, strength: strength * sum(np.sum(w**2) for w in weights),
        lambda weights, strength: strength * sum(2 * tf.nn.l2_loss(w) for w in weights),
    ],
    "6c": [network(0.01, 150), network(0.005, 100)],
}
WRONG = {
    "6a": [6, 3, 0.5],
    "6b": [
        lambda weights, strength: strength * sum(np.sum(w) for w in weights),
        lambda weights, strength: sum(np.sum(w**2) for w in weights),
        lambda weights, strength: strength * np.sum(weights[0] ** 2),
    ],
    "6c": [network(0.0, 150), tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(2,))]), network],
}
