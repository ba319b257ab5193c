"""Whole models and weights, both ways, between Tensorlet and the real Keras 2 and Keras 3."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import saved_model_cases as cases

import tensorlet as tf

pytest.importorskip("tensorflow", reason="TensorFlow is not installed: make interop")
pytest.importorskip("tf_keras", reason="Keras 2 is not installed: make interop")

#: TensorFlow and Keras warn of much that is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

PEERS = {"keras2": "tf_keras", "keras3": "keras"}
#: Where a peer restores everything: the optimizer's slots, its step and its learning rate.
FULL = [("keras2", "h5"), ("keras2", "keras"), ("keras3", "keras")]


@pytest.fixture(params=list(PEERS))
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def peer(dialect: str) -> Any:
    return importlib.import_module(PEERS[dialect])


def assert_same(one: Any, other: Any, case: str, tolerance: float = 2e-5) -> None:
    for found, wanted in zip(cases.outputs(one, case), cases.outputs(other, case), strict=True):
        np.testing.assert_allclose(found, wanted, atol=tolerance)


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda o: o.SGD(0.1),
    "momentum": lambda o: o.SGD(0.1, momentum=0.9, nesterov=True),
    "Adam": lambda o: o.Adam(0.02, beta_1=0.8, clipnorm=1.0),
    "amsgrad": lambda o: o.Adam(0.02, amsgrad=True),
    "averages": lambda o: o.Adam(0.02, use_ema=True, ema_momentum=0.9),
    "AdamW": lambda o: o.AdamW(0.02, weight_decay=0.01),
    "Adamax": lambda o: o.Adamax(0.02),
    "Nadam": lambda o: o.Nadam(0.02),
    "RMSprop": lambda o: o.RMSprop(0.01),
    "centered": lambda o: o.RMSprop(0.01, momentum=0.9, centered=True),
    "Adagrad": lambda o: o.Adagrad(0.05),
    "Adadelta": lambda o: o.Adadelta(0.5),
    "Ftrl": lambda o: o.Ftrl(0.1),
    "Lion": lambda o: o.Lion(0.001),
    "schedule": lambda o: o.Adam(o.schedules.PiecewiseConstantDecay([3, 6], [0.05, 0.02, 0.01])),
}


def compiled(keras: Any, optimizer: str) -> Any:
    model = cases.sequential(keras)
    model.compile(
        OPTIMIZERS[optimizer](keras.optimizers), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("dialect", "ending"), FULL)
def test_training_goes_on_elsewhere(dialect: str, ending: str, optimizer: str, tmp_path: Path) -> None:
    if dialect == "keras2" and optimizer in ("Nadam", "averages"):
        pytest.skip("Keras 2 starts Nadam's product and (in fit) its averages afresh")
    ours = compiled(tf.keras, optimizer)
    cases.train(ours, "sequential", 1)
    path = str(tmp_path / f"model.{ending}")
    ours.save(path, dialect=dialect)
    theirs = peer(dialect).models.load_model(path)
    assert_same(theirs, ours, "sequential", 1e-6)
    assert int(np.asarray(theirs.optimizer.iterations)) == 3
    for model in (ours, theirs):
        cases.train(model, "sequential", 2)
    assert_same(theirs, ours, "sequential")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("dialect", "ending"), [*FULL, ("keras3", "h5")])
def test_their_training_goes_on_here(dialect: str, ending: str, optimizer: str, tmp_path: Path) -> None:
    if dialect == "keras2" and optimizer == "Nadam":
        pytest.skip("the file has no product of the momenta, and that of Keras 2 is not what the steps give")
    theirs = compiled(peer(dialect), optimizer)
    cases.train(theirs, "sequential", 1)
    path = str(tmp_path / f"model.{ending}")
    theirs.save(path)
    ours = tf.keras.models.load_model(path)
    assert_same(ours, theirs, "sequential", 1e-6)
    assert int(ours.optimizer.iterations) == 3
    for model in (ours, theirs):
        cases.train(model, "sequential", 2)
    assert_same(ours, theirs, "sequential")


@pytest.mark.parametrize(("dialect", "ending"), FULL)
def test_a_functional_model_goes_on_elsewhere(dialect: str, ending: str, tmp_path: Path) -> None:
    ours = cases.functional(tf.keras)
    cases.train(ours, "functional", 1)
    path = str(tmp_path / f"model.{ending}")
    ours.save(path, dialect=dialect)
    theirs = peer(dialect).models.load_model(path)
    assert_same(theirs, ours, "functional", 1e-6)
    for model in (ours, theirs):
        cases.train(model, "functional", 2)
    assert_same(theirs, ours, "functional")


def test_keras_3_takes_the_weights_of_our_h5_and_goes_on_after_compile(tmp_path: Path) -> None:
    ours = cases.sequential(tf.keras)
    cases.train(ours, "sequential", 1)
    x, y = cases.data("sequential")
    for dialect in (None, "keras3"):
        path = str(tmp_path / f"{dialect}.h5")
        ours.save(path, dialect=dialect)
        theirs = peer("keras3").models.load_model(path)
        assert_same(theirs, ours, "sequential", 1e-6)
        expected = ours.evaluate(x, y, batch_size=4, verbose=0)
        np.testing.assert_allclose(theirs.evaluate(x, y, batch_size=4, verbose=0), expected, atol=1e-5)
        if dialect is None:
            theirs.compile("adam", "sparse_categorical_crossentropy")
        cases.train(theirs, "sequential", 1)


@pytest.mark.parametrize("case", list(cases.CASES))
def test_weights_alone_both_ways(dialect: str, case: str, tmp_path: Path) -> None:
    make = cases.CASES[case]
    ours, theirs = make(tf.keras), make(peer(dialect))
    cases.train(ours, case, 1)
    path = str(tmp_path / "model.weights.h5")
    ours.save_weights(path, dialect=dialect)
    theirs.load_weights(path)
    assert_same(theirs, ours, case, 1e-6)
    cases.train(theirs, case, 1)
    theirs.save_weights(path)
    ours.load_weights(path)
    assert_same(ours, theirs, case, 1e-6)


@pytest.mark.parametrize("case", list(cases.CASES))
def test_one_file_of_weights_for_both_versions(case: str, tmp_path: Path) -> None:
    ours = cases.CASES[case](tf.keras)
    cases.train(ours, case, 1)
    # The groups of a subclassed model have other names in each version.
    for ending in (".h5",) if case == "subclassed" else (".weights.h5", ".h5"):
        path = str(tmp_path / f"model{ending}")
        ours.save_weights(path)
        for dialect in PEERS:
            theirs = cases.CASES[case](peer(dialect))
            theirs.load_weights(path)
            assert_same(theirs, ours, case, 1e-6)


LAYERS: dict[str, Callable[[Any], Any]] = {
    "Dense": lambda k: k.layers.Dense(
        3, "tanh", kernel_regularizer="l1", bias_constraint="non_neg", activity_regularizer=k.regularizers.L2(0.1)
    ),
    "initializer": lambda k: k.layers.Dense(2, kernel_initializer=k.initializers.HeNormal(seed=3)),
    "ReLU": lambda k: k.layers.ReLU(max_value=0.5, negative_slope=0.1),
    "LeakyReLU": lambda k: k.layers.LeakyReLU(),
    "PReLU": lambda k: k.layers.PReLU(),
    "ELU": lambda k: k.layers.ELU(),
    "Softmax": lambda k: k.layers.Softmax(),
    "Activation": lambda k: k.layers.Activation("gelu"),
    "Dropout": lambda k: k.layers.Dropout(0.5),
    "GaussianNoise": lambda k: k.layers.GaussianNoise(0.5),
    "GaussianDropout": lambda k: k.layers.GaussianDropout(0.5),
    "AlphaDropout": lambda k: k.layers.AlphaDropout(0.5),
    "BatchNormalization": lambda k: k.layers.BatchNormalization(momentum=0.5),
    "LayerNormalization": lambda k: k.layers.LayerNormalization(),
    "UnitNormalization": lambda k: k.layers.UnitNormalization(),
    "Rescaling": lambda k: k.layers.Rescaling(2.0, 0.5),
    "Normalization": lambda k: k.layers.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 16.0]),
    "Reshape": lambda k: k.layers.Reshape((2, -1)),
    "RepeatVector": lambda k: k.layers.RepeatVector(2),
    "ActivityRegularization": lambda k: k.layers.ActivityRegularization(l1=0.1),
    "nested": lambda k: k.Sequential([k.layers.Input((4,)), k.layers.Dense(2), k.layers.Dense(3)]),
    "deferred": lambda k: k.Sequential([k.layers.Dense(2), k.layers.Dense(3)]),
}  # fmt: skip


def model_with(keras: Any, layer: str) -> Any:
    model = keras.Sequential([keras.layers.Input((4,)), LAYERS[layer](keras)])
    cases.set_by_formula(model)
    return model


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("dialect", "ending"), [*FULL, ("keras3", "h5")])
def test_every_layer_both_ways(dialect: str, ending: str, layer: str, tmp_path: Path) -> None:
    x = cases.formula((5, 4), 0.7)
    ours, theirs = model_with(tf.keras, layer), model_with(peer(dialect), layer)
    path = str(tmp_path / f"model.{ending}")
    ours.save(path, dialect=dialect)
    read = peer(dialect).models.load_model(path)
    np.testing.assert_allclose(read.predict(x, verbose=0), ours.predict(x, verbose=0), atol=1e-6)
    theirs.save(path)
    read = tf.keras.models.load_model(path)
    np.testing.assert_allclose(read.predict(x, verbose=0), theirs.predict(x, verbose=0), atol=1e-6)


def numbers(*shape: int) -> np.ndarray:
    return cases.formula(shape, 0.4)


def embedded(keras: Any) -> tuple[Any, Any]:
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((3,), dtype="int32"), layers.Embedding(5, 4), layers.Flatten(), layers.Dense(2)]
    )
    return model, np.array([[0, 1, 2], [3, 4, 0]], np.int32)


def adapted(keras: Any) -> tuple[Any, Any]:
    normalization = keras.layers.Normalization()
    normalization.adapt(numbers(20, 4))
    return keras.Sequential([keras.layers.Input((4,)), normalization, keras.layers.Dense(2)]), numbers(3, 4)


def merged(keras: Any) -> tuple[Any, Any]:
    layers = keras.layers
    pair = [keras.Input((4,)), keras.Input((4,))]
    kinds = (layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
    parts = [*(kind()(pair) for kind in kinds), layers.Dot(axes=1, normalize=True)(pair)]
    return keras.Model(pair, layers.Dense(2)(layers.Concatenate()(parts))), [
        numbers(3, 4),
        numbers(3, 4) + 1.0,
    ]


def of_three_axes(keras: Any) -> tuple[Any, Any]:
    layers = keras.layers
    chain = [
        layers.Permute((2, 1)), layers.SpatialDropout1D(0.1), layers.BatchNormalization(axis=1),
        layers.LayerNormalization(axis=-1), layers.Dense(2), layers.PReLU(shared_axes=[1]),
    ]  # fmt: skip
    return keras.Sequential([layers.Input((2, 3)), *chain]), numbers(3, 2, 3)


def of_dictionaries(keras: Any) -> tuple[Any, Any]:
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    y = keras.layers.Dense(2, name="y")(keras.layers.concatenate([a, b]))
    return keras.Model({"a": a, "b": b}, {"y": y}), {"a": numbers(3, 3), "b": numbers(3, 2)}


def of_classes(keras: Any) -> tuple[Any, Any]:
    encoding = keras.layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")
    return keras.Sequential([keras.layers.Input((1,), dtype="int32"), encoding]), np.array(
        [[1], [3]], np.int32
    )


def called_twice(keras: Any) -> tuple[Any, Any]:
    inside = keras.Input((3,))
    hidden = keras.layers.Dense(3)(inside)
    inner = keras.Model(inside, [hidden, keras.layers.Dense(2)(hidden)], name="inner")
    outside = keras.Input((3,))
    first, second = inner(outside)
    return keras.Model(outside, keras.layers.concatenate([second, *inner(first)])), numbers(3, 3)


MODELS = (embedded, adapted, merged, of_three_axes, of_dictionaries, of_classes, called_twice)


def flat_outputs(model: Any, x: Any) -> list[Any]:
    found = model.predict(x, verbose=0)
    if isinstance(found, dict):
        return list(found.values())
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize(("dialect", "ending"), [*FULL, ("keras3", "h5")])
def test_models_of_many_forms_both_ways(dialect: str, ending: str, make: Any, tmp_path: Path) -> None:
    (ours, x), (theirs, _) = make(tf.keras), make(peer(dialect))
    path = str(tmp_path / f"model.{ending}")
    ours.save(path, dialect=dialect)
    read = peer(dialect).models.load_model(path)
    np.testing.assert_allclose(flat_outputs(read, x)[0], flat_outputs(ours, x)[0], atol=1e-5)
    theirs.save(path)
    read = tf.keras.models.load_model(path)
    np.testing.assert_allclose(flat_outputs(read, x)[0], flat_outputs(theirs, x)[0], atol=1e-5)


@pytest.mark.parametrize(("dialect", "ending"), FULL)
def test_operators_both_ways(dialect: str, ending: str, tmp_path: Path) -> None:
    def make(keras: Any) -> Any:
        x = keras.Input((4,))
        y = keras.layers.Dense(4)(x)
        z = (1.5 * y - x) / 2.0 + (-x) ** 2.0 - abs(y) // 0.5
        model = keras.Model(x, keras.layers.multiply([z, y % 0.75])[:, 1:3])
        cases.set_by_formula(model)
        return model

    x = cases.formula((5, 4), 0.7)
    ours, theirs = make(tf.keras), make(peer(dialect))
    path = str(tmp_path / f"model.{ending}")
    ours.save(path, dialect=dialect)
    read = peer(dialect).models.load_model(path)
    np.testing.assert_allclose(read.predict(x, verbose=0), ours.predict(x, verbose=0), atol=1e-5)
    theirs.save(path)
    read = tf.keras.models.load_model(path)
    np.testing.assert_allclose(read.predict(x, verbose=0), theirs.predict(x, verbose=0), atol=1e-5)


def with_custom_parts(keras: Any) -> tuple[Any, dict[str, Any]]:
    """A model with a layer, an activation, a loss and a metric of the user's own."""

    class Scale(keras.layers.Layer):
        def __init__(self, factor: float = 1.0, **options: Any) -> None:
            super().__init__(**options)
            self.factor = factor

        def build(self, input_shape: Any) -> None:
            self.gain = self.add_weight(name="gain", shape=(), initializer="ones")
            self.built = True

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor * self.gain

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "factor": self.factor}

    def half(x: Any) -> Any:
        return x * 0.5

    def my_loss(y_true: Any, y_pred: Any) -> Any:
        return (y_true - y_pred) ** 2

    model = keras.Sequential([keras.layers.Input((3,)), Scale(3.0), keras.layers.Dense(2, activation=half)])
    cases.set_by_formula(model)
    model.compile(keras.optimizers.SGD(0.05), my_loss, metrics=["mae"])
    return model, {"Scale": Scale, "half": half, "my_loss": my_loss}


