"""Losses and metrics of Keras 3 about overlapping regions and pairs. The values are those of Keras 3.15 and 2.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

losses, metrics = tf.keras.losses, tf.keras.metrics

RANDOM = np.random.default_rng(0)
Y = (RANDOM.random((4, 3)) > 0.5).astype("float32")
P = RANDOM.random((4, 3)).astype("float32")
ROWS = P / P.sum(1, keepdims=True)
UNITS = P / np.linalg.norm(P, axis=1, keepdims=True)
KINDS = np.array([0, 1, 2, 1])
PAIRS = np.array([0, 1, 0, 1])


@pytest.mark.parametrize(
    ("loss", "labels", "predictions", "wanted"),
    [
        (losses.Dice(), Y, P, 0.43143),
        (losses.Dice(axis=1), Y, P, 0.42471),
        (losses.dice, 0 * Y, 0 * P, 1.0),
        (losses.Tversky(), Y, P, 0.43143),
        (losses.Tversky(0.3, 0.7), Y, P, 0.38344),
        (losses.Tversky(0.3, 0.7, axis=1), Y, P, 0.38962),
        (losses.CategoricalGeneralizedCrossEntropy(), KINDS, ROWS, 0.82871),
        (
            losses.CategoricalGeneralizedCrossEntropy(q=0.7, reduction="none"), KINDS, ROWS,
            [0.51372, 0.49305, 1.28452, 0.5927],
        ),
        (losses.Circle(), PAIRS, UNITS, 26.58131),
        (
            losses.Circle(10.0, 0.2, reduction="none"), PAIRS, UNITS,
            [5.3105, 5.73204, 8.38568, 4.23093],
        ),
        (
            losses.Circle(10.0, 0.2, remove_diagonal=False, reduction="none"), PAIRS, UNITS,
            [5.38848, 6.42122, 8.46402, 4.91446],
        ),
    ],
)  # fmt: skip
def test_losses(loss: Any, labels: Any, predictions: Any, wanted: Any) -> None:
    np.testing.assert_allclose(loss(labels, predictions), wanted, atol=6e-6)


@pytest.mark.parametrize(
    ("metric", "labels", "predictions", "first", "both"),
    [
        (metrics.MeanIoU(3), KINDS, [0, 2, 2, 1], 0.66667, 0.64444),
        (metrics.MeanIoU(3, ignore_class=0), KINDS, [0, 2, 2, 1], 0.5, 0.46667),
        (metrics.IoU(3, [0, 2]), KINDS, [0, 2, 2, 1], 0.75, 0.8),
        (metrics.BinaryIoU([0, 1], 0.4), Y, P, 0.39286, 0.38462),
        (metrics.OneHotIoU(3, [0, 2]), np.eye(3)[KINDS], ROWS, 0.5, 0.5),
        (metrics.OneHotMeanIoU(3), np.eye(3)[KINDS], ROWS, 0.55556, 0.5),
    ],
)
def test_intersection_over_union(
    metric: Any, labels: Any, predictions: Any, first: float, both: float
) -> None:
    metric.update_state(labels, predictions)
    np.testing.assert_allclose(metric.result(), first, atol=6e-6)
    weights = np.array([0.5, 1.0, 2.0, 0.0])
    if isinstance(metric, metrics.BinaryIoU):
        weights = np.repeat(weights[:, None], 3, 1)
    metric.update_state(labels, predictions, sample_weight=weights)
    np.testing.assert_allclose(metric.result(), both, atol=6e-6)
    again = type(metric).from_config(metric.get_config())
    assert again.get_config() == metric.get_config()


def test_correlations() -> None:
    concordance = metrics.ConcordanceCorrelation()
    concordance.update_state(Y, P)
    np.testing.assert_allclose(concordance.result(), 0.22935, atol=6e-6)
    pearson = metrics.PearsonCorrelation(axis=0)
    pearson.update_state(Y[:, :2], P[:, :2])
    wanted = [np.corrcoef(Y[:, one], P[:, one])[0, 1] for one in range(2)]
    np.testing.assert_allclose(pearson.result(), np.mean(wanted), rtol=1e-5)


def test_means_of_each_element() -> None:
    metric = metrics.MeanTensor()
    metric.update_state([0.0, 1.0, 2.0, 3.0])
    metric.update_state([4.0, 5.0, 6.0, 7.0])
    assert metric.result().numpy().tolist() == [2.0, 3.0, 4.0, 5.0]
    metric.reset_state()
    metric.update_state([0.0, 1.0, 2.0, 3.0], sample_weight=[0.0, 0.2, 0.5, 1.0])
    assert metric.result().numpy().tolist() == [0.0, 1.0, 2.0, 3.0]


def test_they_train_and_measure_in_fit() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, "softmax", input_shape=(2,))])
    model.compile(
        "sgd",
        losses.CategoricalGeneralizedCrossEntropy(),
        [metrics.MeanIoU(3, "overlap", sparse_y_pred=False)],
    )
    x = np.random.default_rng(1).normal(size=(30, 2))
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    history = model.fit(x, y, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert 0.0 <= history["overlap"][-1] <= 1.0


def test_mistakes_are_explained() -> None:
    metric = metrics.MeanIoU(3)
    with pytest.warns(UserWarning, match="from 0 to 3.*Others are ignored"):
        metric.update_state([0, 3], [0, 1])
    assert metric.result().numpy() == 1.0  # as in Keras, the second row does not count
    with pytest.raises(InvalidArgumentError, match="q is 2"):
        losses.categorical_generalized_cross_entropy([0], [[0.5, 0.5]], q=2)


#: The labels and features of five rows, one of which is alone in its class.
FIVE = np.array([1, 1, 2, 2, 3])
FEATURES = np.array(
    [
        [0.70014004, -0.42008403, 0.14002801, 0.56011203],
        [0.17609018, 0.70436073, -0.52827054, 0.44022545],
        [-0.34050261, 0.25537696, -0.68100522, 0.59587957],
        [0.32163376, -0.75047877, 0.53605627, -0.21442251],
        [0.51261459, -0.34174306, 0.17087153, 0.76892189],
    ]
)


@pytest.mark.parametrize(
    ("reduction", "weights", "wanted"),
    [
        ("sum_over_batch_size", None, 188.3883),
        ("sum_over_batch_size", [2.0, 2.0, 1.0, 1.0, 0.5], 244.91916),
        ("mean_with_sample_weight", [2.0, 2.0, 1.0, 1.0, 0.5], 163.27945),
        ("sum", [2.0, 2.0, 1.0, 1.0, 0.5], 979.6767),
    ],
)
def test_the_mean_of_the_circle_loss_is_that_of_the_rows_with_a_loss(
    reduction: str, weights: list[float] | None, wanted: float
) -> None:
    loss = losses.Circle(gamma=80.0, margin=0.4, reduction=reduction)
    np.testing.assert_allclose(loss(FIVE, FEATURES, sample_weight=weights), wanted, rtol=1e-5)


def test_generalized_cross_entropy_is_exact_at_a_probability_of_0() -> None:
    with tf.GradientTape() as tape:
        rows = tf.constant([[0.0, 1.0], [1.0, 0.0]])
        tape.watch(rows)
        values = losses.categorical_generalized_cross_entropy([0, 0], rows, 0.5)
    assert values.numpy().tolist() == [2.0, 0.0]
    assert np.isfinite(tape.gradient(values, rows).numpy()).all()
