"""What is compared with real Keras: one list for the script that asks Keras, and for the tests.

A case is a name, the class or function in ``keras``, its arguments, and the names of the arrays that it
gets. Only names and numbers stand here, so that both sides read the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def arrays() -> dict[str, np.ndarray]:
    """The inputs: small, random, and the same each time."""
    generator = np.random.Generator(np.random.PCG64(7))
    logits = generator.normal(size=(8, 5)).astype("float32") * 2
    powers = np.exp(logits)
    labels = generator.integers(0, 5, 8)
    scores = generator.normal(size=(8, 3)).astype("float32") * 2
    found = {
        "x": np.linspace(-7.3, 7.1, 25, dtype="float32"),
        "rows": generator.normal(size=(4, 6)).astype("float32"),
        "logits": logits,
        "probabilities": (powers / powers.sum(axis=1, keepdims=True)).astype("float32"),
        "unscaled": (powers / 3).astype("float32"),
        "labels": labels,
        "labels_column": labels.reshape(8, 1),
        "labels_float": labels.astype("float32"),
        "one_hot": np.eye(5, dtype="float32")[labels],
        "some_ignored": np.where(np.arange(8) % 3 == 0, 3, labels),
        "scores": scores,
        "chances": (1 / (1 + np.exp(-scores))).astype("float32"),
        "binary": generator.integers(0, 2, (8, 3)).astype("float32"),
        "binary_row": generator.integers(0, 2, 8).astype("float32"),
        "chances_row": generator.uniform(size=8).astype("float32"),
        "certain": np.array([[1, 0], [0, 1], [1, 0]], "float32"),
        "certain_true": np.array([[1, 0], [1, 0], [0, 1]], "float32"),
        "numbers": generator.normal(size=(8, 3)).astype("float32") * 3,
        "more_numbers": generator.normal(size=(8, 3)).astype("float32") * 3,
        "counts": generator.integers(0, 6, (8, 3)).astype("float32"),
        "positive": generator.uniform(0.1, 4, (8, 3)).astype("float32"),
        "column": generator.normal(size=(8, 1)).astype("float32"),
        "row": generator.normal(size=8).astype("float32"),
        "weights": np.array([0.5, 1, 2, 0, 1, 3, 0.25, 1], "float32"),
        "matrix": generator.normal(size=(4, 3)).astype("float32"),
    }
    distribution = generator.uniform(0.1, 1, (8, 5)).astype("float32")
    found["distribution"] = distribution / distribution.sum(axis=1, keepdims=True)
    return found


#: Activations: name and arguments; each is applied to "x" (a row) and "rows".
ACTIVATIONS: list[tuple[str, dict[str, Any]]] = [
    ("linear", {}),
    ("sigmoid", {}),
    ("hard_sigmoid", {}),
    ("hard_silu", {}),
    ("tanh", {}),
    ("relu", {}),
    ("relu6", {}),
    ("leaky_relu", {}),
    ("elu", {}),
    ("selu", {}),
    ("celu", {}),
    ("gelu", {}),
    ("silu", {}),
    ("softplus", {}),
    ("softsign", {}),
    ("exponential", {}),
    ("log_sigmoid", {}),
    ("mish", {}),
    ("relu", {"negative_slope": 0.1, "max_value": 4.0, "threshold": 1.0}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("elu", {"alpha": 2.0}),
    ("celu", {"alpha": 2.0}),
    ("gelu", {"approximate": True}),
    ("softmax", {}),
    ("log_softmax", {}),
]

#: Losses: the class, its arguments, and the arrays for y_true and y_pred.
LOSSES: list[tuple[str, dict[str, Any], str, str]] = [
    ("MeanSquaredError", {}, "numbers", "more_numbers"),
    ("MeanSquaredError", {}, "row", "column"),
    ("MeanAbsoluteError", {}, "numbers", "more_numbers"),
    ("MeanAbsolutePercentageError", {}, "numbers", "more_numbers"),
    ("MeanSquaredLogarithmicError", {}, "counts", "positive"),
    ("MeanSquaredLogarithmicError", {}, "numbers", "more_numbers"),
    ("Huber", {}, "numbers", "more_numbers"),
    ("Huber", {"delta": 0.4}, "numbers", "more_numbers"),
    ("LogCosh", {}, "numbers", "more_numbers"),
    ("Poisson", {}, "counts", "positive"),
    ("CosineSimilarity", {}, "numbers", "more_numbers"),
    ("CosineSimilarity", {"axis": 0}, "numbers", "more_numbers"),
    ("Hinge", {}, "binary", "scores"),
    ("SquaredHinge", {}, "binary", "scores"),
    ("CategoricalHinge", {}, "one_hot", "logits"),
    ("KLDivergence", {}, "distribution", "probabilities"),
    ("KLDivergence", {}, "one_hot", "probabilities"),
    ("CategoricalCrossentropy", {}, "one_hot", "probabilities"),
    ("CategoricalCrossentropy", {}, "distribution", "unscaled"),
    ("CategoricalCrossentropy", {}, "certain_true", "certain"),
    ("CategoricalCrossentropy", {"from_logits": True}, "one_hot", "logits"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "one_hot", "probabilities"),
    ("CategoricalFocalCrossentropy", {}, "one_hot", "probabilities"),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "gamma": 1.5}, "one_hot", "logits"),
    ("SparseCategoricalCrossentropy", {}, "labels", "probabilities"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "labels_float", "logits"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 3}, "some_ignored", "probabilities"),
    ("BinaryCrossentropy", {}, "binary", "chances"),
    ("BinaryCrossentropy", {}, "certain_true", "certain"),
    ("BinaryCrossentropy", {"from_logits": True}, "binary", "scores"),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, "binary", "chances"),
    ("BinaryFocalCrossentropy", {}, "binary", "chances"),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "gamma": 3.0}, "binary", "chances"),
    ("BinaryFocalCrossentropy", {"from_logits": True}, "binary", "scores"),
]

#: Metrics: the class, its arguments, and the arrays for y_true and y_pred.
METRICS: list[tuple[str, dict[str, Any], str, str]] = [
    ("BinaryAccuracy", {}, "binary", "chances"),
    ("BinaryAccuracy", {"threshold": 0.7}, "binary", "chances"),
    ("CategoricalAccuracy", {}, "one_hot", "logits"),
    ("SparseCategoricalAccuracy", {}, "labels", "logits"),
    ("SparseCategoricalAccuracy", {}, "labels_column", "logits"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one_hot", "logits"),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, "labels", "logits"),
    ("MeanSquaredError", {}, "numbers", "more_numbers"),
    ("RootMeanSquaredError", {}, "numbers", "more_numbers"),
    ("MeanAbsoluteError", {}, "numbers", "more_numbers"),
    ("MeanAbsolutePercentageError", {}, "numbers", "more_numbers"),
    ("MeanSquaredLogarithmicError", {}, "counts", "positive"),
    ("LogCoshError", {}, "numbers", "more_numbers"),
    ("Poisson", {}, "counts", "positive"),
    ("KLDivergence", {}, "distribution", "probabilities"),
    ("CosineSimilarity", {}, "numbers", "more_numbers"),
    ("Hinge", {}, "binary", "scores"),
    ("SquaredHinge", {}, "binary", "scores"),
    ("CategoricalHinge", {}, "one_hot", "logits"),
    ("BinaryCrossentropy", {}, "binary", "chances"),
    ("CategoricalCrossentropy", {"from_logits": True}, "one_hot", "logits"),
    ("SparseCategoricalCrossentropy", {}, "labels", "probabilities"),
    ("Precision", {}, "binary", "chances"),
    ("Precision", {"thresholds": [0.2, 0.5, 0.8]}, "binary_row", "chances_row"),
    ("Precision", {"class_id": 1}, "binary", "chances"),
    ("Precision", {"top_k": 2}, "one_hot", "probabilities"),
    ("Precision", {"top_k": 2, "class_id": 1}, "one_hot", "probabilities"),
    ("Recall", {}, "binary", "chances"),
    ("Recall", {"thresholds": [0.2, 0.5, 0.8]}, "binary_row", "chances_row"),
    ("Recall", {"top_k": 3}, "one_hot", "probabilities"),
    ("TruePositives", {}, "binary", "chances"),
    ("FalsePositives", {}, "binary", "chances"),
    ("TrueNegatives", {"thresholds": [0.3, 0.6]}, "binary", "chances"),
    ("FalseNegatives", {}, "binary", "chances"),
    ("AUC", {}, "binary", "chances"),
    ("AUC", {"num_thresholds": 7}, "binary_row", "chances_row"),
    ("AUC", {"from_logits": True}, "binary", "scores"),
    ("AUC", {"curve": "PR"}, "binary", "chances"),
    ("AUC", {"curve": "PR", "summation_method": "minoring"}, "binary", "chances"),
    ("AUC", {"summation_method": "majoring", "num_thresholds": 11}, "binary", "chances"),
    ("AUC", {"multi_label": True}, "binary", "chances"),
    ("AUC", {"multi_label": True, "num_labels": 3, "label_weights": [1, 2, 3]}, "binary", "chances"),
    ("SensitivityAtSpecificity", {"specificity": 0.6}, "binary", "chances"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.6}, "binary", "chances"),
    ("PrecisionAtRecall", {"recall": 0.4}, "binary", "chances"),
    ("RecallAtPrecision", {"precision": 0.5}, "binary", "chances"),
    ("F1Score", {}, "one_hot", "probabilities"),
    ("F1Score", {"average": "macro", "threshold": 0.5}, "binary", "chances"),
    ("F1Score", {"average": "micro"}, "one_hot", "probabilities"),
    ("F1Score", {"average": "weighted", "threshold": 0.3}, "binary", "chances"),
    ("FBetaScore", {"beta": 2.0, "threshold": 0.5}, "binary", "chances"),
    ("R2Score", {}, "numbers", "more_numbers"),
    ("R2Score", {"class_aggregation": None}, "numbers", "more_numbers"),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, "numbers", "more_numbers"),
    ("R2Score", {"num_regressors": 2}, "numbers", "more_numbers"),
]

#: Constraints and regularizers: the module, the class and its arguments; applied to "matrix".
OF_WEIGHTS: list[tuple[str, str, dict[str, Any]]] = [
    ("constraints", "MaxNorm", {"max_value": 1.5}),
    ("constraints", "MaxNorm", {"max_value": 1.0, "axis": [0, 1]}),
    ("constraints", "NonNeg", {}),
    ("constraints", "UnitNorm", {"axis": 1}),
    ("constraints", "MinMaxNorm", {"min_value": 0.5, "max_value": 1.2, "rate": 0.6}),
    ("regularizers", "L1", {"l1": 0.3}),
    ("regularizers", "L2", {"l2": 0.2}),
    ("regularizers", "L1L2", {"l1": 0.1, "l2": 0.4}),
    ("regularizers", "OrthogonalRegularizer", {"factor": 0.5}),
    ("regularizers", "OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
]


def key(*parts: Any) -> str:
    """The name of a case in the JSON file."""
    return " ".join(
        ",".join(f"{name}={value}" for name, value in part.items()) or "-"
        if isinstance(part, dict)
        else str(part)
        for part in parts
    )
