"""Layers for pictures and sequences in trained models against real Keras 2, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from layer_cases import run
from picture_layer_cases import CASES, model_of

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.layers.image_layer import ImageLayer

GOLDEN = json.loads((GOLDEN_FOLDER / "picture_layers.json").read_text(encoding="utf-8"))["cases"]
layers = tf.keras.layers


@pytest.mark.parametrize("name", CASES)
def test_layer_follows_keras(name: str, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """Before, while and after six training steps, all of them on the native backend."""
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    found, expected = run(tf.keras, name, model_of), GOLDEN[name]
    assert found["names"] == expected["names"]
    for what in ("predicted", "in training", "losses", "predicted after"):
        np.testing.assert_allclose(found[what], expected[what], rtol=1e-4, atol=2e-5, err_msg=what)
    for ours, theirs, weight in zip(found["weights"], expected["weights"], expected["names"], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-5, err_msg=weight)
    assert "reference" not in capfd.readouterr().err, "a step fell back to the reference backend"


@pytest.mark.parametrize("name", CASES)
def test_layer_returns_from_its_configuration(name: str) -> None:
    model, x = model_of(tf.keras, name)
    config = json.loads(json.dumps(model.get_config()))
    again = type(model).from_config(config)
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.get_config() == model.get_config()


def test_groups_are_convolutions_side_by_side() -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 5, 4)).astype("float32")
    both = layers.Conv2D(6, 3, groups=2, padding="same")
    found = both(x).numpy()
    kernel, bias = both.get_weights()
    for group in range(2):
        single = layers.Conv2D(3, 3, padding="same")
        single.build((None, 5, 5, 2))
        part = slice(3 * group, 3 * group + 3)
        single.set_weights([kernel[..., part], bias[part]])
        expected = single(x[..., 2 * group : 2 * group + 2]).numpy()
        np.testing.assert_allclose(found[..., part], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Conv2D", (3, 2)), ("DepthwiseConv2D", (2,)), ("SeparableConv2D", (3, 2)), ("Conv2DTranspose", (3, 2)),
        ("MaxPooling2D", ()), ("AveragePooling2D", ()), ("GlobalAveragePooling2D", ()), ("GlobalMaxPooling2D", ()),
        ("Conv1D", (3, 2)), ("DepthwiseConv1D", (2,)), ("SeparableConv1D", (3, 2)), ("Conv1DTranspose", (3, 2)),
        ("MaxPooling1D", ()), ("AveragePooling1D", ()), ("GlobalAveragePooling1D", ()), ("GlobalMaxPooling1D", ()),
    ],
)  # fmt: skip
def test_channels_first_is_channels_last_transposed(name: str, arguments: tuple[int, ...]) -> None:
    shape = (2, 4, 6, 3) if "2D" in name else (2, 6, 3)
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    last = getattr(layers, name)(*arguments)
    first = getattr(layers, name)(*arguments, data_format="channels_first")
    expected = last(x).numpy()
    moved = np.moveaxis(x, -1, 1)
    first.build(moved.shape)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(first(moved).numpy(), np.moveaxis(expected, -1, 1), rtol=1e-6, atol=1e-6)


def test_the_default_format_can_be_set() -> None:
    tf.keras.backend.set_image_data_format("channels_first")
    try:
        assert layers.Conv2D(2, 3)(np.ones((1, 3, 5, 5), "float32")).shape == (1, 2, 3, 3)
    finally:
        tf.keras.backend.set_image_data_format("channels_last")
    with pytest.raises(ValueError, match="'channels_last' or 'channels_first' is expected"):
        tf.keras.backend.set_image_data_format("colours")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Conv2D(3, 3)(np.ones((8, 28, 28), "float32")), r"add it: x\[\.\.\., None\]"),
        (lambda: layers.Conv2D(3, 5)(np.ones((8, 4, 4, 1), "float32")), "5 x 5 is larger than .* 4 x 4"),
        (lambda: layers.MaxPooling2D(3)(np.ones((8, 2, 2, 1), "float32")), "3 x 3 is larger than .* 2 x 2"),
        (lambda: layers.Conv2D(4, 3, groups=2)(np.ones((8, 4, 4, 3), "float32")), "3 channels.*groups=2"),
        (lambda: layers.Conv2D(3, (3, 3, 3)), "kernel_size=.*2 of them"),
        (lambda: layers.Conv2D(0, 3), "filters=0"),
        (lambda: layers.Conv2D(3, 3, padding="full"), "'valid', 'same' is expected"),
        (lambda: layers.Conv2D(3, 3, data_format="NHWC"), "'channels_last' or 'channels_first'"),
        (lambda: layers.Conv2D(3, 3, strides=2, dilation_rate=2), "Only one of the two"),
        (lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=2), "must be strictly less than"),
    ],
)  # fmt: skip
def test_mistakes_are_explained(make: Any, message: str) -> None:
    with pytest.raises((InvalidArgumentError, ShapeError), match=message):
        make()


@pytest.mark.parametrize(
    "layer",
    [
        layers.RandomFlip(), layers.RandomRotation(0.2), layers.RandomTranslation(0.3, 0.2), layers.RandomZoom(0.3),
        layers.RandomContrast(0.5), layers.RandomBrightness(0.3, value_range=(0, 1)), layers.RandomCrop(4, 5),
        layers.SpatialDropout2D(0.5),
    ],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
def test_layers_change_pictures_in_training_only(
    layer: Any, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    tf.keras.utils.set_random_seed(3)  # a crop has few places: two draws may be the same
    x = np.random.default_rng(1).uniform(0.2, 0.8, (8, 6, 7, 3)).astype("float32")
    if type(layer).__name__ != "RandomCrop":
        np.testing.assert_array_equal(layer(x, training=False).numpy(), x)
    if isinstance(layer, ImageLayer):  # as in Keras 2 and 3, for the sake of dataset.map
        assert not np.array_equal(layer(x).numpy(), layer(x).numpy())
    assert not np.array_equal(layer(x, training=True).numpy(), layer(x, training=True).numpy())
    again = type(layer).from_config(json.loads(json.dumps(layer.get_config())))
    assert again.get_config() == layer.get_config()
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    model = tf.keras.Sequential([tf.keras.Input((6, 7, 3)), again, layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(x, np.ones(8), epochs=2, batch_size=4, verbose=0).history["loss"]).all()
    assert "reference" not in capfd.readouterr().err


@pytest.mark.parametrize("shape", [(8, 8), None])
def test_pictures_without_their_channel_axis(shape: tuple[int, int] | None) -> None:
    """The axis is named where the model is built: with its shape given, or by the first batch of `fit`."""
    x, y = np.zeros((4, 8, 8), "float32"), np.zeros(4, "int32")
    begin = [] if shape is None else [tf.keras.Input(shape)]
    with pytest.raises(ShapeError, match=r"channel axis is missing.*x\[\.\.\., None\]"):
        model = tf.keras.Sequential([*begin, layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])
        model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(x, y, verbose=0)


@pytest.mark.parametrize("layer", [layers.Conv2D(2, 3), layers.MaxPooling2D(3)])
def test_a_window_larger_than_the_picture(layer: Any) -> None:
    with pytest.raises(ShapeError, match=r"3 x 3 is larger than what it moves over: 2 x 2.*padding='same'"):
        tf.keras.Sequential([tf.keras.Input((2, 2, 1)), layer])


@pytest.mark.parametrize("make", [
    lambda layers: layers.Resizing(4, 4), lambda layers: layers.CenterCrop(4, 4), lambda layers: layers.Rescaling(0.5),
    lambda layers: layers.RandomFlip(), lambda layers: layers.RandomRotation(0.1),
])  # fmt: skip
def test_a_list_of_pictures_is_a_batch(make):
    pictures = [np.ones((8, 10, 3), np.float32), np.zeros((8, 10, 3), np.float32)]
    layer = make(tf.keras.layers)
    assert layer(pictures).shape == layer(np.stack(pictures)).shape
    assert float(tf.reduce_max(layer(pictures)[1])) == 0
