"""The optimizers that only Keras 3 has, against Keras 3 and by hand."""

from __future__ import annotations

import doctest
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from keras3_optimizer_cases import CASES, scales, trained_weights

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

GOLDEN = json.loads((GOLDEN_FOLDER / "keras3_optimizers.json").read_text(encoding="utf-8"))
Optimizers = tf.keras.optimizers


@pytest.fixture(autouse=True)
def _keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_trained_weights_are_those_of_keras_3(name: str, eagerly: bool) -> None:
    found = trained_weights(tf.keras, name, eagerly)
    np.testing.assert_allclose(found, GOLDEN["weights"][name], rtol=2e-4, atol=1e-5)


def test_the_scale_of_the_loss_is_that_of_keras_3() -> None:
    assert scales(tf.keras) == GOLDEN["scales"]


@pytest.mark.parametrize(
    "module", ["loss_scale", "loss_scaling", "minimizing", "muon", "schedule_free", "several"]
)
def test_the_examples_run(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"tensorlet.keras.optimizers.{module}")).failed == 0


def _model(optimizer: Any) -> Any:
    layers = [tf.keras.layers.Dense(4, "tanh", name="first"), tf.keras.layers.Dense(1, name="last")]
    model = tf.keras.Sequential([tf.keras.Input((3,)), *layers])
    model.compile(optimizer, "mse")
    return model


@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5", ".safetensors"])
@pytest.mark.parametrize(
    "name", ["muon", "schedule_free", "several", "loss_scale", "loss_scale_of_several", "fixed_scale"]
)
def test_training_goes_on_after_loading(name: str, ending: str, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    x, y = (
        generator.normal(size=(16, 3)).astype(np.float32),
        generator.normal(size=(16, 1)).astype(np.float32),
    )
    model = _model(CASES[name](Optimizers))
    model.fit(x, y, batch_size=8, shuffle=False, verbose=0)
    path = tmp_path / f"model{ending}"
    if ending in (".keras", ".h5"):
        model.save(path)
        again = tf.keras.models.load_model(path)
    else:
        model.save_weights(path)
        again = _model(CASES[name](Optimizers))
        again.load_weights(path)
    for one in (model, again):
        one.fit(x, y, batch_size=8, shuffle=False, verbose=0)
    for own, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)


def test_callbacks_change_the_rates_of_several() -> None:
    optimizer = Optimizers.MultiOptimizer(
        Optimizers.OptimizerMap(Optimizers.SGD(0.1), {"first/.*": Optimizers.SGD(0.2)})
    )
    model = _model(optimizer)
    halve = tf.keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(np.ones((4, 3)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[halve]).history
    assert [float(one.learning_rate) for one in optimizer.optimizers] == pytest.approx([0.05, 0.025])
    assert sorted(name.rpartition("_")[0] for name in history if "rate" in name) != []
    plateau = tf.keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=1e9)
    model.fit(np.ones((4, 3)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[plateau])
    assert [float(one.learning_rate) for one in optimizer.optimizers] == pytest.approx([0.025, 0.0125])


def test_changed_settings_of_an_inner_optimizer_count() -> None:
    inner, w = Optimizers.SGD(1.0), tf.Variable(1.0)
    optimizer = Optimizers.LossScaleOptimizer(inner, initial_scale=1.0)
    optimizer.apply_gradients([(tf.constant(0.25), w)])
    inner.weight_decay = 0.5
    optimizer.apply_gradients([(tf.constant(0.0), w)])
    assert float(w) == 0.375


def test_a_variable_can_be_set_to_its_gradient() -> None:
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([1.0, 2.0])
    v.overwrite_with_gradient = True
    Optimizers.SGD(1.0).apply_gradients([(tf.constant([3.0, 4.0]), v), (tf.constant([1.0, 1.0]), w)])
    assert (v.numpy().tolist(), w.numpy().tolist()) == ([3.0, 4.0], [0.0, 1.0])


def test_names_and_variables_are_those_of_keras_3() -> None:
    first, second = Optimizers.AdamW(), Optimizers.AdamW()
    assert (first.name, second.name.rpartition("_")[0]) == ("adam_w", "adam_w")
    assert [one.name for one in first.variables] == ["iteration", "learning_rate"]
    model = _model(Optimizers.Adam(name="adam"))
    model.optimizer.build(model.trainable_variables)
    assert [one.name for one in model.trainable_variables] == ["kernel", "bias"] * 2
    assert [one.path for one in model.optimizer.variables[2:4]] == [
        "adam/first_kernel_momentum", "adam/first_kernel_velocity"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Optimizers.LossScaleOptimizer(Optimizers.SGD(), clipnorm=1.0), "inner_optimizer"),
        (lambda: Optimizers.LossScaleOptimizer(Optimizers.SGD(), dynamic=False), "loss_scale_factor"),
        (lambda: Optimizers.LossScaleOptimizer(Optimizers.SGD(), other=1), "`other`"),
        (lambda: Optimizers.OptimizerMap("sgd"), "expected an optimizer"),
        (lambda: Optimizers.AdamW(weight_decay=None), "weight_decay"),
        (
            lambda: Optimizers.MultiOptimizer(lambda _: "adam").build([tf.Variable(1.0)]),
            "expected an optimizer",
        ),
    ],
)
def test_what_is_refused(make: Any, words: str) -> None:
    with pytest.raises((InvalidArgumentError, TypeError), match=words):
        make()
