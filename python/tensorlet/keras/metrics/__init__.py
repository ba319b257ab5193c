"""Metrics: what is reported beside the loss."""

# ruff: noqa: F401 - this file gathers names

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import explain_missing
from tensorlet.keras.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from tensorlet.keras.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from tensorlet.keras.metrics.auc import (
    AUC,
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.metrics.by_name import as_metric, depends_on_shapes, kind_of_labels, resolve_accuracy
from tensorlet.keras.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    Recall,
    TrueNegatives,
    TruePositives,
)
from tensorlet.keras.metrics.loss_metrics import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    KLDivergence,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    RootMeanSquaredError,
    SparseCategoricalCrossentropy,
    SquaredHinge,
    cosine_similarity,
)
from tensorlet.keras.metrics.reduction_metrics import Mean, MeanMetricWrapper, Sum
from tensorlet.keras.metrics.scores import F1Score, FBetaScore, R2Score
from tensorlet.keras.registry import Registry

REGISTRY = Registry("metric", "keras.metrics")

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
bce = BCE = binary_crossentropy
logcosh = log_cosh
cosine_proximity = cosine_similarity

for _class, _names in (
    (Mean, "mean"),
    (Sum, "sum"),
    (MeanMetricWrapper, ""),
    (Accuracy, ""),
    (BinaryAccuracy, "binary_accuracy"),
    (CategoricalAccuracy, "categorical_accuracy"),
    (SparseCategoricalAccuracy, "sparse_categorical_accuracy"),
    (TopKCategoricalAccuracy, "top_k_categorical_accuracy"),
    (SparseTopKCategoricalAccuracy, "sparse_top_k_categorical_accuracy"),
    (MeanSquaredError, "mean_squared_error mse MSE"),
    (RootMeanSquaredError, "root_mean_squared_error rmse RMSE"),
    (MeanAbsoluteError, "mean_absolute_error mae MAE"),
    (MeanAbsolutePercentageError, "mean_absolute_percentage_error mape MAPE"),
    (MeanSquaredLogarithmicError, "mean_squared_logarithmic_error msle MSLE"),
    (LogCoshError, "log_cosh logcosh"),
    (Poisson, "poisson"),
    (KLDivergence, "kl_divergence kullback_leibler_divergence kld KLD"),
    (CosineSimilarity, "cosine_similarity cosine_proximity"),
    (Hinge, "hinge"),
    (SquaredHinge, "squared_hinge"),
    (CategoricalHinge, "categorical_hinge"),
    (BinaryCrossentropy, "binary_crossentropy bce BCE"),
    (CategoricalCrossentropy, "categorical_crossentropy"),
    (SparseCategoricalCrossentropy, "sparse_categorical_crossentropy"),
    (Precision, "precision"),
    (Recall, "recall"),
    (TruePositives, "true_positives"),
    (FalsePositives, "false_positives"),
    (TrueNegatives, "true_negatives"),
    (FalseNegatives, "false_negatives"),
    (AUC, "auc"),
    (SensitivityAtSpecificity, ""),
    (SpecificityAtSensitivity, ""),
    (PrecisionAtRecall, ""),
    (RecallAtPrecision, ""),
    (F1Score, "f1_score"),
    (FBetaScore, "fbeta_score"),
    (R2Score, "r2_score"),
):
    REGISTRY.add(_class, _class.__name__, *_names.split())

for _function in (huber, binary_focal_crossentropy, categorical_focal_crossentropy):
    REGISTRY.add(_function, _function.__name__)


def get(identifier: Any) -> Any:
    """The metric of a name, configuration or class; functions, objects and None as they are.

    ``"accuracy"`` means a metric that depends on the labels: see `resolve_accuracy`.

    Raises:
        InvalidArgumentError: for an unknown name; near names are listed.

    >>> import tensorlet as tf
    >>> tf.keras.metrics.get("binary_accuracy")
    <BinaryAccuracy name=binary_accuracy>
    """
    return REGISTRY.get(identifier)


def serialize(metric: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of a metric, or the name of a function.

    >>> import tensorlet as tf
    >>> tf.keras.metrics.serialize(tf.keras.metrics.Mean(name="m"))["config"]
    {'name': 'm', 'dtype': 'float32'}
    """
    return REGISTRY.serialize(metric)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The metric of a configuration.

    >>> import tensorlet as tf
    >>> tf.keras.metrics.deserialize({"class_name": "Mean", "config": {"name": "m"}}).name
    'm'
    """
    return REGISTRY.deserialize(config, custom_objects)


explain_missing(__name__, {"mean": "Use Mean()."})
