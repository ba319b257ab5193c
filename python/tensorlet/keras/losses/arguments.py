"""Conversion and checks of the arguments of losses and metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.symbolic import takes_symbols
from tensorlet.dtypes import float32, int32, int64, uint8
from tensorlet.errors import ShapeError, warn_user
from tensorlet.localization import translate as _
from tensorlet.ops.registry import Tensor, TensorLike, convert

#: Keeps logarithms and divisions finite, as in Keras (``tf.keras.backend.epsilon()``).
EPSILON = 1e-7


def on_symbols(function: Callable[..., Any]) -> Any:
    """Decorator: calling the loss with a `KerasTensor` creates a layer."""
    return takes_symbols(function, f"keras.losses.{function.__name__}")


def as_float(value: TensorLike) -> Tensor:
    """Converts the value to a float tensor; integers and booleans become float32."""
    tensor = convert(value)
    return tensor if tensor.dtype.is_floating else ops.cast(tensor, float32)


def pair(y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    """Converts both to float tensors with the dtype of the predictions and the same rank."""
    predicted = as_float(y_pred)
    return same_rank(ops.cast(y_true, predicted.dtype), predicted)


def same_rank(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Adds or removes a last axis of length 1 if one of the two has one more axis, as Keras does.

    Labels of shape ``[rows]`` become ``[rows, 1]`` if the predictions have that shape; otherwise
    both would be broadcast to ``[rows, rows]``.
    """
    true_rank, predicted_rank = len(y_true.shape), len(y_pred.shape)
    if true_rank == predicted_rank + 1 and y_true.shape[-1] == 1:
        return ops.squeeze(y_true, -1), y_pred
    if predicted_rank == true_rank + 1 and y_pred.shape[-1] == 1:
        if true_rank == 1:
            return ops.expand_dims(y_true, -1), y_pred
        return y_true, ops.squeeze(y_pred, -1)
    return y_true, y_pred


def require_same_shape(function: str, y_true: Tensor, y_pred: Tensor, advice: str) -> None:
    """Checks that labels and predictions have the same shape.

    Raises:
        ShapeError: if they differ; the message ends with the advice.
    """
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ShapeError(
            f"{function}: y_true has shape {tuple(y_true.shape)} and y_pred has shape {tuple(y_pred.shape)}, but "
            f"the two must have the same shape. {advice}"
        )


def class_numbers(function: str, y_true: TensorLike, y_pred: Tensor, broadcasts: bool = False) -> Tensor:
    """Converts labels to integers, with the shape of the predictions without their last axis.

    Args:
        function: name of the function, for messages.
        y_true: integer class labels of any dtype, shape ``[rows]`` or ``[rows, 1]``.
        y_pred: one value per class, shape ``[rows, classes]``.
        broadcasts: whether labels of another shape that broadcasts are accepted, with a warning.

    Raises:
        ShapeError: if the shapes are incompatible, for example for one-hot labels.
    """
    labels = convert(y_true)
    if len(labels.shape) == len(y_pred.shape) and len(labels.shape) and labels.shape[-1] == 1:
        labels = ops.squeeze(labels, -1)
    if not len(y_pred.shape) or tuple(labels.shape) != tuple(y_pred.shape[:-1]):
        _explain_labels(function, tuple(convert(y_true).shape), tuple(y_pred.shape), broadcasts)
    if labels.dtype in (int32, int64, uint8):
        return labels
    wide = labels.dtype.is_integer and labels.dtype.size >= 4
    return ops.cast(labels, int64 if wide else int32)


def _explain_labels(
    function: str, true: tuple[int, ...], predicted: tuple[int, ...], broadcasts: bool
) -> None:
    """Refuses labels of this shape for predictions of that shape, or warns if they broadcast and may."""
    received = f"{function}: y_true has shape {true} and y_pred has shape {predicted}, "
    if broadcasts and len(true) != len(predicted) and _broadcast(true, predicted[:-1]):
        warn_user(
            _(
                "{function}: y_true has shape {true} and y_pred has shape {predicted}, so each label is compared with "
                "several predictions, as in Keras. For one label per prediction pass labels of shape {expected}."
            ).format(function=function, true=true, predicted=predicted, expected=predicted[:-1])
        )
        return
    hint = ""
    if true == predicted:
        hint = (
            " Labels with one column per class are one-hot: use categorical_crossentropy and "
            "categorical_accuracy for them, or convert them with np.argmax(labels, axis=-1)."
        )
    elif len(predicted) > 2 and true in (predicted[:1], (*predicted[:1], 1)):
        hint = (
            " The model makes a prediction for each row of each example. For one prediction per example, put "
            "tf.keras.layers.Flatten() before the first Dense layer."
        )
    raise ShapeError(f"{received}but one integer label per row is expected, shape {predicted[:-1]}.{hint}")


def _broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    try:
        np.broadcast_shapes(one, other)
    except ValueError:
        return False
    return True


def align_weights(weights: TensorLike | None, values: Tensor) -> Tensor:
    """Converts weights to the dtype and rank of the values, adding axes of length 1 at the end.

    Args:
        weights: one weight per value, with one last axis of length 1 more or with last axes missing; or a scalar.
        values: losses, or labels and predictions. A single loss for a whole batch (rank 0) also takes weights of
            shape ``[rows, 1]``: it counts once for each row.

    Raises:
        ShapeError: if the weights have an axis that the values do not have.
    """
    weights = ops.cast(weights, values.dtype)
    rank, given = len(values.shape), tuple(weights.shape)
    if rank == 0 and len(given) > 1:
        return weights
    while len(weights.shape) > rank:
        if weights.shape[-1] != 1:
            raise ShapeError(_too_many_axes(given, tuple(values.shape)))
        weights = ops.squeeze(weights, -1)
    while 0 < len(weights.shape) < rank:
        weights = ops.expand_dims(weights, -1)
    return weights


def _too_many_axes(weights: tuple[int, ...], values: tuple[int, ...]) -> str:
    """Returns the message for weights that have more axes than the values."""
    start = f"sample_weight has shape {weights}, but "
    if values:
        return (
            f"{start}there is one value per row, of shape {values}: the last axis of labels and predictions is "
            f"averaged. Expected weights of shape {values} or {(*values, 1)}."
        )
    return (
        f"{start}labels and predictions with one axis give a single value, the mean of all rows. Give them a last axis "
        "of length 1, as in y[:, None], to weight each row."
    )
