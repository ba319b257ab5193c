"""Metrics over many thresholds: areas under curves, and the best value that meets a constraint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import InvalidArgumentError, ShapeError, warn_user
from tensorlet.keras.losses.arguments import EPSILON, align_weights, pair, require_same_shape
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.metrics.confusion import SHAPE_HINT, between_0_and_1, counts, even_thresholds, flattened
from tensorlet.localization import translate as _
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike

#: How far a probability may be outside 0 to 1 without a warning.
_ROUNDING = 1e-5
_COUNTS = ("true_positives", "false_positives", "true_negatives", "false_negatives")


class _OverThresholds(Metric):
    """A metric that keeps all four counts at many thresholds."""

    thresholds: list[float]

    def _make_counts(self, shape: tuple[int, ...]) -> None:
        for count in _COUNTS:
            setattr(self, count, self.add_weight(count, shape))

    def _add(self, found: Sequence[Tensor]) -> None:
        for count, tensor in zip(_COUNTS, found, strict=True):
            getattr(self, count).assign_add(tensor)

    def _rates(self) -> tuple[Tensor, Tensor, Tensor]:
        """Precision, recall (sensitivity) and specificity at each threshold."""
        positives, false = self.true_positives.read_value(), self.false_positives.read_value()
        negatives, missed = self.true_negatives.read_value(), self.false_negatives.read_value()
        return (
            ops.divide_no_nan(positives, positives + false),
            ops.divide_no_nan(positives, positives + missed),
            ops.divide_no_nan(negatives, negatives + false),
        )


def _one_of(name: str, given: str, allowed: dict[str, str]) -> str:
    """Returns the canonical spelling of an option."""
    found = allowed.get(str(given).lower())
    if found is None:
        names, what = ", ".join(sorted(set(allowed.values()))), name.replace("_", " ")
        raise InvalidArgumentError(f'Invalid AUC {what} value: "{given}". Expected one of: {names}.')
    return found


@register("metric", "AUC", "auc")
class AUC(_OverThresholds):
    """The area under the ROC or the precision-recall curve, approximated at a set of thresholds.

    Args:
        num_thresholds: number of evenly spaced thresholds from 0 to 1; more give a closer approximation.
        curve: ``"ROC"`` or ``"PR"``.
        summation_method: ``"interpolation"`` (trapezoids), or the lower (``"minoring"``) or upper
            (``"majoring"``) sum.
        name, dtype: as for `Metric`.
        thresholds: custom thresholds instead of ``num_thresholds``; 0 and 1 are added.
        multi_label: whether to compute the area for each column and average them.
        num_labels: number of columns; by default taken from the first batch.
        label_weights: weights of the columns in the average; without ``multi_label``, of the elements in each column.
        from_logits: whether the predictions are logits, before the sigmoid.

    Raises:
        InvalidArgumentError: if an option is unknown.

    Source: J. Davis and M. Goadrich, "The relationship between precision-recall and ROC curves", 2006,
    for the interpolation of the precision-recall curve.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]).numpy())
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: DTypeLike | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(name, dtype)
        self.curve = _one_of("curve", curve, {"roc": "ROC", "pr": "PR"})
        ways = {name: name for name in ("interpolation", "minoring", "majoring")}
        self.summation_method = _one_of("summation_method", summation_method, ways)
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = None if label_weights is None else [float(one) for one in label_weights]
        self.from_logits = from_logits
        self._own_thresholds = None if thresholds is None else sorted(float(one) for one in thresholds)
        if self._own_thresholds is not None:
            self.thresholds = [-EPSILON, *self._own_thresholds, 1.0 + EPSILON]
        elif num_thresholds > 1:
            self.thresholds = even_thresholds(num_thresholds)
        else:
            raise InvalidArgumentError(
                f"AUC: Argument `num_thresholds` must be an integer > 1. Received: {num_thresholds!r}."
            )
        self._built = self._warned = False
        if num_labels and not multi_label:
            raise InvalidArgumentError(
                f"AUC: num_labels is {num_labels}, but it is only used with multi_label=True. Leave it out."
            )
        if not multi_label:
            self._build((len(self.thresholds),))
        elif num_labels:
            self._build((len(self.thresholds), num_labels))

    @property
    def num_thresholds(self) -> int:
        """The number of thresholds, including those just outside 0 and 1."""
        return len(self.thresholds)

    def _build(self, shape: tuple[int, ...]) -> None:
        self._make_counts(shape)
        self._built = True

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        y_true, y_pred = pair(y_true, ops.cast(y_pred, self.dtype))
        if self.from_logits:
            y_pred = ops.sigmoid(y_pred)
        else:
            self.check_predictions(y_pred)
        y_pred = between_0_and_1(y_pred, self.thresholds)
        thresholds = ops.cast(np.array(self.thresholds), y_pred.dtype)
        if not self.multi_label:
            if self.label_weights is not None:
                sample_weight = self._weights_of_elements(y_true, y_pred, sample_weight)
            self._add(counts(*flattened(self.name, y_true, y_pred, sample_weight), thresholds))
            return
        require_same_shape(self.name, y_true, y_pred, SHAPE_HINT)
        if len(y_pred.shape) != 2:
            raise ShapeError(
                f"AUC with multi_label=True got predictions of shape {tuple(y_pred.shape)}. Expected "
                "[rows, columns]."
            )
        columns = y_pred.shape[1]
        if not self._built:
            self._build((len(self.thresholds), columns))
        parts = []
        for column in range(columns):
            chosen = flattened(self.name, y_true, y_pred, sample_weight, None, column)
            parts.append(counts(*chosen, thresholds))
        self._add([ops.stack(group, axis=1) for group in zip(*parts, strict=True)])

    def check_predictions(self, y_pred: object) -> None:
        """Warns, once, of predictions that are not probabilities; values that are not known yet are not checked."""
        if self._warned or self.from_logits or not isinstance(y_pred, EagerTensor):
            return
        lowest, highest = float(np.min(y_pred, initial=0.0)), float(np.max(y_pred, initial=1.0))
        if lowest < -_ROUNDING or highest > 1.0 + _ROUNDING:
            self._warned = True
            warn_user(
                _(
                    "AUC got predictions from {lowest:.4g} to {highest:.4g}. Expected probabilities: those below 0 "
                    "count as 0 and those above 1 as 1. If they are logits, pass AUC(from_logits=True)."
                ).format(lowest=lowest, highest=highest)
            )

    def _weights_of_elements(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: TensorLike | None
    ) -> Tensor:
        """Returns the weights of the elements: those of their columns, times those of the user."""
        require_same_shape(self.name, y_true, y_pred, SHAPE_HINT)
        labels = ops.cast(np.array(self.label_weights), y_pred.dtype)
        if len(y_pred.shape) < 2 or y_pred.shape[-1] != labels.shape[0]:
            raise ShapeError(
                f"{self.name} has {labels.shape[0]} label_weights, but got predictions of shape {tuple(y_pred.shape)}. "
                f"Expected {labels.shape[0]} columns."
            )
        weights = ops.broadcast_to(labels, y_pred.shape)
        return weights if sample_weight is None else weights * align_weights(sample_weight, y_pred)

    def result(self) -> Tensor:
        if not self._built:
            return ops.zeros([], self.dtype)
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = self._interpolated_precision()
        else:
            precision, recall, _ = self._rates()
            false = self.false_positives.read_value()
            false_rate = ops.divide_no_nan(false, false + self.true_negatives)
            x, y = (false_rate, recall) if self.curve == "ROC" else (recall, precision)
            areas = ops.reduce_sum((x[:-1] - x[1:]) * self._heights(y), axis=0)
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.reduce_mean(areas)
        weights = ops.cast(np.array(self.label_weights), areas.dtype)
        return ops.divide_no_nan(ops.reduce_sum(areas * weights), ops.reduce_sum(weights))

    def _heights(self, y: Tensor) -> Tensor:
        if self.summation_method == "interpolation":
            return (y[:-1] + y[1:]) / 2.0
        return (ops.minimum if self.summation_method == "minoring" else ops.maximum)(y[:-1], y[1:])

    def _interpolated_precision(self) -> Tensor:
        """The area if true and false positives grow linearly between two thresholds."""
        found, false = self.true_positives.read_value(), self.false_positives.read_value()
        positive = found + false
        slope = ops.divide_no_nan(found[:-1] - found[1:], ops.maximum(positive[:-1] - positive[1:], 0))
        start = found[1:] - slope * positive[1:]
        both = ops.logical_and(positive[:-1] > 0, positive[1:] > 0)
        ratio = ops.where(both, ops.divide_no_nan(positive[:-1], ops.maximum(positive[1:], 0)), 1)
        labels = ops.maximum(found[1:] + self.false_negatives.read_value()[1:], 0)
        parts = slope * (found[:-1] - found[1:] + start * ops.log(ratio))
        return ops.reduce_sum(ops.divide_no_nan(parts, labels), axis=0)

    def get_config(self) -> dict[str, Any]:
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self.from_logits,
        }
        return config if self._own_thresholds is None else {**config, "thresholds": self._own_thresholds}


