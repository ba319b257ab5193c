"""Everything that has a name is found by it, trains natively, and returns from its configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import ShapeError
from tensorlet.keras.training.loop.epoch_loop import EpochLoop

Keras, Layers = tf.keras, tf.keras.layers
X = np.random.default_rng(0).normal(size=(24, 5)).astype("float32")
CLASSES = np.arange(24) % 3
ONE_HOT = np.eye(3, dtype="float32")[CLASSES]

ACTIVATIONS = [
    "linear", "sigmoid", "hard_sigmoid", "tanh", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu",
    "swish", "softplus", "softsign", "exponential", "softmax", "log_softmax", "mish", "hard_shrink", "hard_tanh",
    "soft_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh_shrink",
]  # fmt: skip
INITIALIZERS = [
    "zeros", "ones", "constant", "random_normal", "random_uniform", "truncated_normal", "glorot_normal",
    "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform", "orthogonal", "identity",
    "variance_scaling", "normal", "uniform", "Zeros", "GlorotUniform", "HeNormal", "Orthogonal", "VarianceScaling",
]  # fmt: skip
REGULARIZERS = ["l1", "l2", "l1_l2", "L1", "L2", "L1L2"]
CONSTRAINTS = [
    "max_norm",
    "non_neg",
    "unit_norm",
    "min_max_norm",
    "MaxNorm",
    "NonNeg",
    "UnitNorm",
    "MinMaxNorm",
]
#: Name -> how the model ends, and the labels.
LOSSES = {
    "categorical_crossentropy": ("softmax", ONE_HOT), "CategoricalCrossentropy": ("softmax", ONE_HOT),
    "sparse_categorical_crossentropy": ("softmax", CLASSES), "binary_crossentropy": ("sigmoid", ONE_HOT),
    "BinaryCrossentropy": ("sigmoid", ONE_HOT), "categorical_focal_crossentropy": ("softmax", ONE_HOT),
    "binary_focal_crossentropy": ("sigmoid", ONE_HOT), "mse": (None, X[:, :3]), "MSE": (None, X[:, :3]),
    "mean_squared_error": (None, X[:, :3]), "MeanSquaredError": (None, X[:, :3]), "mae": (None, X[:, :3]),
    "mean_absolute_error": (None, X[:, :3]), "mape": (None, X[:, :3] + 9), "msle": ("relu", np.abs(X[:, :3])),
    "mean_squared_logarithmic_error": ("relu", np.abs(X[:, :3])), "huber": (None, X[:, :3]),
    "Huber": (None, X[:, :3]), "log_cosh": (None, X[:, :3]), "logcosh": (None, X[:, :3]),
    "hinge": ("tanh", 2 * ONE_HOT - 1), "squared_hinge": ("tanh", 2 * ONE_HOT - 1),
    "categorical_hinge": (None, ONE_HOT), "kl_divergence": ("softmax", ONE_HOT), "kld": ("softmax", ONE_HOT),
    "kullback_leibler_divergence": ("softmax", ONE_HOT), "poisson": ("exponential", ONE_HOT),
    "cosine_similarity": (None, ONE_HOT),
}  # fmt: skip
#: Metrics by name or as objects, all for one-hot labels and a softmax.
METRICS = [
    "accuracy", "acc", "categorical_accuracy", "top_k_categorical_accuracy", "mse", "mae", "mape", "cosine_similarity",
    "categorical_crossentropy", "kl_divergence", "poisson", "hinge", "AUC", "Precision", "Recall", "F1Score",
    "BinaryAccuracy", "RootMeanSquaredError", "TruePositives", "FalseNegatives",
]  # fmt: skip
OPTIMIZERS = [
    "sgd",
    "adam",
    "adamw",
    "rmsprop",
    "adagrad",
    "adadelta",
    "adamax",
    "nadam",
    "lion",
    "Adam",
    "RMSprop",
]


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Iterator[None]:
    """Each training of this file runs natively."""

    def refused(self: Any, batch: Any) -> Any:
        raise AssertionError("a step ran from Python")

    monkeypatch.setattr(EpochLoop, "step", refused)
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    yield
    assert "reference" not in capfd.readouterr().err


def trained(
    end: Any = "softmax", loss: Any = "categorical_crossentropy", labels: Any = ONE_HOT, **settings: Any
) -> Any:
    """The history of two epochs; the loss is lower in the second one."""
    Keras.utils.set_random_seed(3)
    optimizer = settings.pop("optimizer", Keras.optimizers.SGD(0.01))
    hidden = settings.pop("hidden", {"activation": "tanh"})
    model = Keras.Sequential([Layers.Dense(5, input_shape=(5,), **hidden), Layers.Dense(3, activation=end)])
    model.compile(optimizer, loss, **settings)
    before = model.get_weights()
    history = model.fit(X, labels, batch_size=24, epochs=2, verbose=0).history
    assert all(np.isfinite(value) for values in history.values() for value in np.ravel(values))
    assert any((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))
    return model, history


def again(module: Any, thing: Any) -> Any:
    """A thing from its configuration, by way of JSON."""
    return module.deserialize(json.loads(json.dumps(module.serialize(thing))))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation(name: str) -> None:
    _, history = trained(hidden={"activation": name})
    assert history["loss"][1] < history["loss"][0]
    function = Keras.activations.get(name)
    np.testing.assert_array_equal(again(Keras.activations, function)(X), function(X))
    np.testing.assert_array_equal(Layers.Activation(name)(X), function(X))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializer(name: str) -> None:
    model, _ = trained(hidden={"kernel_initializer": name})
    initializer = model.layers[0].kernel_initializer
    copy = again(Keras.initializers, initializer)
    assert type(copy) is type(initializer) and copy.get_config() == initializer.get_config()


@pytest.mark.parametrize("name", REGULARIZERS)
def test_regularizer(name: str) -> None:
    model, history = trained(hidden={"kernel_regularizer": name, "kernel_initializer": "ones"})
    # 25 ones: 0.01 * 25 for each of l1 and l2
    penalty = 0.5 if name.lower() in ("l1_l2", "l1l2") else 0.25
    _, plain = trained(hidden={"kernel_initializer": "ones"})
    assert history["loss"][0] - plain["loss"][0] == pytest.approx(penalty, rel=1e-4)
    regularizer = model.layers[0].kernel_regularizer
    assert again(Keras.regularizers, regularizer).get_config() == regularizer.get_config()


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraint(name: str) -> None:
    constraint = Keras.constraints.get(name)
    model, _ = trained(hidden={"kernel_constraint": constraint})
    kernel = model.get_weights()[0]
    norms = np.linalg.norm(kernel, axis=0)
    holds = {
        "maxnorm": (norms <= 2.0001).all(), "nonneg": (kernel >= 0).all(),
        "unitnorm": np.allclose(norms, 1, atol=1e-5), "minmaxnorm": (norms <= 1.0001).all(),
    }  # fmt: skip
    assert holds[name.replace("_", "").lower()]
    assert again(Keras.constraints, constraint).get_config() == constraint.get_config()


@pytest.mark.parametrize("name", LOSSES)
def test_loss(name: str) -> None:
    end, labels = LOSSES[name]
    _, history = trained(end, name, labels)
    assert history["loss"][1] < history["loss"][0]
    loss = Keras.losses.get(name)
    if isinstance(loss, Keras.losses.Loss):
        assert again(Keras.losses, loss).get_config() == loss.get_config()
    else:
        assert again(Keras.losses, loss) is loss


@pytest.mark.parametrize("name", METRICS)
def test_metric(name: str) -> None:
    kind = getattr(Keras.metrics, name, None)
    metric = kind(name="it") if isinstance(kind, type) else name
    model, history = trained(metrics=[metric])
    shown = "it" if isinstance(kind, type) else name
    assert list(history) == ["loss", shown] and len(history[shown]) == 2
    evaluated = model.evaluate(X, ONE_HOT, verbose=0, return_dict=True)
    probabilities = model.predict(X, verbose=0)
    if name in ("accuracy", "acc", "categorical_accuracy"):
        assert evaluated[name] == pytest.approx((probabilities.argmax(1) == CLASSES).mean())
    elif name == "mse":
        assert evaluated[name] == pytest.approx(((probabilities - ONE_HOT) ** 2).mean(), rel=1e-5)
    elif name == "categorical_crossentropy":
        assert evaluated[name] == pytest.approx(evaluated["loss"], rel=1e-5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name: str) -> None:
    model, history = trained(optimizer=name)
    assert history["loss"][1] < history["loss"][0]
    assert again(Keras.optimizers, model.optimizer).get_config() == model.optimizer.get_config()


@pytest.mark.parametrize("hidden", [{"activation": name} for name in ("relu", "tanh")])
@pytest.mark.parametrize("options", [{"clipnorm": 0.1}, {"clipvalue": 0.01}, {"global_clipnorm": 0.1}])
def test_clipping(hidden: dict[str, Any], options: dict[str, Any]) -> None:
    """A clipped step of rate 1 is no longer than the clip says."""
    Keras.utils.set_random_seed(3)
    model = Keras.Sequential([Layers.Dense(5, input_shape=(5,), **hidden), Layers.Dense(1)])
    model.compile(Keras.optimizers.SGD(1.0, **options), "mse")
    before = model.get_weights()
    model.fit(X, X[:, 0] * 100, batch_size=24, verbose=0)
    steps = [new - old for old, new in zip(before, model.get_weights(), strict=True)]
    if "clipvalue" in options:
        assert max(np.abs(step).max() for step in steps) == pytest.approx(0.01, rel=1e-2)
    elif "clipnorm" in options:
        assert max(np.linalg.norm(step) for step in steps) == pytest.approx(0.1, rel=1e-2)
    else:
        assert np.sqrt(sum((step**2).sum() for step in steps)) == pytest.approx(0.1, rel=1e-2)


# Initializers: the laws of their numbers.

UNIFORM, NORMAL = 3**-0.5, 1.0  # the deviation of a uniform number below its limit 1, and of a normal one


@pytest.mark.parametrize(
    ("initializer", "deviation", "limit"),
    [
        # fan_in 300, fan_out 200; the variance is scale / fan.
        (Keras.initializers.GlorotUniform(), (1 / 250) ** 0.5, (3 / 250) ** 0.5),
        (Keras.initializers.GlorotNormal(), (1 / 250) ** 0.5, 2 / 0.87962566 * (1 / 250) ** 0.5),
        (Keras.initializers.HeUniform(), (2 / 300) ** 0.5, (6 / 300) ** 0.5),
        (Keras.initializers.HeNormal(), (2 / 300) ** 0.5, 2 / 0.87962566 * (2 / 300) ** 0.5),
        (Keras.initializers.LecunUniform(), (1 / 300) ** 0.5, (3 / 300) ** 0.5),
        (Keras.initializers.LecunNormal(), (1 / 300) ** 0.5, 2 / 0.87962566 * (1 / 300) ** 0.5),
        (Keras.initializers.RandomUniform(-0.5, 0.5), 0.5 * UNIFORM, 0.5),
        (Keras.initializers.RandomNormal(stddev=0.2), 0.2, None),
        (Keras.initializers.TruncatedNormal(stddev=0.2), 0.2 * 0.87962566, 0.4),
        (Keras.initializers.VarianceScaling(3.0, "fan_out", "uniform"), (3 / 200) ** 0.5, (9 / 200) ** 0.5),
        (Keras.initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal"), (1 / 300) ** 0.5, None),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "get_config") else "",
)
def test_random_initializers_have_their_spread(initializer: Any, deviation: float, limit: Any) -> None:
    drawn = np.asarray(initializer((300, 200)))
    assert drawn.mean() == pytest.approx(0.0, abs=0.02 * deviation)
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    if limit is not None:
        assert 0.95 * limit < np.abs(drawn).max() <= limit * 1.000001


def test_exact_initializers() -> None:
    initializers = Keras.initializers
    np.testing.assert_array_equal(initializers.Identity(2.0)((2, 3)), [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]])
    np.testing.assert_array_equal(initializers.Constant(0.5)((2,)), [0.5, 0.5])
    np.testing.assert_array_equal(
        initializers.Constant([[1.0, 2.0], [3.0, 4.0]])((4, 1)), [[1], [2], [3], [4]]
    )
    with pytest.raises(ShapeError, match=r"values of shape \(3,\)"):
        initializers.Constant([1.0, 2.0, 3.0])((2,))
    for shape in ((6, 4), (4, 6), (5, 5)):
        matrix = np.asarray(initializers.Orthogonal(gain=2.0, seed=1)(shape), np.float64)
        small = matrix.T @ matrix if shape[0] >= shape[1] else matrix @ matrix.T
        np.testing.assert_allclose(small, 4.0 * np.eye(min(shape)), atol=1e-5)


@pytest.mark.parametrize(
    "kind", ["GlorotUniform", "RandomNormal", "TruncatedNormal", "Orthogonal", "HeNormal"]
)
def test_seeds_of_initializers(kind: str) -> None:
    """The same seed, the same numbers; no seed: those that set_random_seed decides."""
    make = getattr(Keras.initializers, kind)
    np.testing.assert_array_equal(make(seed=7)((4, 3)), make(seed=7)((4, 3)))
    assert (np.asarray(make(seed=7)((4, 3))) != np.asarray(make(seed=8)((4, 3)))).any()
    drawn = []
    for _ in range(2):
        Keras.utils.set_random_seed(11)
        drawn.append([np.asarray(make()((4, 3))), np.asarray(make()((4, 3)))])
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0][0] != drawn[0][1]).any()
