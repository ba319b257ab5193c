"""Probabilistic losses, such as the cross-entropies. Each returns one value per row.

If the probabilities were computed by a softmax or sigmoid of Keras, or in the same traced step,
the loss is computed from the logits instead, which is numerically stable; see `logits_for_loss`.
Other probabilities are clipped to the range from 1e-7 to 1 - 1e-7 before the logarithm, as in Keras.
"""

from __future__ import annotations

from collections.abc import Sequence

from tensorlet import ops
from tensorlet.core.logits import logits_for_loss
from tensorlet.errors import InvalidArgumentError
from tensorlet.extensions import extensible
from tensorlet.keras.losses.arguments import (
    EPSILON,
    as_float,
    class_numbers,
    on_symbols,
    pair,
    require_same_shape,
)
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register

_CLASS_NUMBERS = (
    "For integer labels use sparse_categorical_crossentropy, or convert them to one-hot rows with "
    "tf.keras.utils.to_categorical(labels, classes)."
)


def _clipped(probabilities: Tensor) -> Tensor:
    return ops.clip_by_value(probabilities, EPSILON, 1.0 - EPSILON)


def _is_last(axis: int, tensor: Tensor) -> bool:
    return axis in (-1, len(tensor.shape) - 1)


def _log_probabilities(y_pred: Tensor, from_logits: bool, axis: int) -> Tensor:
    """Returns the logarithms of the class probabilities, from the logits if they are known."""
    logits = logits_for_loss(y_pred, "softmax", from_logits) if _is_last(axis, y_pred) else None
    if logits is None and from_logits:
        logits = y_pred
    if logits is not None:
        return ops.log_softmax(logits, axis)
    return ops.log(_clipped(y_pred / ops.reduce_sum(y_pred, axis=axis, keepdims=True)))


def smoothed(y_true: Tensor, label_smoothing: float, ways: int) -> Tensor:
    """Moves labels towards ``1 / ways``: with 0.1 and ten classes, 1 becomes 0.91 and 0 becomes 0.01.

    Raises:
        InvalidArgumentError: if the smoothing is not between 0 and 1.
    """
    if not 0 <= label_smoothing <= 1:
        raise InvalidArgumentError(
            f"label_smoothing is {label_smoothing!r}. Expected a number between 0 (none) and 1, such as 0.1."
        )
    return y_true * (1.0 - label_smoothing) + label_smoothing / ways if label_smoothing else y_true


