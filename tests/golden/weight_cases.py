"""Metrics and losses with sample weights of many shapes: the cases of ``sample_weights.json``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

METRICS: list[tuple[str, dict[str, Any]]] = [
    ("BinaryAccuracy", {}), ("MeanSquaredError", {}), ("RootMeanSquaredError", {}), ("BinaryCrossentropy", {}),
    ("CosineSimilarity", {}), ("CategoricalAccuracy", {}), ("Precision", {}), ("AUC", {}),
    ("AUC", {"label_weights": [0.2, 0.3, 0.5]}), ("Mean", {}), ("Sum", {}),
]  # fmt: skip
SPARSE: list[tuple[str, dict[str, Any]]] = [
    ("SparseCategoricalAccuracy", {}), ("SparseCategoricalCrossentropy", {}),
    ("SparseCategoricalCrossentropy", {"ignore_class": 0}),
]  # fmt: skip
LOSSES = ("MeanSquaredError", "BinaryCrossentropy", "CategoricalCrossentropy", "Huber")
REDUCTIONS = ("sum_over_batch_size", "sum", "none")
#: Shapes of labels -> shapes of their weights; () stands for a scalar.
WEIGHTS: dict[tuple[int, ...], list[tuple[int, ...] | None]] = {
    (4, 3): [None, (), (4,), (4, 1), (4, 3), (1, 3), (1,), (3,)],
    (3, 3): [(3, 3), (3, 1), (3,), (1, 3)],
    (4,): [None, (), (4,), (1,)],
    (2, 3, 4): [None, (2,), (2, 3), (2, 3, 1), (3,)],
}
#: Metrics over scores that are not probabilities.
SCORES: list[tuple[str, dict[str, Any]]] = [
    ("AUC", {}), ("AUC", {"curve": "PR"}), ("AUC", {"thresholds": [0.3, 0.6]}),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}), ("AUC", {"from_logits": True}),
    ("SensitivityAtSpecificity", {"specificity": 0.5}), ("Precision", {}), ("Recall", {"thresholds": [0.0, 0.5, 1.0]}),
]  # fmt: skip


def array(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Numbers between 0 and 1."""
    return np.random.default_rng(seed).random(shape).astype(np.float32)


def labels(shape: tuple[int, ...]) -> np.ndarray:
    """Labels 0 and 1."""
    return (array(shape, 1) > 0.4).astype(np.float32)


def weights(shape: tuple[int, ...] | None) -> Any:
    """Weights of a shape; a number for (), None for None."""
    return None if shape is None else 2.0 if shape == () else array(shape, 3)


def metric_cases() -> Iterator[tuple[str, str, dict[str, Any], tuple[Any, ...], Any]]:
    """Key, name, arguments, what `update_state` gets without the weights, and the weights."""
    for name, arguments in METRICS:
        for shape, kinds in WEIGHTS.items():
            for kind in kinds:
                if name in ("AUC", "Precision") and kind == (2,):
                    continue  # Keras refuses weights of the first axis alone, which mean something here
                given = (array(shape, 2),) if name in ("Mean", "Sum") else (labels(shape), array(shape, 2))
                yield f"{name} {arguments} {shape} {kind}", name, arguments, given, weights(kind)
    for name, arguments in SPARSE:
        for kind in WEIGHTS[4, 3][:4]:
            for y_true in (np.array([0, 2, 1, 0]), np.array([[0], [2], [1], [0]])):
                key = f"{name} {arguments} {y_true.shape} {kind}"
                yield key, name, arguments, (y_true, array((4, 3), 2)), weights(kind)
    scores = np.array([-3.0, -0.5, 0.2, 2.0, 5.0], np.float32)
    for name, arguments in SCORES:
        truth = np.array([0, 0, 1, 0, 1], np.float32)
        yield f"scores {name} {arguments}", name, arguments, (truth, scores), None


def loss_cases() -> Iterator[tuple[str, str, str, tuple[int, ...], Any]]:
    """Key, name, reduction, shape of the labels, and the weights."""
    for name in LOSSES:
        for reduction in REDUCTIONS:
            for shape, kinds in WEIGHTS.items():
                for kind in kinds:
                    yield f"{name} {reduction} {shape} {kind}", name, reduction, shape, weights(kind)
