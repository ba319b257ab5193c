"""F-scores, which combine precision and recall, and the coefficient of determination of a regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.losses.arguments import align_weights, pair, require_same_shape
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.metrics.confusion import SHAPE_HINT
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


@register("metric", "FBetaScore", "fbeta_score")
class FBetaScore(Metric):
    """``(1 + beta ** 2) * precision * recall / (beta ** 2 * precision + recall)`` of each class.

    Args:
        average: None for one score per class, ``"micro"`` to count all classes together, ``"macro"``
            for the mean over the classes, ``"weighted"`` to weight them by their number of labels.
        beta: values above 1 give recall more weight.
        threshold: predictions above it are positive; by default, the largest of each row.
        name, dtype: as for `Metric`.

    Raises:
        InvalidArgumentError: if an argument is invalid.
        ShapeError: on update, unless labels and predictions both have shape ``[rows, classes]``.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.FBetaScore(beta=2.0, threshold=0.5)
    >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    >>> y_pred = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
    >>> print(metric(y_true, y_pred).numpy().round(4))
    [0.3846 0.9091 0.8333]
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(name, dtype)
        if average not in (None, "micro", "macro", "weighted"):
            raise InvalidArgumentError(
                "Invalid `average` argument value. Expected one of: {None, 'micro', 'macro', 'weighted'}. "
                f"Received: average={average}."
            )
        if not isinstance(beta, float):
            raise InvalidArgumentError(
                "Invalid `beta` argument value. It should be a Python float. "
                f"Received: beta={beta} of type '{type(beta)}'. Write 1.0 for 1."
            )
        if not beta > 0.0:
            raise InvalidArgumentError(
                f"Invalid `beta` argument value. It should be > 0. Received: beta={beta}."
            )
        if threshold is not None and not isinstance(threshold, float):
            raise InvalidArgumentError(
                "Invalid `threshold` argument value. It should be a Python float. "
                f"Received: threshold={threshold} of type '{type(threshold)}'. Write 1.0 for 1."
            )
        if threshold is not None and not 0.0 < threshold <= 1.0:
            raise InvalidArgumentError(
                "Invalid `threshold` argument value. It should verify 0 < threshold <= 1. "
                f"Received: threshold={threshold}."
            )
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self._built = False

    def _build(self, y_true_shape: Sequence[int | None], y_pred_shape: Sequence[int | None]) -> None:
        shapes = f"y_pred.shape={tuple(y_pred_shape)} and y_true.shape={tuple(y_true_shape)}."
        if len(y_pred_shape) != 2 or len(y_true_shape) != 2:
            raise ShapeError(
                f"FBetaScore expects 2D inputs: rows with a number for each class. Received {shapes} "
                "For a single class use tf.reshape(y, [-1, 1])."
            )
        classes = y_pred_shape[1]
        if classes is None:
            raise ShapeError(
                f"FBetaScore expects 2D inputs whose number of classes is known, but got {shapes}"
            )
        shape: tuple[int, ...] = () if self.average == "micro" else (classes,)
        self.true_positives = self.add_weight("true_positives", shape)
        self.false_positives = self.add_weight("false_positives", shape)
        self.false_negatives = self.add_weight("false_negatives", shape)
        self.labels = self.add_weight("intermediate_weights", shape)
        self._built = True

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        y_true, y_pred = pair(y_true, ops.cast(y_pred, self.dtype))
        require_same_shape(self.name, y_true, y_pred, SHAPE_HINT)
        if not self._built or len(y_pred.shape) != 2:
            self._build(tuple(y_true.shape), tuple(y_pred.shape))
        positive = ops.cast(self._positive(y_pred), y_pred.dtype)
        weights = 1.0 if sample_weight is None else align_weights(sample_weight, y_pred)
        axis = None if self.average == "micro" else 0
        for variable, part in (
            (self.true_positives, positive * y_true),
            (self.false_positives, positive * (1.0 - y_true)),
            (self.false_negatives, (1.0 - positive) * y_true),
            (self.labels, y_true),
        ):
            variable.assign_add(ops.reduce_sum(part * weights, axis=axis))

    def _positive(self, y_pred: Tensor) -> Tensor:
        if self.threshold is not None:
            return y_pred > self.threshold
        largest = ops.reduce_max(y_pred, axis=-1, keepdims=True)
        # A row of zeros has no positive prediction.
        return ops.logical_and(y_pred >= largest, ops.abs(y_pred) > 1e-9)

    def result(self) -> Tensor:
        if not self._built:
            return ops.zeros([], self.dtype)
        found = self.true_positives.read_value()
        precision = ops.divide_no_nan(found, found + self.false_positives)
        recall = ops.divide_no_nan(found, found + self.false_negatives)
        square = self.beta**2
        scores = (1.0 + square) * ops.divide_no_nan(precision * recall, precision * square + recall)
        if self.average == "weighted":
            shares = ops.divide_no_nan(self.labels.read_value(), ops.reduce_sum(self.labels))
            return ops.reduce_sum(scores * shares)
        return scores if self.average is None else ops.reduce_mean(scores)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


