"""The lecture's programs give TensorFlow's numbers, from the same initial weights.

``golden/lecture.json`` was made by ``golden/make_lecture_golden.py`` with real TensorFlow.
"""

from __future__ import annotations

import json
from typing import Any

import lecture_programs
import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    path = GOLDEN_FOLDER / "lecture.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_initial_weights_follow_the_formula() -> None:
    weights, biases = lecture_programs.initial_weights(2, 2, scale=0.5)
    # 0.5 * sin(1), 0.5 * sin(2), ... 0.5 * sin(6)
    np.testing.assert_allclose(weights, [[0.4207355, 0.4546487], [0.0705600, -0.3784012]], atol=1e-6)
    np.testing.assert_allclose(biases, [-0.4794621, -0.1397077], atol=1e-6)


def test_toy_losses_and_result_are_tensorflows(golden: dict[str, Any]) -> None:
    expected = golden["toy"]
    actual = lecture_programs.run_toy(tf)
    np.testing.assert_allclose(actual["losses"], expected["losses"], rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(actual["hypothesis"], expected["hypothesis"], rtol=0, atol=TOLERANCE)
    # Two thousand steps of float32 rounding add up: weights of size 4 agree to 1e-3.
    np.testing.assert_allclose(actual["weights"], expected["weights"], rtol=0, atol=1e-3)
    np.testing.assert_allclose(actual["biases"], expected["biases"], rtol=0, atol=1e-3)
    assert actual["predictions"] == expected["predictions"]
    assert actual["accuracy"] == expected["accuracy"]


@pytest.mark.slow
def test_mnist_losses_and_result_are_tensorflows(golden: dict[str, Any]) -> None:
    expected = golden["mnist"]
    (x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
    actual = lecture_programs.run_mnist(tf, (x_train, y_train, x_test, y_test))
    np.testing.assert_allclose(actual["losses"], expected["losses"], rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(actual["some_weights"], expected["some_weights"], rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(actual["biases"], expected["biases"], rtol=0, atol=TOLERANCE)
    # One test picture in ten thousand may fall on the other side of a tie.
    assert actual["accuracy"] == pytest.approx(expected["accuracy"], abs=1.01e-4)


def test_overflow_trains_where_tensorflow_gives_nan(golden: dict[str, Any]) -> None:
    trained = lecture_programs.run_overflow(tf)
    np.testing.assert_array_equal(np.isfinite(trained), np.isnan(np.asarray(golden["overflow"], float)))
    # By hand: row [1] is right with certainty, its gradient is 0. Row [2] has p = (1, 0, 0) and
    # y = (0, 0, 1); its gradient x^T (p - y) / 2 = (1, 0, -1), times the learning rate 0.5.
    # The second class has the probability exp(-100), which may count: as good as 0.
    np.testing.assert_allclose(trained, [[99.5, 0.0, -99.5]], rtol=0, atol=1e-30)
