"""Modules of ``tensorflow.python``, and legacy names of layers and functions."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.compat.private_modules import PRIVATE_MODULES
from tensorlet.errors import InvalidArgumentError, UnknownModuleError, UnknownNameError


@pytest.mark.parametrize("inside", sorted(PRIVATE_MODULES))
def test_every_module_of_the_table_can_be_imported(inside: str) -> None:
    assert importlib.import_module(f"tensorlet.python.{inside}").__doc__


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_private_modules_pass_on_public_names() -> None:
    from tensorlet.python.client import device_lib
    from tensorlet.python.eager import context
    from tensorlet.python.framework import ops, tensor_util
    from tensorlet.python.ops import array_ops, math_ops

    assert [device.device_type for device in device_lib.list_local_devices()] == ["CPU"]
    assert math_ops.reduce_sum is tf.reduce_sum
    assert array_ops.concat is tf.concat
    assert ops.convert_to_tensor is tf.convert_to_tensor
    assert ops.reset_default_graph() is None
    assert tensor_util.is_tf_type(tf.constant(1))
    assert context.executing_eagerly()


def test_a_warning_names_the_public_path() -> None:
    module = importlib.import_module("tensorlet.python.ops.clip_ops")
    with pytest.warns(FutureWarning, match=r"tf\.clip_by_norm"):
        module.clip_by_norm  # noqa: B018


def test_other_private_modules_are_explained() -> None:
    with pytest.raises(UnknownModuleError, match="public names"):
        importlib.import_module("tensorlet.python.saved_model")
    module = importlib.import_module("tensorlet.python.ops.math_ops")
    with pytest.raises(UnknownNameError, match=r"public names of tf\.math"):
        module.no_such_function  # noqa: B018


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_add_variable_is_add_weight() -> None:
    class Product(tf.keras.layers.Layer):
        def build(self, shape: tuple[int, ...]) -> None:
            self.w = self.add_variable("w", shape=[2, 2], initializer="ones")

        def call(self, x: tf.Tensor) -> tf.Tensor:
            return tf.matmul(x, self.w)

    layer = Product()
    assert layer(tf.ones([1, 2])).numpy().tolist() == [[2.0, 2.0]]
    assert len(layer.trainable_weights) == 1


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_legacy_names_of_keras() -> None:
    backend = tf.keras.backend
    assert backend.image_dim_ordering() == "tf"
    backend.set_image_dim_ordering("tf")
    with pytest.raises(InvalidArgumentError, match="moveaxis"):
        backend.set_image_dim_ordering("th")
    assert tf.keras.layers.Model is tf.keras.Model
    assert tf.keras.losses.cosine is tf.keras.losses.cosine_similarity
    merged = tf.keras.layers.Merge(mode="concat")
    assert merged([tf.ones([1, 2]), tf.zeros([1, 1])]).numpy().tolist() == [[1.0, 1.0, 0.0]]
    with pytest.raises(InvalidArgumentError, match="functional API"):
        tf.keras.layers.Merge([tf.keras.Sequential()], mode="sum")


def test_minimize_takes_one_variable() -> None:
    w = tf.Variable([1.0, 2.0])
    tf.keras.optimizers.SGD(0.1).minimize(lambda: tf.reduce_sum(w * w), w)
    np.testing.assert_allclose(w.numpy(), [0.8, 1.6], rtol=1e-6)


def test_gradients_of_the_values_of_a_dictionary() -> None:
    variables = {"a": tf.Variable(1.0), "b": tf.Variable(2.0)}
    with tf.GradientTape() as tape:
        y = variables["a"] * variables["b"]
    assert [float(one) for one in tape.gradient(y, variables.values())] == [2.0, 1.0]


def test_a_tape_that_does_not_record_cannot_stop() -> None:
    with pytest.raises(ValueError, match="not recording"), tf.GradientTape().stop_recording():
        pass
