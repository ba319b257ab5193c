"""Training of a model: the learning rate by a range test, early stopping, progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import tensorlet as tf
from tensorlet.tabular.networks import Network, Networks
from tensorlet.tabular.problem import Problem
from tensorlet.tabular.row_store import LABELS
from tensorlet.tabular.streaming import Block, fit_blocks
from tensorlet.tabular.weighting import WEIGHTS, relative

#: The learning rates of the range test: the lowest, the highest, and the number of batches.
LOWEST, HIGHEST, TRIED = 1e-5, 1.0, 80
#: The test stops when the loss is this many times the best.
DIVERGED = 4.0
#: The chosen learning rate, as a share of the one with the smallest loss.
SAFETY = 0.2
#: The largest learning rate that is chosen.
MOST = 0.02
#: About how many rows are used for training, over all epochs.
ALL_ROWS = 20_000_000
LEAST_EPOCHS, MOST_EPOCHS = 15, 300
#: The least number of passes over rows on disk, each of which has thousands of steps.
LEAST_PASSES = 5

#: Receives the name of the model, the epoch, the training loss and the validation loss.
Progress = Callable[[str, int, float, float], None]


@dataclass
class Fitted:
    """A model that has been trained.

    Attributes:
        network: the model.
        losses, validation_losses: the losses of each epoch.
        best_epoch: the number of the epoch whose weights were kept, from 1.
        learning_rate: the learning rate.
        tried: (learning rate, smoothed loss) of the range test.
        batch_size: the rows in a batch.
        seconds: the time of the training.
    """

    network: Network
    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    best_epoch: int = 0
    learning_rate: float = 0.0
    tried: list[tuple[float, float]] = field(default_factory=list)
    batch_size: int = 32
    seconds: float = 0.0


def fit(
    networks: Networks,
    network: Network,
    seed: int,
    epochs: int | None = None,
    learning_rate: float | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Trains a model until the validation loss has stopped decreasing, and keeps the best weights.

    Args:
        networks: the data.
        network: the model.
        seed: the seed of the order of the rows.
        epochs: the most epochs; None to decide by the number of rows.
        learning_rate: None to find it with a range test.
        progress: called after each epoch.
    """
    started = time.perf_counter()
    tf.random.set_seed(seed)
    problem = networks.problem
    split = problem.split
    labels = _scaled(networks, problem.labels)
    x, y = networks.rows(split.train), labels[split.train]
    batch = batch_size(problem.train_rows)
    loss = "sparse_categorical_crossentropy" if problem.target.classes else "mse"
    weights = relative(problem.weights_of(split.train))
    tried = range_test(network.trained, loss, x, y, batch, seed, weights)
    rate = learning_rate or chosen_rate(tried)
    network.trained.compile(tf.keras.optimizers.Adam(rate), loss)
    least = LEAST_EPOCHS if problem.store is None else LEAST_PASSES
    most = epochs or int(np.clip(ALL_ROWS // problem.train_rows, least, MOST_EPOCHS))
    patience = int(np.clip(most // 10, 3 if problem.store is None else 1, 25))
    stop = tf.keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    callbacks = [
        stop,
        tf.keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=max(2, patience // 3), min_lr=1e-5),
    ]
    validation = _validation(networks, labels)
    if problem.store is not None:
        history = _passes(networks, network, batch, most, validation, callbacks, progress)
    else:
        if progress is not None:
            callbacks.append(_reporting(network.name, progress))
        history = network.trained.fit(
            x, y, batch_size=batch, epochs=most, verbose=0, validation_data=validation, callbacks=callbacks,
            sample_weight=weights,
        ).history  # fmt: skip
    return Fitted(
        network,
        [float(value) for value in history["loss"]],
        [float(value) for value in history["val_loss"]],
        stop.best_epoch + 1,
        rate,
        tried,
        batch,
        time.perf_counter() - started,
    )


def _validation(networks: Networks, labels: np.ndarray) -> tuple[Any, ...]:
    """The rows, labels and, if there are any, weights that decide when to stop."""
    problem, rows = networks.problem, networks.problem.split.validation
    weights = () if problem.weights is None else (relative(problem.weights_of(rows)),)
    return networks.rows(rows), labels[rows], *weights


def batch_size(rows: int) -> int:
    """Returns the number of rows in a batch: a power of two, larger for more rows.

    >>> batch_size(100), batch_size(5000), batch_size(1_000_000)
    (16, 64, 256)
    """
    return int(np.clip(2 ** int(np.log2(max(rows / 50, 1))), 16, 256))


def _scaled(networks: Networks, labels: np.ndarray) -> np.ndarray:
    if networks.problem.target.classes:
        return labels
    return ((labels - networks.offset) / networks.scale).astype(np.float32)


def _passes(
    networks: Networks,
    network: Network,
    batch: int,
    most: int,
    validation: Any,
    callbacks: list[Any],
    progress: Progress | None,
) -> dict[str, list[float]]:
    """Trains on the rows on disk, a native call for each block; returns the losses of each pass."""
    store, model = networks.problem.store, network.trained
    assert store is not None
    history: dict[str, list[float]] = {"loss": [], "val_loss": []}
    for one in callbacks:
        one.set_model(model)
        one.on_train_begin()
    for epoch in range(most):
        blocks = (_block(networks, arrays) for arrays in store.blocks(epoch))

        def report(loss: float, epoch: int = epoch) -> None:
            if progress is not None:
                progress(network.name, epoch + 1, loss, (history["val_loss"] or [float("nan")])[-1])

        logs, _rows = fit_blocks(model, blocks, batch, report)
        logs["val_loss"] = float(
            model.evaluate(*validation[:2], sample_weight=(*validation, None)[2], batch_size=1024, verbose=0)
        )
        for name, values in history.items():
            values.append(logs[name])
        for one in callbacks:
            one.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    for one in callbacks:
        one.on_train_end()
    return history


def _block(networks: Networks, arrays: dict[str, np.ndarray]) -> Block:
    labels = _scaled(networks, arrays.pop(LABELS)[:, 0])
    weights = arrays.pop(WEIGHTS, None)
    return (
        arrays,
        labels,
        None if weights is None else weights[:, 0] / np.float32(networks.problem.mean_weight),
    )


def range_test(
    model: Any,
    loss: str,
    x: Any,
    y: np.ndarray,
    batch: int,
    seed: int,
    weights: np.ndarray | None = None,
) -> list[tuple[float, float]]:
    """Trains with a learning rate that grows from batch to batch, and restores the weights.

    Source: L. N. Smith, *Cyclical learning rates for training neural networks*, 2017, section 3.3.

    Returns:
        (learning rate, smoothed loss) of each batch, until the loss has grown to `DIVERGED` times the smallest one.
    """
    model.compile(tf.keras.optimizers.Adam(LOWEST), loss)
    before = model.get_weights()
    random = np.random.default_rng(seed)
    found: list[tuple[float, float]] = []
    mean = best = 0.0
    rates = np.geomspace(LOWEST, HIGHEST, TRIED)
    for step, rate in enumerate(rates):
        rows = random.integers(0, len(y), batch)
        model.optimizer.learning_rate = float(rate)
        weight = None if weights is None else weights[rows]
        value = float(model.train_on_batch(_take(x, rows), y[rows], sample_weight=weight))
        if not np.isfinite(value):
            break
        mean = 0.9 * mean + 0.1 * value
        smooth = mean / (1 - 0.9 ** (step + 1))
        best = smooth if step == 0 else min(best, smooth)
        found.append((float(rate), smooth))
        if smooth > DIVERGED * best:
            break
    model.set_weights(before)
    return found


def _take(x: Any, rows: np.ndarray) -> Any:
    return {name: array[rows] for name, array in x.items()} if isinstance(x, dict) else x[rows]


def chosen_rate(tried: list[tuple[float, float]]) -> float:
    """Returns the learning rate that a range test recommends: a fifth of the one with the smallest loss.

    >>> round(chosen_rate([(0.001, 1.0), (0.01, 0.5), (0.1, 0.9)]), 4)
    0.002
    """
    if not tried:
        return 1e-3
    rate, _loss = min(tried, key=lambda pair: pair[1])
    return float(np.clip(SAFETY * rate, 1e-4, MOST))


def _reporting(name: str, progress: Progress) -> Any:
    return tf.keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: progress(
            name, epoch + 1, float(logs["loss"]), float(logs["val_loss"])
        )
    )


def predictions(problem: Problem, network: Network, rows: np.ndarray) -> np.ndarray:
    """Returns the probabilities of the classes, or the numbers, that a model predicts for some rows."""
    found = np.asarray(network.whole.predict(problem.rows_of(rows), batch_size=1024, verbose=0))
    return found if problem.target.classes else found[:, 0]