@register("metric", "F1Score", "f1_score")
class F1Score(FBetaScore):
    """``2 * precision * recall / (precision + recall)`` of each class; arguments as for `FBetaScore`.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.F1Score(threshold=0.5, average="macro")
    >>> print(metric([[1, 1], [0, 1], [1, 0]], [[0.9, 0.1], [0.8, 0.7], [0.6, 0.2]]).numpy().round(4))
    0.7333
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config


@register("metric", "R2Score", "r2_score")
class R2Score(Metric):
    """The fraction of the variance of the labels that is explained: ``1 - squared errors / variance``.

    Args:
        class_aggregation: how to combine the columns: ``"uniform_average"``,
            ``"variance_weighted_average"``, or None for one score per column.
        num_regressors: number of regressors, for the adjusted score; 0 for the unadjusted score.
        name, dtype: as for `Metric`.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.R2Score()
    >>> print(metric([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]).numpy().round(4))
    0.5714
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(name, dtype)
        if class_aggregation not in (None, "uniform_average", "variance_weighted_average"):
            raise InvalidArgumentError(
                f"Invalid value for argument `class_aggregation`. Received: {class_aggregation!r}. Expected None, "
                "'uniform_average' or "
                "'variance_weighted_average'."
            )
        if num_regressors < 0:
            raise InvalidArgumentError(
                f"Invalid value for argument `num_regressors`. Received: {num_regressors!r}. Expected at least 0."
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_weight("num_samples")
        self._built = False

    def _build(self, columns: int) -> None:
        self.squared_sum = self.add_weight("squared_sum", (columns,))
        self.sum = self.add_weight("sum", (columns,))
        self.total_mse = self.add_weight("residual", (columns,))
        self.count = self.add_weight("count", (columns,))
        self._built = True

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        y_true, y_pred = pair(y_true, ops.cast(y_pred, self.dtype))
        require_same_shape(self.name, y_true, y_pred, "")
        if len(y_pred.shape) == 1:
            y_true, y_pred = ops.expand_dims(y_true, 1), ops.expand_dims(y_pred, 1)
        if not self._built:
            self._build(y_pred.shape[1])
        weights = ops.ones([1, 1]) if sample_weight is None else align_weights(sample_weight, y_pred)
        weights = ops.broadcast_to(weights, y_pred.shape)
        self.sum.assign_add(ops.reduce_sum(y_true * weights, axis=0))
        self.squared_sum.assign_add(ops.reduce_sum(y_true * y_true * weights, axis=0))
        self.total_mse.assign_add(ops.reduce_sum(ops.squared_difference(y_true, y_pred) * weights, axis=0))
        self.count.assign_add(ops.reduce_sum(weights, axis=0))
        self.num_samples.assign_add(float(y_true.spec.size))

    def result(self) -> Tensor:
        if not self._built:
            return ops.zeros([], self.dtype)
        mean = ops.divide_no_nan(self.sum.read_value(), self.count)
        variance = self.squared_sum.read_value() - self.sum.read_value() * mean
        scores = 1.0 - ops.divide_no_nan(self.total_mse.read_value(), variance)
        if self.class_aggregation == "variance_weighted_average":
            scores = ops.divide_no_nan(ops.reduce_sum(scores * variance), ops.reduce_sum(variance))
        elif self.class_aggregation == "uniform_average":
            scores = ops.reduce_mean(scores)
        if self.num_regressors == 0:
            return scores
        samples = float(np.asarray(self.num_samples))
        if samples - self.num_regressors <= 1:
            raise InvalidArgumentError(
                f"R2Score: with num_regressors={self.num_regressors} the adjusted score requires more than "
                f"{self.num_regressors + 1} rows, but got {int(samples)}."
            )
        return 1.0 - (1.0 - scores) * ((samples - 1.0) / (samples - self.num_regressors - 1.0))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
