"""Layers of categories, `EinsumDense` and `Wrapper`. The values are those of Keras 2.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError, TracingError

layers = tf.keras.layers


def values(tensor: Any) -> Any:
    return tensor.numpy().tolist()


def test_integers_get_their_numbers() -> None:
    layer = layers.IntegerLookup(vocabulary=[12, 36, 1138])
    assert values(layer([[12, 1138, 7]])) == [[1, 3, 0]]
    assert layer.get_vocabulary() == [-1, 12, 36, 1138]
    learned = layers.IntegerLookup()
    learned.adapt(np.array([3, 3, 1, 2, 2, 2]))
    assert learned.get_vocabulary() == [-1, 2, 3, 1]
    assert values(layers.IntegerLookup(vocabulary=[12, 36], num_oov_indices=3)([12, 36, 5, 6, 7, 8])) == [
        3, 4, 2, 0, 1, 2,
    ]  # fmt: skip
    assert values(layers.IntegerLookup(vocabulary=[12, 36], invert=True)([1, 2, 0])) == [12, 36, -1]
    masked = layers.IntegerLookup(vocabulary=[12, 36], mask_token=0)
    assert values(masked([12, 0, 5])) == [2, 0, 1]
    with pytest.raises(OutOfRangeError, match="5 is not in the vocabulary"):
        layers.IntegerLookup(vocabulary=[1], num_oov_indices=0)([5])
    with pytest.raises(InvalidArgumentError, match="occurs twice"):
        layers.IntegerLookup(vocabulary=[1, 1])


def test_integers_in_a_model() -> None:
    inputs = tf.keras.Input((2,), dtype="int64")
    outputs = layers.IntegerLookup(vocabulary=[5, 9], output_mode="multi_hot")(inputs)
    model = tf.keras.Model(inputs, outputs)
    assert model.predict(np.array([[5, 7], [9, 9]]), verbose=0).tolist() == [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def test_words_get_their_numbers() -> None:
    layer = layers.StringLookup(vocabulary=["a", "b"])
    assert values(layer(tf.constant(["b", "z"]))) == [2, 0]
    assert layer(tf.ragged.constant([["a"], ["b", "c"]])).to_list() == [[1], [2, 0]]
    rows = tf.data.Dataset.from_tensor_slices(["b", "a"]).map(layer)
    assert [int(number) for number in rows] == [2, 1]
    several = layers.StringLookup(vocabulary=["a", "b"], num_oov_indices=3)
    assert values(several(["b", "z", "y", "x", "w"])) == [4, 1, 2, 2, 2]
    back = layers.StringLookup(vocabulary=["a", "b"], invert=True)
    assert values(back([1, 2, 0])) == [b"a", b"b", b"[UNK]"]
    with pytest.raises(TracingError, match=r"dataset\.map"):
        tf.keras.layers.Hashing(3)(tf.function(lambda x: layer(x)).get_concrete_function(tf.TensorSpec([1])))


def test_weights_of_rare_words() -> None:
    layer = layers.StringLookup(output_mode="tf_idf")
    layer.adapt([["a", "b"], ["a", "c"], ["a", "a"]])
    assert layer.get_vocabulary() == ["[UNK]", "a", "c", "b"]
    # ln(1 + documents / (1 + documents with the word))
    weights = [np.log(1 + 3 / 4), np.log(1 + 3 / 2), np.log(1 + 3 / 2)]
    found = layer([["a", "a", "z"]]).numpy()
    np.testing.assert_allclose(found, [[np.mean(weights), 2 * weights[0], 0, 0]], rtol=1e-6)


def test_intervals() -> None:
    assert values(layers.Discretization([0.0, 1.0, 2.0])([[-1.5, 1.0, 3.4, 0.5]])) == [[0, 2, 3, 1]]
    learned = layers.Discretization(num_bins=4)
    learned.adapt(np.arange(100.0))
    assert values(learned(np.array([3.0, 30.0, 60.0, 90.0]))) == [0, 1, 2, 3]
    inputs = tf.keras.Input((2,))
    model = tf.keras.Model(inputs, layers.Discretization([0.0, 1.0])(inputs))
    assert model.predict(np.array([[-5.0, 0.7]]), verbose=0).tolist() == [[0, 1]]
    with pytest.raises(InvalidArgumentError, match="ascending"):
        layers.Discretization([1.0, 0.0])


def test_hashes_are_tensorflows() -> None:
    layer = layers.Hashing(num_bins=3)
    assert values(layer([["A"], ["B"], ["C"], ["D"], ["E"]])) == [[1], [0], [1], [1], [2]]
    assert values(layers.Hashing(3, mask_value="")([["A"], ["B"], [""], ["C"], ["D"]])) == [
        [1],
        [1],
        [0],
        [2],
        [2],
    ]
    crossed = layers.HashedCrossing(num_bins=1000)
    found = values(crossed((tf.constant(["a", "b", "a"]), tf.constant([1, 1, 1]))))
    assert found[0] == found[2] != found[1]


class TestEinsumDense:
    def test_a_product_of_matrices(self) -> None:
        layer = layers.EinsumDense("abc,cd->abd", (None, 4), bias_axes="d", kernel_initializer="ones")
        x = np.arange(12.0).reshape(2, 3, 2).astype("float32")
        np.testing.assert_allclose(layer(x)[..., 0], x.sum(-1))
        assert [tuple(weight.shape) for weight in layer.weights] == [(2, 4), (4,)]

    def test_axes_that_stay(self) -> None:
        layer = layers.EinsumDense("...x,xy->...y", 4, bias_axes="y", activation="relu")
        assert layer(tf.ones([2, 3, 2])).shape == (2, 3, 4)
        two = layers.EinsumDense("abc,cde->abde", (None, 2, 4), bias_axes="de")
        assert two(tf.ones([2, 3, 2])).shape == (2, 3, 2, 4)
        assert [tuple(weight.shape) for weight in two.weights] == [(2, 2, 4), (2, 4)]

    def test_it_trains_and_is_described(self) -> None:
        model = tf.keras.Sequential(
            [layers.EinsumDense("ab,bc->ac", 1, input_shape=(2,), kernel_initializer="ones")]
        )
        model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        model.fit(np.ones((4, 2)), np.zeros((4, 1)), batch_size=4, verbose=0)
        np.testing.assert_allclose(model.get_weights()[0], [[0.6], [0.6]], rtol=1e-6)
        again = layers.EinsumDense.from_config(model.layers[0].get_config())
        assert (again.equation, again.get_config()["output_shape"]) == ("ab,bc->ac", [1])

    def test_mistakes_are_explained(self) -> None:
        with pytest.raises(InvalidArgumentError, match="not of the form"):
            layers.EinsumDense("ab->ab", 1)
        with pytest.raises(ShapeError, match="axis 'c'"):
            layers.EinsumDense("ab,bc->ac", (None,))(tf.ones([1, 2]))


def test_a_wrapper_builds_and_saves_its_layer() -> None:
    @tf.keras.utils.register_keras_serializable()
    class Twice(layers.Wrapper):
        def call(self, inputs: Any) -> Any:
            return 2.0 * self.layer(inputs)

    layer = Twice(layers.Dense(1, kernel_initializer="ones"))
    assert values(layer(tf.ones([1, 2]))) == [[4.0]]
    assert len(layer.trainable_weights) == 2
    again = Twice.from_config(layer.get_config())
    assert again.layer.units == 1
    with pytest.raises(InvalidArgumentError, match="a supported layer type"):
        Twice(3)


def test_strided_slices() -> None:
    x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert values(tf.strided_slice(x, [1, 0], [2, 3])) == [[4, 5, 6]]
    assert values(tf.strided_slice(x, [0, -1], [3, -4], [1, -1])) == [[3, 2, 1], [6, 5, 4], [9, 8, 7]]
    assert values(tf.strided_slice(x, [0, 1], [2, 3], [1, 1], shrink_axis_mask=2)) == [2, 5]
    assert values(tf.strided_slice([1, 2, 3, 4], [1], [3], begin_mask=1)) == [1, 2, 3]
    assert values(tf.strided_slice([1, 2], [0, 0], [2, 1], new_axis_mask=2)) == [[1], [2]]
