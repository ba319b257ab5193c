"""When layers make their weights: once, also where `build` is called by hand or by an outer layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf

layers = tf.keras.layers


def test_a_layer_that_was_built_by_hand_keeps_its_weights() -> None:
    layer = layers.Dense(2)
    layer.build((None, 4))
    assert layer.built
    layer.set_weights([np.ones((4, 2)), np.ones(2)])
    np.testing.assert_array_equal(layer(np.ones((1, 4))), [[5.0, 5.0]])
    assert len(layer.weights) == 2


@pytest.mark.parametrize("is_functional", [True, False])
def test_models_keep_the_weights_of_layers_that_were_built_before(is_functional: bool) -> None:
    layer = layers.Dense(1)
    layer.build((None, 3))
    layer.set_weights([np.full((3, 1), 2.0), np.full(1, 0.5)])
    if is_functional:
        x = tf.keras.Input((3,))
        model = tf.keras.Model(x, layer(x))
    else:
        model = tf.keras.Sequential([tf.keras.Input((3,)), layer])
    np.testing.assert_array_equal(model.predict(np.ones((2, 3)), verbose=0), [[6.5], [6.5]])
    assert model.count_params() == 4


class Outer(layers.Layer):
    """Builds its inner layers itself."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = layers.BatchNormalization()
        self.slope = layers.PReLU()

    def build(self, input_shape: Any) -> None:
        self.norm.build(input_shape)
        self.slope.build(input_shape)
        self.slope.alpha.assign(np.full(2, 0.5))

    def call(self, inputs: Any) -> Any:
        return self.slope(self.norm(inputs))


def test_an_outer_layer_may_build_its_inner_layers() -> None:
    outer = Outer()
    result = outer(np.array([[-2.0, 4.0]]), training=False)
    np.testing.assert_allclose(result, [[-1.0 / np.sqrt(1.001), 4.0 / np.sqrt(1.001)]], rtol=1e-6)
    assert len(outer.norm.weights) == 4
    assert len(outer.slope.weights) == 1


class Wider(layers.Dense):
    """Makes a weight after those of its base class."""

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.scale = self.add_weight("scale", (), initializer="ones")

    def call(self, inputs: Any) -> Any:
        return self.scale * super().call(inputs)


def test_a_subclass_may_make_weights_after_its_base_class() -> None:
    layer = Wider(1)
    layer.build((None, 2))
    layer.set_weights([np.ones((2, 1)), np.zeros(1), np.array(3.0)])
    np.testing.assert_array_equal(layer(np.ones((1, 2))), [[6.0]])


def test_the_metrics_of_a_layer_include_those_of_inner_layers() -> None:
    class Counted(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.Dense(1)
            self.inner.mean = tf.keras.metrics.Mean(name="inner_mean")
            self.largest = tf.keras.metrics.Mean(name="largest")

    assert sorted(metric.name for metric in Counted().metrics) == ["inner_mean", "largest"]
    assert layers.Dense(1).metrics == []


def test_a_weight_that_does_not_fit_into_memory_names_the_layer() -> None:
    def without_memory(shape: object, dtype: object) -> None:
        raise MemoryError

    layer = tf.keras.layers.Dense(500, kernel_initializer=without_memory, name="wide")
    message = r'Layer "wide".*weight kernel of shape \(300, 500\): 150,000 numbers.*Use fewer units'
    with pytest.raises(MemoryError, match=message):
        layer.build((None, 300))
    assert not layer.weights