@pytest.mark.parametrize(("dialect", "ending"), FULL)
def test_custom_objects_both_ways(dialect: str, ending: str, tmp_path: Path) -> None:
    (ours, our_parts), (theirs, their_parts) = with_custom_parts(tf.keras), with_custom_parts(peer(dialect))
    path = str(tmp_path / f"model.{ending}")
    for model in (ours, theirs):
        cases.train(model, "subclassed", 1)
    ours.save(path, dialect=dialect)
    read = peer(dialect).models.load_model(path, custom_objects=their_parts)
    cases.train(read, "subclassed", 1)
    theirs.save(path)
    read_here = tf.keras.models.load_model(path, custom_objects=our_parts)
    cases.train(read_here, "subclassed", 1)
    for model in (ours, theirs):
        cases.train(model, "subclassed", 1)
    assert_same(read, ours, "subclassed")
    assert_same(read_here, theirs, "subclassed")


def test_tuned_learning_rates_come_back(dialect: str, tmp_path: Path) -> None:
    ours = cases.sequential(tf.keras)
    ours.optimizer.learning_rate = 0.00321
    path = str(tmp_path / "model.keras")
    ours.save(path, dialect=dialect)
    theirs = peer(dialect).models.load_model(path)
    assert float(np.asarray(theirs.optimizer.learning_rate)) == np.float32(0.00321)


def test_korean_names(dialect: str, tmp_path: Path) -> None:
    ours = cases.sequential(tf.keras)
    folder = tmp_path / "내 모델"
    path = str(folder / "소프트맥스.keras")
    ours.save(path, dialect=dialect)
    assert_same(peer(dialect).models.load_model(path), ours, "sequential", 1e-6)


def test_keras_3_opens_functions_of_one_tensor(tmp_path: Path) -> None:
    """tf.exp(x) between the layers of a functional model is an operation of Keras 3's own."""
    x = tf.keras.Input((3,))
    y = tf.keras.layers.Dense(2)(tf.exp(x) * 2.0)
    model = tf.keras.Model(x, tf.tanh(tf.square(y)) + tf.sqrt(tf.exp(y)))
    model.save(tmp_path / "m.keras")
    rows = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    opened = peer("keras3").models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(opened.predict(rows, verbose=0), model.predict(rows, verbose=0), atol=1e-6)
