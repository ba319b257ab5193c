"""Accuracy functions, which return one value per row, and the corresponding metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet import ops
from tensorlet.core.logits import logits_of
from tensorlet.dtypes import int32, int64
from tensorlet.keras.config import float_dtype
from tensorlet.keras.losses.arguments import as_float, class_numbers, pair, require_same_shape
from tensorlet.keras.metrics.reduction_metrics import MeanMetricWrapper
from tensorlet.ops.registry import Tensor, TensorLike, convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


def accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns 1 where labels and predictions are equal, and 0 elsewhere.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]).numpy())
    0.75
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.cast(ops.equal(y_true, y_pred), y_pred.dtype)


def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> Tensor:
    """Computes how often ``y_pred > threshold`` equals the label, as a mean over the last axis.

    Args:
        y_true: labels 0 and 1, shape ``[rows, columns]`` or ``[rows]``.
        y_pred: predicted probabilities of the same shape.
        threshold: predictions above it count as 1.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.binary_accuracy([[1.0, 0.0], [1.0, 0.0]], [[0.9, 0.1], [0.2, 0.1]]).numpy())
    [1.  0.5]
    """
    right = _binary_matches(y_true, y_pred, threshold)
    return ops.reduce_mean(right, axis=-1 if len(right.shape) else None)


def _binary_matches(y_true: TensorLike, y_pred: TensorLike, threshold: float) -> Tensor:
    """Returns 1 where ``y_pred > threshold`` equals the label, and 0 elsewhere."""
    y_true, y_pred = pair(y_true, y_pred)
    positive = ops.cast(y_pred > threshold, y_pred.dtype)
    return ops.cast(ops.equal(y_true, positive), y_pred.dtype)


def _scores(y_pred: Tensor) -> Tensor:
    """Scores that rank the classes like ``y_pred``: the logits where the trace knows them.

    The metric then does not need the softmax, and neither does a training step.
    """
    logits = logits_of(y_pred, "softmax")
    return y_pred if logits is None else logits


def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns 1 for each row whose largest prediction matches the largest label, else 0.

    Args:
        y_true: one-hot labels, shape ``[rows, classes]``.
        y_pred: probabilities or scores of the same shape.

    Raises:
        ShapeError: if the shapes differ.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]]).numpy())
    [1. 0.]
    """
    y_true, y_pred = pair(y_true, y_pred)
    require_same_shape(
        "categorical_accuracy", y_true, y_pred, "For integer labels use sparse_categorical_accuracy."
    )
    right = ops.equal(ops.argmax(y_true, -1), ops.argmax(_scores(y_pred), -1))
    return ops.cast(right, y_pred.dtype)


def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns 1 for each row whose largest prediction is at the label's index, else 0.

    Args:
        y_true: integer class labels of any dtype, shape ``[rows]`` or ``[rows, 1]``.
        y_pred: probabilities or scores, shape ``[rows, classes]``.

    Raises:
        ShapeError: if the shapes are incompatible, for example for one-hot labels.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.3, 0.7]]).numpy())
    [1. 0.]
    """
    y_pred = as_float(y_pred)
    labels = class_numbers("sparse_categorical_accuracy", y_true, y_pred, broadcasts=True)
    wide = int64 if labels.dtype is int64 else int32
    best = ops.argmax(_scores(y_pred), -1, output_type=wide)
    return ops.cast(ops.equal(ops.cast(labels, wide), best), y_pred.dtype)


def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Returns 1 for each row whose largest label is among the ``k`` largest predictions, else 0.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.top_k_categorical_accuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], k=2).numpy())
    [1.]
    """
    y_true, y_pred = pair(y_true, y_pred)
    require_same_shape(
        "top_k_categorical_accuracy",
        y_true,
        y_pred,
        "For integer labels use sparse_top_k_categorical_accuracy.",
    )
    return sparse_top_k_categorical_accuracy(ops.argmax(y_true, -1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: TensorLike, y_pred: TensorLike, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Returns 1 for each row whose label is among the ``k`` largest predictions, else 0.

    Args:
        y_true: integer class labels, shape ``[rows]`` or ``[rows, 1]``.
        y_pred: probabilities or scores, shape ``[rows, classes]``.
        k: how many of them count.
        from_sorted_ids: whether ``y_pred`` holds the numbers of classes instead, the best first.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.sparse_top_k_categorical_accuracy([2, 1], [[0.5, 0.2, 0.3], [0.5, 0.2, 0.3]], 2).numpy())
    [1. 0.]
    """
    if from_sorted_ids:
        return _among_the_first(y_true, y_pred, k)
    y_pred = as_float(y_pred)
    labels = class_numbers("sparse_top_k_categorical_accuracy", y_true, y_pred)
    shape = tuple(labels.shape)
    flat = ops.reshape(_scores(y_pred), [labels.spec.size, y_pred.shape[-1]])
    within = ops.in_top_k(ops.reshape(labels, [labels.spec.size]), flat, k)
    return ops.reshape(ops.cast(within, y_pred.dtype), shape)


def _among_the_first(y_true: TensorLike, sorted_ids: TensorLike, k: int) -> Tensor:
    """Returns 1 for each row whose label is among the first ``k`` numbers of classes, else 0."""
    ids = ops.cast(convert(sorted_ids), "int64")
    labels = ops.reshape(ops.cast(convert(y_true), "int64"), [*ids.shape[:-1], 1])
    return ops.cast(ops.reduce_any(ops.equal(ids[..., :k], labels), -1), float_dtype())


@register("metric")
class Accuracy(MeanMetricWrapper):
    """The fraction of predictions that equal the labels.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]).numpy())
    0.75
    """

    def __init__(self, name: str = "accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(accuracy, name, dtype)


@register("metric", "BinaryAccuracy", "binary_accuracy")
class BinaryAccuracy(MeanMetricWrapper):
    """The fraction of labels that equal ``y_pred > threshold``; see `binary_accuracy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.BinaryAccuracy()([[1], [0], [1], [0]], [[0.9], [0.1], [0.2], [0.1]]).numpy())
    0.75
    """

    def __init__(
        self, name: str = "binary_accuracy", dtype: DTypeLike | None = None, threshold: float = 0.5
    ) -> None:
        super().__init__(_binary_matches, name, dtype, threshold=threshold)


@register("metric", "CategoricalAccuracy", "categorical_accuracy")
class CategoricalAccuracy(MeanMetricWrapper):
    """The fraction of rows whose largest prediction matches the one-hot label; see `categorical_accuracy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]]).numpy())
    0.5
    """

    def __init__(self, name: str = "categorical_accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


@register("metric", "SparseCategoricalAccuracy", "sparse_categorical_accuracy")
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """The fraction of rows whose largest prediction matches the integer label.

    See `sparse_categorical_accuracy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.3, 0.7]]).numpy())
    0.5
    """

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


@register("metric", "TopKCategoricalAccuracy", "top_k_categorical_accuracy")
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """The fraction of labels among the ``k`` largest predictions; see `top_k_categorical_accuracy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.TopKCategoricalAccuracy(k=2)([[0, 0, 1]], [[0.5, 0.2, 0.3]]).numpy())
    1.0
    """

    def __init__(
        self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)
        self.k = k


@register("metric", "SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy")
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """The fraction of labels among the ``k`` largest predictions; see `sparse_top_k_categorical_accuracy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.SparseTopKCategoricalAccuracy(k=2)([1], [[0.5, 0.2, 0.3]]).numpy())
    0.0
    """

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: DTypeLike | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
        self.k, self.from_sorted_ids = k, from_sorted_ids
