"""Trains a restricted Boltzmann machine with Tensorlet or scikit-learn (started by rbm.py).

python rbm_worker.py tensorlet|scikit-learn EPOCHS BATCH
"""

from __future__ import annotations

import sys
import time

import numpy as np

from measure import reply, requests

ROWS, UNITS, RATE = 10_000, 256, 0.05


def pictures() -> np.ndarray:
    """MNIST as rows of numbers from 0 to 1."""
    from tensorlet.datasets import mnist

    (images, _), _ = mnist.load_data()
    return (images[:ROWS].reshape(ROWS, -1) / 255.0).astype(np.float32)


def clocks() -> np.ndarray:
    """The time on the clock and the processor time of this process, in seconds."""
    return np.array([time.perf_counter(), time.process_time()])


def with_tensorlet(rows: np.ndarray, epochs: int, batch: int) -> tuple[np.ndarray, list[float]]:
    """Seconds of `RBM.fit`, with tracing and reports, and the pseudo-likelihood after each epoch."""
    from tensorlet.rbm import RBM

    machine = RBM(UNITS, learning_rate=RATE, persistent=True)
    start = clocks()
    history = machine.fit(rows, epochs=epochs, batch_size=batch, seed=0)
    return clocks() - start, history.history["pseudo_likelihood"]


def with_sklearn(rows: np.ndarray, epochs: int, batch: int) -> tuple[np.ndarray, list[float]]:
    """Seconds of the batches of `BernoulliRBM`, and the pseudo-likelihood after each epoch."""
    from sklearn.neural_network import BernoulliRBM

    from tensorlet.rbm import RBM
    from tensorlet.rbm.machine import MONITORED

    theirs = BernoulliRBM(UNITS, learning_rate=RATE, batch_size=batch, random_state=0)
    judge = RBM(UNITS)
    judge(rows[:1])
    monitored = rows[:: ROWS // MONITORED][:MONITORED]
    seconds, likelihoods = np.zeros(2), []
    for _ in range(epochs):
        start = clocks()
        for first in range(0, ROWS, batch):
            theirs.partial_fit(rows[first : first + batch])
        seconds += clocks() - start
        weights = [theirs.components_.T, theirs.intercept_hidden_, theirs.intercept_visible_]
        judge.set_weights(weights)
        likelihoods.append(float(np.mean(judge.pseudo_likelihood(monitored, seed=0))))
    return seconds, likelihoods


def main(name: str, epochs: str, batch: str) -> None:
    """Trains once for each request."""
    rows = pictures()
    train = with_tensorlet if name == "tensorlet" else with_sklearn
    for _ in requests(version=name):
        seconds, likelihoods = train(rows, int(epochs), int(batch))
        reply(seconds=seconds.tolist(), likelihoods=likelihoods)


if __name__ == "__main__":
    main(*sys.argv[1:])