@register("loss")
@on_symbols
def categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The cross-entropy between labels and probabilities: ``-sum(y_true * log(y_pred))`` over the classes.

    Args:
        y_true: one-hot labels (or probabilities), shape ``[rows, classes]``.
        y_pred: predicted probabilities of the same shape; rows are divided by their sum.
        from_logits: whether ``y_pred`` contains logits, before the softmax.
        label_smoothing: moves the labels towards equal probabilities; see `smoothed`.
        axis: the axis of the classes.

    Returns:
        One value per row.

    Raises:
        ShapeError: if the shapes differ.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
    [0.6931]
    """
    y_pred = as_float(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    require_same_shape("categorical_crossentropy", y_true, y_pred, _CLASS_NUMBERS)
    y_true = smoothed(y_true, label_smoothing, y_pred.shape[axis])
    return -ops.reduce_sum(y_true * _log_probabilities(y_pred, from_logits, axis), axis=axis)


@register("metric")
@register("loss")
@on_symbols
def categorical_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """``-sum(alpha * (1 - y_pred) ** gamma * y_true * log(y_pred))``, which gives easy examples less weight.

    Args:
        y_true, y_pred, from_logits, label_smoothing, axis: as for `categorical_crossentropy`.
        alpha: the weight of all classes, or a list with one weight per class.
        gamma: how strongly easy examples are down-weighted; 0 gives the cross-entropy times ``alpha``.

    Source: T. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, "Focal loss for dense object detection", 2017.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
    [0.0433]
    """
    y_pred = as_float(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    require_same_shape("categorical_focal_crossentropy", y_true, y_pred, _CLASS_NUMBERS)
    y_true = smoothed(y_true, label_smoothing, y_pred.shape[axis])
    logits = logits_for_loss(y_pred, "softmax", from_logits)
    probabilities = y_pred if logits is None else ops.softmax(logits, axis)
    probabilities = probabilities / ops.reduce_sum(probabilities, axis=axis, keepdims=True)
    probabilities = _clipped(probabilities)
    weights = ops.pow(1.0 - probabilities, gamma) * alpha
    return -ops.reduce_sum(weights * y_true * ops.log(probabilities), axis=axis)


@register("loss")
@on_symbols
def sparse_categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """``-log(y_pred[label])`` for each row: `categorical_crossentropy` for integer labels.

    Args:
        y_true: integer class labels of any dtype, shape ``[rows]`` or ``[rows, 1]``.
        y_pred: predicted probabilities, shape ``[rows, classes]``; clipped rows are divided by their sum.
        from_logits: whether ``y_pred`` contains logits, before the softmax.
        ignore_class: rows with this label are ignored; their loss is 0.
        axis: the axis of the classes.

    Returns:
        One value per row.

    Raises:
        OutOfRangeError: if a label is not a valid class.
        ShapeError: if the shapes are incompatible, for example for one-hot labels.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.sparse_categorical_crossentropy([1], [[0.75, 0.25]]).numpy().round(4))
    [1.3863]
    """
    y_pred = as_float(y_pred)
    if not _is_last(axis, y_pred):
        y_pred = _with_classes_last(y_pred, axis)
    labels = class_numbers("sparse_categorical_crossentropy", y_true, y_pred)
    counted = None
    if ignore_class is not None:
        counted = ops.not_equal(labels, ignore_class)
        labels = ops.where(counted, labels, 0)
    logits = logits_for_loss(y_pred, "softmax", from_logits)
    if logits is None:
        # Clipped before normalization, unlike in categorical_crossentropy.
        logits = ops.log(_clipped(y_pred))
    logarithms = ops.log_softmax(logits, -1)
    losses = -_picked(logarithms, labels)
    if counted is None:
        return losses
    losses = ops.where(counted, losses, 0)
    losses._keras_mask = counted  # metrics leave the other rows out
    return losses


def _with_classes_last(y_pred: Tensor, axis: int) -> Tensor:
    rank = len(y_pred.shape)
    classes = axis % rank
    return ops.transpose(y_pred, [*(one for one in range(rank) if one != classes), classes])


def _picked(x: Tensor, labels: Tensor) -> Tensor:
    """Returns the element of each row at the index given by its label."""
    if len(x.shape) == 2:
        return ops.pick(x, labels)
    shape = tuple(labels.shape)
    flat = ops.pick(ops.reshape(x, [labels.spec.size, x.shape[-1]]), ops.reshape(labels, [labels.spec.size]))
    return ops.reshape(flat, shape)


def _binary_parts(y_true: Tensor, y_pred: Tensor, from_logits: bool) -> Tensor:
    """Returns the elementwise binary cross-entropy."""
    logits = logits_for_loss(y_pred, "sigmoid", from_logits)
    if logits is not None:
        return ops.sigmoid_cross_entropy_with_logits(y_true, logits)
    return of_probabilities(y_true, _clipped(y_pred))


@extensible
def of_probabilities(y_true: Tensor, probabilities: Tensor, epsilon: float = 0.0) -> Tensor:
    """The cross-entropy of each element; ``epsilon`` is added to the arguments of the logarithms."""
    ones, zeros = probabilities, 1.0 - probabilities
    if epsilon:
        ones, zeros = ones + epsilon, zeros + epsilon
    return -(y_true * ops.log(ones) + (1.0 - y_true) * ops.log(zeros))


@register("loss", "binary_crossentropy", "bce", "BCE")
@on_symbols
def binary_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The mean of ``-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)`` over the last axis.

    Args:
        y_true: labels 0 and 1 (or probabilities), shape ``[rows, columns]`` or ``[rows]``.
        y_pred: predicted probabilities of 1, of the same shape.
        from_logits: whether ``y_pred`` contains logits, before the sigmoid.
        label_smoothing: moves the labels towards one half.
        axis: the axis of the mean.

    Returns:
        One value per row.

    Raises:
        ShapeError: if the shapes differ.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.binary_crossentropy([[0.0, 1.0]], [[0.5, 0.25]]).numpy().round(4))
    [1.0397]
    """
    y_true, y_pred = pair(y_true, y_pred)
    require_same_shape("binary_crossentropy", y_true, y_pred, _BINARY)
    y_true = smoothed(y_true, label_smoothing, 2)
    return ops.reduce_mean(_binary_parts(y_true, y_pred, from_logits), axis=axis if y_pred.shape else None)


_BINARY = (
    "Pass one label, 0 or 1, for each output; for several exclusive classes use softmax and "
    "categorical_crossentropy, or sparse_categorical_crossentropy."
)


@register("metric")
@register("loss")
@on_symbols
def binary_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """`binary_crossentropy` in which well-predicted elements have less weight.

    Args:
        y_true, y_pred, from_logits, label_smoothing, axis: as for `binary_crossentropy`.
        apply_class_balancing: whether to weight label 1 by ``alpha`` and label 0 by ``1 - alpha``.
        alpha: the weight of label 1 with ``apply_class_balancing``.
        gamma: each element is multiplied by ``(1 - the probability of its label) ** gamma``.

    Source: as for `categorical_focal_crossentropy`.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.binary_focal_crossentropy([[1.0]], [[0.5]]).numpy().round(4))
    [0.1733]
    """
    y_true, y_pred = pair(y_true, y_pred)
    require_same_shape("binary_focal_crossentropy", y_true, y_pred, _BINARY)
    y_true = smoothed(y_true, label_smoothing, 2)
    parts = _binary_parts(y_true, y_pred, from_logits)
    probability = ops.sigmoid(y_pred) if from_logits else y_pred
    of_label = y_true * probability + (1.0 - y_true) * (1.0 - probability)
    parts = ops.pow(1.0 - of_label, gamma) * parts
    if apply_class_balancing:
        parts = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * parts
    return ops.reduce_mean(parts, axis=axis)


@register("loss", "kl_divergence", "kld", "KLD", "kullback_leibler_divergence")
@on_symbols
def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``sum(y_true * log(y_true / y_pred))`` over the last axis, with values clipped to the range from 1e-7 to 1.

    Source: S. Kullback and R. Leibler, "On information and sufficiency", 1951.

    >>> import tensorlet as tf
    >>> print(tf.keras.losses.kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4))
    [0.1438]
    """
    y_true, y_pred = pair(y_true, y_pred)
    y_true = ops.clip_by_value(y_true, EPSILON, 1.0)
    y_pred = ops.clip_by_value(y_pred, EPSILON, 1.0)
    return ops.reduce_sum(y_true * ops.log(y_true / y_pred), axis=-1)
