"""Activations, losses, metrics, regularizers and constraints against real Keras, eagerly and traced."""

from __future__ import annotations

import json
from typing import Any

import keras_cases as cases
import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf
from tensorlet import keras

GOLDEN = json.loads((GOLDEN_FOLDER / "keras.json").read_text(encoding="utf-8"))
ARRAYS = cases.arrays()


@pytest.fixture(autouse=True)
def _written_for_keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers were made with Keras 3."""
    monkeypatch.setenv("TENSORLET_KERAS", "3")


FIRST_ROWS = 5


def close(actual: Any, expected: Any, relative: float = 2e-5, absolute: float = 2e-6) -> None:
    """Equal within what float32 allows."""
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=relative, atol=absolute)


def named(rows: list[Any]) -> list[Any]:
    """The cases with their names as test ids."""
    return [pytest.param(*row, id=cases.key(*row)) for row in rows]


@pytest.mark.parametrize(("name", "arguments"), named(cases.ACTIVATIONS))
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
def test_activations_are_those_of_keras(name: str, arguments: dict[str, Any], traced: bool) -> None:
    function = getattr(keras.activations, name)
    run = tf.function(lambda x: function(x, **arguments)) if traced else lambda x: function(x, **arguments)
    for array, expected in zip(("x", "rows"), GOLDEN["activations"][cases.key(name, arguments)], strict=True):
        close(run(tf.constant(ARRAYS[array])), expected)


@pytest.mark.parametrize(("name", "arguments", "true", "predicted"), named(cases.LOSSES))
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
def test_losses_are_those_of_keras(
    name: str, arguments: dict[str, Any], true: str, predicted: str, traced: bool
) -> None:
    expected = GOLDEN["losses"][cases.key(name, arguments, true, predicted)]
    make = getattr(keras.losses, name)

    def all_forms(y_true: Any, y_pred: Any) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            mean = make(**arguments)(y_true, y_pred)
        found = {
            "rows": make(**arguments, reduction="none")(y_true, y_pred),
            "mean": mean,
            "gradient": tape.gradient(mean, y_pred),
        }
        if "weighted" in expected:
            found["weighted"] = make(**arguments)(y_true, y_pred, sample_weight=ARRAYS["weights"])
        return found

    run = tf.function(all_forms) if traced else all_forms
    found = run(tf.constant(ARRAYS[true]), tf.constant(ARRAYS[predicted]))
    assert set(found) == set(expected)
    for form, numbers in expected.items():
        close(found[form], numbers)


@pytest.mark.parametrize(("name", "arguments", "true", "predicted"), named(cases.METRICS))
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
def test_metrics_are_those_of_keras(
    name: str, arguments: dict[str, Any], true: str, predicted: str, traced: bool
) -> None:
    first, both, called = GOLDEN["metrics"][cases.key(name, arguments, true, predicted)]
    metric = getattr(keras.metrics, name)(**arguments)
    update = tf.function(lambda *batch: metric.update_state(*batch)) if traced else metric.update_state
    y_true, y_pred, weights = ARRAYS[true], ARRAYS[predicted], ARRAYS["weights"]
    update(tf.constant(y_true[:FIRST_ROWS]), tf.constant(y_pred[:FIRST_ROWS]))
    close(metric.result(), first)
    update(
        tf.constant(y_true[FIRST_ROWS:]),
        tf.constant(y_pred[FIRST_ROWS:]),
        tf.constant(weights[FIRST_ROWS:]),
    )
    close(metric.result(), both)
    assert metric.name.startswith(called.rstrip("_0123456789")) or name == "LogCoshError"
    metric.reset_state()
    assert all(not variable.numpy().any() for variable in metric.variables)


@pytest.mark.parametrize(("module", "name", "arguments"), named(cases.OF_WEIGHTS))
def test_constraints_and_regularizers_are_those_of_keras(
    module: str, name: str, arguments: dict[str, Any]
) -> None:
    thing = getattr(getattr(keras, module), name)(**arguments)
    close(thing(tf.constant(ARRAYS["matrix"])), GOLDEN["of_weights"][cases.key(module, name, arguments)])
    again = type(thing).from_config(thing.get_config())
    close(again(tf.constant(ARRAYS["matrix"])), thing(tf.constant(ARRAYS["matrix"])))
