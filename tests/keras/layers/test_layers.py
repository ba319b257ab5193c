"""Layers in trained models against real Keras 2: outputs, losses, weights and moving averages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from layer_cases import NAMES, PREPARING, model_of, prepare, run

import tensorlet as tf

GOLDEN = json.loads((GOLDEN_FOLDER / "keras_layers.json").read_text(encoding="utf-8"))


pytestmark = pytest.mark.filterwarnings("ignore:layers.ThresholdedReLU:FutureWarning")


@pytest.mark.parametrize("name", NAMES)
def test_layer_follows_keras(name: str, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """Before, while and after six training steps, all of them on the native backend."""
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    found = run(tf.keras, name)
    expected = GOLDEN["cases"][name]
    assert found["names"] == expected["names"]
    for what in ("predicted", "in training", "losses", "predicted after"):
        np.testing.assert_allclose(found[what], expected[what], rtol=1e-4, atol=1e-5, err_msg=what)
    for ours, theirs, weight in zip(found["weights"], expected["weights"], expected["names"], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5, err_msg=weight)
    assert "reference" not in capfd.readouterr().err, "a step fell back to the reference backend"


@pytest.mark.parametrize("name", NAMES)
def test_layer_returns_from_its_configuration(name: str) -> None:
    """A model made anew from get_config computes the same with the same weights."""
    if name == "Lambda":
        pytest.skip("a Lambda layer refuses get_config: files hold no code")
    model, x = model_of(tf.keras, name)
    config = json.loads(json.dumps(model.get_config()))
    again = type(model).from_config(config)
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.get_config() == model.get_config()


@pytest.mark.parametrize("row", range(len(PREPARING)), ids=lambda row: f"{PREPARING[row][0]}-{row}")
def test_preparing_layers_follow_keras(row: int) -> None:
    found, expected = prepare(tf.keras, row), GOLDEN["prepared"][row]
    np.testing.assert_allclose(found.pop("result"), expected.pop("result"), rtol=1e-6)
    assert found == expected


def test_preparing_layers_train_natively_inside_a_model(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """Features of very different scale: adapted layers make them learnable, and are not trained themselves."""
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    generator = np.random.default_rng(0)
    x = np.stack([generator.uniform(0, 1, 64), generator.uniform(0, 1e6, 64)], axis=1).astype("float32")
    y = 2.0 * x[:, 0] - 3e-6 * x[:, 1] + 0.5
    for layer in (tf.keras.layers.Normalization(), tf.keras.layers.MinMaxScaling()):
        layer.adapt(x)
        before = layer.get_weights()
        model = tf.keras.Sequential([layer, tf.keras.layers.Dense(1)])
        model.compile(tf.keras.optimizers.SGD(0.2), "mse")
        losses = model.fit(x, y, epochs=60, batch_size=16, verbose=0).history["loss"]
        assert losses[-1] < 1e-4
        for old, new in zip(before, layer.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
    assert "reference" not in capfd.readouterr().err


def test_category_encoding_stands_in_a_model() -> None:
    model = tf.keras.Sequential(
        [
            tf.keras.layers.CategoryEncoding(3, output_mode="one_hot", input_shape=(1,)),
            tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros"),
        ]
    )
    model.compile(tf.keras.optimizers.SGD(0.5), "mse")
    x = np.array([[0], [1], [2]])
    model.fit(x, np.array([1.0, 2.0, 3.0]), batch_size=1, epochs=1, shuffle=False, verbose=0)
    # w = 0 + 0.5 * 2 * y for each class, each seen once
    np.testing.assert_allclose(model.predict(x, verbose=0)[:, 0], [1.0, 2.0, 3.0])


def test_minmax_scaling_by_hand() -> None:
    layer = tf.keras.layers.MinMaxScaling(feature_range=(-1, 1), clip=True)
    layer.adapt([[0.0, 5.0], [10.0, 5.0]])
    # 2.5 is a quarter of the way; a constant feature is the lower end; 20 lies above and is cut off.
    np.testing.assert_array_equal(layer([[2.5, 5.0], [20.0, 5.0]]), [[-0.5, -1.0], [1.0, -1.0]])


def test_maxout_by_hand() -> None:
    """Kernel ones and zeros; gradients go to the largest of each group only."""
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(4, use_bias=False, input_shape=(1,)),
            tf.keras.layers.Maxout(2),
            tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones"),
        ]
    )
    kernel = np.array([[1.0, 5.0, 3.0, 2.0]], "float32")
    model.set_weights([kernel, np.ones((2, 1), "float32")])
    np.testing.assert_array_equal(model.predict(np.array([[2.0]]), verbose=0), [[16.0]])  # 2 * 3 + 2 * 5
    model.compile(tf.keras.optimizers.SGD(0.01), "mse")
    model.fit(np.array([[2.0]]), np.array([[15.0]]), verbose=0)
    # error 1, so each chosen weight has the gradient 2 * 1 * 2 * 1 = 4
    np.testing.assert_allclose(model.get_weights()[0], kernel - 0.04 * np.array([[0, 1, 1, 0]]), rtol=1e-6)


# Noise: what the laws say, over many numbers.


@pytest.mark.parametrize(
    ("layer", "mean", "deviation"),
    [
        # Of ones: dropout keeps 1 / 0.75 with chance 0.75: deviation sqrt(0.25 / 0.75).
        (lambda: tf.keras.layers.Dropout(0.25), 1.0, 0.57735),
        (lambda: tf.keras.layers.GaussianDropout(0.25), 1.0, 0.57735),
        (lambda: tf.keras.layers.GaussianNoise(0.3), 1.0, 0.3),
    ],
    ids=["Dropout", "GaussianDropout", "GaussianNoise"],
)
def test_noise_has_its_mean_and_deviation(layer: Any, mean: float, deviation: float) -> None:
    made = layer()
    noisy = np.asarray(made(tf.ones([200, 500]), training=True))
    assert noisy.mean() == pytest.approx(mean, abs=0.01)
    assert noisy.std() == pytest.approx(deviation, abs=0.01)
    np.testing.assert_array_equal(made(tf.ones([3, 2]), training=False), np.ones([3, 2]))
    np.testing.assert_array_equal(made(tf.ones([3, 2])), np.ones([3, 2]))


def test_dropout_drops_and_scales() -> None:
    dropped = np.asarray(tf.keras.layers.Dropout(0.2)(tf.ones([100, 100]), training=True))
    assert set(np.unique(dropped).tolist()) == {0.0, 1.25}
    assert (dropped == 0).mean() == pytest.approx(0.2, abs=0.02)


def test_dropout_drops_whole_rows_with_a_noise_shape() -> None:
    dropped = np.asarray(tf.keras.layers.Dropout(0.5, noise_shape=(None, 1))(tf.ones([64, 8]), training=True))
    assert ((dropped == 0).all(axis=1) | (dropped == 2).all(axis=1)).all()
    assert 0 < (dropped == 0).mean() < 1


def test_spatial_dropout_drops_whole_columns() -> None:
    dropped = np.asarray(tf.keras.layers.SpatialDropout1D(0.5)(tf.ones([16, 9, 4]), training=True))
    assert ((dropped == 0).all(axis=1) | (dropped == 2).all(axis=1)).all()


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = tf.random.normal([300, 300], seed=4)
    noisy = np.asarray(tf.keras.layers.AlphaDropout(0.3)(x, training=True))
    assert noisy.mean() == pytest.approx(0.0, abs=0.02)
    assert noisy.std() == pytest.approx(1.0, abs=0.02)
    # What is dropped is a * lowest + b with a = ((1 - p) (1 + p lowest^2))^-0.5, b = -a p lowest.
    lowest = -1.7580993408473766
    a = (0.7 * (1 + 0.3 * lowest**2)) ** -0.5
    assert np.isclose(noisy, a * lowest * 0.7, atol=1e-5).mean() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("name", ["Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout"])
def test_noise_differs_between_steps_and_is_off_in_evaluate_and_predict(name: str) -> None:
    """One step's weights are those of its noise: with a kernel of zeros, gradient = -2 * mean(noisy x)."""
    tf.keras.utils.set_random_seed(5)
    model = tf.keras.Sequential(
        [getattr(tf.keras.layers, name)(0.5), tf.keras.layers.Dense(1, use_bias=False)]
    )
    x = np.ones((32, 6), "float32")
    model.build((None, 6))
    model.set_weights([np.ones((6, 1), "float32")])
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    history = model.fit(x, np.full(32, 6.0), batch_size=32, epochs=3, verbose=0)
    assert len(set(history.history["loss"])) == 3 and min(history.history["loss"]) > 0
    assert model.evaluate(x, np.full(32, 6.0), verbose=0) == 0.0
    np.testing.assert_array_equal(model.predict(x, verbose=0), np.full((32, 1), 6.0))
    # The same seed, the same noise.
    tf.keras.utils.set_random_seed(5)
    again = tf.keras.Sequential(
        [getattr(tf.keras.layers, name)(0.5), tf.keras.layers.Dense(1, use_bias=False)]
    )
    again.build((None, 6))
    again.set_weights([np.ones((6, 1), "float32")])
    again.compile(tf.keras.optimizers.SGD(0.0), "mse")
    assert again.fit(x, np.full(32, 6.0), batch_size=32, epochs=3, verbose=0).history == history.history


