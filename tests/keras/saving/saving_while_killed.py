"""Saves over an older file again and again while it is killed; run by `test_saving_trust.py`.

    python tests/keras/saving/saving_while_killed.py FOLDER COUNT

Each time a process of its own saves one of two models over one file in turn and is killed with SIGKILL after a
random time; then the file must be one of the two, whole.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import tensorlet as tf

NAMES = ("model.h5", "model.keras", "model.weights.h5")
#: The longest that a process lives, in seconds: a few savings.
LONGEST = 0.05


def make(value: float) -> Any:
    model = tf.keras.Sequential([tf.keras.layers.Dense(64, input_shape=(200,)), tf.keras.layers.Dense(3)])
    model.set_weights([np.full_like(weight, value) for weight in model.get_weights()])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def save(model: Any, path: Path) -> None:
    (model.save_weights if path.name.endswith(".weights.h5") else model.save)(path)


def weights_in(path: Path) -> list[np.ndarray]:
    if path.name.endswith(".weights.h5"):
        model = make(0.0)
        model.load_weights(path)
    else:
        model = tf.keras.models.load_model(path)
    weights: list[np.ndarray] = model.get_weights()
    return weights


def main(folder: Path, count: int) -> None:
    models = [make(1.0), make(2.0)]
    for name in NAMES:
        save(models[0], folder / name)
    draw = random.Random(1)
    seen = set()
    for number in range(count):
        path = folder / NAMES[number % len(NAMES)]
        child = os.fork()
        if child == 0:
            while True:
                for model in models:
                    save(model, path)
        time.sleep(draw.uniform(0.0, LONGEST))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        values = {float(value) for weight in weights_in(path) for value in np.unique(weight)}
        assert values in ({1.0}, {2.0}), f"{path} after {number}: {values}"
        seen |= values
    left = {one.name for one in folder.iterdir()} - set(NAMES)
    assert all(name.endswith(".unfinished") for name in left), left
    assert len(left) <= len(NAMES), left  # each save removes what the one before left
    for name in NAMES:
        save(models[0], folder / name)
    assert {one.name for one in folder.iterdir()} == set(NAMES)
    print(f"{count} kills: every file is whole; both models were met: {seen == {1.0, 2.0}}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
