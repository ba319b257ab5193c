"""Losses by hand: logits that are found, labels of every kind, reductions, mistakes, losses of one's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import keras
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from tensorlet.keras.losses import as_loss
from tensorlet.registry import registry_of

EXTREME = tf.constant([[1000.0, 0.0], [0.0, 1000.0]])


def loss_and_gradient(loss: Any, activation: Any, labels: Any, logits: Any) -> tuple[np.ndarray, np.ndarray]:
    """The loss of a traced step whose predictions an activation has made, and its slope at the logits."""

    @tf.function
    def step(scores: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(scores)
            value = loss(labels, activation(scores))
        return value, tape.gradient(value, scores)

    value, slope = step(logits)
    return value.numpy(), slope.numpy()


def test_a_traced_loss_finds_the_logits_of_a_softmax(backend: str) -> None:
    value, slope = loss_and_gradient(
        keras.losses.CategoricalCrossentropy(), keras.activations.softmax, [[0.0, 1.0], [0.0, 1.0]], EXTREME
    )
    assert value == 500.0  # rows cost 1000 and 0; kept at 1e-7 the first would cost 16.1
    np.testing.assert_array_equal(slope, [[0.5, -0.5], [0.0, 0.0]])  # (softmax - labels) / rows


def test_a_traced_sparse_loss_finds_the_logits_too(backend: str) -> None:
    value, slope = loss_and_gradient(
        keras.losses.SparseCategoricalCrossentropy(), keras.activations.softmax, np.array([1, 1]), EXTREME
    )
    assert value == 500.0
    np.testing.assert_array_equal(slope, [[0.5, -0.5], [0.0, 0.0]])


def test_a_traced_loss_finds_the_logits_of_a_sigmoid(backend: str) -> None:
    value, slope = loss_and_gradient(
        keras.losses.BinaryCrossentropy(),
        keras.activations.sigmoid,
        [[1.0, 1.0]],
        tf.constant([[-90.0, 90.0]]),
    )
    assert value == 45.0
    np.testing.assert_allclose(slope, [[-0.5, 0.0]], atol=1e-30)


def test_the_loss_of_a_softmax_leaves_no_softmax_in_the_step() -> None:
    @tf.function
    def step(scores: Any) -> Any:
        predicted = keras.activations.softmax(scores)
        return (
            keras.losses.CategoricalCrossentropy()([[0.0, 1.0], [0.0, 1.0]], predicted),
            keras.metrics.categorical_accuracy([[0.0, 1.0], [0.0, 1.0]], predicted),
        )

    applied = [
        node.operation.name for node in step.get_concrete_function(EXTREME).graph.nodes() if node.operation
    ]
    assert "log_softmax" in applied
    assert "softmax" not in applied


def test_run_eagerly_probabilities_are_kept_above_1e_7() -> None:
    probabilities = keras.activations.softmax(EXTREME).numpy()
    value = keras.losses.CategoricalCrossentropy()([[0.0, 1.0], [0.0, 1.0]], probabilities)
    assert value.numpy() == pytest.approx(-math.log(1e-7) / 2, rel=1e-5)


def test_softmax_over_another_axis_is_right_as_well(backend: str) -> None:
    logits = tf.constant([[0.0, 1.0], [0.0, 3.0]])

    @tf.function
    def step(scores: Any) -> Any:
        predicted = keras.activations.softmax(scores, axis=0)
        return keras.losses.categorical_crossentropy([[1.0, 0.0], [0.0, 1.0]], predicted, axis=0)

    # Columns [0, 0] and [1, 3] become [1/2, 1/2] and [1 / (1 + e^2), ...].
    np.testing.assert_allclose(step(logits).numpy(), [math.log(2), math.log(1 + math.exp(-2))], rtol=1e-5)


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "int16", "uint16", "int32", "int64", "float32", "float64"]
)
@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_sparse_labels_of_every_dtype(dtype: str, shape: tuple[int, ...]) -> None:
    labels = np.array([0, 1, 1]).astype(dtype).reshape(shape)
    predicted = np.array([[0.5, 0.5], [0.75, 0.25], [0.0, 1.0]], "float32")
    value = keras.losses.sparse_categorical_crossentropy(labels, predicted)
    np.testing.assert_allclose(value.numpy(), [math.log(2), math.log(4), 1e-7], atol=3e-7)
    right = keras.metrics.sparse_categorical_accuracy(labels, predicted)
    assert right.numpy().tolist() == [1.0, 0.0, 1.0]  # at a tie the first class is the prediction


def test_sparse_labels_of_many_axes() -> None:
    predicted = np.array([[[0.5, 0.5], [0.25, 0.75]]], "float32")
    value = keras.losses.sparse_categorical_crossentropy([[0, 0]], predicted)
    np.testing.assert_allclose(value.numpy(), [[math.log(2), math.log(4)]], rtol=1e-5)


@pytest.mark.parametrize("label", [-1, 2])
def test_a_label_outside_the_classes_is_refused(label: int, backend: str) -> None:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    with pytest.raises(OutOfRangeError, match="Row 1 has the label"):
        loss([0, label], EXTREME)
    with pytest.raises(OutOfRangeError):
        tf.function(loss)(tf.constant([0, label]), EXTREME)


def test_one_hot_labels_and_class_numbers_are_not_mixed_up() -> None:
    with pytest.raises(ShapeError, match="one-hot: use categorical_crossentropy"):
        keras.losses.sparse_categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
    with pytest.raises(ShapeError, match="use sparse_categorical_crossentropy"):
        keras.losses.categorical_crossentropy([1], [[0.5, 0.5]])
    with pytest.raises(ShapeError, match="softmax and categorical_crossentropy"):
        keras.losses.binary_crossentropy([[1.0]], [[0.5, 0.5]])


def test_labels_in_a_row_beside_predictions_in_a_column() -> None:
    labels, predicted = np.array([1.0, 2.0], "float32"), np.array([[1.0], [4.0]], "float32")
    assert keras.losses.mean_squared_error(labels, predicted).numpy().tolist() == [0.0, 4.0]
    assert keras.losses.MeanSquaredError()(labels, predicted).numpy() == 2.0


def test_reductions_and_weights() -> None:
    labels, predicted, weights = [[0.0], [0.0]], [[1.0], [3.0]], [2.0, 0.5]
    make = keras.losses.MeanSquaredError
    assert make()(labels, predicted).numpy() == 5.0
    assert make("sum")(labels, predicted).numpy() == 10.0
    assert make("none")(labels, predicted).numpy().tolist() == [1.0, 9.0]
    assert make()(labels, predicted, sample_weight=weights).numpy() == 3.25  # (2 + 4.5) / 2 rows
    assert make("mean_with_sample_weight")(labels, predicted, weights).numpy() == pytest.approx(6.5 / 2.5)
    assert make()(labels, predicted, sample_weight=[[2.0], [0.5]]).numpy() == 3.25
    assert make()(labels, predicted, sample_weight=2.0).numpy() == 10.0
    assert make(keras.losses.Reduction.NONE)(labels, predicted, weights).numpy().tolist() == [2.0, 4.5]
    with pytest.raises(InvalidArgumentError, match="'sum_over_batch_size' \\(the mean\\), 'sum' or 'none'"):
        make("average")


def test_ignored_classes_are_left_out_of_the_mean() -> None:
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=255)
    value = loss(np.array([0, 255], "uint8"), [[0.25, 0.75], [0.5, 0.5]])
    assert value.numpy() == pytest.approx(math.log(4), rel=1e-5)


def test_whole_numbers_are_taken_as_they_are_meant() -> None:
    assert keras.losses.mean_squared_error([[0, 2]], [[1, 0]]).numpy().tolist() == [2.5]
    labels = np.array([[0, 1]], "int64")
    value = keras.losses.categorical_crossentropy(labels, np.array([[0.5, 0.5]]))
    assert value.dtype is tf.float64
    assert value.numpy()[0] == pytest.approx(math.log(2))


def test_label_smoothing_must_be_a_share() -> None:
    with pytest.raises(InvalidArgumentError, match="label_smoothing is 2"):
        keras.losses.CategoricalCrossentropy(label_smoothing=2)([[0.0, 1.0]], [[0.5, 0.5]])


def test_names_mean_what_they_mean_in_keras() -> None:
    assert keras.losses.get("mse") is keras.losses.mean_squared_error
    assert keras.losses.get("kld") is keras.losses.kl_divergence
    assert isinstance(keras.losses.get("BinaryCrossentropy"), keras.losses.BinaryCrossentropy)
    assert keras.losses.get(None) is None
    assert as_loss("sparse_categorical_crossentropy").name == "sparse_categorical_crossentropy"
    with pytest.raises(InvalidArgumentError, match="Did you mean 'categorical_crossentropy'"):
        keras.losses.get("categorical_crosentropy")


CLASSES = [
    getattr(keras.losses, name)
    for name, module in registry_of("loss").public.items()
    if module == "tensorlet.keras.losses.classes"
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_loss_comes_back_from_its_configuration(kind: Any) -> None:
    loss = kind(reduction="sum", name="mine")
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(again) is kind
    assert again.get_config() == loss.get_config()
    assert again.name == "mine"


def test_there_are_as_many_loss_classes_as_keras_has_of_ours() -> None:
    assert len(CLASSES) == 17


def test_losses_of_ones_own(backend: str) -> None:
    class Cubed(keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return tf.reduce_mean(tf.abs(y_true - y_pred) ** 3, axis=-1)

    def total(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_sum(tf.abs(y_true - y_pred))

    labels, predicted = np.zeros((2, 1)), tf.constant([[1.0], [2.0]])
    assert tf.function(lambda: Cubed()(labels, predicted))().numpy() == 4.5
    assert as_loss(total)(labels, predicted).numpy() == 3.0
    assert Cubed().name == "cubed"
    assert as_loss(total).name == "total"


def test_the_lectures_loss_in_a_tape() -> None:
    w = tf.Variable([[0.0, 0.0]])
    with tf.GradientTape() as tape:
        predicted = tf.nn.softmax(tf.matmul([[2.0]], w))
        entropy = tf.reduce_mean(tf.losses.categorical_crossentropy([[1.0, 0.0]], predicted))
    assert entropy.numpy() == pytest.approx(math.log(2), rel=1e-5)
    np.testing.assert_allclose(tape.gradient(entropy, w).numpy(), [[-1.0, 1.0]], rtol=1e-5)


def test_huber_takes_both_float_widths() -> None:
    """As in Keras: a float32 prediction beside NumPy's float64, in either place."""
    numbers = np.array([0.0, 3.0])
    for true, predicted in (
        (numbers, tf.constant([1.0, 0.0])),
        (tf.constant([1.0, 0.0]), tf.constant(numbers)),
    ):
        loss = tf.keras.losses.Huber()(true, predicted)
        assert loss.dtype is tf.float32
        assert float(loss) == 1.5
