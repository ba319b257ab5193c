"""Losses: functions that give one number a row, and classes that give one a batch."""

from __future__ import annotations

from typing import Any

from tensorlet.keras.lazy import explain_missing
from tensorlet.keras.losses.base import Loss, LossFunctionWrapper
from tensorlet.keras.losses.base import Reduction as Reduction
from tensorlet.keras.losses.classes import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from tensorlet.keras.losses.margins import categorical_hinge, hinge, squared_hinge
from tensorlet.keras.losses.probabilistic import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    kl_divergence,
    sparse_categorical_crossentropy,
)
from tensorlet.keras.losses.regression import (
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from tensorlet.keras.registry import Registry

REGISTRY = Registry("loss", "keras.losses")

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
bce = BCE = binary_crossentropy
logcosh = log_cosh
huber_loss = huber
cosine_proximity = cosine_similarity

for _function, _names in (
    (mean_squared_error, "mse MSE"),
    (mean_absolute_error, "mae MAE"),
    (mean_absolute_percentage_error, "mape MAPE"),
    (mean_squared_logarithmic_error, "msle MSLE"),
    (kl_divergence, "kld KLD kullback_leibler_divergence"),
    (binary_crossentropy, "bce BCE"),
    (log_cosh, "logcosh"),
    (huber, "huber_loss"),
    (cosine_similarity, "cosine_proximity"),
    (poisson, ""),
    (hinge, ""),
    (squared_hinge, ""),
    (categorical_hinge, ""),
    (categorical_crossentropy, ""),
    (sparse_categorical_crossentropy, ""),
    (binary_focal_crossentropy, ""),
    (categorical_focal_crossentropy, ""),
):
    REGISTRY.add(_function, _function.__name__, *_names.split())

for _class in (
    MeanSquaredError, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredLogarithmicError,
    Huber, LogCosh, Poisson, CosineSimilarity, Hinge, SquaredHinge, CategoricalHinge, KLDivergence,
    CategoricalCrossentropy, CategoricalFocalCrossentropy, SparseCategoricalCrossentropy,
    BinaryCrossentropy, BinaryFocalCrossentropy,
):  # fmt: skip
    REGISTRY.add(_class, _class.__name__)


def get(identifier: Any) -> Any:
    """The loss of a name: a function for ``"mse"``, an object for ``"MeanSquaredError"``.

    Args:
        identifier: a name, a configuration, a class, a function, an object or None.

    Raises:
        InvalidArgumentError: for an unknown name; near names are listed.

    >>> import tensorlet as tf
    >>> tf.keras.losses.get("mse") is tf.keras.losses.mean_squared_error
    True
    """
    return REGISTRY.get(identifier)


def as_loss(identifier: Any) -> Loss:
    """Like `get`, but functions become a `Loss` as well: what ``compile`` does with its argument.

    >>> from tensorlet.keras.losses import as_loss
    >>> as_loss("mse").name, as_loss("mse")([[1.0]], [[3.0]]).numpy().item()
    ('mean_squared_error', 4.0)
    """
    found = get(identifier)
    return found if isinstance(found, Loss) else LossFunctionWrapper(found)


def serialize(loss: Any, use_legacy_format: bool = False) -> Any:
    """The name of a loss function, or the configuration of a loss object.

    >>> import tensorlet as tf
    >>> tf.keras.losses.serialize(tf.keras.losses.mean_squared_error)
    'mean_squared_error'
    """
    return REGISTRY.serialize(loss)


def deserialize(
    name: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The loss of a name or configuration.

    >>> import tensorlet as tf
    >>> tf.keras.losses.deserialize({"class_name": "Huber", "config": {"delta": 2.0}}).get_config()["delta"]
    2.0
    """
    return REGISTRY.deserialize(name, custom_objects)


explain_missing(
    __name__,
    {
        "CTC": "It belongs to recurrent networks, for which use TensorFlow itself.",
        "softmax_cross_entropy": "Use CategoricalCrossentropy(from_logits=True), or "
        "tf.nn.softmax_cross_entropy_with_logits.",
        "sigmoid_cross_entropy": "Use BinaryCrossentropy(from_logits=True), or "
        "tf.nn.sigmoid_cross_entropy_with_logits.",
        "sparse_softmax_cross_entropy": "Use SparseCategoricalCrossentropy(from_logits=True), or "
        "tf.nn.sparse_softmax_cross_entropy_with_logits.",
        "absolute_difference": "Use mean_absolute_error.",
        "log_loss": "Use binary_crossentropy.",
    },
)
