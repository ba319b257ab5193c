"""``trainable`` changed after `compile`: what held at `compile` stays in force. The right values are Keras 2.15's."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

Layers = tf.keras.layers
RNG = np.random.default_rng(0)
X = RNG.normal(1, 2, (32, 3)).astype("float32")
Y = X[:, :1] * 2
ALL, NONE = [True] * 4, [False] * 4


def made(nested: bool) -> tuple[Any, Any]:
    """A model of two dense layers, the first of which is part of a model within it if ``nested``; and that part."""
    first = Layers.Dense(
        4, activation="tanh", kernel_initializer=tf.keras.initializers.Constant(0.3), input_shape=(3,)
    )
    inner = tf.keras.Sequential([first])
    last = Layers.Dense(1, kernel_initializer="ones")
    if not nested:
        model = tf.keras.Sequential([first, last])
        return model, model
    x = Layers.Input((3,))
    return tf.keras.Model(x, last(inner(x))), inner


@pytest.mark.parametrize("way", ["fit", "batch", "fit after fit"])
@pytest.mark.parametrize(
    ("nested", "first", "changed"),
    [(False, True, ALL), (False, False, NONE), (True, True, ALL), (True, False, [False, False, True, True])],
)
def test_what_held_at_compile_goes_on_to_hold(
    way: str, nested: bool, first: bool, changed: list[bool]
) -> None:
    model, part = made(nested)
    part.trainable = first
    model.compile(tf.keras.optimizers.SGD(0.05), "mse")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if way == "fit after fit":
            model.fit(X, Y, batch_size=32, verbose=0, shuffle=False)
    part.trainable = not first
    before = model.get_weights()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if way == "batch":
            loss = model.train_on_batch(X, Y)
        else:
            loss = model.fit(X, Y, batch_size=32, verbose=0).history["loss"][0]
    assert any("'trainable' was changed after compile" in str(one.message) for one in caught)
    after_an_epoch = 5.21671 if first else 12.04595 if nested else 12.17893
    assert loss == pytest.approx(after_an_epoch if way == "fit after fit" else 12.17893, rel=1e-5)
    assert [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)] == changed
    assert part.trainable is not first  # the flag itself is the user's
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # said once
        if changed != NONE:
            model.fit(X, Y, verbose=0)


def test_batch_normalization_keeps_its_mode() -> None:
    model = tf.keras.Sequential([Layers.BatchNormalization(input_shape=(3,)), Layers.Dense(1)])
    model.compile("sgd", "mse")
    model.trainable = False
    with pytest.warns(UserWarning, match="'trainable' was changed"):
        model.train_on_batch(X, Y)
    assert (model.layers[0].moving_mean.numpy() != 0).all()


def test_two_models_share_layers_with_flags_of_their_own() -> None:
    """A discriminator learns by itself and is frozen inside of the model that trains the generator."""
    discriminator = tf.keras.Sequential([Layers.Dense(1, input_shape=(2,))])
    discriminator.compile("sgd", "mse")
    discriminator.trainable = False
    generator = Layers.Dense(2, input_shape=(3,))
    both = tf.keras.Sequential([generator, discriminator])
    both.compile("sgd", "mse")
    before = discriminator.get_weights()[0]
    both.train_on_batch(X, Y)
    assert np.array_equal(before, discriminator.get_weights()[0])
    with pytest.warns(UserWarning, match="continues to train with the values at compile"):
        discriminator.train_on_batch(X[:, :2], Y)
    assert not np.array_equal(before, discriminator.get_weights()[0])


def test_compile_again_takes_the_new_flags() -> None:
    model, _ = made(False)
    model.compile(tf.keras.optimizers.SGD(0.05), "mse")
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    model.compile(tf.keras.optimizers.SGD(0.05), "mse")
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    changed = [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed == [False, False, True, True]


@pytest.mark.parametrize(("generation", "expected"), [("2", [0.04, 0.16, 0.02]), ("3", [0.16, 0.02])])
def test_penalties_of_frozen_weights(
    generation: str, expected: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras 2.15 adds those of all weights; Keras 3.15 leaves out those of frozen weights."""
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    options: Any = {"kernel_initializer": "ones", "kernel_regularizer": "l2"}
    first, last = Layers.Dense(2, **options), Layers.Dense(1, activity_regularizer="l2", **options)
    model = tf.keras.Sequential([tf.keras.Input((2,)), first, last])
    first.trainable = False
    x = np.ones((2, 2), "float32")
    model(x)
    assert [float(loss) for loss in model.losses] == pytest.approx(expected)
    model.compile("sgd", "mse")
    assert model.evaluate(x, x[:, :1], verbose=0) == pytest.approx(9.0 + sum(expected))
    model.trainable = False
    model.compile("sgd", "mse")
    assert model.evaluate(x, x[:, :1], verbose=0) == pytest.approx(9.22 if generation == "2" else 9.16)
