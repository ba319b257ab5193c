"""Activation functions, losses per row, and normalization."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tensorlet import ops
from tensorlet.keras import activations, losses
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, DTypeLike, ShapeLike

sigmoid = activations.sigmoid
tanh = activations.tanh
softplus = activations.softplus
softsign = activations.softsign


def hard_sigmoid(x: TensorLike) -> Tensor:
    """``x / 5 + 1 / 2``, clipped to the range from 0 to 1."""
    return ops.clip_by_value(ops.cast(x, "float32") * 0.2 + 0.5, 0.0, 1.0)


def relu(x: TensorLike, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """``max(x, 0)``; see `tf.keras.activations.relu` for the other arguments.

    >>> import tensorlet as tf
    >>> tf.keras.backend.relu([-2.0, 3.0], alpha=0.5).numpy()
    array([-1.,  3.], dtype=float32)
    """
    return activations.relu(x, alpha, max_value, threshold)


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``x`` if positive, ``alpha * (exp(x) - 1)`` otherwise."""
    return activations.elu(x, alpha)


def softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """Converts logits to probabilities along an axis."""
    return activations.softmax(x, axis)


def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """``-sum(target * log(output))`` for each row.

    >>> import tensorlet as tf
    >>> tf.keras.backend.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    return losses.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(
    target: TensorLike,
    output: TensorLike,
    from_logits: bool = False,
    axis: int = -1,
    ignore_class: int | None = None,
) -> Tensor:
    """``-log(output[target])`` for each row; ``target`` contains class indices."""
    return losses.sparse_categorical_crossentropy(
        target, output, from_logits=from_logits, ignore_class=ignore_class, axis=axis
    )


def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = False) -> Tensor:
    """``-target * log(output) - (1 - target) * log(1 - output)``, element by element.

    >>> import tensorlet as tf
    >>> tf.keras.backend.binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).numpy().round(4)
    array([[0.6931, 0.6931]], dtype=float32)
    """
    # The loss is the mean over the last axis, which is the element itself for an axis of length 1.
    return losses.binary_crossentropy(
        ops.expand_dims(target, -1), ops.expand_dims(output, -1), from_logits=from_logits
    )


def binary_focal_crossentropy(
    target: TensorLike,
    output: TensorLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
) -> Tensor:
    """`binary_crossentropy` times ``(1 - p) ** gamma``, where p is the predicted probability of the target."""
    return losses.binary_focal_crossentropy(
        ops.expand_dims(target, -1), ops.expand_dims(output, -1), apply_class_balancing=apply_class_balancing,
        alpha=alpha, gamma=gamma, from_logits=from_logits,
    )  # fmt: skip


def l2_normalize(x: TensorLike, axis: AxisLike = None) -> Tensor:
    """Divides the elements by their Euclidean norm along an axis."""
    return ops.l2_normalize(x, axis)


def dropout(
    x: TensorLike, level: float, noise_shape: ShapeLike | None = None, seed: int | None = None
) -> Tensor:
    """Sets a random fraction of the elements to 0, and divides the others by ``1 - level``."""
    return ops.dropout(x, level, noise_shape, seed)


def in_top_k(predictions: TensorLike, targets: TensorLike, k: int) -> Tensor:
    """Whether the target is among the ``k`` largest predictions of its row."""
    return ops.in_top_k(targets, predictions, k)


def bias_add(x: TensorLike, bias: TensorLike, data_format: str | None = None) -> Tensor:
    """Adds a bias along the last axis."""
    return ops.bias_add(x, bias)


def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    var: TensorLike,
    beta: TensorLike | None,
    gamma: TensorLike | None,
    axis: int = -1,
    epsilon: float = 1e-3,
) -> Tensor:
    """``(x - mean) / sqrt(var + epsilon) * gamma + beta``."""
    return ops.batch_normalization(x, mean, var, beta, gamma, epsilon)


def normalize_batch_in_training(
    x: TensorLike,
    gamma: TensorLike | None,
    beta: TensorLike | None,
    reduction_axes: Sequence[int],
    epsilon: float = 1e-3,
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalizes a batch along axes, then scales and shifts it; also returns the mean and variance."""
    mean, variance = ops.moments(x, list(reduction_axes))
    wide_mean, wide_variance = ops.moments(x, list(reduction_axes), keepdims=True)
    return ops.batch_normalization(x, wide_mean, wide_variance, beta, gamma, epsilon), mean, variance


def map_fn(
    fn: Callable[[Tensor], TensorLike],
    elems: TensorLike,
    name: str | None = None,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """Applies a function to each row, and stacks the results.

    >>> import tensorlet as tf
    >>> tf.keras.backend.map_fn(lambda row: tf.reduce_sum(row), [[1, 2], [3, 4]]).numpy()
    array([3, 7], dtype=int32)
    """
    rows = convert(elems)
    return ops.stack([fn(rows[index]) for index in range(rows.shape[0])])
