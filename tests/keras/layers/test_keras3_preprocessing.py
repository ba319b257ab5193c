"""Layers that prepare data, with what Keras 3 added to them, against real Keras 3; and what layers refuse."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from keras3_layer_cases import PREPARING, prepare

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

GOLDEN = json.loads((GOLDEN_FOLDER / "keras3_layers.json").read_text(encoding="utf-8"))["prepared"]
layers = tf.keras.layers


@pytest.mark.parametrize("row", range(len(PREPARING)), ids=lambda row: f"{PREPARING[row][0]}-{row}")
def test_results_are_those_of_keras(row: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    found = prepare(tf.keras, row)
    np.testing.assert_allclose(found["result"], GOLDEN[row]["result"], rtol=1e-4, atol=1e-5)
    assert found["dtype"] == GOLDEN[row]["dtype"]


@pytest.mark.parametrize(
    "make",
    [
        lambda **options: layers.Resizing(4, 9, **options), lambda **options: layers.CenterCrop(4, 3, **options),
        lambda **options: layers.RandomTranslation((0.3, 0.3), (0.2, 0.2), **options),
        lambda **options: layers.RandomRotation((0.1, 0.1), **options),
        lambda **options: layers.RandomZoom((0.4, 0.4), **options),
        lambda **options: layers.RandomContrast((0.0, 0.0), **options),
        lambda **options: layers.RandomBrightness((0.3, 0.3), value_range=(0, 1), **options),
    ],
)  # fmt: skip
def test_channels_first_is_channels_last_moved(make: Any, tmp_path: Any) -> None:
    x = np.random.default_rng(0).uniform(size=(2, 6, 7, 3)).astype("float32")
    expected = np.moveaxis(make()(x).numpy(), -1, 1)
    moved = np.moveaxis(x, -1, 1)
    layer = make(data_format="channels_first")
    np.testing.assert_allclose(layer(moved).numpy(), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer(moved[0]).numpy(), expected[0], rtol=1e-5, atol=1e-6)
    assert layer.get_config()["data_format"] == "channels_first"
    model = tf.keras.Sequential([tf.keras.Input((3, 6, 7)), layer])
    model.save(tmp_path / "model.keras")
    again = tf.keras.models.load_model(tmp_path / "model.keras")
    assert again.layers[0].data_format == "channels_first"
    np.testing.assert_array_equal(again.predict(moved, verbose=0), model.predict(moved, verbose=0))


def test_adapt_takes_batches_of_every_kind() -> None:
    x = np.random.default_rng(0).normal(3.0, 2.0, (24, 3)).astype("float32")
    parts = [x[start : start + 8] for start in range(0, 24, 8)]

    class Sequence(tf.keras.utils.Sequence):  # type: ignore[misc]
        def __len__(self) -> int:
            return 3

        def __getitem__(self, number: int) -> Any:
            return parts[number], np.zeros(8)

    sources = [
        x, parts, iter(parts), (part for part in parts), [(part, np.zeros(8)) for part in parts], Sequence(),
        tf.data.Dataset.from_tensor_slices((x, np.zeros(24))).batch(8), tf.data.Dataset.from_tensor_slices(x).batch(5),
    ]  # fmt: skip
    for source in sources:
        layer = layers.Normalization()
        layer.adapt(source)
        np.testing.assert_allclose(layer.mean.numpy(), [x.mean(0)], rtol=1e-5)
        np.testing.assert_allclose(layer.variance.numpy(), [x.var(0)], rtol=1e-4)


def test_discretization_after_adapt_returns_from_files(tmp_path: Any) -> None:
    layer = layers.Discretization(num_bins=3, output_mode="one_hot")
    assert layer.compute_output_shape((None, 2)).as_list() == [None, 2, 3]
    layer.adapt(np.arange(9.0))
    assert layer.bin_boundaries == [3.0, 6.0]
    model = tf.keras.Sequential([tf.keras.Input((2,)), layer])
    model.save(tmp_path / "model.keras")
    again = tf.keras.models.load_model(tmp_path / "model.keras")
    x = np.array([[1.0, 7.0]], "float32")
    assert again.predict(x, verbose=0).tolist() == [[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]]


def test_an_input_of_a_given_tensor() -> None:
    tensor = tf.keras.KerasTensor((None, 3), name="three")
    x = tf.keras.Input(tensor=tensor)
    assert x is tensor
    model = tf.keras.Model(x, layers.Dense(2, kernel_initializer="ones")(x))
    assert model.predict(np.ones((1, 3)), verbose=0).tolist() == [[3.0, 3.0]]
    assert layers.InputLayer(shape=(3,), batch_size=2).batch_shape == (2, 3)


def test_an_own_output_shape_takes_the_place_of_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    class Halves(layers.Layer):
        def call(self, x: Any) -> Any:
            raise RuntimeError("not called on symbolic tensors")

        def compute_output_shape(self, input_shape: Any) -> Any:
            half = (input_shape[0], input_shape[1] // 2)
            return {"first": half, "second": half}

    monkeypatch.setenv("TENSORLET_KERAS", "3")
    found = Halves()(tf.keras.Input((6,)))
    assert {key: value.shape.as_list() for key, value in found.items()} == {
        "first": [None, 3],
        "second": [None, 3],
    }


def test_masks_of_softmax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    x = np.array([[1.0, 1.0, 5.0], [1.0, 2.0, 3.0]], "float32")
    found = layers.Softmax()(x, mask=np.array([[True, True, False], [False, False, False]]))
    np.testing.assert_allclose(found, [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(layers.Softmax()(x, mask=np.array([1.0, 1.0, 0.0]))[0], [0.5, 0.5, 0.0])
    with pytest.raises(ShapeError, match="not broadcastable"):
        layers.Softmax()(x, mask=np.ones((3, 3)))
    with pytest.raises(ShapeError, match="must not have more dimensions"):
        layers.Softmax()(x, mask=np.ones((1, 2, 3)))


def test_vectors_and_back() -> None:
    layer = layers.ReversibleEmbedding(3, 2, logit_soft_cap=5.0)
    layer.build()
    layer.embeddings.assign([[0.0, 0.0], [2.0, 2.0], [3.0, 3.0]])
    np.testing.assert_array_equal(layer(np.array([2, 0])), [[3.0, 3.0], [0.0, 0.0]])
    expected = 5.0 * np.tanh(np.array([[0.0, 4.0, 6.0]]) / 5.0)
    np.testing.assert_allclose(layer(np.array([[1.0, 1.0]], "float32"), reverse=True), expected, rtol=1e-5)


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (lambda: layers.Dropout(0.5, noise_shape="abc"), ValueError, "Expected a tuple or list"),
    (lambda: layers.Dropout(0.5, noise_shape=(2, 0)), ValueError, "Expected all dimensions to be positive"),
    (lambda: layers.AlphaDropout(0.5, noise_shape=(2, 1.5)), ValueError, "all elements to be integers"),
    (lambda: layers.Dropout(1.5), ValueError, "Expected a float value between 0 and 1"),
    (lambda: layers.ReLU(threshold=None), ValueError, "cannot be None or a negative value"),
    (lambda: layers.LeakyReLU(negative_slope=None), ValueError, "cannot be None"),
    (lambda: layers.Reshape((-2, 5)), ValueError, r"non-negative integer.*target_shape=\(-2, 5\)"),
    (lambda: layers.Reshape((-1, -1)), ValueError, "at most one unknown dimension"),
    (lambda: layers.RepeatVector("3"), TypeError, "Expected an integer value for `n`"),
    (lambda: layers.Dense(None), TypeError, "positive integer"),
    (lambda: layers.Dense(2, trainable="yes"), TypeError, "to be a boolean"),
    (lambda: layers.Conv2D(0, 3), ValueError, "Expected a strictly positive value"),
    (lambda: layers.Conv1D(2, 9)(np.ones((1, 4, 1))), ShapeError, "would be zero or negative"),
    (lambda: layers.ConvLSTM2D(1, 2, strides=2, dilation_rate=2), ValueError, "both larger than 1"),
    (lambda: layers.Resizing(2, 2, fill_mode="reflect"), ValueError, "only 'constant'"),
    (
        lambda: layers.Resizing(2, 2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), ValueError,
        "Only one of them",
    ),
    (lambda: layers.RandomBrightness(0.1, value_range=[10]), ValueError, "a list of two numbers"),
    (lambda: layers.RandomBrightness((0.1, 1.5)), ValueError, "at most 1"),
    (lambda: layers.RandomTranslation(-1.1, (-1.5, 0.0)), ValueError, "of at least -1"),
    (lambda: layers.RandomFlip()(np.ones((4, 4))), ShapeError, r"x\[..., None\]"),
    (lambda: layers.Hashing(0), ValueError, "cannot be `None` or non-positive"),
    (lambda: layers.Hashing(2, salt=[1]), ValueError, "tuple of size 2"),
    (lambda: layers.HashedCrossing(2)(np.array([1])), ValueError, "should be called on a list"),
    (lambda: layers.HashedCrossing(2)([np.array([1])]), ValueError, "at least two inputs"),
    (lambda: layers.HashedCrossing(2)([np.array([1.0])] * 2), ValueError, "an integer or string dtype"),
    (lambda: layers.HashedCrossing(2)([np.ones((1, 1, 1), int)] * 2), ValueError, "inputs should have shape"),
    (lambda: layers.Discretization(), ValueError, "either `num_bins` or `bin_boundaries`"),
    (lambda: layers.CategoryEncoding(0), ValueError, "`num_tokens` must be >= 1"),
    (
        lambda: layers.CategoryEncoding(2)(np.array([[1]]), count_weights=np.array([[1.0]])), ValueError,
        "`count_weights` is not used",
    ),
    (lambda: layers.Normalization().adapt([]), ValueError, "empty iterable"),
    (lambda: layers.Normalization().adapt(iter([42])), TypeError, r"`.shape`"),
    (lambda: layers.Normalization().adapt(iter([np.ones((2, 4)), np.ones((2, 5))])), ShapeError, "incompatible shape"),
    (lambda: layers.Normalization(axis=3).build((2, 2)), ShapeError, "must be in the range"),
    (lambda: layers.Normalization(axis=1).build((None, None)), ShapeError, "must be known"),
    (lambda: tf.keras.Input((2,), batch_shape=(1, 2)), ShapeError, "cannot pass both `shape` and `batch_shape`"),
    (lambda: tf.keras.Input((4,), tensor=tf.keras.KerasTensor((None, 3))), ValueError, "incompatible `shape`"),
    (lambda: tf.keras.Input(tensor=np.ones(3)), InvalidArgumentError, "must be a KerasTensor"),
    (lambda: layers.EinsumDense("ab,bc->ac", 2, bias_axes="z").build((None, 3)), ValueError, "bias_axes='z'"),
    (
        lambda: layers.TimeDistributed(layers.Dense(2))(np.ones((2, 3, 4)), mask=np.ones((2, 4), bool)), ShapeError,
        "The `mask` passed to the `TimeDistributed` layer has a shape",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "words"), REFUSED)
def test_bad_input_is_refused(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_options_by_position_are_refused_in_keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = layers.Dropout(0.5)
    assert layer(np.ones((2, 3), "float32"), False).shape == (2, 3)
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    with pytest.raises(
        InvalidArgumentError, match="Only input tensors may be passed as positional arguments"
    ):
        layer(np.ones((2, 3), "float32"), False)


def test_activity_regularizers_are_in_configurations_of_keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    assert "activity_regularizer" not in layers.Dense(2).get_config()
    layer = layers.BatchNormalization(activity_regularizer="l2")
    assert type(layer.from_config(layer.get_config()).activity_regularizer).__name__ == "L2"
    penalized = layers.ActivityRegularization(l1=0.5)
    assert penalized.from_config(penalized.get_config()).l1 == 0.5


def test_the_bias_of_an_einsum_with_open_axes_behind() -> None:
    layer = layers.EinsumDense("bc...,cde->bde...", (3, 4), bias_axes="d", bias_initializer="ones")
    layer.build((2, 1, 2))
    assert layer.bias.shape.as_list() == [3, 1, 1]
    assert layer(np.zeros((2, 1, 2), "float32")).numpy().tolist() == np.ones((2, 3, 4, 2)).tolist()


def test_gated_attention_in_a_window_follows_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights are drawn in the order of their paths; the numbers are those of Keras 3.15."""
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    layer = layers.MultiHeadAttention(2, 2, use_gate=True, sliding_window=2)
    x = np.random.default_rng(1).normal(size=(1, 4, 3)).astype("float32")
    layer.build(x.shape, x.shape)
    generator = np.random.default_rng(0)
    for weight in sorted(layer.weights, key=lambda weight: weight.path):
        weight.assign(generator.normal(size=weight.shape).astype("float32"))
    expected = [
        [-0.5323, 0.61722, -1.01685], [-3.38535, -0.13266, -1.71365], [-3.83867, -0.4949, -1.3462],
        [-2.26887, -0.24087, -0.68387],
    ]  # fmt: skip
    np.testing.assert_allclose(layer(x, x, use_causal_mask=True)[0], expected, atol=2e-5)
    again = layer.from_config(layer.get_config())
    assert (again.use_gate, again.sliding_window) == (True, 2)
    assert layer.compute_output_shape((2, 4, 3), (2, 5, 3)).as_list() == [2, 4, 3]


