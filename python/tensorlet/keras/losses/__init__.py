"""Losses: functions that return one value per row, and classes that reduce them to one per batch.

Each module of this package may register losses with ``@register("loss")``; see `tensorlet.registry`.
"""

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.registry import LOSSES

_PLACES = {"tensorlet.keras.losses.base": "Loss LossFunctionWrapper Reduction as_loss"}
_ALIASES = {
    "mse": "mean_squared_error", "MSE": "mean_squared_error",
    "mae": "mean_absolute_error", "MAE": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "MAPE": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error", "MSLE": "mean_squared_logarithmic_error",
    "kld": "kl_divergence", "KLD": "kl_divergence", "kullback_leibler_divergence": "kl_divergence",
    "bce": "binary_crossentropy", "BCE": "binary_crossentropy",
    "logcosh": "log_cosh", "huber_loss": "huber", "cosine_proximity": "cosine_similarity",
}  # fmt: skip
_ABSENT = {
    "CTC": "The CTC loss is not supported; use TensorFlow.",
    "softmax_cross_entropy": "Use CategoricalCrossentropy(from_logits=True), or "
    "tf.nn.softmax_cross_entropy_with_logits.",
    "sigmoid_cross_entropy": "Use BinaryCrossentropy(from_logits=True), or "
    "tf.nn.sigmoid_cross_entropy_with_logits.",
    "sparse_softmax_cross_entropy": "Use SparseCategoricalCrossentropy(from_logits=True), or "
    "tf.nn.sparse_softmax_cross_entropy_with_logits.",
    "absolute_difference": "Use mean_absolute_error.",
    "log_loss": "Use binary_crossentropy.",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, absent=_ABSENT, kind="loss", aliases=_ALIASES)


def get(identifier: object) -> Any:
    """Returns the loss for an identifier: a function for ``"mse"``, an object for ``"MeanSquaredError"``.

    Args:
        identifier: a name, a configuration, a class, a function, an object or None.

    Raises:
        InvalidArgumentError: if the name is unknown; similar names are suggested.

    >>> import tensorlet as tf
    >>> tf.keras.losses.get("mse") is tf.keras.losses.mean_squared_error
    True
    """
    return LOSSES.get(identifier)


def serialize(loss: object, use_legacy_format: bool = False) -> Any:
    """Returns the name of a loss function, or the configuration of a loss object.

    >>> import tensorlet as tf
    >>> tf.keras.losses.serialize(tf.keras.losses.mean_squared_error)
    'mean_squared_error'
    """
    return LOSSES.serialize(loss)


def deserialize(
    name: object, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Creates a loss from its name or configuration.

    >>> import tensorlet as tf
    >>> tf.keras.losses.deserialize({"class_name": "Huber", "config": {"delta": 2.0}}).get_config()["delta"]
    2.0
    """
    return LOSSES.deserialize(name, custom_objects)
