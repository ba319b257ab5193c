"""Losses of overlapping regions, and of similar and dissimilar pairs, of Keras 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.losses.arguments import on_symbols, pair
from tensorlet.keras.losses.base import LossFunctionWrapper
from tensorlet.ops.registry import Tensor, TensorLike, convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike

#: What keeps quotients and logarithms finite.
_SMALL = 1e-7
#: A probability that is 0 in all but its gradient.
_TINY = 1e-30
Axis = int | Sequence[int] | None


@register("loss", "dice")
@on_symbols
def dice(y_true: TensorLike, y_pred: TensorLike, axis: Axis = None) -> Tensor:
    """``1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))``: 0 where regions are the same.

    Args:
        y_true, y_pred: numbers from 0 to 1, of one shape.
        axis: the axes of the sums; all of them by default, so that the result is a single number.

    Source: F. Milletari, N. Navab, S. Ahmadi, "V-Net", 3DV 2016.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.dice([[1.0, 0.0]], [[0.5, 0.5]]).numpy())
    0.5
    """
    y_true, y_pred = pair(y_true, y_pred)
    both = ops.reduce_sum(y_true * y_pred, axis)
    return 1.0 - 2.0 * both / (ops.reduce_sum(y_true, axis) + ops.reduce_sum(y_pred, axis) + _SMALL)


@register("loss", "tversky")
@on_symbols
def tversky(
    y_true: TensorLike, y_pred: TensorLike, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None
) -> Tensor:
    """``1 - TP / (TP + alpha * FN + beta * FP)``, where TP, FN and FP are sums of true and false predictions.

    Args:
        y_true, y_pred: numbers from 0 to 1, of one shape.
        alpha: how much positives count that were missed (as in Keras; the paper's alpha is ``beta`` here).
        beta: how much false positives count.
        axis: the axes of the sums; all of them by default.

    Source: S. Salehi, D. Erdogmus, A. Gholipour, "Tversky loss function for image segmentation", MLMI 2017.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.tversky([[1.0, 0.0]], [[0.5, 0.5]]).numpy().round(4))
    0.5
    """
    y_true, y_pred = pair(y_true, y_pred)
    both = ops.reduce_sum(y_true * y_pred, axis)
    missed = ops.reduce_sum(y_true * (1.0 - y_pred), axis)
    false_positives = ops.reduce_sum((1.0 - y_true) * y_pred, axis)
    return 1.0 - both / (both + missed * alpha + false_positives * beta + _SMALL)


@register("loss", "categorical_generalized_cross_entropy")
@on_symbols
def categorical_generalized_cross_entropy(y_true: TensorLike, y_pred: TensorLike, q: float = 0.5) -> Tensor:
    """``(1 - p ** q) / q``, where ``p`` is the probability of the true class: robust to wrong labels.

    Args:
        y_true: classes, or rows of one-hot labels.
        y_pred: rows of probabilities.
        q: between 0, the cross-entropy, and 1, the mean absolute error.

    Source: Z. Zhang, M. Sabuncu, "Generalized cross entropy loss for training deep neural networks with noisy
    labels", NeurIPS 2018.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.categorical_generalized_cross_entropy([[0.0, 1.0]], [[0.75, 0.25]]).numpy())
    [1.]
    """
    if not 0 < q < 1:
        raise InvalidArgumentError(
            f"categorical_generalized_cross_entropy: q is {q}, expected a number between 0 and 1."
        )
    y_true, y_pred = convert(y_true), convert(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1 and y_pred.shape[-1] != 1:
        y_true = ops.squeeze(y_true, [-1])
    if len(y_true.shape) == len(y_pred.shape) - 1:
        y_true = ops.one_hot(ops.cast(y_true, "int64"), int(y_pred.shape[-1]))
    true = ops.reduce_sum(ops.cast(y_true, y_pred.dtype) * y_pred, -1)
    true = ops.maximum(true, _TINY)  # the gradient of the power is not finite at 0
    return (1.0 - ops.pow(true, q)) / q


@register("loss", "circle")
@on_symbols
def circle(
    y_true: TensorLike, y_pred: TensorLike, ref_labels: TensorLike | None = None,
    ref_embeddings: TensorLike | None = None, remove_diagonal: bool = True, gamma: float = 80, margin: float = 0.4,
) -> Tensor:  # fmt: skip
    """The circle loss of rows of features: small where those of one class are near and others are far.

    Args:
        y_true: [rows], classes.
        y_pred: [rows, features], each row of the size 1.
        ref_labels, ref_embeddings: other rows to compare with; by default the rows themselves.
        remove_diagonal: whether a row is not compared with itself.
        gamma: how steep the loss is.
        margin: how far pairs should be from the border.

    Source: Y. Sun et al., "Circle loss: a unified perspective of pair similarity optimization", CVPR 2020.

    >>> import tensorlet as tf
    >>> rows = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    >>> print(tf.keras.losses.circle([0, 0, 1], rows).numpy().round(4))
    [0. 0. 0.]
    """
    y_pred = ops.cast(y_pred, "float32")
    labels = ops.reshape(ops.cast(y_true, "int32"), [-1, 1])
    others = labels if ref_labels is None else ops.reshape(ops.cast(ref_labels, "int32"), [-1, 1])
    references = y_pred if ref_embeddings is None else ops.cast(ref_embeddings, "float32")
    distances = 1.0 - ops.matmul(y_pred, references, transpose_b=True)
    same = ops.equal(labels, ops.transpose(others))
    different = ops.logical_not(same)
    if remove_diagonal:
        same = ops.logical_and(
            same, ops.cast(1 - ops.eye(int(labels.shape[0]), int(others.shape[0]), dtype="int32"), "bool")
        )
    near = ops.where(same, distances, 0.0)
    far = ops.where(different, distances, 0.0)
    same_weights = ops.stop_gradient(ops.relu(near + margin))
    far_weights = ops.stop_gradient(ops.relu(1.0 + margin - far))
    lowest = near.dtype.min / 2.0
    positive = ops.where(same, gamma * same_weights * (near - margin), lowest)
    negative = ops.where(different, gamma * far_weights * (1.0 - margin - far), lowest)
    return ops.softplus(ops.reduce_logsumexp(positive, 1) + ops.reduce_logsumexp(negative, 1))


@register("loss")
class Dice(LossFunctionWrapper):
    """See `dice`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.Dice()([[1.0, 0.0]], [[0.5, 0.5]]).numpy())
    0.5
    """

    def __init__(
        self,
        reduction: str | None = "auto",
        name: str = "dice",
        axis: Axis = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


@register("loss")
class Tversky(LossFunctionWrapper):
    """See `tversky`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.Tversky(beta=1.0)([[1.0, 0.0]], [[0.5, 1.0]]).numpy().round(4))
    0.7143
    """

    def __init__(
        self, alpha: float = 0.5, beta: float = 0.5, reduction: str | None = "auto", name: str = "tversky",
        axis: Axis = None, dtype: DTypeLike | None = None,
    ) -> None:  # fmt: skip
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)


@register("loss")
class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """See `categorical_generalized_cross_entropy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.CategoricalGeneralizedCrossEntropy()([[0.0, 1.0]], [[0.75, 0.25]]).numpy())
    1.0
    """

    def __init__(
        self, q: float = 0.5, reduction: str | None = "auto", name: str = "categorical_generalized_cross_entropy",
        dtype: DTypeLike | None = None,
    ) -> None:  # fmt: skip
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)


@register("loss")
class Circle(LossFunctionWrapper):
    """See `circle`.

    >>> import tensorlet as tf
    >>> loss = tf.keras.losses.Circle()([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> print(loss.numpy().round(4))
    0.0
    """

    def __init__(
        self, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True, reduction: str | None = "auto",
        name: str = "circle", dtype: DTypeLike | None = None,
    ) -> None:  # fmt: skip
        options: dict[str, Any] = {"gamma": gamma, "margin": margin, "remove_diagonal": remove_diagonal}
        super().__init__(circle, reduction, name, dtype, **options)

    def valid(self, y_true: Tensor, values: Tensor) -> Tensor:
        """Leaves rows without a loss out of the mean: those that nothing of their class is compared with."""
        return ops.cast(values > 0, values.dtype)
