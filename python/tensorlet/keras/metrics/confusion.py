"""Metrics based on counts of true and false positives and negatives, such as precision and recall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.losses.arguments import EPSILON, align_weights, pair, require_same_shape
from tensorlet.keras.metrics.base import Metric
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike

SHAPE_HINT = (
    "Labels are compared with predictions element by element: convert integer labels to one-hot rows with "
    "tf.keras.utils.to_categorical(labels, classes)."
)


def checked_thresholds(thresholds: float | Sequence[float] | None, default: float) -> list[float]:
    """Returns the thresholds as a list.

    Raises:
        InvalidArgumentError: if a threshold is not between 0 and 1.
    """
    if thresholds is None:
        return [default]
    if any(one is None for one in np.atleast_1d(np.asarray(thresholds)).tolist()):
        raise InvalidArgumentError(
            "Threshold values must be in [0, 1]. Received: [None]. Expected a number, or a list of numbers."
        )
    found = [
        one if isinstance(one, int) else float(one) for one in np.atleast_1d(np.asarray(thresholds)).tolist()
    ]
    if not found or any(not 0 <= one <= 1 for one in found):
        raise InvalidArgumentError(
            f"Threshold values must be in [0, 1]. Received: {[_plain(one) for one in found if not 0 <= one <= 1]}. "
            "Expected a "
            "number between 0 and 1, or a list of such numbers."
        )
    return [float(one) for one in found]


def _plain(number: float) -> float:
    """A whole number without its decimals, as it was written."""
    return int(number) if float(number).is_integer() else number


def even_thresholds(count: int) -> list[float]:
    """Returns evenly spaced thresholds from 0 to 1, the first and last slightly outside.

    >>> from tensorlet.keras.metrics.confusion import even_thresholds
    >>> even_thresholds(3)
    [-1e-07, 0.5, 1.0000001]
    """
    inside = [(place + 1) / (count - 1) for place in range(count - 2)]
    return [-EPSILON, *inside, 1.0 + EPSILON]


def between_0_and_1(y_pred: Tensor, thresholds: Sequence[float]) -> Tensor:
    """Clips predictions to the range of evenly spaced thresholds, as Keras does.

    A prediction below 0 then counts as 0, which the first threshold of `even_thresholds` still takes as positive.
    """
    if len(thresholds) < 3 or not np.allclose(thresholds, even_thresholds(len(thresholds)), atol=EPSILON):
        return y_pred
    return ops.clip_by_value(y_pred, 0.0, 1.0)


def flattened(
    name: str,
    y_true: TensorLike,
    y_pred: TensorLike,
    sample_weight: TensorLike | None = None,
    top_k: int | None = None,
    class_id: int | None = None,
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Flattens labels, predictions and weights of one column, or of all columns, to one axis.

    Args:
        name: name of the metric, for messages.
        y_true, y_pred: must have the same shape.
        sample_weight: must match the leading axes.
        top_k: only the k largest predictions of a row can be positive.
        class_id: the only column to evaluate; all columns by default.
    """
    y_true, y_pred = pair(y_true, y_pred)
    require_same_shape(name, y_true, y_pred, SHAPE_HINT)
    if class_id is not None and len(y_pred.shape) < 2:
        raise ShapeError(
            f"With class_id, y_pred must be a 2D array with a column for each class, but its shape is "
            f"{tuple(y_pred.shape)}. Leave class_id out, or pass such an array."
        )
    if top_k is not None:
        best = ops.top_k(y_pred, top_k).indices
        among = ops.reduce_sum(ops.one_hot(best, y_pred.shape[-1], dtype=y_pred.dtype), axis=-2)
        y_pred = ops.where(among > 0, y_pred, -1e10)
    weights = None if sample_weight is None else align_weights(sample_weight, y_pred)
    if class_id is not None:
        y_true, y_pred = y_true[..., class_id], y_pred[..., class_id]
        if weights is not None and len(weights.shape) > len(y_pred.shape):
            weights = weights[..., 0 if weights.shape[-1] == 1 else class_id]
    if weights is not None:
        weights = ops.reshape(ops.broadcast_to(weights, y_pred.shape), [-1])
    return ops.reshape(y_true, [-1]), ops.reshape(y_pred, [-1]), weights


