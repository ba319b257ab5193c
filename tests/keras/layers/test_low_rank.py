"""Low-rank changes of frozen weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tensorlet as tf

A = np.array([[1.0, 0.0], [0.0, 2.0]], np.float32)
B = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)
#: A @ B times alpha / rank = 3 / 2.
CHANGE = np.array([[1.5, 3.0, 4.5], [12.0, 15.0, 18.0]], np.float32)


def adapted(layer: tf.keras.layers.Layer, name: str = "kernel") -> tf.keras.layers.Layer:
    """The layer with the change above."""
    layer.enable_lora(2, lora_alpha=3.0)
    getattr(layer, f"lora_{name}_a").assign(A.reshape(getattr(layer, f"lora_{name}_a").shape))
    getattr(layer, f"lora_{name}_b").assign(B)
    return layer


def test_a_dense_layer_adds_the_scaled_product_to_its_kernel() -> None:
    layer = tf.keras.layers.Dense(3, kernel_initializer="ones")
    layer.build((None, 2))
    adapted(layer)
    np.testing.assert_allclose(layer.kernel, 1.0 + CHANGE)
    np.testing.assert_allclose(layer(tf.eye(2)), 1.0 + CHANGE)
    assert [tuple(one.shape) for one in layer.trainable_weights] == [(3,), (2, 2), (2, 3)]
    assert [tuple(one.shape) for one in layer.non_trainable_weights] == [(2, 3)]


def test_an_embedding_adds_it_to_the_rows_that_it_reads() -> None:
    layer = tf.keras.layers.Embedding(2, 3, embeddings_initializer="ones")
    layer.build()
    adapted(layer, "embeddings")
    np.testing.assert_allclose(layer(tf.constant([[1, 0]])), 1.0 + CHANGE[None, ::-1])
    np.testing.assert_allclose(layer.embeddings, 1.0 + CHANGE)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (tf.keras.layers.Conv1D(3, 1, kernel_initializer="ones"), (1, 2, 2)),
        (tf.keras.layers.Conv2D(3, 1, kernel_initializer="ones"), (1, 2, 1, 2)),
        (tf.keras.layers.EinsumDense("abc,cd->abd", (None, 3), kernel_initializer="ones"), (1, 2, 2)),
    ],
)
def test_filters_and_einsum_kernels(layer: tf.keras.layers.Layer, shape: tuple[int, ...]) -> None:
    layer.build(shape)
    adapted(layer)
    found = layer(tf.reshape(tf.eye(2), shape))
    np.testing.assert_allclose(tf.reshape(found, [2, 3]), 1.0 + CHANGE)


def test_training_changes_the_factors_and_not_the_kernel() -> None:
    layer = tf.keras.layers.Dense(3, lora_rank=2, kernel_regularizer="l2")
    model = tf.keras.Sequential([layer])
    model.build((None, 2))
    assert layer.lora_alpha == 2
    assert len(layer.losses) == 2  # of the two factors
    before = layer.frozen_weight().numpy()
    model.compile("sgd", "mse")
    model.fit(np.eye(2), np.full((2, 3), 9.0), epochs=3, verbose=0)
    np.testing.assert_array_equal(layer.frozen_weight(), before)
    assert np.abs(layer.lora_kernel_b).max() > 0


def test_a_call_after_a_change_is_enabled_sees_it() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, kernel_initializer="ones")])
    model(tf.eye(2))
    adapted(model.layers[0])
    np.testing.assert_allclose(model(tf.eye(2)), 1.0 + CHANGE)


def test_files_of_weights_have_the_sum(tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, kernel_initializer="ones")])
    model.build((None, 2))
    adapted(model.layers[0])
    for name in ("model.weights.h5", "model.keras", "model.h5"):
        model.save_weights(tmp_path / name) if "weights" in name else model.save(tmp_path / name)
    plain = tf.keras.Sequential([tf.keras.layers.Dense(3)])
    plain.build((None, 2))
    plain.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(plain.layers[0].kernel, 1.0 + CHANGE)
    for name in ("model.keras", "model.h5"):
        loaded = tf.keras.models.load_model(tmp_path / name)
        assert (loaded.layers[0].lora_enabled, loaded.layers[0].lora_alpha) == (True, 3.0)
        np.testing.assert_allclose(loaded(tf.eye(2)), 1.0 + CHANGE)
    model.load_weights(tmp_path / "model.weights.h5")  # the change is not counted twice
    np.testing.assert_allclose(model(tf.eye(2)), 1.0 + CHANGE)


def test_what_cannot_be_adapted_is_refused() -> None:
    constrained = tf.keras.layers.Dense(3, kernel_constraint="max_norm")
    with pytest.raises(ValueError, match="incompatible with kernel constraints"):
        constrained.enable_lora(2)
    layer = tf.keras.layers.Dense(3)
    with pytest.raises(ValueError, match="isn't yet built"):
        layer.enable_lora(2)
    layer.build((None, 2))
    layer.enable_lora(2)
    with pytest.raises(ValueError, match="lora is already enabled"):
        layer.enable_lora(2)
    transposed = tf.keras.layers.Conv2DTranspose(2, 3)
    transposed.build((None, 4, 4, 1))
    with pytest.raises(ValueError, match="takes no low-rank change"):
        transposed.enable_lora(2)