# Options of every layer.


def test_frozen_batch_normalization_uses_its_averages_in_training() -> None:
    layer = tf.keras.layers.BatchNormalization(epsilon=0.0)
    layer.build_for((None, 1))
    layer.set_weights([np.array([2.0]), np.array([1.0]), np.array([3.0]), np.array([4.0])])
    layer.trainable = False
    assert np.asarray(layer(tf.constant([[5.0]]), training=True)).item() == 3.0  # 2 * (5 - 3) / 2 + 1
    assert [float(one[0]) for one in layer.get_weights()] == [2.0, 1.0, 3.0, 4.0]


def test_batch_normalization_moves_its_averages_by_hand() -> None:
    model = tf.keras.Sequential(
        [tf.keras.layers.BatchNormalization(momentum=0.75, input_shape=(1,)), tf.keras.layers.Dense(1)]
    )
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    x = np.array([[2.0], [6.0]], "float32")  # mean 4, variance 4
    model.fit(x, np.zeros(2), batch_size=2, epochs=2, verbose=0)
    _, _, mean, variance = model.layers[0].get_weights()
    assert mean.item() == pytest.approx(0.25 * 4 + 0.75 * 0.25 * 4)  # 1, then 1.75
    assert variance.item() == pytest.approx(1.75 * 0.75 + 1)  # 1.75, then 2.3125