def test_several_numbers_for_unknown_values() -> None:
    # FarmHash of the digits, as `tf.strings.to_hash_bucket_fast` gives it.
    layer = layers.IntegerLookup(vocabulary=[10, 20], num_oov_indices=4, oov_method="farmhash")
    assert layer([100, 200, 300, 400]).numpy().tolist() == [3, 1, 3, 1]
    remainders = layers.IntegerLookup(vocabulary=[10, 20], num_oov_indices=4)
    assert remainders([101, 202]).numpy().tolist() == [1, 2]
    words = [f"word {number}" for number in range(40)]
    found = [
        layers.StringLookup(vocabulary=["a"], num_oov_indices=9, salt=salt)(words).numpy().tolist()
        for salt in (None, 3, 3, (3, 3), 4)
    ]
    assert found[1] == found[2] == found[3]
    assert found[0] != found[1] != found[4]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.MultiHeadAttention(0, 2), "argument `num_heads`"),
        (lambda: layers.MultiHeadAttention(2, 2, output_shape=8.0), "Invalid `output_shape`"),
        (lambda: layers.MultiHeadAttention(2, 2, sliding_window=0), "integer of 1 or more"),
        (
            lambda: layers.MultiHeadAttention(2, 2).compute_output_shape((1, 2, 3), (1, 4, 3), (1, 5, 3)),
            "must be equal",
        ),
        (lambda: layers.Conv2D(2, (1, 0)), r"including values \{0\} that do not satisfy `value > 0`"),
        (lambda: layers.IntegerLookup(oov_method="other"), "'floormod' or 'farmhash'"),
        (lambda: layers.IntegerLookup(vocabulary_dtype="int32"), "int64"),
        (lambda: layers.StringLookup(salt=[1]), "tuple of size 2"),
        (lambda: layers.TextVectorization(ngrams="two"), "ngrams='two'"),
        (lambda: layers.Attention(score_mode="other"), "Expected one of"),
    ],
)  # fmt: skip
def test_bad_arguments_of_attention_and_text_are_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.filterwarnings("ignore:Embedding:FutureWarning")
def test_an_embedding_of_given_vectors_is_built_at_once() -> None:
    vectors = np.arange(6.0, dtype="float32").reshape(3, 2)
    for weights in (vectors, [vectors]):
        layer = layers.Embedding(3, 2, weights=weights)
        np.testing.assert_array_equal(layer.embeddings.numpy(), vectors)


@pytest.mark.parametrize(("generation", "name"), [("2", "hard_sigmoid"), ("3", "sigmoid")])
def test_the_gates_of_a_convolutional_lstm_by_generation(
    generation: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    assert layers.ConvLSTM1D(2, 3).get_config()["recurrent_activation"] == name


def test_numbers_with_fractions_are_cut_off_before_their_range_is_checked() -> None:
    model = tf.keras.Sequential([layers.Embedding(3, 2), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.array([[2.9, 0.4], [1.5, 2.0]]), np.zeros(2), verbose=0)
    with pytest.raises(ValueError, match="outside the range 0 to 2"):
        model.fit(np.array([[3.0, 0.4], [1.5, 2.0]]), np.zeros(2), verbose=0)


def test_bounds_of_random_factors_in_any_order_in_keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidArgumentError, match="an upper bound that is not below it"):
        layers.RandomZoom((-0.4, -0.5))
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    assert layers.RandomZoom((-0.4, -0.5))(np.ones((1, 4, 4, 1), "float32")).shape == (1, 4, 4, 1)
