"""Layers and arguments that only Keras 3 has, in trained models against real Keras 3, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from keras3_layer_cases import CASES, model_of
from layer_cases import run

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

GOLDEN = json.loads((GOLDEN_FOLDER / "keras3_layers.json").read_text(encoding="utf-8"))["cases"]
layers = tf.keras.layers


@pytest.fixture
def _for_keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")


def by_name(found: dict[str, Any]) -> list[tuple[str, Any]]:
    """The weights with their names, those of one name in the order of the layers."""
    return sorted(zip(found["names"], found["weights"], strict=True), key=lambda pair: pair[0])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("_for_keras_3")
def test_layer_follows_keras(name: str, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """Before, while and after six training steps, all of them on the native backend."""
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    found, expected = run(tf.keras, name, model_of), GOLDEN[name]
    assert sorted(found["names"]) == sorted(expected["names"])
    for what in ("predicted", "in training", "losses", "predicted after"):
        np.testing.assert_allclose(found[what], expected[what], rtol=1e-4, atol=2e-5, err_msg=what)
    for (weight, ours), (_, theirs) in zip(by_name(found), by_name(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-5, err_msg=weight)
    assert "reference" not in capfd.readouterr().err, "a step fell back to the reference backend"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.usefixtures("_for_keras_3")
def test_models_return_from_files(name: str, ending: str, tmp_path: Any) -> None:
    model, x = model_of(tf.keras, name)
    model.save(tmp_path / f"model.{ending}")
    again = tf.keras.models.load_model(tmp_path / f"model.{ending}")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert json.loads(json.dumps(again.get_config())) == json.loads(json.dumps(model.get_config()))
    model.save_weights(tmp_path / "model.weights.h5")
    other, _ = model_of(tf.keras, name)
    other.set_weights([np.zeros_like(one) for one in other.get_weights()])
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("generation", ["2", "3"])
def test_arguments_of_keras_3_are_in_configurations_where_they_matter(
    generation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    assert ("renorm" in layers.BatchNormalization().get_config()) is (generation == "3")
    assert layers.BatchNormalization(renorm=True).get_config()["renorm"] is True
    assert layers.LayerNormalization(rms_scaling=True).get_config()["rms_scaling"] is True


def test_group_normalization_by_hand() -> None:
    layer = layers.GroupNormalization(groups=2, axis=1, epsilon=0.0)
    x = np.array([[[1.0], [3.0], [10.0], [30.0]]], "float32")  # two groups of two channels
    np.testing.assert_allclose(layer(x).numpy()[0, :, 0], [-1.0, 1.0, -1.0, 1.0], rtol=1e-6)


def test_a_mask_is_left_out_of_the_statistics_of_a_batch() -> None:
    layer = layers.BatchNormalization(momentum=0.0)
    layer(np.array([[[1.0], [3.0], [50.0]]], "float32"), training=True, mask=np.array([[True, True, False]]))
    np.testing.assert_allclose(layer.moving_mean.numpy(), [2.0], rtol=1e-5)
    everything_masked = np.zeros((1, 3), bool)
    layer(np.full((1, 3, 1), np.float32(7.0)), training=True, mask=everything_masked)
    np.testing.assert_array_equal(layer.moving_mean.numpy(), [0.0])
    with pytest.raises(ShapeError, match="has all axes of the inputs but the last"):
        layer(np.ones((1, 3, 1), "float32"), training=True, mask=np.ones((1, 3, 1), bool))


def test_spectral_normalization_finds_the_largest_singular_value() -> None:
    kernel = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    inside = layers.Dense(3)
    layer = layers.SpectralNormalization(inside, power_iterations=100)
    layer.build((None, 5))
    inside.set_weights([kernel, np.zeros(3, "float32")])
    layer(np.ones((1, 5), "float32"), training=True)
    assert np.linalg.svd(inside.kernel.numpy(), compute_uv=False)[0] == pytest.approx(1.0, rel=1e-4)
    inside.kernel.assign(np.zeros((5, 3), "float32"))
    layer(np.ones((1, 5), "float32"), training=True)
    np.testing.assert_array_equal(inside.kernel.numpy(), np.zeros((5, 3)))  # and not NaN


def test_adaptive_pooling_of_lengths_that_do_not_fit() -> None:
    x = np.arange(5, dtype="float32").reshape(1, 5, 1)
    # Windows from floor(i * 5 / 3) to ceil((i + 1) * 5 / 3): 0..1, 1..3, 3..4.
    np.testing.assert_array_equal(layers.AdaptiveAveragePooling1D(3)(x)[0, :, 0], [0.5, 2.0, 3.5])
    np.testing.assert_array_equal(layers.AdaptiveMaxPooling1D(3)(x)[0, :, 0], [1.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: layers.GroupNormalization(0), InvalidArgumentError, "argument `groups`"),
        (lambda: layers.GroupNormalization(5)(np.ones((2, 4))), ShapeError, "cannot be more than the number of"),
        (lambda: layers.GroupNormalization(3)(np.ones((2, 4))), ShapeError, "must be a multiple of"),
        (lambda: layers.GroupNormalization()(tf.keras.Input((2, None))), ShapeError, "defined dimension"),
        (lambda: layers.LayerNormalization(axis={"no": 1}), TypeError, "list/tuple of ints"),
        (lambda: layers.UnitNormalization(axis="1"), TypeError, "list/tuple of ints"),
        (lambda: layers.RMSNormalization(axis=3)(np.ones((2, 4))), ShapeError, "out of bounds"),
        (lambda: layers.UnitNormalization(axis=3)(np.ones((2, 4))), ShapeError, "out of bounds"),
        (lambda: layers.SpectralNormalization(layers.Dense(1), 0), InvalidArgumentError, "greater than zero"),
        (lambda: layers.SpectralNormalization(layers.ReLU())(np.ones((2, 4))), InvalidArgumentError, "'kernel'"),
        (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"r": 1}), InvalidArgumentError, "'rmin'"),
        (lambda: layers.AdaptiveMaxPooling2D((1, 2, 3)), InvalidArgumentError, "output_size"),
        (lambda: layers.AdaptiveMaxPooling1D(0), InvalidArgumentError, "output_size"),
    ],
)  # fmt: skip
def test_mistakes_are_explained(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()
