"""Printed metrics."""

from __future__ import annotations

import tensorlet as tf


def test_metrics_print_as_in_keras_2() -> None:
    assert repr(tf.keras.metrics.Accuracy()) == "Accuracy(name=accuracy,dtype=float32)"
    assert repr(tf.keras.metrics.Mean(name="m", dtype="float64")) == "Mean(name=m,dtype=float64)"
