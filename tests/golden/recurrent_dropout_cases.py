"""Which masks the dropout of recurrent layers draws, made visible: one feature, one unit, and all outputs that occur.

With a rate of 1/2, each mask of an example is 0 or 2. Masks that differ between gates or steps therefore double the
number of different outputs each, and the outputs say which gates and steps they belong to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

STEPS = 2


def _layer(name: str, **options: Any) -> Callable[[Any], Any]:
    return lambda keras: getattr(keras.layers, name)(1, **options)


def _rnn(*names: str, **options: Any) -> Callable[[Any], Any]:
    def make(keras: Any) -> Any:
        cells = [getattr(keras.layers, name)(1, **options) for name in names]
        return keras.layers.RNN(cells if len(cells) > 1 else cells[0])

    return make


BOTH = {"dropout": 0.5, "recurrent_dropout": 0.5}
#: Name -> what makes the layer.
CASES: dict[str, Callable[[Any], Any]] = {
    "SimpleRNN": _layer("SimpleRNN", **BOTH),
    "LSTM inputs": _layer("LSTM", dropout=0.5),
    "LSTM inputs without bias": _layer("LSTM", dropout=0.5, use_bias=False),
    "LSTM inputs relu": _layer("LSTM", dropout=0.5, activation="relu"),
    "LSTM inputs unrolled": _layer("LSTM", dropout=0.5, unroll=True),
    "LSTM state": _layer("LSTM", recurrent_dropout=0.5),
    "LSTM both": _layer("LSTM", **BOTH),
    "LSTM both unrolled": _layer("LSTM", unroll=True, **BOTH),
    "GRU inputs": _layer("GRU", dropout=0.5),
    "GRU inputs reset before": _layer("GRU", dropout=0.5, reset_after=False),
    "GRU state": _layer("GRU", recurrent_dropout=0.5),
    "GRU state reset before": _layer("GRU", recurrent_dropout=0.5, reset_after=False),
    "GRU both": _layer("GRU", **BOTH),
    "cell inputs": _rnn("LSTMCell", dropout=0.5),
    "cell inputs of each gate": _rnn("LSTMCell", dropout=0.5, implementation=1),
    "cell both": _rnn("GRUCell", **BOTH),
    "cells inputs": _rnn("LSTMCell", "GRUCell", dropout=0.5),
    "LSTM inputs of each gate": _layer("LSTM", dropout=0.5, implementation=1, use_bias=False),
    "ConvLSTM1D inputs": _layer("ConvLSTM1D", kernel_size=1, dropout=0.5, recurrent_activation="sigmoid"),
    "ConvLSTM1D state": _layer("ConvLSTM1D", kernel_size=1, recurrent_dropout=0.5, recurrent_activation="sigmoid"),
}  # fmt: skip


def values(keras: Any, name: str, examples: int) -> tuple[np.ndarray, np.ndarray]:
    """The different outputs of a layer in training, in order, and how often each of them occurs.

    Args:
        examples: how many equal examples there are, each with masks of its own.
    """
    layer = CASES[name](keras)
    x = np.tile(np.array([0.7, -0.4], "float32").reshape(1, STEPS, 1), (examples, 1, 1))
    if name.startswith("Conv"):
        x = x[:, :, None]
    layer.build((None, *x.shape[1:]))
    generator = np.random.default_rng(1)
    layer.set_weights([generator.uniform(-1, 1, one.shape).astype("float32") for one in layer.get_weights()])
    found = np.sort(np.asarray(layer(x, training=True), np.float64).reshape(-1))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(found) > 2e-6) + 1])
    return found[starts], np.diff([*starts, len(found)])
