"""Workloads in the words of TensorFlow: training loops by hand, datasets, second derivatives."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from workloads.data import pixels, table
from workloads.training import Work, classifier


def _loop(tf: Any, traced: bool, steps: int) -> Work:
    x, y = table(32 * steps)
    model = classifier(tf.keras, (20, 64, 64, 3))
    optimizer = tf.keras.optimizers.Adam()
    loss_function = tf.keras.losses.SparseCategoricalCrossentropy()
    batches = [(tf.constant(x[i : i + 32]), tf.constant(y[i : i + 32])) for i in range(0, len(x), 32)]

    def step(rows: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = loss_function(labels, model(rows, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    step = tf.function(step) if traced else step

    def work() -> None:
        for rows, labels in batches:
            step(rows, labels)

    return work


def traced_loop(tf: Any) -> Work:
    """A training loop with tf.function, 313 steps of 32 rows, 20-64-64-3."""
    return _loop(tf, True, 313)


def eager_loop(tf: Any) -> Work:
    """A training loop without tf.function, 30 steps of 32 rows, 20-64-64-3."""
    return _loop(tf, False, 30)


def dataset(tf: Any) -> Work:
    """fit on a dataset with shuffle, map and batch, 10,000 rows, 20-64-64-3."""
    x, y = table(10_000)
    rows = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1000)
    batches = rows.map(lambda row, label: (row * 2.0 - 1.0, label)).batch(32).prefetch(2)
    model = classifier(tf.keras, (20, 64, 64, 3))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return lambda: model.fit(batches, epochs=1, verbose=0)


def gan(tf: Any) -> Work:
    """A dense GAN in one traced step, 50 steps of 128 rows: 64-256-784 against 784-256-1."""
    layers = tf.keras.layers
    generator = tf.keras.Sequential(
        [
            layers.Input(shape=(64,)),
            layers.Dense(256, activation="relu"),
            layers.Dense(784, activation="sigmoid"),
        ]
    )
    critic = tf.keras.Sequential(
        [layers.Input(shape=(784,)), layers.Dense(256, activation="relu"), layers.Dense(1)]
    )
    optimizers = [tf.keras.optimizers.Adam(1e-4) for _ in range(2)]
    loss_function = tf.keras.losses.BinaryCrossentropy(from_logits=True)
    real, noise = tf.constant(pixels(128)), tf.constant(table(128, 64)[0])

    @tf.function
    def step(real: Any, noise: Any) -> None:
        with tf.GradientTape() as first, tf.GradientTape() as second:
            true, false = critic(real), critic(generator(noise))
            fooled = loss_function(tf.ones_like(false), false)
            seen = loss_function(tf.ones_like(true), true) + loss_function(tf.zeros_like(false), false)
        for tape, loss, model, optimizer in zip(
            (first, second), (fooled, seen), (generator, critic), optimizers, strict=True
        ):
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    def work() -> None:
        for _ in range(50):
            step(real, noise)

    return work


def physics(tf: Any) -> Work:
    """A physics-informed network 1-64-64-1 with second derivatives, 100 traced steps of 128 points."""
    layers = [tf.keras.layers.Dense(64, activation="tanh") for _ in range(2)]
    model = tf.keras.Sequential([tf.keras.layers.Input(shape=(1,)), *layers, tf.keras.layers.Dense(1)])
    optimizer = tf.keras.optimizers.Adam()
    points = tf.constant(np.linspace(0, 3, 128, dtype=np.float32)[:, None])

    @tf.function
    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    y = model(x)
                slope = inner.gradient(y, x)
            bend = outer.gradient(slope, x)
            loss = tf.reduce_mean(tf.square(bend + y)) + tf.reduce_mean(tf.square(model(x[:1]) - 1.0))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    def work() -> None:
        for _ in range(100):
            step(points)

    return work


def large_eager(tf: Any) -> Work:
    """10,000 rows through four layers of 512, operation by operation."""
    sizes = (784, 512, 512, 512, 512)
    generator = np.random.default_rng(0)
    weights = [
        tf.constant(generator.normal(0, 0.05, pair).astype(np.float32)) for pair in itertools.pairwise(sizes)
    ]
    biases = [tf.zeros([size]) for size in sizes[1:]]
    rows = tf.constant(pixels(10_000))

    def work() -> Any:
        x = rows
        for weight, bias in zip(weights, biases, strict=True):
            x = tf.nn.relu(tf.matmul(x, weight) + bias)
        return x

    return work
