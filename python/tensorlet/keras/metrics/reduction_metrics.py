"""Sums and means over batches, and means of functions of labels and predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.user_code import user_function
from tensorlet.keras.losses.arguments import align_weights, same_rank
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.registry import METRICS
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


def weighted(
    values: Tensor, sample_weight: TensorLike, reduce: Callable[..., Tensor]
) -> tuple[Tensor, Tensor]:
    """Returns the weighted values and the weights, with the same shape.

    Args:
        values: any shape.
        sample_weight: a scalar, or weights that broadcast to the values; their last axis may be missing. Weights
            that only match the leading axes of the values are applied after the remaining axes are reduced.
        reduce: the reduction, such as `ops.reduce_mean`.

    Raises:
        ShapeError: if the weights have an axis that the values do not have.
    """
    rank = len(values.shape)
    weights = ops.cast(sample_weight, values.dtype)
    if len(weights.shape) > rank:
        weights = align_weights(weights, values)
    elif len(weights.shape) == rank - 1 and len(weights.shape):
        weights = ops.expand_dims(weights, -1)
    behind = tuple(range(len(weights.shape), rank))
    if behind and len(weights.shape):
        values = reduce(values, axis=behind)
    values = values * weights
    return values, ops.broadcast_to(weights, values.shape)


@register("metric", "Sum", "sum")
class Sum(Metric):
    """The weighted sum of all values.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.Sum()
    >>> metric.update_state([1.0, 3.0], sample_weight=[1.0, 0.5])
    >>> float(metric.result())
    2.5
    """

    def __init__(self, name: str = "sum", dtype: DTypeLike | None = None) -> None:
        super().__init__(name, dtype)
        self.total = self.add_weight("total")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
        values = ops.cast(values, self.dtype)
        if sample_weight is not None:
            values, _ = weighted(values, sample_weight, ops.reduce_sum)
        self.total.assign_add(ops.reduce_sum(values))

    def result(self) -> Tensor:
        return self.total.read_value()


@register("metric", "Mean", "mean")
class Mean(Metric):
    """The weighted mean of all values.

    >>> import tensorlet as tf
    >>> metric = tf.keras.metrics.Mean()
    >>> metric.update_state([1.0, 3.0])
    >>> metric.update_state([8.0])
    >>> float(metric.result())
    4.0
    """

    def __init__(self, name: str = "mean", dtype: DTypeLike | None = None) -> None:
        super().__init__(name, dtype)
        self.total = self.add_weight("total")
        self.count = self.add_weight("count")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
        values = ops.cast(values, self.dtype)
        if sample_weight is None:
            self.count.assign_add(float(values.spec.size))
        else:
            values, weights = weighted(values, sample_weight, ops.reduce_mean)
            self.count.assign_add(ops.reduce_sum(weights))
        self.total.assign_add(ops.reduce_sum(values))

    def result(self) -> Tensor:
        return ops.divide_no_nan(self.total, self.count)


@register("metric")
class MeanMetricWrapper(Mean):
    """The mean of a function of labels and predictions.

    Args:
        fn: ``(y_true, y_pred, **kwargs) -> values``: one value per row, or a scalar.
        name, dtype: as for `Metric`.
        **kwargs: passed to the function.

    >>> import tensorlet as tf
    >>> def largest_error(y_true, y_pred):
    ...     return tf.reduce_max(tf.abs(y_true - y_pred), axis=-1)
    >>> metric = tf.keras.metrics.MeanMetricWrapper(largest_error)
    >>> metric.update_state([[0.0, 0.0], [1.0, 1.0]], [[1.0, 2.0], [1.0, 1.0]])
    >>> metric.name, float(metric.result())
    ('largest_error', 1.0)
    """

    #: Whether rows that the function ignores are left out of the mean without weights, too.
    leaves_rows_out = True
    #: Whether the function averages over the last axis what it computes for each element.
    compares_elements = False

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: DTypeLike | None = None, **kwargs: Any
    ) -> None:
        super().__init__(str(name or _function_name(fn)), dtype)
        self._fn = fn
        self._fn_kwargs = kwargs

    def update_state(  # type: ignore[override]
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        true, predicted = same_rank(ops.cast(y_true, self.dtype), ops.cast(y_pred, self.dtype))
        if self.compares_elements and sample_weight is not None and len(predicted.shape) == 1:
            # Each element is a row of its own: the function would average them before the weights apply.
            true, predicted = ops.reshape(true, [-1, 1]), ops.reshape(predicted, [-1, 1])
        values = user_function(self._fn)(true, predicted, **self._fn_kwargs)
        counted = getattr(values, "_keras_mask", None)
        if sample_weight is None and not self.leaves_rows_out:
            counted = None
        if counted is not None:  # the function leaves some of the rows out
            weights = ops.cast(counted, self.dtype)
            sample_weight = (
                weights if sample_weight is None else align_weights(sample_weight, weights) * weights
            )
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), **self._fn_kwargs}
        if type(self) is MeanMetricWrapper:
            config["fn"] = METRICS.serialize(self._fn)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Creates a metric from its configuration, in which the function may be given by name."""
        arguments = dict(config)
        if isinstance(arguments.get("fn"), str | dict):
            arguments["fn"] = METRICS.get(arguments["fn"])
        return cls(**arguments)


def _function_name(function: object) -> str | None:
    """Returns the name of a function or of a callable object."""
    return getattr(function, "__name__", None) or getattr(function, "name", None)