@pytest.mark.filterwarnings("ignore:.*is a legacy spelling")
@pytest.mark.parametrize(
    "options",
    [{"input_shape": (3,)}, {"input_dim": 3}, {"batch_input_shape": (None, 3)}, {"input_shape": [3]}],
    ids=lambda options: next(iter(options)),
)
def test_a_first_layer_says_its_input(options: dict[str, Any]) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(2, **options)])
    assert model.count_params() == 8
    assert model.input_shape == (None, 3)


def test_weights_option_starts_a_layer() -> None:
    kernel = np.array([[1.0], [2.0]], "float32")
    with pytest.warns(FutureWarning, match="set_weights"):
        layer = tf.keras.layers.Dense(1, weights=[kernel, np.array([0.5], "float32")])
        by_hand = tf.keras.layers.Dense(1, weights=[kernel, np.array([0.5], "float32")])
    assert np.asarray(layer(tf.constant([[1.0, 1.0]]))).item() == 3.5
    by_hand.build((None, 2))
    np.testing.assert_array_equal(by_hand.kernel, kernel)


LAYER_NAMES = [  # those that the documentation promises
    "InputLayer",
    "Dense",
    "Flatten",
    "Activation",
    "Dropout",
    "Reshape",
    "Rescaling",
    "Normalization",
    "MinMaxScaling",
    "BatchNormalization",
    "LayerNormalization",
    "GaussianNoise",
    "AlphaDropout",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "Softmax",
    "Maxout",
    "Embedding",
    "CategoryEncoding",
    "StringLookup",
    "Add",
    "Concatenate",
]


