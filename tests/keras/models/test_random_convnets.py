"""Random small convolutional networks: the native engine against the reference, and files of all forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlet as tf

pytest.importorskip("tensorlet._native", reason="the native engine is not built: pip install .")
layers = tf.keras.layers

#: Layers that keep four axes; each is made from three drawn integers.
LAYERS: list[Any] = [
    lambda a, b, c: layers.Conv2D(a + 1, (b % 3 + 1, c % 3 + 1), padding="same", activation="relu"),
    lambda a, b, c: layers.Conv2D(a + 1, 2, strides=(b % 2 + 1, c % 2 + 1), padding="same"),
    lambda a, b, c: layers.Conv2D(2 * a + 2, 1 + b % 3, padding="same", use_bias=False, activation="tanh"),
    lambda a, b, c: layers.Conv2D(a + 1, 2, dilation_rate=(b % 2 + 1, c % 2 + 1), padding="same"),
    lambda a, b, c: layers.DepthwiseConv2D(b % 3 + 1, depth_multiplier=c % 2 + 1, padding="same"),
    lambda a, b, c: layers.SeparableConv2D(a + 1, b % 3 + 1, padding="same"),
    lambda a, b, c: layers.Conv2DTranspose(a + 1, b % 3 + 1, strides=c % 2 + 1, padding="same"),
    lambda a, b, c: layers.MaxPooling2D((b % 2 + 1, c % 2 + 1), padding="same"),
    lambda a, b, c: layers.AveragePooling2D(b % 2 + 1, strides=c % 2 + 1, padding="same"),
    lambda a, b, c: layers.BatchNormalization(momentum=0.5),
    lambda a, b, c: layers.ZeroPadding2D(((a % 2, b % 2), (c % 2, 0))),
    lambda a, b, c: layers.UpSampling2D((1, b % 2 + 1)),
    lambda a, b, c: layers.LeakyReLU(),
]
SMALL = st.integers(0, 4)
NETWORK = st.lists(st.tuples(st.integers(0, len(LAYERS) - 1), SMALL, SMALL, SMALL), min_size=1, max_size=5)


def network(drawn: list[tuple[int, int, int, int]], residual: bool, shape: tuple[int, int, int]) -> Any:
    inputs = tf.keras.Input(shape)
    x = inputs
    for number, a, b, c in drawn:
        before = x
        x = LAYERS[number](a, b, c)(x)
        if residual and tuple(before.shape) == tuple(x.shape):
            x = layers.add([x, before])
    return tf.keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


def trained(model: Any, start: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    model.set_weights(start)
    model.compile(tf.keras.optimizers.SGD(0.01), "mse")
    history = model.fit(x, y, batch_size=3, epochs=2, shuffle=False, verbose=0)
    return [*model.get_weights(), model.predict(x, verbose=0), np.array(history.history["loss"])]


@settings(max_examples=25)
@given(NETWORK, st.booleans(), st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 4)))
def test_the_engine_follows_the_reference(
    drawn: list[tuple[int, int, int, int]], residual: bool, shape: tuple[int, int, int]
) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(7, *shape)).astype("float32")
    y = random.normal(size=(7, 2)).astype("float32")
    found = []
    model = network(drawn, residual, shape)
    start = [(0.5 * random.normal(size=one.shape)).astype("float32") for one in model.get_weights()]
    start = [np.abs(one) + 0.5 if "variance" in weight.name else one
             for one, weight in zip(start, model.weights, strict=True)]  # fmt: skip
    for backend in ("native", "reference"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TENSORLET_BACKEND", backend)
            found.append(trained(network(drawn, residual, shape), start, x, y))
    for ours, expected in zip(*found, strict=True):
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(ours, expected, rtol=2e-3, atol=2e-4 * scale)


def small() -> Any:
    drawn = [(0, 3, 2, 2), (9, 0, 0, 0), (4, 0, 2, 1), (7, 0, 1, 1), (5, 2, 2, 0), (6, 1, 1, 1)]
    return network(drawn, True, (6, 7, 3))


@pytest.mark.parametrize("form", ["model.keras", "model.h5", "w.safetensors", "w.weights.h5", "checkpoint"])
def test_files_keep_the_network(form: str, tmp_path: Path) -> None:
    model, x = small(), np.random.default_rng(2).normal(size=(4, 6, 7, 3)).astype("float32")
    path = str(tmp_path / form)
    if form.startswith("model"):
        model.save(path)
        again = tf.keras.models.load_model(path)
    else:
        model.save_weights(path)
        again = small()
        again.load_weights(path)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_a_drawing_names_the_layers(tmp_path: Path) -> None:
    model = small()
    tf.keras.utils.plot_model(model, str(tmp_path / "model.svg"), show_shapes=True)
    drawn = (tmp_path / "model.svg").read_text(encoding="utf-8")
    for kind in ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "MaxPooling2D"):
        assert kind in drawn
    assert "Conv2DTranspose" in tf.show(model).svg
