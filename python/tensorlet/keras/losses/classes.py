"""Loss classes: each combines a function with its settings and a reduction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet import ops
from tensorlet.keras.losses import margins, probabilistic, regression
from tensorlet.keras.losses.base import LossFunctionWrapper
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.ops.registry import Tensor
    from tensorlet.type_aliases import DTypeLike


@register("loss")
class MeanSquaredError(LossFunctionWrapper):
    """See `mean_squared_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]).numpy())
    0.5
    """

    def __init__(
        self, reduction: str | None = "auto", name: str = "mean_squared_error", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(regression.mean_squared_error, reduction, name, dtype)


@register("loss")
class MeanAbsoluteError(LossFunctionWrapper):
    """See `mean_absolute_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.MeanAbsoluteError()([[0.0], [1.0]], [[3.0], [1.0]]).numpy())
    1.5
    """

    def __init__(
        self,
        reduction: str | None = "auto",
        name: str = "mean_absolute_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(regression.mean_absolute_error, reduction, name, dtype)


@register("loss")
class MeanAbsolutePercentageError(LossFunctionWrapper):
    """See `mean_absolute_percentage_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [5.0]]).numpy())
    37.5
    """

    def __init__(
        self,
        reduction: str | None = "auto",
        name: str = "mean_absolute_percentage_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(regression.mean_absolute_percentage_error, reduction, name, dtype)


@register("loss")
class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """See `mean_squared_logarithmic_error`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.MeanSquaredLogarithmicError()([[0.0]], [[1.0]]).numpy().round(4))
    0.4805
    """

    def __init__(
        self,
        reduction: str | None = "auto",
        name: str = "mean_squared_logarithmic_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(regression.mean_squared_logarithmic_error, reduction, name, dtype)


@register("loss")
class Huber(LossFunctionWrapper):
    """See `huber`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.Huber(delta=2.0)([[0.0]], [[3.0]]).numpy())
    4.0
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "auto",
        name: str = "huber_loss",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(regression.huber, reduction, name, dtype, delta=delta)


@register("loss")
class LogCosh(LossFunctionWrapper):
    """See `log_cosh`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.LogCosh()([[0.0]], [[1.0]]).numpy().round(4))
    0.4338
    """

    def __init__(
        self, reduction: str | None = "auto", name: str = "log_cosh", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(regression.log_cosh, reduction, name, dtype)


@register("loss")
class Poisson(LossFunctionWrapper):
    """See `poisson`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.Poisson()([[1.0, 0.0]], [[1.0, 2.0]]).numpy())
    1.5
    """

    def __init__(
        self, reduction: str | None = "auto", name: str = "poisson", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(regression.poisson, reduction, name, dtype)


@register("loss")
class CosineSimilarity(LossFunctionWrapper):
    """See `cosine_similarity`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.CosineSimilarity()([[0.0, 2.0]], [[0.0, 1.0]]).numpy())
    -1.0
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "auto",
        name: str = "cosine_similarity",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(regression.cosine_similarity, reduction, name, dtype, axis=axis)


@register("loss")
class Hinge(LossFunctionWrapper):
    """See `hinge`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.Hinge()([[0.0, 1.0]], [[-0.5, 2.0]]).numpy())
    0.25
    """

    def __init__(
        self, reduction: str | None = "auto", name: str = "hinge", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(margins.hinge, reduction, name, dtype)


@register("loss")
class SquaredHinge(LossFunctionWrapper):
    """See `squared_hinge`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.SquaredHinge()([[0.0, 1.0]], [[-0.5, 2.0]]).numpy())
    0.125
    """

    def __init__(
        self, reduction: str | None = "auto", name: str = "squared_hinge", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(margins.squared_hinge, reduction, name, dtype)


@register("loss")
class CategoricalHinge(LossFunctionWrapper):
    """See `categorical_hinge`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]]).numpy())
    0.75
    """

    def __init__(
        self, reduction: str | None = "auto", name: str = "categorical_hinge", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(margins.categorical_hinge, reduction, name, dtype)


@register("loss")
class KLDivergence(LossFunctionWrapper):
    """See `kl_divergence`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4))
    0.1438
    """

    def __init__(
        self, reduction: str | None = "auto", name: str = "kl_divergence", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(probabilistic.kl_divergence, reduction, name, dtype)


@register("loss")
class CategoricalCrossentropy(LossFunctionWrapper):
    """See `categorical_crossentropy`.

    >>> import tensorlet as tf
    >>> loss = tf.keras.losses.CategoricalCrossentropy()
    >>> print(loss([[0.0, 1.0], [1.0, 0.0]], [[0.5, 0.5], [0.25, 0.75]]).numpy().round(4))
    1.0397
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "auto",
        name: str = "categorical_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        function = probabilistic.categorical_crossentropy
        super().__init__(
            function,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits = from_logits


@register("loss")
class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """See `categorical_focal_crossentropy`.

    >>> import tensorlet as tf
    >>> loss = tf.keras.losses.CategoricalFocalCrossentropy()
    >>> print(loss([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
    0.0433
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "auto",
        name: str = "categorical_focal_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            probabilistic.categorical_focal_crossentropy, reduction, name, dtype, alpha=alpha, gamma=gamma,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip
        self.from_logits = from_logits


@register("loss")
class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """See `sparse_categorical_crossentropy`; the mean excludes rows of the ``ignore_class``.

    >>> import tensorlet as tf
    >>> loss = tf.keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
    >>> print(loss([1, -1], [[0.75, 0.25], [0.5, 0.5]]).numpy().round(4))
    1.3863
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "auto",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            probabilistic.sparse_categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, ignore_class=ignore_class, axis=axis,
        )  # fmt: skip
        self.from_logits = from_logits
        self.ignore_class = ignore_class

    def valid(self, y_true: Tensor, values: Tensor) -> Tensor | None:
        if self.ignore_class is None:
            return None
        counted = ops.cast(ops.not_equal(y_true, self.ignore_class), values.dtype)
        return ops.reshape(counted, values.shape)


@register("loss")
class BinaryCrossentropy(LossFunctionWrapper):
    """See `binary_crossentropy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.BinaryCrossentropy()([[0.0], [1.0]], [[0.5], [0.25]]).numpy().round(4))
    1.0397
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "auto",
        name: str = "binary_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        function = probabilistic.binary_crossentropy
        super().__init__(
            function,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits = from_logits


@register("loss")
class BinaryFocalCrossentropy(LossFunctionWrapper):
    """See `binary_focal_crossentropy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.BinaryFocalCrossentropy()([[1.0]], [[0.5]]).numpy().round(4))
    0.1733
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "auto",
        name: str = "binary_focal_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            probabilistic.binary_focal_crossentropy, reduction, name, dtype,
            apply_class_balancing=apply_class_balancing, alpha=alpha, gamma=gamma,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip
        self.from_logits = from_logits
