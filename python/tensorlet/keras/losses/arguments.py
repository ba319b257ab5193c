"""What losses and metrics do with their arguments before they compare them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.core.symbolic import takes_symbols
from tensorlet.dtypes import float32, int32, int64, uint8
from tensorlet.errors import ShapeError
from tensorlet.ops.registry import Tensor, TensorLike, convert

#: Keeps logarithms and divisions finite, as in Keras (``tf.keras.backend.epsilon()``).
EPSILON = 1e-7


def on_symbols(function: Callable[..., Any]) -> Any:
    """A decorator: the loss becomes a layer where it is called on a `KerasTensor`."""
    return takes_symbols(function, f"keras.losses.{function.__name__}")


def as_float(value: TensorLike) -> Tensor:
    """A float tensor of the value; whole numbers and truth values become float32."""
    tensor = convert(value)
    return tensor if tensor.dtype.is_floating else ops.cast(tensor, float32)


def pair(y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    """Both as float tensors of the predictions' dtype and of the same number of axes."""
    predicted = as_float(y_pred)
    return same_rank(ops.cast(y_true, predicted.dtype), predicted)


def same_rank(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Adds or takes away a last axis of length 1 where one of the two has an axis more, as Keras does.

    ``[rows]`` beside predictions of ``[rows, 1]`` become ``[rows, 1]``: otherwise they
    would be broadcast to ``[rows, rows]``.
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
    """Refuses labels and predictions of different shapes.

    Raises:
        ShapeError: ending with the advice.
    """
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ShapeError(
            f"{function}: y_true has the shape {tuple(y_true.shape)} and y_pred {tuple(y_pred.shape)}, but they "
            f"should be equal. {advice}"
        )


def class_numbers(function: str, y_true: TensorLike, y_pred: Tensor) -> Tensor:
    """Labels as whole numbers, of the shape of the predictions without their last axis.

    Args:
        function: for messages.
        y_true: class numbers of any dtype, shape ``[rows]`` or ``[rows, 1]``.
        y_pred: one number a class, shape ``[rows, classes]``.

    Raises:
        ShapeError: if the shapes do not fit, for one-hot labels say.
    """
    labels = convert(y_true)
    if len(labels.shape) == len(y_pred.shape) and len(labels.shape) and labels.shape[-1] == 1:
        labels = ops.squeeze(labels, -1)
    if not len(y_pred.shape) or tuple(labels.shape) != tuple(y_pred.shape[:-1]):
        hint = ""
        if tuple(labels.shape) == tuple(y_pred.shape):
            hint = (
                " Labels with one column a class are one-hot: use categorical_crossentropy and "
                "categorical_accuracy for them, or take np.argmax(labels, axis=-1)."
            )
        raise ShapeError(
            f"{function}: y_true has the shape {tuple(convert(y_true).shape)} and y_pred {tuple(y_pred.shape)}, but "
            f"one class number a row is expected, of shape {tuple(y_pred.shape[:-1])}.{hint}"
        )
    if labels.dtype in (int32, int64, uint8):
        return labels
    wide = labels.dtype.is_integer and labels.dtype.size >= 4
    return ops.cast(labels, int64 if wide else int32)


def align_weights(weights: TensorLike | None, values: Tensor) -> Tensor:
    """Weights in the values' dtype, with as many axes as the values (new ones of length 1 at the end)."""
    weights = ops.cast(weights, values.dtype)
    rank = len(values.shape)
    while len(weights.shape) > max(rank, 1) and weights.shape[-1] == 1:
        weights = ops.squeeze(weights, -1)
    if rank == 0 and len(weights.shape) == 1 and weights.shape[0] == 1:
        return ops.squeeze(weights, -1)
    while 0 < len(weights.shape) < rank:
        weights = ops.expand_dims(weights, -1)
    return weights
