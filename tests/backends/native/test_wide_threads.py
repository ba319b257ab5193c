"""Everyday Keras programs end with the same bits on any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.backends.native import executable
from tensorlet.keras import layers

GENERATOR = np.random.default_rng(0)
PIXELS = GENERATOR.integers(0, 256, (384, 784), dtype=np.uint8) * (GENERATOR.random((384, 784)) < 0.3)
TABLE = GENERATOR.normal(size=(512, 20)).astype(np.float32)
CLASSES = GENERATOR.integers(0, 3, 512)
NUMBERS = GENERATOR.integers(0, 300, (512, 2))

Training = Callable[[], list[np.ndarray]]


def fitted(model: Any, x: Any, y: Any, batch_size: int, loss: str, **options: Any) -> list[np.ndarray]:
    model.compile(options.pop("optimizer", "adam"), loss, metrics=options.pop("metrics", None))
    history = model.fit(x, y, batch_size=batch_size, epochs=2, verbose=0, **options)
    return [*model.get_weights(), np.array(list(history.history.values()))]


def classifier(*widths: int, **options: Any) -> Any:
    hidden = [layers.Dense(units, activation="relu", **options) for units in widths[1:-1]]
    return tf.keras.Sequential(
        [layers.Input((widths[0],)), *hidden, layers.Dense(widths[-1], activation="softmax")]
    )


def wide_layers() -> list[np.ndarray]:
    model = classifier(784, 512, 512, 10)
    return fitted(model, PIXELS / 255.0, np.arange(384) % 10, 128, "sparse_categorical_crossentropy")


def large_batch() -> list[np.ndarray]:
    return fitted(classifier(20, 256, 256, 3), TABLE, CLASSES, 512, "sparse_categorical_crossentropy")


def autoencoder() -> list[np.ndarray]:
    model = tf.keras.Sequential([layers.Dense(units, activation="sigmoid") for units in (64, 16, 64, 784)])
    x = (PIXELS / 255.0).astype(np.float32)
    return fitted(model, x, x, 128, "binary_crossentropy")


def batchnorm_dropout() -> list[np.ndarray]:
    parts = [
        [layers.Dense(128, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.3)] for _ in "ab"
    ]
    model = tf.keras.Sequential([*parts[0], *parts[1], layers.Dense(3, activation="softmax")])
    return fitted(model, TABLE, CLASSES, 256, "sparse_categorical_crossentropy")


def penalties_nadam() -> list[np.ndarray]:
    model = classifier(20, 128, 3, kernel_regularizer="l2", kernel_constraint="max_norm")
    options = {"optimizer": "nadam", "class_weight": {0: 1.0, 1: 2.0, 2: 3.0}}
    return fitted(model, TABLE, CLASSES, 256, "sparse_categorical_crossentropy", **options)


def recommender() -> list[np.ndarray]:
    inputs = [layers.Input((1,), dtype="int32") for _ in range(2)]
    vectors = [layers.Flatten()(layers.Embedding(300, 32)(one)) for one in inputs]
    hidden = layers.Dense(128, activation="relu")(layers.Concatenate()(vectors))
    model = tf.keras.Model(inputs, layers.Dense(1)(hidden))
    return fitted(model, [NUMBERS[:, :1], NUMBERS[:, 1:]], TABLE[:, 0], 256, "mse", validation_split=0.25)


def metrics_in_float64() -> list[np.ndarray]:
    hidden = layers.Dense(128, activation="tanh", dtype="float64")
    model = tf.keras.Sequential([hidden, layers.Dense(1, activation="sigmoid", dtype="float64")])
    metrics = [tf.keras.metrics.AUC(), tf.keras.metrics.Precision()]
    y = (CLASSES > 0).astype(np.float64)
    return fitted(model, TABLE.astype(np.float64), y, 256, "binary_crossentropy", metrics=metrics)


def second_derivatives() -> list[np.ndarray]:
    model = tf.keras.Sequential([layers.Dense(128, activation="tanh", input_shape=(4,)), layers.Dense(1)])
    x = tf.constant(TABLE[:, :4])

    @tf.function
    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = model(x)
            loss = tf.reduce_mean(tf.square(inner.gradient(y, x)))
        gradients = tape.gradient(loss, model.trainable_variables)
        for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
            if gradient is not None:
                variable.assign_sub(0.1 * gradient)
        return loss

    losses = [step(x).numpy() for _ in range(3)]
    return [*model.get_weights(), model.predict(TABLE[:, :4], verbose=0), np.array(losses)]


def pictures() -> list[np.ndarray]:
    model = tf.keras.Sequential(
        [
            layers.Conv2D(6, 5, padding="same", activation="relu", input_shape=(28, 28, 1)),
            layers.MaxPooling2D(),
            layers.DepthwiseConv2D(3),
            layers.Conv2D(16, 3, strides=2),
            layers.BatchNormalization(),
            layers.AveragePooling2D(),
            layers.Conv2DTranspose(5, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    x = (PIXELS / 255.0).reshape(-1, 28, 28, 1)
    return fitted(model, x, np.arange(384) % 10, 128, "sparse_categorical_crossentropy")


FORMS: list[Training] = [
    wide_layers, large_batch, autoencoder, batchnorm_dropout, penalties_nadam, recommender, metrics_in_float64,
    second_derivatives, pictures,
]  # fmt: skip


@pytest.mark.parametrize("train", FORMS, ids=lambda train: train.__name__)
def test_the_same_bits_on_any_number_of_threads(train: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    build = executable.build
    made = []

    def results(threads: int) -> list[np.ndarray]:
        def forced(*args: Any, **kwargs: Any) -> Any:
            program = build(*args, **kwargs)
            program.force_threads(threads)
            made.append(program)
            return program

        monkeypatch.setattr(executable, "build", forced)
        tf.keras.utils.set_random_seed(7)
        before = len(made)
        trained = train()
        assert len(made) > before
        return trained

    expected = results(1)
    assert any("parts" in program.describe() for program in made)
    for threads in (2, 3, 4, 8, 17):
        for one, other in zip(expected, results(threads), strict=True):
            np.testing.assert_array_equal(one, other)
