"""Random small recurrent networks: the native engine against the reference, with masks, states and directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlet as tf

pytest.importorskip("tensorlet._native", reason="the native engine is not built: pip install .")
layers = tf.keras.layers

CELLS: list[Any] = [
    layers.SimpleRNN,
    layers.LSTM,
    layers.GRU,
    lambda units, **options: layers.GRU(units, reset_after=False, **options),
    lambda units, **options: layers.LSTM(units, activation="relu", unit_forget_bias=False, **options),
    lambda units, **options: layers.RNN(
        layers.StackedRNNCells([layers.LSTMCell(units), layers.GRUCell(units)]), **options
    ),
]
#: How the two directions of `Bidirectional` are put together.
MERGES = ["concat", "sum", "mul", "ave"]

#: A recurrent layer: the number of its cell, units, go_backwards, unroll, use of both directions.
LAYER = st.tuples(
    st.integers(0, len(CELLS) - 1),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
    st.integers(0, len(MERGES)),
)
NETWORK = st.lists(LAYER, min_size=1, max_size=3)
SIZES = st.tuples(st.integers(1, 6), st.integers(1, 5))
#: What stands between the recurrent layers, and keeps a mask.
BETWEEN: list[Any] = [
    lambda: layers.TimeDistributed(layers.Dense(3, activation="tanh")),
    lambda: layers.LayerNormalization(),
    lambda: layers.Activation("sigmoid"),
]
BATCH = 3


def network(
    drawn: list[tuple[int, int, bool, bool, int]], sizes: tuple[int, int], options: tuple[bool, bool, bool]
) -> Any:
    masked, stateful, last = options
    inputs = tf.keras.Input(batch_shape=(BATCH, *sizes))
    x = layers.Masking(0.0)(inputs) if masked else inputs
    for place, (cell, units, backwards, unroll, merge) in enumerate(drawn):
        is_last = last and place == len(drawn) - 1
        layer = CELLS[cell](
            units, return_sequences=not is_last, go_backwards=backwards, unroll=unroll, stateful=stateful
        )
        x = layers.Bidirectional(layer, merge_mode=MERGES[merge - 1])(x) if merge else layer(x)
        if not is_last:
            x = BETWEEN[(cell + units) % len(BETWEEN)]()(x)
    return tf.keras.Model(inputs, layers.Dense(2)(x if last else layers.GlobalAveragePooling1D()(x)))


def trained(model: Any, start: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    model.set_weights(start)
    model.compile(tf.keras.optimizers.SGD(0.01), "mse")
    history = model.fit(x, y, batch_size=BATCH, epochs=2, shuffle=False, verbose=0)
    found = [*model.get_weights(), model.predict(x, batch_size=BATCH, verbose=0)]
    return [*found, np.array(history.history["loss"])]


@settings(max_examples=25)
@given(NETWORK, SIZES, st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_the_engine_follows_the_reference(
    drawn: list[tuple[int, int, bool, bool, int]], sizes: tuple[int, int], options: tuple[bool, bool, bool]
) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(2 * BATCH, *sizes)).astype("float32")
    for row, length in enumerate(random.integers(1, sizes[0] + 1, 2 * BATCH)):
        x[row, length:] = 0.0  # a mask hides the end
    y = random.normal(size=(2 * BATCH, 2)).astype("float32")
    model = network(drawn, sizes, options)
    start = [(0.5 * random.normal(size=one.shape)).astype("float32") for one in model.get_weights()]
    found = []
    for backend in ("native", "reference"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TENSORLET_BACKEND", backend)
            found.append(trained(network(drawn, sizes, options), start, x, y))
    for ours, expected in zip(*found, strict=True):
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(ours, expected, rtol=2e-3, atol=2e-4 * scale)
