"""Workloads that train with ``fit``: one epoch each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workloads.data import pixels, table

Work = Callable[[], object]


def classifier(keras: Any, widths: Sequence[int], **options: Any) -> Any:
    """A network of ReLUs with a softmax at its end, not compiled; ``options`` go to the hidden layers."""
    layers = [keras.layers.Input(shape=(widths[0],))]
    layers += [keras.layers.Dense(units, activation="relu", **options) for units in widths[1:-1]]
    return keras.Sequential([*layers, keras.layers.Dense(widths[-1], activation="softmax")])


def epochs(model: Any, x: Any, y: Any, batch_size: int, **options: Any) -> Work:
    """An epoch of a compiled model."""
    return lambda: model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0, **options)


def _table(keras: Any, rows: int, widths: Sequence[int], batch_size: int) -> Work:
    x, y = table(rows, widths[0])
    model = classifier(keras, widths)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return epochs(model, x, y, batch_size)


def table_batch_1(keras: Any) -> Work:
    """20-64-64-3, batch 1, 500 rows."""
    return _table(keras, 500, (20, 64, 64, 3), 1)


def table_batch_32(keras: Any) -> Work:
    """20-64-64-3, batch 32, 10,000 rows."""
    return _table(keras, 10_000, (20, 64, 64, 3), 32)


def table_batch_1024(keras: Any) -> Work:
    """20-256-256-3, batch 1,024, 10,240 rows."""
    return _table(keras, 10_240, (20, 256, 256, 3), 1024)


def deep_sigmoid(keras: Any) -> Work:
    """Ten sigmoid layers of 32 units, momentum, batch 32, 5,000 rows."""
    x, y = table(5_000, classes=2)
    layers = [keras.layers.Dense(32, activation="sigmoid") for _ in range(10)]
    model = keras.Sequential(
        [keras.layers.Input(shape=(20,)), *layers, keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss="binary_crossentropy")
    return epochs(model, x, y.astype(np.float32), 32)


def batchnorm_dropout(keras: Any) -> Work:
    """20-64-64-3 with BatchNormalization and Dropout, batch 32, 10,000 rows."""
    x, y = table(10_000)
    layers = [keras.layers.Input(shape=(20,))]
    for _ in range(2):
        layers.append(keras.layers.Dense(64, activation="relu"))
        layers += [keras.layers.BatchNormalization(), keras.layers.Dropout(0.3)]
    model = keras.Sequential([*layers, keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return epochs(model, x, y, 32)


def regression_validation(keras: Any) -> Work:
    """13-64-64-1, mean squared error, validation_split=0.2, batch 32, 5,000 rows."""
    x, _ = table(5_000, 13)
    y = x.sum(axis=1)
    layers = [keras.layers.Dense(64, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.layers.Input(shape=(13,)), *layers, keras.layers.Dense(1)])
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return epochs(model, x, y, 32, validation_split=0.2)


def recommender(keras: Any) -> Work:
    """Embeddings of 1,000 users and 2,000 items, dense layers, batch 256, 20,000 rows."""
    generator = np.random.default_rng(0)
    users, items = generator.integers(0, 1000, 20_000), generator.integers(0, 2000, 20_000)
    stars = generator.random(20_000, dtype=np.float32)
    inputs = [keras.layers.Input(shape=(1,), dtype="int32") for _ in range(2)]
    vectors = [
        keras.layers.Flatten()(keras.layers.Embedding(size, 16)(one))
        for size, one in zip((1000, 2000), inputs, strict=True)
    ]
    joined = keras.layers.Concatenate()(vectors)
    hidden = keras.layers.Dense(32, activation="relu")(joined)
    model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
    model.compile(optimizer="adam", loss="mse")
    return epochs(model, [users[:, None], items[:, None]], stars, 256)


def autoencoder(keras: Any) -> Work:
    """784-128-32-128-784, batch 128, 10,000 rows."""
    x = pixels(10_000)
    layers = [keras.layers.Dense(units, activation="relu") for units in (128, 32, 128)]
    model = keras.Sequential(
        [keras.layers.Input(shape=(784,)), *layers, keras.layers.Dense(784, activation="sigmoid")]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return epochs(model, x, x, 128)


def wide_layers(keras: Any) -> Work:
    """784-1024-1024-10, batch 128, 5,000 rows."""
    x, y = pixels(5_000), table(5_000, classes=10)[1]
    model = classifier(keras, (784, 1024, 1024, 10))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return epochs(model, x, y, 128)


def penalties_nadam(keras: Any) -> Work:
    """20-64-64-3 with L2, max-norm and Nadam, batch 32, 10,000 rows."""
    x, y = table(10_000)
    regularizer, constraint = keras.regularizers.L2(1e-4), keras.constraints.MaxNorm(3.0)
    model = classifier(keras, (20, 64, 64, 3), kernel_regularizer=regularizer, kernel_constraint=constraint)
    model.compile(optimizer="nadam", loss="sparse_categorical_crossentropy")
    return epochs(model, x, y, 32)


def class_weights(keras: Any) -> Work:
    """20-32-1, class_weight, batch 32, 10,000 rows."""
    x, y = table(10_000, classes=2)
    layers = [keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.layers.Input(shape=(20,)), *layers])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return epochs(model, x, y.astype(np.float32), 32, class_weight={0: 1.0, 1: 5.0})


def auc_precision_recall(keras: Any) -> Work:
    """20-32-1 with AUC, precision and recall, batch 32, 10,000 rows."""
    x, y = table(10_000, classes=2)
    layers = [keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.layers.Input(shape=(20,)), *layers])
    metrics = [keras.metrics.AUC(), keras.metrics.Precision(), keras.metrics.Recall()]
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=metrics)
    return epochs(model, x, y.astype(np.float32), 32)


def batch_callbacks(keras: Any) -> Work:
    """20-64-64-3 with a callback that keeps the loss of each batch, batch 32, 10,000 rows."""
    losses: list[float] = []

    class Keeping(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            losses.append(logs["loss"])

    x, y = table(10_000)
    model = classifier(keras, (20, 64, 64, 3))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return epochs(model, x, y, 32, callbacks=[Keeping()])


def epoch_callbacks(keras: Any) -> Work:
    """13-32-1 with early stopping and a falling rate, five epochs of batch 32, 1,000 rows, validated."""
    x, _ = table(1_000, 13)
    model = keras.Sequential(
        [keras.layers.Input(shape=(13,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer="adam", loss="mse")
    return lambda: model.fit(
        x, x.sum(axis=1), batch_size=32, epochs=5, verbose=0, validation_split=0.2,
        callbacks=[keras.callbacks.EarlyStopping(patience=10), keras.callbacks.ReduceLROnPlateau(patience=10)],
    )  # fmt: skip


def float64(keras: Any) -> Work:
    """20-64-64-3 in float64, batch 32, 10,000 rows."""
    keras.backend.set_floatx("float64")
    x, y = table(10_000)
    model = classifier(keras, (20, 64, 64, 3))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return epochs(model, x.astype(np.float64), y, 32)


def tiny_model(keras: Any) -> Work:
    """A model 2-4-1 is built, compiled and fitted on 16 rows."""
    x, _ = table(16, 2)

    def work() -> None:
        layers = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)]
        model = keras.Sequential([keras.layers.Input(shape=(2,)), *layers])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, x[:, 0], epochs=1, verbose=0)

    return work
