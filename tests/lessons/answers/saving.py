"""Answers to the exercises of lesson 9; the files are written to the current folder."""

from pathlib import Path

import tensorlet as tf


def network(epochs, flat=False):
    (x, y), _ = tf.keras.datasets.mnist.load_data()
    x = x.astype("float32") / 255
    tf.keras.utils.set_random_seed(1)
    layers = [tf.keras.layers.Dense(32, activation="relu"), tf.keras.layers.Dense(10, activation="softmax")]
    first = tf.keras.Input((784,)) if flat else tf.keras.layers.Flatten(input_shape=(28, 28))
    model = tf.keras.Sequential([first, *layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    if epochs:
        model.fit(x.reshape(-1, 784) if flat else x, y, batch_size=100, epochs=epochs, verbose=0)
    return model


network(1).save("good.keras")
network(1, flat=True).save("flat.h5")
network(0).save("untrained.keras")
Path("words.keras").write_text("these are words")


def copy_weights(source, target):
    target.set_weights(source.get_weights())
    return target


def swapped(source, target):
    source.set_weights(target.get_weights())
    return target


def returns_source(source, target):
    target.set_weights(source.get_weights())
    return source


RIGHT = {
    "9a": ["good.keras", Path("flat.h5")],
    "9b": [
        copy_weights,
        lambda source, target: [v.assign(w) for v, w in zip(target.weights, source.weights)] and target,
    ],
}
WRONG = {
    "9a": ["missing.keras", "untrained.keras", "words.keras", 3],
    "9b": [swapped, returns_source, lambda source, target: target, lambda source, target: source],
}
