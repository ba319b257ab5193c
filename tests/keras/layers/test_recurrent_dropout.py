"""Which masks the dropout of recurrent layers draws: for which gates and steps, against real Keras 2 and 3."""

from __future__ import annotations

import json

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from recurrent_dropout_cases import values

import tensorlet as tf

GOLDEN = json.loads((GOLDEN_FOLDER / "recurrent_dropout.json").read_text(encoding="utf-8"))
EXAMPLES = 20_000


@pytest.mark.parametrize(
    ("generation", "name"), [(one, name) for one in GOLDEN for name in GOLDEN[one]["cases"]]
)
def test_the_outputs_that_occur_are_those_of_keras(
    generation: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    tf.random.set_seed(0)
    found, _ = values(tf.keras, name, EXAMPLES)
    np.testing.assert_allclose(found, GOLDEN[generation]["cases"][name], atol=2e-6)


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM inputs", "LSTM both", "GRU both", "ConvLSTM1D inputs"])
def test_all_masks_are_equally_likely(name: str) -> None:
    tf.random.set_seed(1)
    found, counts = values(tf.keras, name, EXAMPLES)
    expected = EXAMPLES / len(found)
    # The sum of squared deviations has the mean `len(found) - 1` and twice that as its variance.
    deviation = float(np.sum((counts - expected) ** 2) / expected)
    assert deviation < len(found) - 1 + 5 * np.sqrt(2 * (len(found) - 1))


def test_masks_change_from_call_to_call_and_not_without_training() -> None:
    layer = tf.keras.layers.LSTM(8, dropout=0.5, recurrent_dropout=0.5)
    x = tf.ones([2, 5, 6])
    np.testing.assert_array_equal(layer(x), layer(x))
    assert not np.array_equal(layer(x, training=True), layer(x, training=True))


def test_implementation_is_kept_where_it_has_an_effect() -> None:
    layer = tf.keras.layers.GRU(2, dropout=0.5, implementation=1, reset_after=False)
    assert layer.cell.implementation == 1
    assert tf.keras.layers.GRU.from_config(layer.get_config()).cell.implementation == 1
    assert "implementation" not in tf.keras.layers.GRU(2, recurrent_dropout=0.5).get_config()
    assert "implementation" not in tf.keras.layers.GRU(2, implementation=2).get_config()


def test_dropout_runs_natively_in_a_step(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    model = tf.keras.Sequential(
        [
            tf.keras.layers.LSTM(
                5, dropout=0.2, recurrent_dropout=0.3, return_sequences=True, input_shape=(4, 3)
            ),
            tf.keras.layers.GRU(
                4, dropout=0.2, recurrent_dropout=0.3, reset_after=False, return_sequences=True
            ),
            tf.keras.layers.LSTM(4, dropout=0.2),
            tf.keras.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(32, 4, 3)).astype("float32")
    history = model.fit(x, x.sum((1, 2)), batch_size=8, epochs=3, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert "reference" not in capfd.readouterr().err
