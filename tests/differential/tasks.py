"""Random tasks: what goes in, what is to come out, and the losses and metrics that fit."""

from __future__ import annotations

import random
from typing import NamedTuple

ROWS = 12

#: Kind of input -> the shape of a row, and the expression of ``ROWS`` rows (``seed`` is filled in).
INPUTS = {
    "table": ((5,), "uniform(({rows}, 5), {seed})"),
    "words": ((6,), "integers(({rows}, 6), {seed}, 7)"),
    "pictures": ((6, 6, 2), "uniform(({rows}, 6, 6, 2), {seed}, 0.0)"),
    "sequences": ((5, 3), "uniform(({rows}, 5, 3), {seed})"),
    "padded": ((5, 3), "uniform(({rows}, 5, 3), {seed}) * (np.arange(5)[:, None] < 3)"),
}

REGRESSION_LOSSES = (
    '"mse"', '"mae"', '"mean_squared_error"', "keras.losses.Huber(0.3)", '"msle"', "keras.losses.LogCosh()",
    "keras.losses.CosineSimilarity()", 'keras.losses.MeanSquaredError(reduction="sum")', '"mape"',
    "(lambda t, p: tf.reduce_mean(tf.abs(t - p) ** 1.5, axis=-1))", "keras.losses.MeanAbsoluteError()",
    "(lambda t, p: tf.square(t - p))", "(lambda t, p: tf.reduce_mean(tf.square(t - p)))", '"huber"',
    "keras.losses.Poisson()", '"logcosh"',
)  # fmt: skip
REGRESSION_METRICS = (
    '"mae"', '"mse"', '"MSE"', "keras.metrics.RootMeanSquaredError()", '"mape"', "keras.metrics.R2Score()",
    "keras.metrics.CosineSimilarity(axis=-1)", "keras.metrics.MeanSquaredLogarithmicError()",
    "keras.metrics.LogCoshError()", "own_metric", 'keras.metrics.MeanAbsoluteError(name="gap")',
    "keras.losses.mean_squared_error", '"msle"', "keras.metrics.MeanSquaredError()", '"cosine_similarity"',
)  # fmt: skip
BINARY_LOSSES = (
    '"binary_crossentropy"', "keras.losses.BinaryCrossentropy({logits})", '"mse"',
    "keras.losses.BinaryCrossentropy({logits}, label_smoothing=0.1)", '"hinge"', '"squared_hinge"',
    "keras.losses.BinaryFocalCrossentropy({logits})", '"bce"',
    "keras.losses.BinaryFocalCrossentropy({logits}, apply_class_balancing=True)",
)  # fmt: skip
BINARY_METRICS = (
    '"accuracy"', '"acc"', "keras.metrics.BinaryAccuracy(threshold=0.4)", '"AUC"', '"binary_accuracy"',
    "keras.metrics.AUC(num_thresholds=20{auc})", 'keras.metrics.AUC(curve="PR"{auc})', "keras.metrics.Precision()",
    "keras.metrics.Recall(thresholds=0.3)", "keras.metrics.TruePositives()", "keras.metrics.F1Score(threshold=0.5)",
    '"binary_crossentropy"', "keras.metrics.PrecisionAtRecall(0.5)", "keras.metrics.FalseNegatives()",
    "keras.metrics.Precision(thresholds=[0.3, 0.6])", "keras.metrics.BinaryCrossentropy({logits})", '"Precision"',
    "keras.metrics.SensitivityAtSpecificity(0.4)", "keras.metrics.BinaryIoU(threshold=0.5)", '"mse"', '"Recall"',
)  # fmt: skip
SPARSE_LOSSES = (
    '"sparse_categorical_crossentropy"', "keras.losses.SparseCategoricalCrossentropy({logits})",
    "keras.losses.SparseCategoricalCrossentropy({logits}, ignore_class=0)",
    "keras.losses.SparseCategoricalCrossentropy({logits})",
)  # fmt: skip
SPARSE_METRICS = (
    '"accuracy"', '"acc"', "keras.metrics.SparseCategoricalAccuracy()", '"sparse_categorical_accuracy"',
    "keras.metrics.SparseTopKCategoricalAccuracy(k=2)", '"sparse_categorical_crossentropy"',
    "keras.metrics.SparseCategoricalCrossentropy({logits})",
    "keras.metrics.SparseCategoricalCrossentropy({logits}, ignore_class=0)",
)  # fmt: skip
ONE_HOT_LOSSES = (
    '"categorical_crossentropy"', "keras.losses.CategoricalCrossentropy({logits}, label_smoothing=0.2)",
    '"kl_divergence"', "keras.losses.CategoricalFocalCrossentropy({logits})", '"mse"', '"categorical_hinge"',
    "keras.losses.KLDivergence()", "keras.losses.CategoricalCrossentropy({logits})",
)  # fmt: skip
ONE_HOT_METRICS = (
    '"accuracy"', "keras.metrics.CategoricalAccuracy()", '"categorical_crossentropy"',
    "keras.metrics.TopKCategoricalAccuracy(k=2)", "keras.metrics.Precision(class_id=1)",
    "keras.metrics.AUC(multi_label=True{auc})", 'keras.metrics.F1Score(average="macro")', '"acc"',
    "keras.metrics.OneHotMeanIoU(num_classes=3)", "keras.metrics.Recall(top_k=1)", '"categorical_accuracy"',
    "keras.metrics.CategoricalCrossentropy({logits})", "keras.metrics.KLDivergence()", '"kullback_leibler_divergence"',
)  # fmt: skip


class Target(NamedTuple):
    """One output: its units and activation, the expression of its labels, and what can be said about it."""

    kind: str
    units: int
    activation: str | None
    labels: str
    losses: tuple[str, ...]
    metrics: tuple[str, ...]


def draw_target(rng: random.Random) -> Target:
    """A random output; ``{rows}`` and ``{seed}`` in its labels are filled in later."""
    kind = rng.choice(("regression", "binary", "sparse", "sparse", "one hot"))
    logits = rng.random() < 0.3
    if kind == "regression":
        units = rng.choice((1, 1, 2))
        shape = "({rows},)" if units == 1 and rng.random() < 0.4 else f"({{rows}}, {units})"
        labels = f"uniform({shape}, {{seed}}, 0.5, 1.5)"
        return Target(
            kind, units, rng.choice((None, None, "sigmoid")), labels, REGRESSION_LOSSES, REGRESSION_METRICS
        )
    if kind == "binary":
        shape = "({rows},)" if rng.random() < 0.5 else "({rows}, 1)"
        labels, units, losses, metrics = f"integers({shape}, {{seed}}, 2)", 1, BINARY_LOSSES, BINARY_METRICS
        if rng.random() < 0.3:
            labels += '.astype("float32")'
    elif kind == "sparse":
        shape = "({rows},)" if rng.random() < 0.7 else "({rows}, 1)"
        labels, units, losses, metrics = f"integers({shape}, {{seed}}, 3)", 3, SPARSE_LOSSES, SPARSE_METRICS
    else:
        labels = "one_hot(integers(({rows},), {seed}, 3), 3)"
        units, losses, metrics = 3, ONE_HOT_LOSSES, ONE_HOT_METRICS
    last = None if logits else "sigmoid" if kind == "binary" else "softmax"
    words = {"logits": f"from_logits={logits}", "auc": ", from_logits=True" if logits else ""}
    losses = tuple(loss.format(**words) for loss in losses)
    if logits:
        losses = tuple(loss for loss in losses if "from_logits" in loss or "hinge" in loss)
    return Target(kind, units, last, labels, losses, tuple(metric.format(**words) for metric in metrics))