def counts(
    y_true: Tensor, y_pred: Tensor, weights: Tensor | None, thresholds: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Counts true positives, false positives, true negatives and false negatives at each threshold.

    Args:
        y_true: labels from 0 to 1, shape ``[values]``.
        y_pred: shape ``[values]``; positive above the threshold.
        weights: shape ``[values]``, or None.
        thresholds: shape ``[thresholds]``.
    """
    positive, negative = y_true, 1.0 - y_true
    if weights is not None:
        positive, negative = positive * weights, negative * weights
    above = ops.cast(ops.expand_dims(y_pred, 0) > ops.expand_dims(thresholds, 1), y_pred.dtype)
    # One product counts for all thresholds: [thresholds, values] @ [values].
    true_positives = ops.matvec(above, positive)
    false_positives = ops.matvec(above, negative)
    return (
        true_positives,
        false_positives,
        ops.reduce_sum(negative) - false_positives,
        ops.reduce_sum(positive) - true_positives,
    )


class _Counting(Metric):
    """A metric that keeps some of the four counts at each threshold."""

    #: The counts that the metric keeps, with their positions in the result of `counts`.
    kept: dict[str, int] = {}  # noqa: RUF012 - never changed

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(name, dtype)
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        # Among the k largest, every prediction counts as positive.
        self.thresholds = checked_thresholds(thresholds, 0.5 if top_k is None else -1e9)
        for count in self.kept:
            setattr(self, count, self.add_weight(count, (len(self.thresholds),)))

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        scores = between_0_and_1(ops.cast(y_pred, self.dtype), self.thresholds)
        true, predicted, weights = flattened(
            self.name, y_true, scores, sample_weight, self.top_k, self.class_id
        )
        positive = ops.cast(ops.not_equal(true, 0), predicted.dtype)
        found = counts(positive, predicted, weights, np.array(self.thresholds, predicted.dtype.numpy))
        for count, place in self.kept.items():
            getattr(self, count).assign_add(found[place])

    def _single(self, values: Tensor) -> Tensor:
        """Returns a scalar if there is a single threshold."""
        return values[0] if len(self.thresholds) == 1 else values

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


@register("metric", "Precision", "precision")
class Precision(_Counting):
    """The fraction of positive predictions that are correct: ``tp / (tp + fp)``, or 0 if there are none.

    Args:
        thresholds: predictions above it are positive; 0.5 by default. A list gives one result per threshold.
        top_k: only the k largest predictions of a row are positive.
        class_id: the only column to evaluate; all columns by default.
        name, dtype: as for `Metric`.

    Raises:
        ShapeError: on update, if labels and predictions differ in shape.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.Precision()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0]).numpy().round(4))
    0.6667
    """

    kept = {"true_positives": 0, "false_positives": 1}  # noqa: RUF012

    def result(self) -> Tensor:
        found = self.true_positives.read_value()
        return self._single(ops.divide_no_nan(found, found + self.false_positives))


@register("metric", "Recall", "recall")
class Recall(_Counting):
    """The fraction of positive labels that are predicted: ``tp / (tp + fn)``. Arguments as for `Precision`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.Recall()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0]).numpy().round(4))
    0.6667
    """

    kept = {"true_positives": 0, "false_negatives": 3}  # noqa: RUF012

    def result(self) -> Tensor:
        found = self.true_positives.read_value()
        return self._single(ops.divide_no_nan(found, found + self.false_negatives))


class _OneCount(_Counting):
    """A metric that reports one of the four counts."""

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(thresholds, None, None, name, dtype)

    def result(self) -> Tensor:
        return self._single(self.accumulator.read_value())

    def get_config(self) -> dict[str, Any]:
        return {**Metric.get_config(self), "thresholds": self.init_thresholds}


@register("metric", "TruePositives", "true_positives")
class TruePositives(_OneCount):
    """The number of positive labels predicted as positive; ``thresholds`` as for `Precision`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.TruePositives()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0]).numpy())
    2.0
    """

    kept = {"accumulator": 0}  # noqa: RUF012


@register("metric", "FalsePositives", "false_positives")
class FalsePositives(_OneCount):
    """The number of negative labels predicted as positive.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.FalsePositives()([0, 1, 0, 0], [1.0, 0.0, 1.0, 0.0]).numpy())
    2.0
    """

    kept = {"accumulator": 1}  # noqa: RUF012


@register("metric", "TrueNegatives", "true_negatives")
class TrueNegatives(_OneCount):
    """The number of negative labels predicted as negative.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.TrueNegatives()([0, 1, 0, 0], [1.0, 0.0, 1.0, 0.0]).numpy())
    1.0
    """

    kept = {"accumulator": 2}  # noqa: RUF012


@register("metric", "FalseNegatives", "false_negatives")
class FalseNegatives(_OneCount):
    """The number of positive labels predicted as negative.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.FalseNegatives()([0, 1, 1, 1], [1.0, 0.0, 1.0, 0.0]).numpy())
    2.0
    """

    kept = {"accumulator": 3}  # noqa: RUF012
