"""Sequential models of unusual form: the same layer twice, a first layer with several inputs, implied lengths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

Layers = tf.keras.layers


def doubled() -> tf.keras.Sequential:
    layer = Layers.Dense(2, kernel_initializer=tf.keras.initializers.Constant(0.5), name="shared")
    with pytest.warns(UserWarning, match="applied again with the same weights"):
        return tf.keras.Sequential([tf.keras.Input((2,)), layer, layer, Layers.Dense(1, name="last")])


def test_the_same_layer_twice_has_one_set_of_weights(tmp_path: Path) -> None:
    model = doubled()
    assert [weight.shape.as_list() for weight in model.weights] == [[2, 2], [2], [2, 1], [1]]
    model.layers[-1].set_weights([np.array([[1.0], [2.0]]), np.zeros(1)])
    x = np.array([[1.0, 3.0]], "float32")
    assert model.predict(x, verbose=0).tolist() == [[6.0]]  # (1 + 3) / 2 = 2, (2 + 2) / 2 = 2, 2 + 2 * 2
    for name in ("twice.keras", "twice.h5"):
        model.save(tmp_path / name)
        loaded = tf.keras.models.load_model(tmp_path / name)
        assert loaded.layers[0] is loaded.layers[1]
        assert loaded.predict(x, verbose=0).tolist() == [[6.0]]
    copy = tf.keras.models.clone_model(model)
    assert copy.count_params() == model.count_params() == 9
    model.pop()
    model.pop()
    assert [layer.name for layer in model.layers] == ["shared"]


def test_another_layer_of_the_same_name_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="another layer is already named"):
        tf.keras.Sequential([Layers.Dense(2, name="a"), Layers.Dense(2, name="a")])


class Sum(Layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs["a"] + 2.0 * inputs["b"]


def test_a_first_layer_with_several_inputs(tmp_path: Path) -> None:
    ones = {"kernel_initializer": "ones"}
    model = tf.keras.Sequential([Layers.Concatenate(), Layers.Dense(1, **ones)])
    x = [np.ones((2, 3), "float32"), np.full((2, 1), 2.0, "float32")]
    assert model.predict(x, verbose=0).tolist() == [[5.0], [5.0]]
    model.save(tmp_path / "several.keras")
    assert (
        tf.keras.models.load_model(tmp_path / "several.keras").predict(x, verbose=0).tolist() == [[5.0]] * 2
    )
    with pytest.raises(NotImplementedError, match="takes several inputs"):
        model.save(tmp_path / "several.h5")
    by_name = tf.keras.Sequential([Sum(), Layers.Dense(1, **ones)])
    by_name.compile("sgd", "mse")
    named = {"a": np.ones((4, 2), "float32"), "b": np.ones((4, 2), "float32")}
    assert by_name.fit(named, np.zeros(4), verbose=0).history["loss"] == [36.0]


def test_a_length_that_the_layer_implies() -> None:
    inputs = tf.keras.Input((None,))
    outputs = Layers.Reshape((3, 5))(inputs)
    assert outputs.shape == (None, 3, 5)
    model = tf.keras.Model(inputs, outputs)
    assert model.predict(np.arange(30.0).reshape(2, 15), verbose=0)[1, 2].tolist() == [25, 26, 27, 28, 29]
    assert Layers.Reshape((3, 5)).compute_output_shape((None, None)) == (None, 3, 5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tf.keras.Sequential(Layers.Dense(3), Layers.Dense(2)), r"put them in a list: Sequential\("),
        (lambda: tf.zeros(28, 28), r"tf.zeros\(\(2, 3\)\)"),
        (lambda: tf.random.normal(2, 3), r"shape=2 is a number.*tf.random.normal\(\(2, 3\)\)"),
        (lambda: tf.random.stateless_uniform(2, [1, 2]), "shape=2 is a number"),
        (lambda: tf.random.gamma(2, 1.0), "shape=2 is a number"),
        (lambda: _fit((8, 28, 28), np.zeros(8, int)), "Flatten"),
        (lambda: _fit((60, 4), np.zeros(60, int), input_shape=(60, 4)), r"60 examples.*input_shape=\(4,\)"),
    ],
)  # fmt: skip
def test_mistakes_name_their_cause(make: Any, message: str) -> None:
    with pytest.raises((InvalidArgumentError, TypeError), match=message):
        make()


def _fit(shape: tuple[int, ...], labels: np.ndarray, **options: Any) -> None:
    model = tf.keras.Sequential([Layers.Dense(10, activation="softmax", **options)])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(np.ones(shape), labels, verbose=0)


@pytest.mark.parametrize(
    ("name", "near"),
    [("kears", "tf.keras"), ("mean", "tf.reduce_mean"), ("math.mean", "tf.math.reduce_mean")],
)
def test_near_names(name: str, near: str) -> None:
    found = tf
    for part in name.split(".")[:-1]:
        found = getattr(found, part)
    with pytest.raises(AttributeError, match=f"Similar names: {near}"):
        getattr(found, name.rpartition(".")[2])


def test_accuracy_of_labels_that_broadcast() -> None:
    predictions = [[[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]]]
    with pytest.warns(UserWarning, match="each label is compared with several predictions"):
        found = tf.keras.metrics.SparseCategoricalAccuracy()([[0], [2]], predictions)
    assert float(found) == 0.5  # as in Keras


def test_steps_are_found_again_until_something_changes() -> None:
    model = tf.keras.Sequential([Layers.Dense(1, kernel_initializer="zeros", input_shape=(1,))])
    model.compile(tf.keras.optimizers.SGD(0.5), "mse", metrics=["mae"])
    x, y = np.ones((1, 1)), np.ones((1, 1))
    assert model.train_on_batch(x, y) == [1.0, 1.0]
    assert model.train_on_batch(x, y) == [1.0, 1.0]  # one step of 0.5 * 2 for the weight and for the bias
    model.optimizer = tf.keras.optimizers.SGD(0.0)
    for _ in range(2):
        assert model.train_on_batch(x, y) == [1.0, 1.0]
    np.testing.assert_array_equal(model.get_weights()[0], [[0.0]])
    model.layers[0].trainable = False
    with pytest.warns(UserWarning, match="'trainable' was changed after compile"):
        model.train_on_batch(x, y)
    model.layers[0].trainable = True
    model.compile("sgd", "mae")
    assert model.train_on_batch(x, y) == 1.0
