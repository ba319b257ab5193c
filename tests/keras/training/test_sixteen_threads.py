"""Sixteen threads that predict, evaluate, fit, save and call models, shared ones and their own; no answer may be wrong.

``TENSORLET_THREAD_SECONDS=60`` runs them for a minute.
"""

from __future__ import annotations

import collections
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

THREADS = 16
SECONDS = float(os.environ.get("TENSORLET_THREAD_SECONDS") or 2.0)
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(24, 5)).astype("float32"), RNG.integers(0, 3, 24)


def made(rate: float) -> Any:
    """A model whose weights are always the same."""
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [layers.Dense(6, "tanh", input_shape=(5,)), layers.Dense(3, activation="softmax")]
    )
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    model.compile(tf.keras.optimizers.SGD(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class Answers:
    """What one thread alone computes: the shared model does not change (its rate is 0), own ones train."""

    def __init__(self) -> None:
        self.shared = made(0.0)
        self.predicted = {rows: self.shared.predict(X[:rows], verbose=0) for rows in range(1, 25)}
        self.evaluated = {
            rows: self.shared.evaluate(X[:rows], Y[:rows], batch_size=5, verbose=0) for rows in range(1, 25)
        }
        self.called = np.asarray(self.shared(X))
        self.fitted = self.trained(self.shared)
        self.own = self.trained(made(0.1))

    @staticmethod
    def trained(model: Any) -> list[float]:
        return list(model.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0).history["loss"])

    def one(self, kind: str, number: int, folder: Path) -> None:
        """One piece of work on the shared model or an own one, compared."""
        rows = 1 + number % 24
        if kind == "predict":
            assert np.array_equal(self.shared.predict(X[:rows], verbose=0), self.predicted[rows])
        elif kind == "evaluate":
            found = self.shared.evaluate(X[:rows], Y[:rows], batch_size=5, verbose=0)
            assert found == self.evaluated[rows]
        elif kind == "call":
            assert np.array_equal(np.asarray(self.shared(X)), self.called)
        elif kind == "fit":
            assert self.trained(self.shared) == self.fitted
        elif kind == "own":
            assert self.trained(made(0.1)) == self.own
        else:
            path = str(folder / f"{threading.get_ident()}.{'keras' if number % 2 else 'h5'}")
            self.shared.save(path)
            loaded = tf.keras.models.load_model(path)
            assert np.array_equal(np.asarray(loaded(X)), self.called)


KINDS = ("predict", "evaluate", "call", "fit", "own", "save")


def test_no_answer_of_sixteen_threads_is_wrong(tmp_path: Path) -> None:
    answers = Answers()
    until = time.monotonic() + SECONDS
    wrong: list[str] = []
    done: collections.Counter[str] = collections.Counter()
    lock = threading.Lock()

    def work(thread: int) -> None:
        number = thread
        while time.monotonic() < until or number < thread + len(KINDS):
            kind = KINDS[number % len(KINDS)]
            try:
                answers.one(kind, number, tmp_path)
            except BaseException as error:
                wrong.append(f"{kind} {number}: {type(error).__name__}: {str(error)[:300]}")
            with lock:
                done[kind] += 1
            number += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(dict(done))
    assert not wrong, f"{len(wrong)} of {done.total()} are wrong: {wrong[:5]}"
    assert all(done[kind] >= THREADS // 2 for kind in KINDS)


def test_a_wrong_answer_would_be_noticed(tmp_path: Path) -> None:
    answers = Answers()
    answers.shared.set_weights([weight + 0.1 for weight in answers.shared.get_weights()])
    for kind in ("predict", "evaluate", "call", "fit", "save"):
        with pytest.raises(AssertionError):
            answers.one(kind, 11, tmp_path)
