"""Where gradients flow and where they do not: assignments, kinks, captured tensors, gradients of the user's own."""

from collections.abc import Callable

import numpy as np
import pytest

import tensorlet as tf


def _assigns(how: str) -> Callable[[], tf.Tensor]:
    """``l = s * v`` with ``s`` assigned ``3 v``, at v = 2, or of ``v`` assigned its own triple."""
    v, s = tf.Variable(2.0), tf.Variable(0.0, trainable=False)

    def run() -> tf.Tensor:
        with tf.GradientTape() as tape:
            if how == "assign":
                s.assign(3.0 * v)
                loss = s * v
            elif how == "assign_add":
                s.assign_add(3.0 * v)
                loss = s * v
            elif how == "read_value":
                s.assign(3.0 * v)
                loss = s.read_value() * v
            else:
                v.assign(v * 3.0)
                loss = v * v
        return tape.gradient(loss, v)

    return run


@pytest.mark.parametrize(
    ("how", "expected"), [("assign", 6.0), ("assign_add", 6.0), ("read_value", 6.0), ("trainable", 12.0)]
)
@pytest.mark.parametrize("traced", [False, True])
def test_no_gradient_flows_through_an_assignment(how, expected, traced):
    run = _assigns(how)
    gradient = (tf.function(run) if traced else run)()
    assert gradient.numpy() == expected


def test_training_a_layer_that_assigns_and_reads_is_as_in_keras():
    """The losses are real Keras's."""

    class Center(tf.keras.layers.Layer):
        def build(self, shape):
            self.average = self.add_weight(
                name="average", shape=shape[-1:], initializer="zeros", trainable=False
            )

        def call(self, inputs, training=None):
            if training:
                self.average.assign(0.5 * self.average + 0.5 * tf.reduce_mean(inputs, axis=0))
            return inputs - self.average

    x = np.random.default_rng(0).normal(1, 2, (16, 3)).astype("float32")
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(
                3, kernel_initializer=tf.keras.initializers.Constant(0.3), input_shape=(3,)
            ),
            Center(),
            tf.keras.layers.Dense(1, kernel_initializer="ones"),
        ]
    )
    model.compile(tf.keras.optimizers.SGD(0.05), "mse")
    losses = model.fit(x, x[:, :1], batch_size=8, epochs=3, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(losses, [2.73012, 1.50635, 1.07666], atol=1e-5)


KINKS = {
    "relu": (tf.nn.relu, [0.0, 0.0, 0.0]),
    "relu6": (tf.nn.relu6, [0.0, 0.0, 0.0]),
    "leaky_relu": (tf.nn.leaky_relu, [0.0, 0.0, 0.0]),
    "ReLU": (tf.keras.layers.ReLU(), [0.0, 0.0, 0.0]),
    "PReLU": (tf.keras.layers.PReLU(), [0.0, 0.0, 0.0]),
    "relu squared": (lambda x: tf.nn.relu(x) ** 2, [0.0, 2.0, 2.0]),
    "relu plus square": (lambda x: tf.nn.relu(x) + x * x, [2.0, 2.0, 2.0]),
    "maximum": (lambda x: tf.maximum(x, 0.0), None),
    "where": (lambda x: tf.where(x > 0, x, 0.1 * x), None),
}


@pytest.mark.parametrize("name", KINKS)
@pytest.mark.parametrize("traced", [False, True])
def test_second_derivatives_at_kinks_are_tensorflows(name, traced):
    function, expected = KINKS[name]

    def second(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = function(x)
            slope = inner.gradient(y, x)
        return outer.gradient(slope, x)

    x = tf.constant([[-1.5], [0.3], [2.0]])
    found = (tf.function(second) if traced else second)(x)
    assert (None if found is None else found.numpy().ravel().tolist()) == expected


def test_the_slope_of_leaky_relu_is_the_same_with_a_second_tape():
    x = tf.constant([-2.0, 0.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.nn.leaky_relu(x, 0.1)
        slope = tape.gradient(y, x)
    np.testing.assert_allclose(slope.numpy(), [0.1, 0.1, 1.0])


def test_a_captured_tensor_that_is_watched_is_watched():
    x = tf.constant([1.0, 2.0])

    @tf.function
    def slopes():
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = x**3
            first = inner.gradient(y, x)
        return first, outer.gradient(first, x)

    first, second = slopes()
    assert first.numpy().tolist() == [3.0, 12.0]
    assert second.numpy().tolist() == [6.0, 12.0]


@pytest.mark.parametrize("traced", [False, True])
def test_a_custom_gradient_of_variables(traced):
    w = tf.Variable(3.0)

    @tf.custom_gradient
    def scaled(x):
        def gradient(upstream, variables=None):
            assert [one is w for one in variables] == [True]
            return upstream * 10.0, [upstream * 100.0]

        return w * x, gradient

    def run():
        x = tf.constant(2.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = scaled(x)
        return [y, *tape.gradient(y, [x, w])]

    found = (tf.function(run) if traced else run)()
    assert [one.numpy() for one in found] == [6.0, 10.0, 100.0]


def test_a_custom_gradient_that_reads_variables_must_take_them():
    w = tf.Variable(3.0, name="w")

    @tf.custom_gradient
    def scaled(x):
        return w * x, lambda upstream: upstream * w

    with pytest.raises(TypeError, match=r"'scaled' reads the variables w:0, .* no argument 'variables'"):
        scaled(tf.constant(2.0))
