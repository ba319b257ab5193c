"""Workloads that call a model many times: single batches and single rows, and predictions of many rows."""

from __future__ import annotations

from typing import Any

from workloads.data import table
from workloads.training import Work, classifier

#: Calls in one piece of work.
CALLS = 100


def _model(keras: Any) -> Any:
    model = classifier(keras, (20, 64, 64, 3))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train_on_batch(keras: Any) -> Work:
    """100 times train_on_batch of 32 rows, 20-64-64-3."""
    (x, y), model = table(32), _model(keras)

    def work() -> None:
        for _ in range(CALLS):
            model.train_on_batch(x, y)

    return work


def predict_one_row(keras: Any) -> Work:
    """20 times predict of one row, 20-64-64-3."""
    (x, _), model = table(1), _model(keras)

    def work() -> None:
        for _ in range(CALLS // 5):
            model.predict(x, verbose=0)

    return work


def call_one_row(keras: Any) -> Work:
    """100 times model(x) of one row, 20-64-64-3."""
    (x, _), model = table(1), _model(keras)

    def work() -> None:
        for _ in range(CALLS):
            model(x)

    return work


def predict_many(keras: Any) -> Work:
    """predict of 10,000 rows, 20-64-64-3."""
    (x, _), model = table(10_000), _model(keras)
    return lambda: model.predict(x, verbose=0)


def evaluate(keras: Any) -> Work:
    """evaluate of 10,000 rows with accuracy, 20-64-64-3."""
    (x, y), model = table(10_000), _model(keras)
    return lambda: model.evaluate(x, y, verbose=0)


def gan_on_batches(keras: Any) -> Work:
    """A dense GAN by train_on_batch, ten steps of 64 rows: 32-128-784 against 784-128-1."""
    from workloads.data import pixels

    generator = keras.Sequential(
        [
            keras.layers.Input(shape=(32,)), keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(784, activation="sigmoid"),
        ]
    )  # fmt: skip
    critic = keras.Sequential(
        [
            keras.layers.Input(shape=(784,)), keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )  # fmt: skip
    critic.compile(optimizer="adam", loss="binary_crossentropy")
    critic.trainable = False
    both = keras.Sequential([keras.layers.Input(shape=(32,)), generator, critic])
    both.compile(optimizer="adam", loss="binary_crossentropy")
    real, noise = pixels(64), table(64, 32)[0]
    ones, zeros = noise[:, :1] * 0 + 1, noise[:, :1] * 0

    def work() -> None:
        for _ in range(10):
            made = generator.predict(noise, batch_size=64, verbose=0)
            critic.train_on_batch(real, ones)
            critic.train_on_batch(made, zeros)
            both.train_on_batch(noise, ones)

    return work
