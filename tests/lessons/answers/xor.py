"""Answers to the exercises of lesson 11."""

import numpy as np

import tensorlet as tf


def network(units, epochs=500, columns=1):
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(units, activation="sigmoid", input_shape=(2,)),
            tf.keras.layers.Dense(columns, activation="sigmoid" if columns == 1 else "softmax"),
        ]
    )
    loss = "binary_crossentropy" if columns == 1 else "sparse_categorical_crossentropy"
    model.compile(tf.keras.optimizers.Adam(0.05), loss)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
    model.fit(corners, np.array([0, 1, 1, 0]), batch_size=4, epochs=epochs, verbose=0)
    return model


RIGHT = {
    "11a": [
        ([[1, 1], [1, 1]], [-0.5, -1.5], [[1], [-2]], [-0.5]),
        ([[2.0, 1.0], [2.0, 1.0]], [-1.0, -2.0], [3.0, -5.0], -1.0),
    ],
    "11b": [network(3)],
    "11c": [lambda n: 4 * n + 1, lambda n: 2 * n + n + n + 1],
}
WRONG = {
    "11a": [
        ([[1, -1], [1, -1]], [-0.5, 1.5], [[1], [1]], [-1.5]),
        ([[1, 1], [1, 1]], [-0.5, -1.5], [[1], [1]], [-1.5]),
        ([[1, 1], [1, 1]], [-1.5, -0.5], [[1], [-2]], [-0.5]),
        ([[1, 1], [1, 1]], [-0.5, -1.5]),
    ],
    "11b": [network(8), network(3, epochs=1), network(3, columns=3)],
    "11c": [lambda n: 3 * n, lambda n: 3 * n + 1, lambda n: 4 * n],
}