@pytest.mark.parametrize("name", LAYER_NAMES)
def test_every_layer_is_found_by_its_class_name(name: str) -> None:
    arguments: dict[str, Any] = {
        "InputLayer": {"batch_input_shape": [None, 2]}, "Dense": {"units": 3}, "Activation": {"activation": "tanh"},
        "Dropout": {"rate": 0.5}, "Reshape": {"target_shape": [2, 1]}, "Rescaling": {"scale": 2.0},
        "GaussianNoise": {"stddev": 0.5}, "AlphaDropout": {"rate": 0.5}, "Maxout": {"num_units": 2},
        "Embedding": {"input_dim": 3, "output_dim": 2}, "CategoryEncoding": {"num_tokens": 3},
    }.get(name, {})  # fmt: skip
    layer = tf.keras.layers.deserialize({"class_name": name, "config": {"name": "it", **arguments}})
    assert type(layer) is getattr(tf.keras.layers, name) and layer.name == "it"
    config = json.loads(json.dumps(tf.keras.layers.serialize(layer)))
    assert {key: config["config"][key] for key in arguments} == arguments
    again = tf.keras.layers.deserialize(config)
    assert json.loads(json.dumps(again.get_config())) == config["config"]


def test_an_adapted_normalization_tells_the_model_the_shape_of_its_input() -> None:
    layer = tf.keras.layers.Normalization()
    assert layer.mean is None
    assert layer.variance is None
    layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
    np.testing.assert_array_equal(layer.mean.numpy(), [[2.0, 20.0]])
    np.testing.assert_array_equal(layer.variance.numpy(), [[1.0, 100.0]])
    model = tf.keras.Sequential([layer, tf.keras.layers.Dense(1)])
    assert model.count_params() == 2 + 2 + 1 + 3
    assert model.output_shape == (None, 1)
    given = tf.keras.layers.Normalization(mean=3.0, variance=2.0)
    assert (float(given.mean), float(given.variance)) == (3.0, 2.0)
    assert (given.get_config()["mean"], layer.get_config()["mean"]) == (3.0, None)


def test_min_max_scaling_does_what_normalization_does() -> None:
    """Adapted or given, read as attributes, the other way round, and through a configuration."""
    data = np.array([[1.0, 100.0], [3.0, 300.0], [2.0, 100.0]])
    layer = tf.keras.layers.MinMaxScaling(feature_range=(-1.0, 1.0))
    assert layer.minimum is None
    layer.adapt(data)
    np.testing.assert_array_equal(layer.minimum.numpy(), [[1.0, 100.0]])
    np.testing.assert_array_equal(layer.maximum.numpy(), [[3.0, 300.0]])
    scaled = layer(data).numpy()
    np.testing.assert_array_equal(scaled, [[-1.0, -1.0], [1.0, 1.0], [0.0, -1.0]])
    back = tf.keras.layers.MinMaxScaling((-1.0, 1.0), minimum=[1.0, 100.0], maximum=[3.0, 300.0], invert=True)
    np.testing.assert_array_equal(back(scaled).numpy(), data)
    again = tf.keras.layers.MinMaxScaling.from_config(back.get_config())
    np.testing.assert_array_equal(again(scaled).numpy(), data)
    assert tf.keras.Sequential([layer, tf.keras.layers.Dense(1)]).output_shape == (None, 1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="both `minimum` and `maximum`"):
        tf.keras.layers.MinMaxScaling(minimum=0.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="nothing to learn"):
        back.adapt(data)
    with pytest.raises(tf.errors.InvalidArgumentError, match="nothing to learn"):
        tf.keras.layers.Normalization(mean=0.0, variance=1.0).adapt(data)
