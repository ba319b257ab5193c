"""Metrics, reported alongside the loss.

Each module of this package may register metrics with ``@register("metric")``; see `tensorlet.registry`.
"""

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import METRICS

_PLACES = {
    "tensorlet.keras.metrics.base": "Metric",
    "tensorlet.keras.metrics.accuracy": "binary_accuracy categorical_accuracy sparse_categorical_accuracy "
    "sparse_top_k_categorical_accuracy top_k_categorical_accuracy",
    "tensorlet.keras.metrics.by_name": "as_metric depends_on_shapes kind_of_labels resolve_accuracy",
    "tensorlet.keras.metrics.loss_metrics": "cosine_similarity",
    "tensorlet.keras.metrics.overlap": "concordance_correlation pearson_correlation",
    "tensorlet.keras.losses.margins": "categorical_hinge hinge squared_hinge",
    "tensorlet.keras.losses.probabilistic": "binary_crossentropy binary_focal_crossentropy "
    "categorical_crossentropy categorical_focal_crossentropy kl_divergence sparse_categorical_crossentropy",
    "tensorlet.keras.losses.regression": "huber log_cosh mean_absolute_error mean_absolute_percentage_error "
    "mean_squared_error mean_squared_logarithmic_error poisson",
}
_ALIASES = {
    "mse": "mean_squared_error", "MSE": "mean_squared_error",
    "mae": "mean_absolute_error", "MAE": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "MAPE": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error", "MSLE": "mean_squared_logarithmic_error",
    "kld": "kl_divergence", "KLD": "kl_divergence", "kullback_leibler_divergence": "kl_divergence",
    "bce": "binary_crossentropy", "BCE": "binary_crossentropy",
    "logcosh": "log_cosh", "cosine_proximity": "cosine_similarity",
}  # fmt: skip

__getattr__, __dir__ = lazy_names(
    __name__, _PLACES, absent={"mean": "Use Mean()."}, kind="metric", aliases=_ALIASES
)


def get(identifier: object) -> Any:
    """Returns the metric for a name, configuration or class; functions, objects and None are returned unchanged.

    The metric for ``"accuracy"`` depends on the labels; see `resolve_accuracy`.

    Raises:
        InvalidArgumentError: if the name is unknown; similar names are suggested.

    >>> import tensorlet as tf
    >>> tf.keras.metrics.get("binary_accuracy").name
    'binary_accuracy'
    """
    return METRICS.get(identifier)


def serialize(metric: object, use_legacy_format: bool = False) -> Any:
    """Returns the configuration of a metric, or the name of a function.

    >>> import tensorlet as tf
    >>> tf.keras.metrics.serialize(tf.keras.metrics.Mean(name="m"))["config"]
    {'name': 'm', 'dtype': 'float32'}
    """
    return METRICS.serialize(metric)


def deserialize(
    config: object, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Creates a metric from its configuration.

    >>> import tensorlet as tf
    >>> tf.keras.metrics.deserialize({"class_name": "Mean", "config": {"name": "m"}}).name
    'm'
    """
    return METRICS.deserialize(config, custom_objects)
