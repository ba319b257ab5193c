"""Functions of tensors on the `KerasTensor`s of a functional model: they become layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, TracingError

K = tf.keras.backend
X = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], np.float32)
Y = np.ones((2, 3), np.float32)

#: A function of two tensors, and the name that its layer gets.
CASES: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("tf.math.exp", lambda x, y: tf.exp(x)),
    ("tf.math.reduce_mean", lambda x, y: tf.reduce_mean(x, axis=-1, keepdims=True)),
    ("tf.concat", lambda x, y: tf.concat([x, y], axis=1)),
    ("tf.concat", lambda x, y: tf.concat([x], 1)),
    ("tf.stack", lambda x, y: tf.stack([x, y], axis=1)),
    ("tf.linalg.matmul", lambda x, y: tf.matmul(x, y, transpose_b=True)),
    ("tf.math.multiply", lambda x, y: tf.multiply(x, 3.0)),
    ("tf.math.maximum", lambda x, y: tf.maximum(x, y)),
    ("tf.where", lambda x, y: tf.where(x > 1.0, x, y)),
    ("tf.cast", lambda x, y: tf.cast(x, tf.int32)),
    ("tf.reshape", lambda x, y: tf.reshape(x, [-1, 1, 3])),
    ("tf.transpose", lambda x, y: tf.transpose(tf.expand_dims(x, 1), [0, 2, 1])),
    ("tf.one_hot", lambda x, y: tf.one_hot(tf.cast(x, tf.int32), 6)),
    ("tf.clip_by_value", lambda x, y: tf.clip_by_value(x, 1.0, 2.0)),
    ("tf.nn.relu", lambda x, y: tf.nn.relu(x - 2.0)),
    ("tf.shape", lambda x, y: tf.shape(x)),
    ("tf.keras.backend.sum", lambda x, y: K.sum(x, axis=1)),
    ("tf.keras.activations.sigmoid", lambda x, y: tf.keras.activations.sigmoid(x)),
    ("tf.keras.losses.mean_squared_error", lambda x, y: tf.keras.losses.mse(x, y)),
]


def _model(function: Callable[[Any, Any], Any]) -> Any:
    x, y = tf.keras.Input((3,), name="x"), tf.keras.Input((3,), name="y")
    # Both inputs belong to the model, also where the function looks at one of them only.
    return tf.keras.Model([x, y], [function(x, y), x + y])


@pytest.mark.parametrize(("name", "function"), CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_a_function_on_a_keras_tensor_is_a_layer(
    name: str, function: Callable[[Any, Any], Any], tmp_path: Path
) -> None:
    """It computes what the function computes at once, also after a way through each kind of file."""
    expected = np.asarray(function(tf.constant(X), tf.constant(Y)))
    tf.keras.backend.clear_session()
    model = _model(function)
    assert name in [layer.name for layer in model.layers]
    np.testing.assert_allclose(model([X, Y])[0], expected, rtol=1e-6)
    np.testing.assert_allclose(
        tf.keras.models.model_from_json(model.to_json())([X, Y])[0], expected, rtol=1e-6
    )
    for file in ("m.keras", "m.h5"):
        model.save(tmp_path / file)
        np.testing.assert_allclose(
            tf.keras.models.load_model(tmp_path / file)([X, Y])[0], expected, rtol=1e-6
        )


def test_the_shape_is_open_where_the_number_of_examples_stands() -> None:
    model = _model(lambda x, y: tf.concat([x, y], axis=1))
    assert tuple(model.outputs[0].shape) == (None, 6)
    assert tuple(model.outputs[1].shape) == (None, 3)


def test_a_bad_argument_gets_the_function_s_own_error() -> None:
    x = tf.keras.Input((3,))
    with pytest.raises(tf.errors.OpError, match=r"tf.reduce_mean: axis=5 is out of range"):
        tf.reduce_mean(x, axis=5)
    with pytest.raises(TypeError, match="abs"):
        tf.abs(x, "name", 3)


def test_the_number_of_examples_may_be_computed_with_and_values_may_not() -> None:
    x = tf.keras.Input((3,))
    assert tf.random.normal(tf.shape(x)).shape == (None, 3)
    with pytest.raises(TracingError, match=r"tf.random.normal on <KerasTensor.*a custom layer"):
        tf.random.normal(tf.cast(x[0], tf.int32))


def test_numpy_on_a_keras_tensor_says_what_to_use() -> None:
    with pytest.raises(TracingError, match=r"tf\.sqrt.*Lambda"):
        np.array(tf.keras.Input((3,)))


def test_numbers_beside_tensors_in_a_list_cannot_be_described() -> None:
    x = tf.keras.Input((3,))
    model = tf.keras.Model(x, tf.concat([x, tf.ones([1, 3])], 0))
    assert model(X).shape == [3, 3]
    with pytest.raises(InvalidArgumentError, match="a list of both numbers and tensors"):
        model.to_json()


def test_a_file_cannot_name_functions_that_are_no_functions_of_tensors() -> None:
    for path in (
        "os.system",
        "keras.backend.function",
        "math.registry",
        "math.Operation",
        "math._x",
        "nothing",
    ):
        with pytest.raises(InvalidArgumentError, match="is not a supported function of tensors"):
            tf.keras.layers.TFOpLambda(path)


def test_a_model_learns_a_loss_of_its_own_inputs() -> None:
    """add_loss with a KerasTensor: (w x)^2 with w = 1, x = 2 is 4, and its gradient 2 w x^2 = 8."""
    x = tf.keras.Input((1,))
    y = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")(x)
    model = tf.keras.Model(x, y)
    model.add_loss(tf.reduce_mean(tf.square(y)))
    model.add_metric(tf.reduce_max(y), name="largest", aggregation="mean")
    model.compile(tf.keras.optimizers.SGD(0.125))
    history = model.fit(np.array([[2.0]]), epochs=2, verbose=0).history
    assert history == {"loss": [4.0, 0.0], "largest": [2.0, 0.0]}
    assert model.metrics_names == ["loss", "largest"]


def test_add_loss_with_a_keras_tensor_needs_a_functional_model() -> None:
    class Own(tf.keras.Model):
        pass

    with pytest.raises(InvalidArgumentError, match="not created by Model"):
        Own().add_loss(tf.keras.Input((1,)))


def test_add_metric_in_call_is_in_the_history() -> None:
    class Scale(tf.keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.add_metric(tf.reduce_mean(inputs), name="middle", aggregation="mean")
            return inputs

    model = tf.keras.Sequential([Scale(input_shape=(1,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.array([[1.0], [3.0], [5.0], [7.0]])
    history = model.fit(x, x, batch_size=2, epochs=2, shuffle=False, verbose=0).history
    assert history["middle"] == [4.0, 4.0]
    with pytest.raises(InvalidArgumentError, match="a name for the logs"):
        model.add_metric(tf.constant(1.0))


def test_the_mean_that_a_layer_shows_itself_is_not_shown_twice() -> None:
    class Own(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = tf.keras.layers.Dense(1)
            self.middle = tf.keras.metrics.Mean(name="middle")

        def call(self, inputs: Any) -> Any:
            self.add_metric(self.middle(inputs), name="again")
            return self.dense(inputs)

    model = Own()
    model.compile("sgd", "mse")
    history = model.fit(np.ones((4, 1)), np.ones(4), verbose=0).history
    assert list(history) == ["loss", "middle"]
    assert history["middle"] == [1.0]


def test_the_values_of_a_keras_tensor_are_asked_for() -> None:
    x = tf.keras.Input((3,))
    assert not hasattr(x, "numpy")
    with pytest.raises(AttributeError, match="It has no values: call the model on data"):
        x.numpy()


def test_a_loss_object_between_layers() -> None:
    """MeanSquaredError()(x, y) as a loss that the model adds; such an object cannot be written into a file."""
    x = tf.keras.Input((2,))
    y = tf.keras.layers.Dense(2, kernel_initializer="zeros")(x)
    model = tf.keras.Model(x, y)
    model.add_loss(3.0 * tf.keras.losses.MeanSquaredError()(x, y))
    model.compile("sgd")
    rows = np.array([[1.0, 3.0]])
    assert model.evaluate(rows, verbose=0) == 15.0
    with pytest.raises(InvalidArgumentError, match="custom layer"):
        tf.keras.models.model_from_json(model.to_json())


def test_summary_counts_calls_of_a_layer_in_all_models(capsys):
    """As Keras 2.15: a layer that an earlier model called is called a second time here."""
    layers = tf.keras.layers
    first, second = tf.keras.Input((2,)), tf.keras.Input((2,))
    shared = layers.Dense(3, name="shared")
    shared(first)
    joined = layers.Concatenate()([shared(second), second])
    tf.keras.Model(second, joined).summary()
    assert "'shared[1][0]'" in capsys.readouterr().out
