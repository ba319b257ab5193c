"""Deep belief nets, and initial weights from them."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError
from tensorlet.rbm import RBM, DeepBeliefNet, pretrain

ROWS = np.repeat([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], 50, axis=0).astype(np.float32)


def model_of(*layers) -> tf.keras.Sequential:
    return tf.keras.Sequential([*layers, tf.keras.layers.Dense(2, activation="softmax", name="last")])


def hidden(units: int, activation: str = "sigmoid", **options) -> tf.keras.layers.Layer:
    return tf.keras.layers.Dense(units, activation=activation, **options)


def test_each_layer_gets_the_weights_of_its_machine():
    model = model_of(
        tf.keras.layers.Flatten(), hidden(5), tf.keras.layers.Dropout(0.5), hidden(3, use_bias=False)
    )
    model(ROWS[:1].reshape(1, 2, 3))
    last = model.layers[-1].get_weights()[0]
    net = pretrain(
        model, ROWS.reshape(-1, 2, 3), epochs=10, batch_size=20, seed=0, learning_rate=0.2, momentum=0.5
    )
    first, second = net.machines
    assert (first.units, second.units) == (5, 3) and first.momentum == 0.5
    np.testing.assert_array_equal(model.layers[1].kernel.numpy(), first.kernel.numpy())
    np.testing.assert_array_equal(model.layers[1].bias.numpy(), first.bias.numpy())
    np.testing.assert_array_equal(model.layers[3].kernel.numpy(), second.kernel.numpy())
    np.testing.assert_array_equal(model.layers[-1].get_weights()[0], last)
    # The second machine learned what the first layer makes of the rows, without dropout.
    np.testing.assert_allclose(net.machines[0](ROWS).numpy(), model.layers[1](ROWS).numpy(), rtol=1e-6)
    assert [len(history.epoch) for history in net.histories] == [10, 10]


def test_inputs_beyond_0_and_1_have_gaussian_units():
    model = model_of(hidden(3))
    net = pretrain(model, ROWS * 2 - 1, epochs=1, learning_rate=0.01)
    assert net.machines[0].visible == "gaussian"


def test_other_activations_are_noted():
    with pytest.warns(UserWarning, match="activation relu.*sigmoid"):
        pretrain(model_of(hidden(3, "relu")), ROWS, epochs=1)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((), "1 Dense layers; expected two or more"),
        ((hidden(3), tf.keras.layers.BatchNormalization()), "BatchNormalization"),
    ],
)
def test_errors_teach(layers, words):
    with pytest.raises(InvalidArgumentError, match=words):
        pretrain(model_of(*layers), ROWS)


def test_a_stack_learns_and_samples():
    net = DeepBeliefNet([RBM(6, learning_rate=0.3), RBM(3, learning_rate=0.3)])
    net.fit(ROWS, epochs=60, batch_size=10, seed=2)
    above = net.transform(ROWS)
    assert above.shape == (100, 3)
    np.testing.assert_allclose(above, net.machines[1](net.machines[0](ROWS)).numpy(), rtol=1e-6)
    samples = net.sample(200, steps=50, seed=0).round()
    known = (np.abs(samples[:, None] - ROWS[[0, -1]]).sum(axis=2) == 0).any(axis=1)
    assert known.mean() > 0.7  # most samples are one of the two patterns
    with pytest.raises(InvalidArgumentError, match="expected a list of one RBM"):
        DeepBeliefNet([])
