"""Steps that are padding: who marks them, who hands the mark on, and who leaves them out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import ShapeError

L = tf.keras.layers
TABLE = np.array([[100.0, 100.0], [1.0, 2.0], [3.0, 4.0]], np.float32)
START = tf.keras.initializers.Constant(TABLE)


def test_padding_does_not_count_in_the_mean() -> None:
    layer = L.Embedding(3, 2, embeddings_initializer=START, mask_zero=True)
    vectors = layer(np.array([[1, 2, 0, 0], [2, 0, 0, 0]]))
    assert L.GlobalAveragePooling1D()(vectors).numpy().tolist() == [[2.0, 3.0], [3.0, 4.0]]
    assert L.GlobalAveragePooling1D(keepdims=True)(vectors).shape == [2, 1, 2]
    plain = L.Embedding(3, 2, embeddings_initializer=START)(np.array([[1, 2, 0, 0]]))
    assert L.GlobalAveragePooling1D()(plain).numpy().tolist() == [[51.0, 51.5]]


def test_the_mark_passes_through_layers_that_keep_the_steps() -> None:
    vectors = L.Embedding(3, 2, embeddings_initializer=START, mask_zero=True)(np.array([[1, 0]]))
    for layer in (
        L.Dropout(0.5),
        L.Dense(2, kernel_initializer="identity"),
        L.Activation("relu"),
        L.Identity(),
    ):
        vectors = layer(vectors)
        assert vectors._keras_mask.numpy().tolist() == [[True, False]], layer.name
    assert L.GlobalAveragePooling1D()(vectors).numpy().tolist() == [[1.0, 2.0]]
    assert getattr(L.Flatten()(vectors), "_keras_mask", None) is None


def test_a_layer_of_the_user_s_own_gets_the_mask_and_makes_one() -> None:
    seen: list[Any] = []

    class Looks(L.Layer):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            seen.append(mask.numpy().tolist())
            return inputs * 1.0

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return tf.logical_not(mask)

    vectors = Looks()(L.Embedding(3, 2, embeddings_initializer=START, mask_zero=True)(np.array([[1, 0]])))
    assert seen == [[[True, False]]]
    assert L.GlobalAveragePooling1D()(vectors).numpy().tolist() == [[100.0, 100.0]]


def test_a_model_with_padding_trains_natively(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """The vector of the padding keeps its value: no gradient reaches it."""
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    model = tf.keras.Sequential(
        [
            L.Embedding(3, 2, embeddings_initializer=START, mask_zero=True),
            L.GlobalAveragePooling1D(),
            L.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    x, y = np.array([[1, 2, 0], [1, 0, 0]]), np.array([1.0, 0.0])
    model.fit(x, y, epochs=3, verbose=0)
    table = model.layers[0].get_weights()[0]
    assert table[0].tolist() == [100.0, 100.0]
    assert np.all(table[1:] != TABLE[1:])
    assert "reference" not in capfd.readouterr().err
    again = tf.keras.models.model_from_json(model.to_json())
    again.build((None, 3))
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_pooling() -> None:
    x = tf.constant([[[1.0, 30.0], [3.0, 10.0], [5.0, 20.0]]])
    assert L.GlobalMaxPooling1D()(x).numpy().tolist() == [[5.0, 30.0]]
    assert L.GlobalMaxPool1D(data_format="channels_first")(x).numpy().tolist() == [[30.0, 10.0, 20.0]]
    assert L.GlobalAvgPool1D(data_format="channels_first")(x).numpy().tolist() == [[15.5, 6.5, 12.5]]
    with pytest.raises(ShapeError, match="global_average_pooling1d"):
        L.GlobalAveragePooling1D(name="global_average_pooling1d")(tf.ones([2, 3]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="channels_last"):
        L.GlobalMaxPooling1D(data_format="last")


def test_masking() -> None:
    x = tf.constant([[[1.0, 3.0], [0.0, 0.0], [0.0, 5.0]]])
    masked = L.Masking()(x)
    assert masked._keras_mask.numpy().tolist() == [[True, False, True]]
    assert L.GlobalAveragePooling1D()(masked).numpy().tolist() == [[0.5, 4.0]]


def test_a_model_that_met_its_first_data_takes_longer_sequences() -> None:
    """The shape was not said, only seen; a model that says it refuses other shapes."""
    vectors = L.Embedding(3, 2, embeddings_initializer=START, mask_zero=True)
    model = tf.keras.Sequential([vectors, L.GlobalAveragePooling1D()])
    assert model.predict(np.array([[1, 2]]), verbose=0).tolist() == [[2.0, 3.0]]
    assert model.predict(np.array([[1, 2, 0, 0, 0]]), verbose=0).tolist() == [[2.0, 3.0]]
    said = tf.keras.Sequential([L.Embedding(3, 2, input_length=2), L.GlobalAveragePooling1D()])
    with pytest.raises(ShapeError, match=r"expected shape=\(None, 2\), found shape=\(\d+, 3\)"):
        said.predict(np.array([[1, 2, 0]]), verbose=0)
    dense = tf.keras.Sequential([L.Dense(1, name="wide")])
    dense.predict(np.ones((1, 2)), verbose=0)
    with pytest.raises(ShapeError, match='"wide"'):
        dense.predict(np.ones((1, 3)), verbose=0)


def test_padding_counts_neither_in_the_loss_nor_in_the_metrics() -> None:
    """Predictions 3, 7, 200 for labels 1, 7, 0, the last one of padding: (4 + 0) / 2, and (2 + 0) / 2."""
    dense = L.Dense(1, kernel_initializer="ones")
    model = tf.keras.Sequential([L.Embedding(3, 2, embeddings_initializer=START, mask_zero=True), dense])
    model.compile("sgd", "mse", metrics=["mae"])
    x, y = np.array([[1, 2, 0]]), np.array([[[1.0], [7.0], [0.0]]])
    assert model.evaluate(x, y, verbose=0) == [2.0, 1.0]
    assert model.evaluate(x, y, sample_weight=np.array([0.5]), verbose=0) == [1.0, 1.0]


def test_layers_with_several_inputs_combine_masks() -> None:
    table = L.Embedding(3, 2, embeddings_initializer=START, mask_zero=True)
    one, other, plain = table(np.array([[1, 2, 0]])), table(np.array([[1, 0, 2]])), tf.ones([1, 3, 2])
    for layer in (L.Add(), L.Maximum(), L.Concatenate()):
        assert layer([one, other])._keras_mask.numpy().tolist() == [[True, False, False]]
        assert layer([one, plain])._keras_mask.numpy().tolist() == [[True, True, False]]
        assert getattr(layer([plain, plain]), "_keras_mask", None) is None
    both = L.Concatenate(axis=1)([one, plain])._keras_mask
    assert both.numpy().tolist() == [[True, True, False, True, True, True]]
    assert getattr(L.Dot(axes=2)([one, other]), "_keras_mask", None) is None


def merged_with_masks(name: str, first: list[bool] | None, second: list[bool] | None) -> tuple[Any, Any]:
    """What a merging layer makes of two sequences of three steps with one feature, and the mask of its result."""
    pair = [tf.constant([[[2.0], [3.0], [4.0]]]), tf.constant([[[5.0], [1.0], [6.0]]])]
    for x, mask in zip(pair, (first, second), strict=True):
        if mask is not None:
            x._keras_mask = tf.constant([mask])
    result = getattr(tf.keras.layers, name)()(pair)
    mask = getattr(result, "_keras_mask", None)
    return result.numpy()[0, :, 0].tolist(), None if mask is None else mask.numpy()[0].tolist()


def test_masks_of_several_inputs_by_the_rules_of_keras_2_and_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras 2: masked where one input is, the values are as they are. Keras 3: masked where all are, and left out."""
    one, other = [True, True, False], [True, False, False]
    assert merged_with_masks("Maximum", one, other) == ([5.0, 3.0, 6.0], [True, False, False])
    assert merged_with_masks("Add", one, None) == ([7.0, 4.0, 10.0], one)
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    assert merged_with_masks("Maximum", one, other) == ([5.0, 3.0, 0.0], [True, True, False])
    assert merged_with_masks("Minimum", one, other) == ([2.0, 3.0, 0.0], [True, True, False])
    assert merged_with_masks("Multiply", one, other) == ([10.0, 3.0, 0.0], [True, True, False])
    assert merged_with_masks("Multiply", one, None) == ([10.0, 3.0, 6.0], None)
    assert merged_with_masks("Add", one, other) == ([7.0, 4.0, 10.0], [True, True, False])


def test_masks_that_do_not_belong_to_the_inputs_are_refused() -> None:
    layer, x = tf.keras.layers.Add(), tf.ones([1, 2, 3])
    for inputs, masks, words in (
        ([x, x], x, "`mask` should be a list"),
        (x, [None, None], "`inputs` should be a list"),
        ([x, x], [None], "should have the same length"),
    ):
        with pytest.raises(ValueError, match=words):
            layer.compute_mask(inputs, masks)
    # Masks of numbers count as booleans.
    assert layer.compute_mask([x, x], [np.ones((1, 2)), np.zeros((1, 2))]).numpy().tolist() == [
        [False, False]
    ]
