"""In programs for Keras 3, losses convert labels and predictions to one dtype; the values are those of Keras 3.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf

LABELS = np.array([[1], [2], [3], [4]])
PREDICTIONS = np.array([[1.0], [2.0], [4.0], [5.0]])


class Squares(tf.keras.losses.Loss):  # type: ignore[misc]
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean((y_true - y_pred) ** 2, -1)


def absolute(y_true: Any, y_pred: Any) -> Any:
    return tf.reduce_mean(tf.abs(y_true - y_pred), -1)


@pytest.fixture
def keras_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")


@pytest.mark.usefixtures("keras_3")
def test_own_losses_take_integer_labels() -> None:
    loss = Squares()(LABELS, PREDICTIONS)
    assert loss.dtype == tf.float32
    assert float(loss) == 0.5


@pytest.mark.usefixtures("keras_3")
@pytest.mark.parametrize("loss", [Squares(), absolute])
def test_own_losses_take_integer_labels_in_fit(loss: Any) -> None:
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", loss)
    history = model.fit(PREDICTIONS.astype("float32"), LABELS, verbose=0).history
    assert history["loss"] == [0.5]


@pytest.mark.usefixtures("keras_3")
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_the_dtype_of_a_loss(dtype: str) -> None:
    loss = tf.keras.losses.MeanSquaredError(dtype=dtype)
    assert loss.dtype == dtype
    assert loss(LABELS, PREDICTIONS).dtype == dtype
    assert Squares(dtype=tf.keras.DTypePolicy(dtype))(LABELS, PREDICTIONS).dtype == dtype


def test_keras_2_converts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "2")
    with pytest.raises(TypeError, match="dtypes differ"):
        Squares()(LABELS, PREDICTIONS)


@pytest.mark.parametrize(
    ("reduction", "plain", "weighted"),
    [
        ("sum_over_batch_size", 8.873259, 14.515386),
        ("sum", 35.493038, 58.061543),
        ("mean_with_sample_weight", 8.873260, 5.806154),
    ],
)
def test_circle_leaves_rows_without_a_partner_out_of_the_mean(
    reduction: str, plain: float, weighted: float
) -> None:
    classes = np.array([1, 1, 2, 2, 3])
    rows = np.array([[0.6, 0.8], [0.8, 0.6], [-1.0, 0.0], [-0.8, 0.6], [0.0, 1.0]])
    loss = tf.keras.losses.Circle(reduction=reduction)
    assert float(loss(classes, rows)) == pytest.approx(plain, rel=1e-6)
    weights = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert float(loss(classes, rows, sample_weight=weights)) == pytest.approx(weighted, rel=1e-6)
