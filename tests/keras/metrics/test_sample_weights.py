"""Metrics and losses with sample weights of many shapes, against TensorFlow 2.15."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import weight_cases as cases
from golden_files import GOLDEN_FOLDER

from tensorlet import keras
from tensorlet.errors import ShapeError

GOLDEN = json.loads((GOLDEN_FOLDER / "sample_weights.json").read_text(encoding="utf-8"))
#: Weights of the elements of arrays with one axis: Keras refuses them, but each element is a row here.
PER_ROW = [f"{name} {{}} (4,) (4,)" for name in ("MeanSquaredError", "BinaryCrossentropy")]
#: A single weight for all rows, which Keras 2.15 does not count once for each row; Keras 3 does.
COUNTED_ONCE = ("Mean {} (2, 3, 4) (1,)",)


@pytest.mark.filterwarnings("ignore:AUC got predictions")
@pytest.mark.parametrize(
    ("key", "name", "arguments", "given", "weights"),
    [pytest.param(*case, id=case[0]) for case in cases.metric_cases() if case[0] not in COUNTED_ONCE],
)
def test_metrics_weigh_as_keras_does(
    key: str, name: str, arguments: dict[str, Any], given: tuple[Any, ...], weights: Any
) -> None:
    metric = getattr(keras.metrics, name)(**arguments)
    expected = GOLDEN["metrics"][key]
    if key in PER_ROW:
        assert expected is None
        columns = [part[:, None] for part in given]
        expected = getattr(keras.metrics, name)()(*columns, sample_weight=weights).numpy()
    if expected is None:
        with pytest.raises(ShapeError):
            metric.update_state(*given, sample_weight=weights)
        return
    metric.update_state(*given, sample_weight=weights)
    np.testing.assert_allclose(metric.result().numpy(), expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("key", "name", "reduction", "shape", "weights"),
    [pytest.param(*case, id=case[0]) for case in cases.loss_cases()],
)
def test_losses_weigh_as_keras_does(
    key: str, name: str, reduction: str, shape: tuple[int, ...], weights: Any
) -> None:
    loss = getattr(keras.losses, name)(reduction=reduction)
    expected = GOLDEN["losses"][key]
    if expected is None:
        with pytest.raises(ShapeError):
            loss(cases.labels(shape), cases.array(shape, 2), sample_weight=weights)
        return
    found = loss(cases.labels(shape), cases.array(shape, 2), sample_weight=weights).numpy()
    np.testing.assert_allclose(found, np.asarray(expected, np.float32), rtol=2e-5, atol=2e-6)


def test_binary_accuracy_of_arrays_with_one_axis_counts_elements() -> None:
    metric = keras.metrics.BinaryAccuracy()
    metric.update_state([1, 0, 1, 1], [0.0, 0.0, 1.0, 1.0], sample_weight=[1, 1, 0, 0])
    assert metric.result().numpy() == 0.5
    metric.reset_state()
    metric.update_state([1.0], [0.9])
    metric.update_state([1.0, 1.0, 1.0], [0.1, 0.2, 0.3])
    assert metric.result().numpy() == 0.25


def test_a_loss_for_a_whole_batch_refuses_weights_of_its_rows() -> None:
    with pytest.raises(ShapeError, match=r"sample_weight has shape \(4,\).*y\[:, None\]"):
        keras.losses.MeanSquaredError()([1.0, 2, 3, 4], [0.0, 2, 3, 4], sample_weight=[1, 1, 0, 0])
    with pytest.raises(ShapeError, match=r"Expected weights of shape \(3,\) or \(3, 1\)"):
        keras.losses.MeanSquaredError()(np.ones((3, 3)), np.zeros((3, 3)), sample_weight=np.ones((3, 3)))


def test_fit_weighs_a_loss_of_the_users_that_is_one_number() -> None:
    def largest(y_true: Any, y_pred: Any) -> Any:
        return keras.backend.max(abs(y_true - y_pred))

    model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros", input_shape=(1,))])
    model.compile("sgd", largest)
    x, y = np.ones((4, 1), np.float32), np.array([1.0, 2.0, 3.0, 4.0])
    # of TensorFlow 2.15: the largest error, times the mean of the weights
    assert model.evaluate(x, y, sample_weight=np.array([1.0, 1.0, 0.0, 0.5]), verbose=0) == pytest.approx(2.5)


def test_predictions_that_are_not_probabilities_are_reported_once() -> None:
    metric = keras.metrics.AUC()
    with pytest.warns(UserWarning, match=r"AUC got predictions from -3 to 5.*AUC\(from_logits=True\)"):
        metric.update_state([0, 1], [-3.0, 5.0])
    metric.update_state([0, 1], [-3.0, 5.0])  # warnings are errors in these tests
    model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones", input_shape=(1,))])
    model.compile(
        "sgd", keras.losses.BinaryCrossentropy(from_logits=True), metrics=[keras.metrics.AUC(name="auc")]
    )
    x, y = np.array([[-3.0], [-0.5], [0.2], [2.0], [5.0]], np.float32), np.array([0, 0, 1, 0, 1])
    with pytest.warns(UserWarning, match="AUC got predictions"):
        assert model.evaluate(x, y, verbose=0, return_dict=True)["auc"] == pytest.approx(0.75)
