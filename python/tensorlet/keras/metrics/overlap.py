"""How far classes overlap (intersection over union), correlations, and means of each element."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.losses.arguments import on_symbols, pair
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.metrics.reduction_metrics import MeanMetricWrapper
from tensorlet.localization import mark
from tensorlet.localization import translate as _
from tensorlet.ops.registry import Tensor, TensorLike, convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


@register("metric")
class IoU(Metric):
    """The mean, over some classes, of ``TP / (TP + FP + FN)``.

    Args:
        num_classes: classes are the numbers below it.
        target_class_ids: the classes that count.
        name, dtype: as for every metric.
        ignore_class: a label whose predictions are left out.
        sparse_y_true, sparse_y_pred: whether labels and predictions are classes; otherwise rows with a value for
            each class.
        axis: of those rows.

    Raises:
        OutOfRangeError: for classes outside of the range.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.IoU(num_classes=2, target_class_ids=[0])
    >>> metric.update_state([0, 0, 1, 1], [0, 1, 0, 1])
    >>> print(metric.result().numpy().round(4))
    0.3333
    """

    def __init__(
        self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None,
        dtype: DTypeLike | None = None, ignore_class: int | None = None, sparse_y_true: bool = True,
        sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype)
        if max(target_class_ids) >= num_classes:
            raise InvalidArgumentError(
                f"{type(self).__name__}: target_class_ids goes up to {max(target_class_ids)}, but num_classes is "
                f"{num_classes}."
            )
        self.num_classes = int(num_classes)
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_weight(
            "total_confusion_matrix", shape=(num_classes, num_classes), initializer="zeros"
        )

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        true = self._classes(y_true, self.sparse_y_true, mark("labels"))
        predicted = self._classes(y_pred, self.sparse_y_pred, mark("predictions"))
        weights = ops.ones(true.shape, self.dtype)
        if sample_weight is not None:
            given = ops.cast(sample_weight, self.dtype)
            weights = ops.reshape(given if len(given.shape) else ops.broadcast_to(given, true.shape), [-1])
        if self.ignore_class is not None:
            weights = weights * ops.cast(ops.not_equal(true, self.ignore_class), self.dtype)
        rows = ops.one_hot(true, self.num_classes, dtype=self.dtype) * ops.expand_dims(weights, -1)
        columns = ops.one_hot(predicted, self.num_classes, dtype=self.dtype)
        self.total_cm.assign_add(ops.matmul(rows, columns, transpose_a=True))

    def _classes(self, values: TensorLike, sparse: bool, what: str) -> Tensor:
        found = convert(values)
        found = found if sparse else ops.argmax(found, self.axis)
        found = ops.cast(ops.reshape(found, [-1]), "int64")
        if isinstance(found, EagerTensor):
            wrong = [one for one in np.unique(found.numpy()).tolist() if one != self.ignore_class]
            if wrong and (wrong[0] < 0 or wrong[-1] >= self.num_classes):
                warnings.warn(
                    _(
                        "{name}: the {what} go from {least} to {most}, but num_classes is {classes}, so classes are 0 "
                        "to {last}. Others are ignored."
                    ).format(
                        name=self.name,
                        what=_(what),
                        least=wrong[0],
                        most=wrong[-1],
                        classes=self.num_classes,
                        last=self.num_classes - 1,
                    ),
                    stacklevel=4,
                )
        return found

    def result(self) -> Tensor:
        table = self.total_cm.read_value()
        both = ops.diag_part(table)
        either = ops.reduce_sum(table, 0) + ops.reduce_sum(table, 1) - both
        wanted = np.array(self.target_class_ids)
        both, either = ops.gather(both, wanted), ops.gather(either, wanted)
        present = ops.reduce_sum(ops.cast(either > 0, self.dtype))
        return ops.divide_no_nan(ops.reduce_sum(ops.divide_no_nan(both, either)), present)

    def get_config(self) -> dict[str, Any]:
        names = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _without(config: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in names}


@register("metric")
class MeanIoU(IoU):
    """`IoU` of all classes.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.MeanIoU(num_classes=2)
    >>> metric.update_state([0, 0, 1, 1], [0, 1, 0, 1])
    >>> print(metric.result().numpy().round(4))
    0.3333
    """

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: DTypeLike | None = None,
        ignore_class: int | None = None, sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(
            num_classes,
            list(range(num_classes)),
            name,
            dtype,
            ignore_class,
            sparse_y_true,
            sparse_y_pred,
            axis,
        )

    def get_config(self) -> dict[str, Any]:
        return _without(super().get_config(), "target_class_ids")


@register("metric")
class BinaryIoU(IoU):
    """`IoU` of two classes that are separated by a threshold.

    Args:
        target_class_ids: 0, 1 or both.
        threshold: predictions from it up are of class 1.
        name, dtype: as for every metric.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.BinaryIoU(target_class_ids=[0, 1], threshold=0.3)
    >>> metric.update_state([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])
    >>> print(metric.result().numpy().round(4))
    0.3333
    """

    def __init__(
        self, target_class_ids: Sequence[int] = (0, 1), threshold: float = 0.5, name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:  # fmt: skip
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        above = ops.cast(ops.cast(y_pred, self.dtype) >= self.threshold, "int64")
        super().update_state(y_true, above, sample_weight)

    def get_config(self) -> dict[str, Any]:
        config = _without(
            super().get_config(), "num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis"
        )
        return {**config, "threshold": self.threshold}


@register("metric")
class OneHotIoU(IoU):
    """`IoU` of labels that are rows with a value for each class.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.OneHotIoU(num_classes=2, target_class_ids=[0])
    >>> metric.update_state([[1, 0], [0, 1]], [[0.9, 0.1], [0.6, 0.4]])
    >>> print(metric.result().numpy())
    0.5
    """

    def __init__(
        self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None,
        dtype: DTypeLike | None = None, ignore_class: int | None = None, sparse_y_pred: bool = False, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return _without(super().get_config(), "sparse_y_true")


@register("metric")
class OneHotMeanIoU(IoU):
    """`MeanIoU` of labels that are rows with a value for each class.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.OneHotMeanIoU(num_classes=2)
    >>> metric.update_state([[1, 0], [0, 1]], [[0.9, 0.1], [0.6, 0.4]])
    >>> print(metric.result().numpy())
    0.25
    """

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: DTypeLike | None = None,
        ignore_class: int | None = None, sparse_y_pred: bool = False, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(
            num_classes, list(range(num_classes)), name, dtype, ignore_class, False, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return _without(super().get_config(), "sparse_y_true", "target_class_ids")


@register("metric")
class MeanTensor(Metric):
    """The weighted mean of each element over all batches.

    Args:
        name, dtype: as for every metric.
        shape: of the values; by default that of the first.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.MeanTensor()
    >>> metric.update_state([0.0, 1.0])
    >>> metric.update_state([2.0, 5.0], sample_weight=[1.0, 3.0])
    >>> print(metric.result().numpy())
    [1. 4.]
    """

    def __init__(self, name: str = "mean_tensor", dtype: DTypeLike | None = None, shape: Any = None) -> None:
        super().__init__(name, dtype)
        self._shape: tuple[int, ...] | None = None
        if shape is not None:
            self._make(tuple(shape))

    def _make(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self.total = self.add_weight("total", shape=shape, initializer="zeros")
        self.count = self.add_weight("count", shape=shape, initializer="zeros")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
        values = ops.cast(values, self.dtype)
        shape = tuple(int(length) for length in values.shape)
        if self._shape is None:
            self._make(shape)
        if shape != self._shape:
            raise ShapeError(
                f"{self.name}: the values have the shape {list(shape)}, but the first had {self._shape}."
            )
        weights = ops.ones_like(values)
        if sample_weight is not None:
            given = ops.cast(sample_weight, self.dtype)
            more = len(shape) - len(given.shape)
            weights = weights * ops.reshape(given, [*given.shape, *[1] * more])
        self.total.assign_add(values * weights)
        self.count.assign_add(weights)

    def result(self) -> Tensor:
        if self._shape is None:
            raise InvalidArgumentError(f"{self.name}: there is no result before the first values.")
        return ops.divide_no_nan(self.total.read_value(), self.count.read_value())


@on_symbols
def pearson_correlation(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """The correlation of labels and predictions along an axis.

    >>> import tensorlet as tf
    >>> tf.keras.metrics.pearson_correlation([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]]).numpy().round(4)
    array([1.], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    true = y_true - ops.reduce_mean(y_true, axis, True)
    predicted = y_pred - ops.reduce_mean(y_pred, axis, True)
    sizes = ops.sqrt(ops.reduce_mean(true * true, axis) * ops.reduce_mean(predicted * predicted, axis))
    return ops.reduce_mean(true * predicted, axis) / sizes


@on_symbols
def concordance_correlation(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """The concordance of labels and predictions: how close they are to being equal.

    Source: L. Lin, "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45, 1989.

    >>> import tensorlet as tf
    >>> tf.keras.metrics.concordance_correlation([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]).numpy().round(4)
    array([1.], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    mean_true, mean_predicted = ops.reduce_mean(y_true, axis, True), ops.reduce_mean(y_pred, axis, True)
    true, predicted = y_true - mean_true, y_pred - mean_predicted
    apart = ops.reduce_mean(ops.square(mean_true - mean_predicted), axis)
    spread = ops.reduce_mean(true * true, axis) + ops.reduce_mean(predicted * predicted, axis)
    return 2.0 * ops.reduce_mean(true * predicted, axis) / (spread + apart + 1e-7)


@register("metric", "PearsonCorrelation", "pearson_correlation")
class PearsonCorrelation(MeanMetricWrapper):
    """The mean `pearson_correlation` of the rows.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.PearsonCorrelation()
    >>> metric.update_state([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]])
    >>> print(metric.result().numpy().round(4))
    1.0
    """

    def __init__(
        self, name: str = "pearson_correlation", dtype: DTypeLike | None = None, axis: int = -1
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@register("metric", "ConcordanceCorrelation", "concordance_correlation")
class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean `concordance_correlation` of the rows.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.ConcordanceCorrelation()
    >>> metric.update_state([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]])
    >>> print(metric.result().numpy().round(4))
    1.0
    """

    def __init__(
        self, name: str = "concordance_correlation", dtype: DTypeLike | None = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
