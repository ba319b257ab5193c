"""Losses as metrics, and the root mean squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet import ops
from tensorlet.keras import losses
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.losses.arguments import pair
from tensorlet.keras.metrics.reduction_metrics import Mean, MeanMetricWrapper
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """Computes the cosine of the angle between labels and predictions: 1 if they point the same way.

    The loss of the same name is its negative.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.cosine_similarity([[0.0, 2.0]], [[0.0, 1.0]]).numpy())
    [1.]
    """
    return -losses.cosine_similarity(y_true, y_pred, axis)


@register("metric", "MeanSquaredError", "mean_squared_error", "mse", "MSE")
class MeanSquaredError(MeanMetricWrapper):
    """The mean of `tf.keras.losses.mean_squared_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]]).numpy())
    2.0
    """

    compares_elements = True

    def __init__(self, name: str = "mean_squared_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


@register("metric", "RootMeanSquaredError", "root_mean_squared_error", "rmse", "RMSE")
class RootMeanSquaredError(Mean):
    """The square root of the mean squared error.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.RootMeanSquaredError()([[0.0], [0.0]], [[1.0], [7.0]]).numpy())
    5.0
    """

    def __init__(self, name: str = "root_mean_squared_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        super().update_state(ops.squared_difference(*pair(y_true, y_pred)), sample_weight)

    def result(self) -> Tensor:
        return ops.sqrt(super().result())


@register("metric", "MeanAbsoluteError", "mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of `tf.keras.losses.mean_absolute_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.MeanAbsoluteError()([[0.0], [1.0]], [[3.0], [1.0]]).numpy())
    1.5
    """

    compares_elements = True

    def __init__(self, name: str = "mean_absolute_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


@register("metric", "MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(MeanMetricWrapper):
    """The mean of `tf.keras.losses.mean_absolute_percentage_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [5.0]]).numpy())
    37.5
    """

    compares_elements = True

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


@register("metric", "MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of `tf.keras.losses.mean_squared_logarithmic_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.MeanSquaredLogarithmicError()([[0.0]], [[1.0]]).numpy().round(4))
    0.4805
    """

    compares_elements = True

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


@register("metric", "LogCoshError", "log_cosh", "logcosh")
class LogCoshError(MeanMetricWrapper):
    """The mean of `tf.keras.losses.log_cosh`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.LogCoshError()([[0.0]], [[1.0]]).numpy().round(4))
    0.4338
    """

    compares_elements = True

    def __init__(self, name: str = "logcosh", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.log_cosh, name, dtype)


@register("metric", "Poisson", "poisson")
class Poisson(MeanMetricWrapper):
    """The mean of `tf.keras.losses.poisson`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.Poisson()([[1.0, 0.0]], [[1.0, 2.0]]).numpy())
    1.5
    """

    compares_elements = True

    def __init__(self, name: str = "poisson", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.poisson, name, dtype)


@register("metric", "KLDivergence", "kl_divergence", "kullback_leibler_divergence", "kld", "KLD")
class KLDivergence(MeanMetricWrapper):
    """The mean of `tf.keras.losses.kl_divergence`.

    Args:
        name: the name; by default that of Keras 2, "kullback_leibler_divergence", or that of Keras 3,
            "kl_divergence".
        dtype: the dtype of the result.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4))
    0.1438
    """

    def __init__(self, name: str | None = None, dtype: DTypeLike | None = None) -> None:
        usual = "kl_divergence" if keras_generation() == 3 else "kullback_leibler_divergence"
        super().__init__(losses.kl_divergence, name or usual, dtype)


@register("metric", "CosineSimilarity", "cosine_similarity", "cosine_proximity")
class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine between labels and predictions; 1 is best.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.CosineSimilarity()([[0.0, 2.0]], [[0.0, 1.0]]).numpy())
    1.0
    """

    def __init__(
        self, name: str = "cosine_similarity", dtype: DTypeLike | None = None, axis: int = -1
    ) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)


@register("metric", "Hinge", "hinge")
class Hinge(MeanMetricWrapper):
    """The mean of `tf.keras.losses.hinge`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.Hinge()([[0.0, 1.0]], [[-0.5, 2.0]]).numpy())
    0.25
    """

    compares_elements = True

    def __init__(self, name: str = "hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.hinge, name, dtype)


@register("metric", "SquaredHinge", "squared_hinge")
class SquaredHinge(MeanMetricWrapper):
    """The mean of `tf.keras.losses.squared_hinge`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.SquaredHinge()([[0.0, 1.0]], [[-0.5, 2.0]]).numpy())
    0.125
    """

    compares_elements = True

    def __init__(self, name: str = "squared_hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.squared_hinge, name, dtype)


@register("metric", "CategoricalHinge", "categorical_hinge")
class CategoricalHinge(MeanMetricWrapper):
    """The mean of `tf.keras.losses.categorical_hinge`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]]).numpy())
    0.75
    """

    def __init__(self, name: str = "categorical_hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(losses.categorical_hinge, name, dtype)


@register("metric", "BinaryCrossentropy", "binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(MeanMetricWrapper):
    """The mean of `tf.keras.losses.binary_crossentropy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.BinaryCrossentropy()([[0.0], [1.0]], [[0.5], [0.25]]).numpy().round(4))
    1.0397
    """

    compares_elements = True

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        function = losses.binary_crossentropy
        super().__init__(function, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing)


@register("metric", "CategoricalCrossentropy", "categorical_crossentropy")
class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean of `tf.keras.losses.categorical_crossentropy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
    0.6931
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            losses.categorical_crossentropy, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


@register("metric", "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy")
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean of `tf.keras.losses.sparse_categorical_crossentropy`.

    Rows of the ``ignore_class`` are left out; in Keras 3, without weights, they count as rows whose loss is 0.

    >>> import tensorlet as tf
    >>> print(tf.keras.metrics.SparseCategoricalCrossentropy()([1], [[0.75, 0.25]]).numpy().round(4))
    1.3863
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            losses.sparse_categorical_crossentropy, name, dtype,
            from_logits=from_logits, ignore_class=ignore_class, axis=axis,
        )  # fmt: skip
        self.leaves_rows_out = keras_generation() == 2
