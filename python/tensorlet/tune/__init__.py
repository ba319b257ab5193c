"""``tensorlet tune``: learning rate, batch size, width, depth, dropout and L2, by successive halving.

Configurations are drawn at random from a space; all are trained for a few epochs, and the best third goes on. Models
are trained side by side in native calls (`tensorlet.train_many`), here or on the workers of an executor.

>>> import numpy as np
>>> from tensorlet.tune import LogRange, search
>>> x = np.random.default_rng(0).normal(size=(300, 4)).astype("float32")
>>> y = (x[:, 0] > x[:, 1]).astype("int32")
>>> outcome = search((x, y), {"learning_rate": LogRange(1e-4, 0.1), "width": [8, 32]}, trials=6, epochs=9)
>>> sorted(outcome.best.configuration), outcome.best.epochs
(['learning_rate', 'width'], 9)
"""

from __future__ import annotations

from tensorlet.tune.outcome import Outcome, Trial
from tensorlet.tune.perceptrons import SPACE, Perceptron
from tensorlet.tune.search import search
from tensorlet.tune.space import LogRange, Range

__all__ = ["SPACE", "LogRange", "Outcome", "Perceptron", "Range", "Trial", "search"]
