"""Pictures of what convolutional layers make of one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import plots
from tensorlet.errors import InvalidArgumentError, ShapeError

pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
layers = tf.keras.layers


@pytest.fixture
def model() -> Any:
    kernel = np.zeros((1, 1, 1, 10), np.float32)
    kernel[..., 3] = 2.0
    found = tf.keras.Sequential(
        [layers.Rescaling(1.0, input_shape=(4, 6, 1)), layers.Conv2D(10, 1, name="first"),
         layers.MaxPooling2D(name="small"), layers.Flatten(), layers.Dense(2)]
    )  # fmt: skip
    found.get_layer("first").set_weights([kernel, np.zeros(10, np.float32)])
    return found


def test_channels_are_drawn_with_the_layer_s_numbers(model: Any, tmp_path: Path) -> None:
    picture = np.arange(24.0).reshape(4, 6, 1)
    figure = plots.feature_maps(model, picture, path=tmp_path / "maps.png")
    assert (tmp_path / "maps.png").stat().st_size > 1000
    shown = [axes.images[0].get_array() for axes in figure.axes]
    assert len(shown) == 1 + 10 + 10  # the picture, and the channels of two layers
    np.testing.assert_allclose(shown[0], picture[..., 0] / 23)
    np.testing.assert_allclose(shown[4], 2 * picture[..., 0])  # the channel whose weight is 2
    np.testing.assert_allclose(shown[14], 2 * picture[1::2, 1::2, 0])
    texts = [text.get_text() for band in figure.subfigs for text in band.texts]
    assert texts == ["first: 10 channels of 4 x 6", "small: 10 channels of 2 x 3"]


def test_some_layers_and_channels(model: Any) -> None:
    figure = plots.feature_maps(model, np.zeros((1, 4, 6, 1)), layers=["small"], most=3)
    assert len(figure.axes) == 4
    assert [text.get_text() for text in figure.subfigs[0].texts] == ["small: 10 channels of 2 x 3, 3 of them"]


def test_mistakes_are_explained(model: Any) -> None:
    with pytest.raises(ShapeError, match=r"x_test\[0\]"):
        plots.feature_maps(model, np.zeros((3, 4, 6, 1)))
    with pytest.raises(InvalidArgumentError, match=r"plots\.activations"):
        plots.feature_maps(tf.keras.Sequential([layers.Dense(2, input_shape=(3,))]), np.zeros(3))
