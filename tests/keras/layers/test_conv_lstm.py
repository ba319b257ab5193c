"""`ConvLSTM2D`: channels first as well as last, and states that are kept from batch to batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf

L = tf.keras.layers
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(2, 3, 6, 7, 2)).astype("float32")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"padding": "same", "return_sequences": True},
        {"strides": 2},
        {"dilation_rate": 2},
        {"return_sequences": True, "go_backwards": True, "use_bias": False},
    ],
    ids=str,
)
def test_channels_first_is_channels_last_with_other_axes(options: dict[str, Any]) -> None:
    last = L.ConvLSTM2D(3, (2, 3), **options)
    first = L.ConvLSTM2D(3, (2, 3), data_format="channels_first", **options)
    given = np.moveaxis(X, -1, 2)
    last.build(X.shape)
    first.build(given.shape)
    first.set_weights(last.get_weights())
    with tf.GradientTape(persistent=True) as tape:
        one, other = last(X), first(given)
        sums = [tf.reduce_sum(tf.sin(result)) for result in (one, other)]
    np.testing.assert_allclose(np.moveaxis(other, -3, -1), one, atol=1e-5)
    gradients = [
        tape.gradient(total, layer.weights) for total, layer in zip(sums, (last, first), strict=True)
    ]
    for found, expected in zip(*gradients, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_two_batches_of_a_stateful_layer_are_one_long_sequence(data_format: str, sequences: bool) -> None:
    x = np.moveaxis(X, -1, 2) if data_format == "channels_first" else X
    options = {"data_format": data_format, "return_sequences": sequences}
    start = tf.keras.Input(x.shape[1:], batch_size=len(x))
    stateful = tf.keras.Sequential([start, L.ConvLSTM2D(3, 3, stateful=True, **options)])
    whole = tf.keras.Sequential([tf.keras.Input((6, *x.shape[2:])), L.ConvLSTM2D(3, 3, **options)])
    whole.set_weights(stateful.get_weights())
    first = stateful.predict(x, batch_size=len(x), verbose=0)
    second = stateful.predict(x, batch_size=len(x), verbose=0)
    expected = whole.predict(np.concatenate([x, x], 1), verbose=0)
    np.testing.assert_allclose(second, expected[:, 3:] if sequences else expected, atol=1e-5)
    stateful.reset_states()
    np.testing.assert_array_equal(stateful.predict(x, batch_size=len(x), verbose=0), first)


def test_a_stateful_layer_trains_and_returns_from_its_file(tmp_path: Any) -> None:
    start = tf.keras.Input(X.shape[1:], batch_size=2)
    model = tf.keras.Sequential([start, L.ConvLSTM2D(2, 3, stateful=True), L.Flatten(), L.Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(
        np.concatenate([X, X]), np.ones((4, 1)), batch_size=2, epochs=30, shuffle=False, verbose=0
    )
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
    model.reset_states()
    expected = model.predict(X, batch_size=2, verbose=0)
    for name in ("model.h5", "model.keras"):
        model.save(tmp_path / name)
        again = tf.keras.models.load_model(tmp_path / name)
        np.testing.assert_array_equal(again.predict(X, batch_size=2, verbose=0), expected)
