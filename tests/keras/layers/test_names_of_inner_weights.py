"""The names of weights of layers that other layers call: those of Keras 2.15."""

from __future__ import annotations

from typing import Any

import numpy as np

import tensorlet as tf

L = tf.keras.layers


class Block(L.Layer):
    """A layer with an attention, a normalization and a Sequential model, as in examples of Keras."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = L.MultiHeadAttention(2, 4)
        self.dense = tf.keras.Sequential([L.Dense(8, activation="relu"), L.Dense(4)])
        self.normalization = L.LayerNormalization()

    def call(self, inputs: Any) -> Any:
        return self.normalization(self.dense(self.attention(inputs, inputs)))


class Outer(L.Layer):
    """A layer of such layers."""

    def __init__(self) -> None:
        super().__init__(name="outer")
        self.block = Block()
        self.both = L.Bidirectional(L.GRU(2))
        self.last = [L.Dense(1)]

    def call(self, inputs: Any) -> Any:
        return self.last[0](self.both(self.block(inputs)))


class Whole(tf.keras.Model):
    """A model with one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.result = L.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.result(self.block(inputs))


def names(model: Any) -> list[str]:
    return [weight.name for weight in model.weights if not weight.name.endswith(("/bias:0", "/beta:0"))]


def test_names_begin_with_those_of_the_layers_around() -> None:
    """What TensorFlow 2.15 prints; a Sequential model names its layers for themselves."""
    tf.keras.backend.clear_session()
    start = tf.keras.Input((5, 4))
    inner = Block()(start)
    assert names(tf.keras.Model(start, Outer()(inner))) == [
        "block/multi_head_attention/query/kernel:0",
        "block/multi_head_attention/key/kernel:0",
        "block/multi_head_attention/value/kernel:0",
        "block/multi_head_attention/attention_output/kernel:0",
        "dense/kernel:0",
        "dense_1/kernel:0",
        "block/layer_normalization/gamma:0",
        "outer/block_1/multi_head_attention_1/query/kernel:0",
        "outer/block_1/multi_head_attention_1/key/kernel:0",
        "outer/block_1/multi_head_attention_1/value/kernel:0",
        "outer/block_1/multi_head_attention_1/attention_output/kernel:0",
        "dense_2/kernel:0",
        "dense_3/kernel:0",
        "outer/block_1/layer_normalization_1/gamma:0",
        "outer/bidirectional/forward_gru/gru_cell/kernel:0",
        "outer/bidirectional/forward_gru/gru_cell/recurrent_kernel:0",
        "outer/bidirectional/backward_gru/gru_cell/kernel:0",
        "outer/bidirectional/backward_gru/gru_cell/recurrent_kernel:0",
        "outer/dense_4/kernel:0",
    ]


def test_a_model_of_the_users_own_comes_first(tmp_path: Any) -> None:
    tf.keras.backend.clear_session()
    model = Whole()
    x = np.random.default_rng(0).normal(size=(6, 5, 4)).astype("float32")
    model.compile("adam", "mse")
    model.fit(x, np.zeros((6, 5, 1)), epochs=2, verbose=0)
    assert names(model)[0] == "whole/block/multi_head_attention/query/kernel:0"
    assert names(model)[-2:] == ["whole/block/layer_normalization/gamma:0", "whole/dense_2/kernel:0"]
    expected = model.predict(x, verbose=0)
    for ending in ("weights.h5", "h5", "ckpt"):
        model.save_weights(tmp_path / f"model.{ending}")
        again = Whole()
        again(x)
        again.load_weights(tmp_path / f"model.{ending}")
        np.testing.assert_array_equal(again.predict(x, verbose=0), expected)
