"""Answers to the exercises of lesson 16."""

import numpy as np

import tensorlet as tf


def network(rate, units, epochs):
    (x, y), _ = tf.keras.datasets.mnist.load_data()
    x = x.astype("float32") / 255
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Flatten(input_shape=(28, 28)),
            tf.keras.layers.Dense(units, activation="relu"),
            tf.keras.layers.Dropout(rate),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=100, epochs=epochs, verbose=0)
    return model


def drop(h, p, random):
    return h * (random.random(h.shape) >= p) / (1 - p)


RIGHT = {
    "16a": [drop, lambda h, p, random: np.where(random.uniform(size=h.shape) < p, 0, h / (1 - p))],
    "16b": [(140, 1 / 0.7), (140, 1.43), [140, 1.4286]],
    "16c": [network(0.2, 128, 5)],
}
WRONG = {
    "16a": [
        lambda h, p, random: h * (random.random(h.shape) >= p),
        lambda h, p, random: h * (random.random(h.shape) < p) / p if p else h,
        lambda h, p, random: h * (np.random.default_rng(7).random(h.shape) >= p) / (1 - p),
        lambda h, p, random: h * (random.random(h.shape) >= p) / max(p, 1 / 3) if p else h,
        lambda h, p, random: h,
    ],
    "16b": [(60, 1.43), (140, 0.7), (140, 1.3), (200, 1), 140],
    "16c": [network(0.0, 128, 5), network(0.5, 8, 1), 0.98],
}
