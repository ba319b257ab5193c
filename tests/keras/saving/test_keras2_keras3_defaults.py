"""Files for Keras 2 leave out arguments that Keras 3 refuses, where they have their defaults."""

from __future__ import annotations

from typing import Any

import tensorlet as tf
from tensorlet.keras.layers.serialization import serialize
from tensorlet.keras.saving.keras2_keras3 import to_keras_2

layers = tf.keras.layers


def written(layer: Any) -> dict[str, Any]:
    found: dict[str, Any] = to_keras_2(serialize(layer))
    return found


def test_defaults_are_left_out() -> None:
    assert "time_major" in layers.LSTM(2).get_config()
    assert "time_major" not in written(layers.LSTM(2))["config"]
    assert written(layers.LSTM(2, time_major=True))["config"]["time_major"] is True
    assert "score_mode" not in written(layers.Attention())["config"]
    assert written(layers.Attention(score_mode="concat"))["config"]["score_mode"] == "concat"
    assert "groups" not in written(layers.Conv2DTranspose(2, 3))["config"]
    assert written(layers.Conv2D(2, 3))["config"]["groups"] == 1
    assert "trainable" not in written(layers.SpatialDropout1D(0.5))["config"]


def test_layers_in_wrappers_say_where_they_are() -> None:
    inner = written(layers.Bidirectional(layers.GRU(2)))["config"]["layer"]
    assert (inner["module"], inner["class_name"], inner["registered_name"]) == ("keras.layers", "GRU", None)
    assert "time_major" not in inner["config"]
    cells = written(layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)]))["config"]["cell"]
    assert cells["module"] == "keras.layers"
    assert [one["module"] for one in cells["config"]["cells"]] == ["keras.layers"] * 2


def test_lookup_of_words_takes_the_method_of_keras_3() -> None:
    layer = layers.StringLookup(vocabulary=["a", "b"], oov_method="farmhash")
    assert layer(["b", "c"]).numpy().tolist() == [2, 0]
    assert "oov_method" in layer.get_config()
    assert "oov_method" not in layers.StringLookup(vocabulary=["a"]).get_config()