class _BestUnderDemand(_OverThresholds):
    """The largest value of one rate among the thresholds where another rate is at least a given value."""

    #: Positions in the result of `_rates` of the constrained rate and of the maximized rate.
    demanded, wanted = 0, 0
    #: Name of the constrained rate, and of the argument.
    demand = ""

    def __init__(
        self,
        value: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(name, dtype)
        if not 0 <= value <= 1:
            raise InvalidArgumentError(
                f"{type(self).__name__}: `{self.demand}` must be in the range [0, 1]. Received: {value!r}."
            )
        if num_thresholds < 1:
            raise InvalidArgumentError(
                f"Argument `num_thresholds` must be an integer > 0. Received: {num_thresholds!r}."
            )
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        self.thresholds = [0.5] if num_thresholds == 1 else even_thresholds(num_thresholds)
        self._make_counts((len(self.thresholds),))

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        predicted = between_0_and_1(ops.cast(y_pred, self.dtype), self.thresholds)
        true, predicted, weights = flattened(self.name, y_true, predicted, sample_weight, None, self.class_id)
        self._add(counts(true, predicted, weights, ops.cast(np.array(self.thresholds), predicted.dtype)))

    def result(self) -> Tensor:
        rates = self._rates()
        meets = rates[self.demanded] >= self.value
        return ops.reduce_max(ops.where(meets, rates[self.wanted], 0))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            self.demand: self.value,
            "num_thresholds": len(self.thresholds),
            "class_id": self.class_id,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        value = config.pop(cls.demand)
        return cls(value, **config)


@register("metric")
class SensitivityAtSpecificity(_BestUnderDemand):
    """The best recall among thresholds with at least the given specificity.

    Args:
        specificity: fraction of negative labels that must be predicted as negative.
        num_thresholds: number of thresholds to try.
        class_id: the only column to evaluate; all columns by default.
        name, dtype: as for `Metric`.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.SensitivityAtSpecificity(0.5)
    >>> print(metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]).numpy())
    0.5
    """

    demanded, wanted, demand = 2, 1, "specificity"

    def __init__(self, specificity: float, *args: Any, **kwargs: Any) -> None:
        super().__init__(specificity, *args, **kwargs)
        self.specificity = specificity


@register("metric")
class SpecificityAtSensitivity(_BestUnderDemand):
    """The best specificity among thresholds with at least the given recall (sensitivity).

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.SpecificityAtSensitivity(0.5)
    >>> print(metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]).numpy().round(4))
    0.6667
    """

    demanded, wanted, demand = 1, 2, "sensitivity"

    def __init__(self, sensitivity: float, *args: Any, **kwargs: Any) -> None:
        super().__init__(sensitivity, *args, **kwargs)
        self.sensitivity = sensitivity


@register("metric")
class PrecisionAtRecall(_BestUnderDemand):
    """The best precision among thresholds with at least the given recall.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.PrecisionAtRecall(0.5)
    >>> print(metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]).numpy())
    0.5
    """

    demanded, wanted, demand = 1, 0, "recall"

    def __init__(self, recall: float, *args: Any, **kwargs: Any) -> None:
        super().__init__(recall, *args, **kwargs)
        self.recall = recall


@register("metric")
class RecallAtPrecision(_BestUnderDemand):
    """The best recall among thresholds with at least the given precision.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.RecallAtPrecision(0.8)
    >>> print(metric([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]).numpy())
    0.5
    """

    demanded, wanted, demand = 0, 1, "precision"

    def __init__(self, precision: float, *args: Any, **kwargs: Any) -> None:
        super().__init__(precision, *args, **kwargs)
        self.precision = precision
